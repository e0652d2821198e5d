"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("national_mean", ()),
        ("national_persistence", ()),
        ("national_innovation", ()),
        ("cycle_part", ()),
        ("break_step", ()),
        ("region_scale", ()),
        ("region_persistence", ()),
        ("region_innovation", ()),
        ("region_size", ()),
        ("older_drift", ()),
        ("profile_middle", (0,)),
        ("profile_turn", (8,)),
        ("profile_step", (8, 0)),
        ("unemployment", (2,)),
        ("study", (3,)),
    ),
)
