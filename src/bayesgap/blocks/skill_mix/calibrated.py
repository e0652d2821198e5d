"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("change_mean", (0,)),
        ("change_mean", (3,)),
        ("change_region", ()),
        ("change_scale", (0,)),
        ("z_place", (0, 0)),
    ),
)
