"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("total", ()),
        ("advertised", ()),
        ("need_scale", ()),
        ("lean_scale", ()),
        ("discrepancy_scale", ()),
        ("months_county", ()),
        ("need", (0,)),
        ("lean", (4,)),
        ("discrepancy", (4,)),
    ),
)
