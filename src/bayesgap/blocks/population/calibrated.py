"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("score_mean", (0,)),
        ("score_region", (0,)),
        ("score_innovation", (0,)),
        ("score_persistence", (0,)),
        ("score_common", (0,)),
        ("cell_dispersion", ()),
        ("national_mean", ()),
        ("national_cycle", ()),
        ("mortality_drift", ()),
        ("out_level", ()),
    ),
)
