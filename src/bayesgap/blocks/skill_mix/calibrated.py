"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("change_mean", (0,)),
        ("change_mean", (1,)),
        ("change_region", ()),
        ("change_scale", (0,)),
        ("z_place", (0, 0)),
        ("pace", (0,)),
        ("pace", (1,)),
        ("lean", (0,)),
        ("step", (0,)),
        ("common", (0,)),
        ("persistence", ()),
        ("shift", (0, 0)),
        ("shift_scatter", (1,)),
        ("noise", ()),
        ("z_common", (0, 0)),
    ),
)
