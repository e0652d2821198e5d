"""What simulation-based calibration looks at in this block, with stocks of every second year.

A run reads every stock of education. Truths from its priors include misfits that hardly change
from year to year; all years of such a stock tell them so sharply that a fit takes many minutes.
Years are those of the default study: a study with others is reduced to those that it has of them.
"""

from functools import partial

from bayesgap.blocks.block import Calibration
from bayesgap.blocks.education.panel import (
    NATION_YEARS,
    RESIDENT_YEARS,
    STOCK_YEARS,
    VOCATIONAL_FROM,
    Years,
    build_education_panel,
)

EVERY_SECOND = Years(
    stock=STOCK_YEARS[::2],
    nation=NATION_YEARS[::2],
    resident=range(VOCATIONAL_FROM, RESIDENT_YEARS[-1] + 1, 2),
)
CALIBRATION = Calibration(
    quantities=(
        ("cohort_shape", (1, 5)),
        ("completion", (1,)),
        ("region_level_deviation", (0, 1)),
        ("region_tilt_deviation", (0, 1)),
        ("region_level_spread", (1,)),
        ("immigrant_level_region", (0, 1)),
        ("resident_split", (0, 0)),
        ("vocational_counted", ()),
        ("persistence", (1,)),
        ("share_growth", ()),
        ("survey_offset", (0,)),
        ("field_share", (0,)),
        ("field_entry", (5,)),
        ("field_entry_rate", (1,)),
        ("field_immigrant", (5,)),
        ("field_lean", ()),
        ("field_drift", ()),
    ),
    thin=10,  # its draws are less apart from each other
    thin_parts={"share_growth": 40},
    panel=partial(build_education_panel, read=EVERY_SECOND),
)
