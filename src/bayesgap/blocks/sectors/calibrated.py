"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("growth_mean", ()),
        ("growth_scale", ()),
        ("growth", (14,)),
        ("elasticity", (14,)),
        ("persistence", ()),
        ("innovation", (0,)),
        ("cycle_load", (4,)),
        ("area_scale", (0,)),
        ("target_growth", (0, 14)),
        ("common_scale", ()),
    ),
)
