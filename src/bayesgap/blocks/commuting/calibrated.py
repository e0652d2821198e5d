"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("out_mean", ()),
        ("out_region", ()),
        ("in_mean", ()),
        ("in_region", ()),
        ("persistence", (0,)),
        ("innovation", (0,)),
        ("common", (0,)),
        ("size", (0,)),
        ("contrast", (0, 4)),
        ("contrast", (1, 4)),
        ("printed_level", (0,)),
    ),
)
