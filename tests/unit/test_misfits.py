"""Laws that do not hold: each rule breaks what it says, and the table counts as it should."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayesgap.analysis.blocks import build_panel
from bayesgap.analysis.misfits import (
    BLOCK,
    COLUMNS,
    DIRECTIONS,
    HORIZONS,
    RULES,
    STEP,
    finished,
    misfit_table,
    one_case,
)
from bayesgap.analysis.versions import law_version
from bayesgap.report.misfit_page import page
from bayesgap.spec.bundle import default_study
from bayesgap.spec.study import load_study

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "misfits.csv"
SEEN, YEARS, REGIONS = 6, 16, 300
TRUTH = {"persistence": [0.5, 0.5], "out_region": 2.0, "in_region": 2.0}
SD = np.linspace(0.1, 1.0, REGIONS)


def broken(rule: str) -> np.ndarray:
    """What a rule adds to paths that stand still (region, year), in own yearly sds."""
    rng = np.random.default_rng(5)
    return RULES[rule](np.zeros((REGIONS, YEARS)), SEEN, SD, TRUTH, 0, rng) / SD[:, None]


def test_a_level_break_lasts_in_a_third_of_regions() -> None:
    found = broken("level break")
    assert not found[:, : SEEN // 2].any()
    after = found[:, SEEN // 2 :]
    assert np.ptp(after, axis=1).max() == 0
    assert set(np.abs(after[:, 0]).round(9)) == {0.0, STEP}
    assert (after[:, 0] != 0).mean() == pytest.approx(1 / 3, abs=0.11)  # four standard errors


def test_a_shock_is_one_seen_year_and_the_same_everywhere() -> None:
    found = broken("shock year")
    [year] = np.flatnonzero(found.any(axis=0))
    assert 0 < year < SEEN - 1
    assert np.abs(found[:, year]).round(9).tolist() == [STEP] * REGIONS


def test_jumps_are_rare_and_fade_with_the_persistence() -> None:
    found = broken("heavy tails")
    jumps = found[:, 1:] - TRUTH["persistence"][0] * found[:, :-1]
    assert set(np.abs(jumps).round(9).ravel()) == {0.0, STEP}
    assert (jumps != 0).mean() == pytest.approx(0.05, abs=0.013)


def test_two_kinds_of_regions_lie_two_spreads_to_either_side() -> None:
    found = broken("two kinds of regions") * SD[:, None]
    assert set(found.round(9).ravel()) == {-4.0, 4.0}
    assert not broken("none").any()


def cases(version: str = "v") -> pd.DataFrame:
    """Two rules, two simulations, one horizon: the second rule's are twice as wide."""
    rows = []
    for rule, half in (("none", 1.0), ("level break", 2.0)):
        for number, truth in ((0, 0.5), (1, 1.5)):
            ends = (-half, half, -3 * half, 3 * half)
            rows.append((version, rule, number, "out", "a", 5, truth, 0.0, *ends))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_the_table_tells_coverage_bias_and_width() -> None:
    none, step = misfit_table(cases()).to_dict("records")
    assert (none["coverage_80"], step["coverage_80"]) == (0.5, 1.0)
    assert none["coverage_80_error"] == pytest.approx(0.5)
    assert (none["bias"], step["bias"]) == (-0.5, -0.25)
    assert (none["width"], step["width"]) == pytest.approx((1.0, 2.0))
    assert none["simulations"] == 2
    text = page(misfit_table(cases()), {"none": "Nothing."}, {"seed": "1"})
    assert "| level break | 5 | 2 | 100% ± 0% | 100% | -0.25 | 0.25 | 2.00 |" in text


def test_half_a_case_and_other_laws_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    assert finished(path, "v").empty
    pd.concat([cases(), cases("w")]).to_csv(path, index=False)
    path.write_text(path.read_text() + "v,none,7,out,a,5,0.1\n")
    pd.testing.assert_frame_equal(finished(path, "v").reset_index(drop=True), cases())


def test_committed_misfits_speak_of_the_present_law() -> None:
    found = pd.read_csv(RESULTS, dtype={"version": str})
    now = law_version(BLOCK, load_study(default_study()))
    assert set(found["version"]) == {now}, "bayesgap validate misfits"
    assert set(found["rule"]) == set(RULES)


@pytest.mark.slow
def test_one_world_is_broken_fitted_and_forecast(tables: dict[str, pd.DataFrame]) -> None:
    study = load_study(default_study())
    panel = build_panel(tables, study)[BLOCK].to_dataset()
    found = pd.concat(one_case(panel, study, rule, 0) for rule in ("none", "level break"))
    assert len(found) == 2 * len(DIRECTIONS) * len(HORIZONS) * panel.sizes["target"]
    assert np.isfinite(found.select_dtypes("number")).all().all()
    assert (found["low_95"] < found["low_80"]).all()
    assert (found["low_80"] < found["median"]).all()
