"""Laws that do not hold: each rule breaks what it says, and the table counts as it should."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayesgap.analysis.blocks import PANELS, block_priors, submodel
from bayesgap.analysis.misfits import (
    COLUMNS,
    HORIZONS,
    RULES,
    STEP,
    WORLDS,
    Law,
    finished,
    misfit_table,
    one_case,
)
from bayesgap.analysis.versions import law_version
from bayesgap.report.misfit_page import page
from bayesgap.spec.study import Study

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "misfits.csv"
SEEN, YEARS, REGIONS = 6, 16, 300
SD = np.linspace(0.1, 1.0, REGIONS)
LAW = Law(SD, 0.5, 2.0)


def broken(rule: str) -> np.ndarray:
    """What a rule adds to paths that stand still (region, year), in own yearly sds."""
    rng = np.random.default_rng(5)
    return RULES[rule](np.zeros((REGIONS, YEARS)), SEEN, LAW, rng) / SD[:, None]


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
    jumps = found[:, 1:] - LAW.persistence * found[:, :-1]
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
            rows.append(("b", version, rule, number, "out", "a", 5, truth, 0.0, *ends))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_the_table_tells_coverage_bias_and_width() -> None:
    none, step = misfit_table(cases()).to_dict("records")
    assert (none["coverage_80"], step["coverage_80"]) == (0.5, 1.0)
    assert none["coverage_80_error"] == pytest.approx(0.5)
    assert (none["bias"], step["bias"]) == (-0.5, -0.25)
    assert (none["width"], step["width"]) == pytest.approx((1.0, 2.0))
    assert none["simulations"] == 2
    made = dict.fromkeys(("bayesgap", "date", "seed", "machine"), "1")
    whole = misfit_table(cases()).assign(block="commuting", **made)
    text = page(whole, {"none": "Nothing."})
    assert "## Commuting" in text and "seed 1" in text
    assert "| level break | 5 | 2 | 100% ± 0% | 100% | -0.25 | 0.25 | 2.00 |" in text


def test_half_a_case_and_other_laws_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    assert finished(path, "b", "v").empty
    pd.concat([cases(), cases("w")]).to_csv(path, index=False)
    path.write_text(path.read_text() + "b,v,none,7,out,a,5,0.1\n")
    assert finished(path, "c", "v").empty
    pd.testing.assert_frame_equal(finished(path, "b", "v").reset_index(drop=True), cases())


def test_committed_misfits_speak_of_the_present_laws(study: Study) -> None:
    found = pd.read_csv(RESULTS, dtype={"version": str})
    now = {block: law_version(block, study) for block in WORLDS}
    told = set(found[["block", "version"]].itertuples(index=False, name=None))
    assert told == set(now.items()), "bayesgap validate misfits"
    assert set(found["rule"]) == set(RULES)


@pytest.mark.parametrize("block", WORLDS)
def test_worlds_go_on_beyond_the_years_that_are_told(
    tables: dict[str, pd.DataFrame], study: Study, block: str
) -> None:
    panel = PANELS[block](tables, study)
    seen, ahead = panel.sizes["stock_year"], 10
    made = WORLDS[block](panel, study, ahead, np.random.default_rng(5))
    broken = {name: path + 1.0 for name, path in made.paths.items()}
    given, told = made.told(broken)
    model = submodel(block).build(panel, block_priors(study, block), study.options)
    for name, values in given.items():
        assert values.shape == model[name].get_value().shape
    first = next(iter(broken))
    assert broken[first].shape == (panel.sizes["region"], seen + ahead)
    assert made.besides.shape == (seen + ahead,)
    now = told["out_logit"] if block == "commuting" else told["shift"]
    np.testing.assert_allclose(now.values, broken[first][:, :seen] + made.besides[:seen])


@pytest.mark.slow
@pytest.mark.parametrize("block", WORLDS)
def test_one_world_is_broken_fitted_and_forecast(
    tables: dict[str, pd.DataFrame], study: Study, block: str
) -> None:
    panel = PANELS[block](tables, study)
    found = pd.concat(one_case(panel, study, block, rule, 0) for rule in ("none", "level break"))
    paths = {"commuting": {"out", "in"}, "participation": {"region"}}[block]
    assert set(found["path"]) == paths
    assert len(found) == 2 * len(paths) * len(HORIZONS) * panel.sizes["target"]
    assert np.isfinite(found.select_dtypes("number")).all().all()
    assert (found["low_95"] < found["low_80"]).all()
    assert (found["low_80"] < found["median"]).all()
    wide = found["high_80"] - found["low_80"]
    away = np.abs(found["truth"] - found["median"]) / wide
    assert away.max() < 4  # truths and forecasts are in the same terms
