"""What simulation-based calibration looks at in this block."""

from bayesgap.blocks.block import Calibration

CALIBRATION = Calibration(
    quantities=(
        ("total", ()),
        ("survey_error", ()),
        ("coverage", ()),
        ("share", (0,)),
        ("share", (20,)),
    ),
)
