"""Laws that do not hold: each rule breaks what it says, and the table counts as it should."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayesgap.blocks.registry import block_of
from bayesgap.blocks.world import Law
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study
from bayesgap.validation.calibration.chain import as_draw
from bayesgap.validation.misspecification import MADE_UP
from bayesgap.validation.misspecification.cases import COLUMNS, HORIZONS, one_case
from bayesgap.validation.misspecification.page import page
from bayesgap.validation.misspecification.rules import RULES, STEP
from bayesgap.validation.misspecification.table import finished, misfit_table
from bayesgap.validation.misspecification.version import misfit_version

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
    """Two rules, two simulations, one horizon: the second rule's are twice as wide and moved up."""
    rows = []
    for rule, half in (("none", 1.0), ("level break", 2.0)):
        for number, truth in ((0, 0.5), (1, 1.5)):
            ends = (-half, half, -3 * half, 3 * half)
            moved = truth + 0.5 * (rule != "none")
            rows.append(("b", version, rule, number, "out", "a", 5, moved, 0.0, *ends))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def test_the_table_tells_coverage_bias_and_width() -> None:
    none, step = misfit_table(cases()).to_dict("records")
    assert (none["coverage_80"], step["coverage_80"]) == (0.5, 1.0)
    assert none["coverage_80_error"] == pytest.approx(0.5)
    assert (none["bias"], step["bias"]) == pytest.approx((-0.5, -0.375))
    assert np.isnan(none["behind"])
    assert step["behind"] == pytest.approx(0.375)
    down = cases().assign(**{name: -cases()[name] for name in ("truth", "median")})
    assert misfit_table(down)["behind"].to_list()[1] == pytest.approx(0.375)
    assert (none["width"], step["width"]) == pytest.approx((1.0, 2.0))
    hardly = cases().assign(truth=[0.5, 1.5, 0.6, 1.6])
    assert misfit_table(hardly)["behind"].isna().all()
    assert none["simulations"] == 2
    made = dict.fromkeys(("bayesgap", "date", "seed", "machine"), "1")
    whole = misfit_table(cases()).assign(block="commuting", **made)
    text = page(whole, {"none": "Nothing."})
    assert "## Commuting" in text and "seed 1" in text
    assert "| level break | 5 | 2 | 100% ± 0% | 100% | -0.38 | +0.38 | 0.38 | 2.00 |" in text
    assert "| none | 5 | 2 | 50% ± 50% | 100% | -0.50 |  | 0.50 | 1.00 |" in text


def test_half_a_case_and_other_laws_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    assert finished(path, "b", "v").empty
    one = cases()
    whole = pd.concat([one, one.assign(horizon=10)]).sort_values(["rule", "simulation"])
    half = whole.iloc[:1].assign(simulation=7)
    pd.concat([whole, cases("w"), half]).to_csv(path, index=False)
    path.write_text(path.read_text() + "b,v,none,8,out,a,5,0.1\n")
    assert finished(path, "c", "v").empty
    found = finished(path, "b", "v")
    pd.testing.assert_frame_equal(found.reset_index(drop=True), whole.reset_index(drop=True))


def test_a_case_that_is_there_twice_counts_once_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    pd.concat([cases(), cases().iloc[:1]]).to_csv(path, index=False)
    assert len(finished(path, "b", "v")) == len(cases())


def test_committed_misfits_speak_of_the_present_laws_and_rules(study: Study) -> None:
    found = pd.read_csv(RESULTS, dtype={"version": str})
    now = {block: misfit_version(block, study) for block in MADE_UP}
    told = set(found[["block", "version"]].itertuples(index=False, name=None))
    assert told == set(now.items()), "bayesgap validate misfits"
    assert set(found["rule"]) == set(RULES)


@pytest.mark.parametrize("block", MADE_UP)
def test_worlds_go_on_beyond_the_years_that_are_told(
    tables: dict[str, pd.DataFrame], study: Study, block: str
) -> None:
    panel = block_of(block).panel(tables, study)
    ahead = 10
    made = block_of(block).world(panel, study, ahead, np.random.default_rng(5))
    broken = {name: path + 1.0 for name, path in made.paths.items()}
    given, told = made.told(broken)
    model = block_of(block).law().build(panel, block_priors(study, block), study.options)
    for name, values in given.items():
        assert np.shape(values) == model[name].get_value().shape
    assert made.besides.shape == (made.seen + ahead,)
    for name, path in broken.items():
        assert path.shape == (len(made.places), made.seen + ahead)
        begins = (path + made.besides)[:, : made.seen]
        now = {
            "population": lambda name=name: told["score"].sel(component=name),
            "education": lambda _=name: told["immigrant_share_logit"],
            "sectors": lambda _=name: told["log_employed"],
            "commuting": lambda name=name: told[{"out": "out_logit", "in": "in_log"}[name]],
            "participation": lambda _=name: told["shift"],
        }[block]()
        np.testing.assert_allclose(now.values, begins[:, -1] if block == "sectors" else begins)


@pytest.mark.parametrize("block", MADE_UP)
def test_forecasts_from_the_truth_itself_hold_what_they_say(
    tables: dict[str, pd.DataFrame], study: Study, block: str
) -> None:
    """What simulates and what forecasts is one law: with nothing to estimate, 80 % holds 80 %."""
    panel = block_of(block).panel(tables, study)
    model = block_of(block).law().build(panel, block_priors(study, block), study.options)
    rng = np.random.default_rng(7)
    held = []
    for _ in range(60):
        made = block_of(block).world(panel, study, max(HORIZONS), rng)
        _, told = made.told(made.paths)
        known = {name: made.truth[name] for name in made.truth if name in model.named_vars}
        truth = as_draw(model, known).isel(draw=[0] * 200).assign_coords(draw=range(200))
        later = [made.seen - 1 + h for h in HORIZONS]
        share = [
            (draws < (made.paths[name][made.places.index(place)] + made.besides)[later, None])
            .mean(axis=1)
            for name, drawn in made.forecast(truth, told, HORIZONS, rng).items()
            for place, draws in drawn.items()
        ]  # fmt: skip
        held.append((np.abs(np.array(share) - 0.5) < 0.4).mean(axis=0))
    error = np.std(held, axis=0) / np.sqrt(len(held))
    assert (np.abs(np.mean(held, axis=0) - 0.8) < 3.5 * error).all()


@pytest.mark.slow
@pytest.mark.parametrize("block", MADE_UP)
def test_one_world_is_broken_fitted_and_forecast(
    tables: dict[str, pd.DataFrame], study: Study, block: str
) -> None:
    panel = block_of(block).panel(tables, study)
    found = pd.concat(one_case(panel, study, block, rule, 0) for rule in ("none", "level break"))
    paths = {
        "population": set(map(str, panel["component"].values)) if block == "population" else set(),
        "education": {"share"},
        "sectors": {"nation"},
        "commuting": {"out", "in"},
        "participation": {"region"},
    }[block]
    places = panel.sizes["sector" if block == "sectors" else "target"]
    assert set(found["path"]) == paths
    assert len(found) == 2 * len(paths) * len(HORIZONS) * places
    assert np.isfinite(found.select_dtypes("number")).all().all()
    assert (found["low_95"] < found["low_80"]).all()
    assert (found["low_80"] < found["median"]).all()
    wide = found["high_80"] - found["low_80"]
    away = np.abs(found["truth"] - found["median"]) / wide
    assert away.max() < 4  # truths and forecasts are in the same terms
