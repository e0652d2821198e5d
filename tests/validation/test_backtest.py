"""Backtests: scores by hand, baselines by hand, dressing, grouping, choice of the best, ageing."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from bayesgap.errors import RunError
from bayesgap.study.bundle import default_study, evidence_folder
from bayesgap.study.study import load_study
from bayesgap.validation.backtest import baselines
from bayesgap.validation.backtest.acceptance import bar_table
from bayesgap.validation.backtest.error_distribution import spreads, with_error_distribution
from bayesgap.validation.backtest.evidence import FORECASTS, baselines_version, evidence_version
from bayesgap.validation.backtest.missed_bars import UNKNOWN, missed_bars
from bayesgap.validation.backtest.official import official_cases
from bayesgap.validation.backtest.page import validation_page
from bayesgap.validation.backtest.population_baselines import baseline_cases
from bayesgap.validation.backtest.realdata import (
    group_regions,
    read_municipalities,
    regional_population,
)
from bayesgap.validation.backtest.results import (
    MODEL,
    best_baselines,
    origin_table,
    score_table,
    skill_table,
)
from bayesgap.validation.backtest.scores import block_interval, score_cases
from bayesgap.validation.backtest.workflow import kept_origins

DOCS = Path(__file__).parents[2] / "docs"
GRID = norm.ppf((np.arange(4000) + 0.5) / 4000)


def test_scores_of_a_normal_are_its_closed_forms():
    """Outcomes at the median and two spreads above it of Normal(200, 10)."""
    draws = 200 + 10 * np.stack([GRID, GRID], axis=1)
    scores = score_cases(draws, np.array([200.0, 220.0]))
    assert scores["inside_95"].tolist() == [True, False]  # 1.96 spreads
    assert scores["inside_50"].tolist() == [True, False]
    np.testing.assert_allclose(scores["pit"], norm.cdf([0, 2]), atol=1e-3)
    z, unit = np.array([0.0, 2.0]), 10 / np.array([2.0, 2.2])  # spreads per cent of outcome
    closed = unit * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    np.testing.assert_allclose(scores["crps"], closed, rtol=2e-3)
    np.testing.assert_allclose(scores["error"], [0, 100 * (200 / 220 - 1)], atol=1e-9)
    width = 2 * norm.ppf(0.9) * unit
    np.testing.assert_allclose(scores["width_80"], width, rtol=2e-3)


def test_weighted_interval_score_by_hand():
    """The library's numpy backend forgets the outcome in the median's term: ours must not."""
    draws = 100 + 10 * GRID[:, None]
    found = score_cases(draws, np.array([100.0]))["wis"].item()
    half = 10 * norm.ppf(1 - np.array([0.25, 0.1, 0.025]))
    by_hand = (np.array([0.5, 0.2, 0.05]) / 2 * 2 * half).sum() / 3.5
    assert found == pytest.approx(by_hand, rel=2e-3)


def test_block_interval_is_wide_when_an_origin_goes_wrong_as_a_whole():
    """Forty regions that fail together in two of five origins are five cases, not two hundred."""
    cases = pd.DataFrame(
        [(r, o, o > 2) for r in range(40) for o in range(5)], columns=["region", "origin", "in"]
    )
    low, high = block_interval(cases, "in", seed=1)
    assert low <= 0.2 and high >= 0.8


def test_drift_and_no_change_by_hand():
    series = np.array([[100.0, 101, 103, 104, 108, 110]])
    assert baselines.no_change(series, 5).tolist() == [110]
    assert baselines.drift(series, 10).tolist() == [130]
    assert baselines.drift(series[:, :5], 10) is None


def test_no_migration_ages_and_keeps_the_open_group():
    people = baselines.no_migration(np.array([[10.0, 20, 30]]), np.array([0.0, 0.1, 0.5]), 1)
    np.testing.assert_allclose(people, [[0, 10, 18 + 15]])


def test_hamilton_perry_repeats_what_each_cohort_did():
    """Every cohort doubles in five years, the open group too."""
    ages = 12
    stock = np.zeros((1, 6, ages))
    stock[0, 0] = np.arange(1, ages + 1)
    stock[0, 5, 5:-1] = 2 * stock[0, 0, : ages - 6]
    stock[0, 5, -1] = 2 * stock[0, 0, ages - 6 :].sum()
    stock[0, 5, :5] = 7
    later = baselines.hamilton_perry(stock, 5)
    np.testing.assert_allclose(later[0, 5:-1], 2 * stock[0, 5, : ages - 6])
    np.testing.assert_allclose(later[0, -1], 2 * stock[0, 5, ages - 6 :].sum())
    assert baselines.hamilton_perry(stock, 10)[0, 10] == pytest.approx(4 * 7)


def test_series_models_go_on_with_steady_growth():
    series = 1000 * np.exp(0.01 * np.arange(12))[None]
    assert baselines.arima(series, 5)[0, -1] == pytest.approx(1000 * np.exp(0.16), rel=1e-3)
    # Damping holds the trend back, by less than the five years of growth.
    assert 1000 * np.exp(0.12) < baselines.exponential_smoothing(series, 5)[0, -1] < 1180
    assert baselines.arima(series[:, :5], 5) is None


def test_spread_uses_only_errors_known_at_the_origin():
    rows = [(2006, 5, 0.1)] * 8 + [(2008, 5, 9.0)] * 8 + [(2006, 1, 0.02)] * 8
    errors = pd.DataFrame(rows, columns=["origin", "horizon", "error"]).assign(method="drift")
    wanted = pd.DataFrame({"origin": [2011, 2011, 2008, 2006], "horizon": [5, 10, 5, 5]})
    found = spreads(errors, ["method"], wanted).set_index(["origin", "horizon"])["spread"]
    assert found[2011, 5] == pytest.approx(0.1)
    assert found[2011, 10] == pytest.approx(0.2)  # in proportion to the horizon
    assert found[2008, 5] == pytest.approx(0.1)  # only one year ahead was known
    assert (2006, 5) not in found.index


def test_dressed_no_change_covers_random_walks():
    """400 regions that walk at random by two per cent a year: intervals hold what they say."""
    rng = np.random.default_rng(5)
    years = range(2005, 2020)
    logs = np.cumsum(rng.normal(0, 0.02, (400, len(years))), axis=1)
    people = pd.DataFrame(10_000 * np.exp(logs), columns=years, index=range(400))
    rows = [
        (region, "20-66", origin, 5, people.loc[region, origin], people.loc[region, origin + 5])
        for region in people.index
        for origin in range(2006, 2015)
    ]
    known = pd.DataFrame(
        rows, columns=["region", "group", "origin", "horizon", "point", "outcome"]
    ).assign(method="no_change", size=20_000.0)
    points = known.drop(columns=["outcome", "size"])
    cases = baseline_cases(points, known.drop(columns=["point", "method"]), [2013, 2014])
    assert len(cases) == 800
    assert cases["inside_80"].mean() == pytest.approx(0.8, abs=0.05)
    assert cases["inside_95"].mean() == pytest.approx(0.95, abs=0.03)


def test_dressed_values_have_the_spread_given():
    values = with_error_distribution(np.array([100.0]), np.array([0.05]))
    assert np.log(values).std() == pytest.approx(0.05, rel=0.02)
    assert np.median(values) == pytest.approx(100.0, rel=1e-3)


def municipalities(sizes: dict[str, int], county: str = "Somewhere") -> pd.DataFrame:
    rows = [
        (code, f"Place {code}", county, year, age, persons / 2)
        for code, persons in sizes.items()
        for year in (2005, 2006, 2012)
        for age in (0, 1)
    ]
    return pd.DataFrame(rows, columns=["code", "name", "county", "year", "age", "persons"])


def test_groups_reach_the_smallest_size_and_lose_nobody():
    people = municipalities({"9001": 9000, "9002": 3000, "9003": 2500, "9004": 1000, "9005": 6000})
    groups = group_regions(people)
    assert sorted(groups.values()) == [("9001",), ("9002", "9003", "9004"), ("9005",)]
    table = regional_population(people, groups)
    assert table["persons"].sum() == people["persons"].sum()


def test_half_a_municipality_is_left_out_and_a_moved_border_stays_inside():
    people = municipalities({"1508": 50_000, "3905": 20_000, "3907": 20_000})
    assert list(group_regions(people).values()) == [("3905", "3907")]


def case_rows(crps: dict[tuple[str, int], float]) -> pd.DataFrame:
    rows = [("population", "20-66", "A", o, 5, m, c) for (m, o), c in crps.items()]
    columns = ["block", "group", "region", "origin", "horizon", "method", "crps"]
    return pd.DataFrame(rows, columns=columns)


def test_best_baseline_is_chosen_without_the_origin_and_without_held_out_ones():
    """Drift wins where it is scored in 2015 and 2018, but loses everywhere else."""
    crps = {(m, o): c for m, c in (("drift", 5.0), ("ets", 4.0)) for o in range(2012, 2019)}
    crps[("drift", 2015)] = crps[("drift", 2018)] = 0.1
    chosen = best_baselines(case_rows(crps)).set_index("origin")["method"]
    assert chosen[2018] == "ets"
    assert chosen[2015] == "ets"


def test_official_band_is_a_uniform_and_its_error_the_main_path():
    vintages = pd.DataFrame(
        {"region": ["A"], "origin": [2012], "horizon": [5], "MMMM": [105.0], "LLML": [90.0],
         "HHMH": [110.0]}
    )  # fmt: skip
    came = pd.DataFrame(
        {"region": ["A"], "origin": [2012], "horizon": [5], "group": ["20-66"],
         "outcome": [100.0], "size": [100.0]}
    )  # fmt: skip
    case = official_cases(vintages, came).iloc[0]
    assert case["error"] == pytest.approx(5.0)
    assert case["median"] == pytest.approx(100.0)
    # CRPS of a uniform of width w at its middle: w / 12.
    assert case["crps"] == pytest.approx(20 / 12, rel=0.01)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RunError, match="--realdata"):
        read_municipalities(tmp_path)


def simulated_cases(scale: float, shift: float) -> pd.DataFrame:
    """Outcomes from Normal(100, 5), the model Normal(100 + shift, 5 scale), drift twice as wide."""
    rng = np.random.default_rng(2)
    parts = []
    for origin in (2011, 2012, 2013, 2018, 2019):
        outcome = rng.normal(100, 5, size=300)
        known = pd.DataFrame({"region": range(300), "origin": origin, "horizon": 5, "size": 2e4})
        for method, spread in ((MODEL, 5 * scale), ("drift", 10.0)):
            draws = np.tile(100 + shift + spread * GRID[::10, None], 300)
            known["method"] = method
            parts.append(pd.concat([known, score_cases(draws, outcome)], axis=1))
    return pd.concat(parts, ignore_index=True).assign(block="population", group="20-66")


def bars_of(cases: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    tables = {
        "scores": score_table(cases, 1),
        "origins": origin_table(cases, 1),
        "skill": skill_table(cases),
    }
    return tables, bar_table(**tables)


@pytest.mark.parametrize(
    ("scale", "shift", "met", "why"),
    [(1.0, 0.0, True, "both sides"), (0.4, 0.0, False, "both sides"),
     (1.0, -8.0, False, "above the median")],
)  # fmt: skip
def test_bars_tell_calibrated_narrow_and_biased_forecasts_apart(scale, shift, met, why):
    _, bars = bars_of(simulated_cases(scale, shift))
    covered = bars[bars["bar"] == "80 % interval holds"]
    assert covered["part"].tolist() == ["development", "held out"]
    assert covered["met"].tolist() == [met, met]
    assert covered["why"].str.contains(why).all()


def test_page_says_where_the_baseline_wins():
    for shift, said in ((0.0, "Nowhere"), (-30.0, "| drift |")):
        tables, bars = bars_of(simulated_cases(0.1 if shift else 1.0, shift))
        page = validation_page({**tables, "bars": bars}, {"date": "today"}, "made so")
        wins = page.split("## Where a baseline wins")[1].split("## Coverage")[0]
        assert said in wins


def test_page_says_what_missed_bars_would_take():
    _, bars = bars_of(simulated_cases(1.0, -8.0))
    told = missed_bars(bars)
    missed = bars[~bars["met"]].drop_duplicates(["block", "group", "bar"])
    assert told.count("\n- ") == len(missed)
    assert all(f"{bar.replace('_', ' ')}**" in told for bar in missed["bar"])
    assert missed_bars(bars[bars["met"]]) == "No bar was missed."


def test_every_committed_miss_is_spoken_of():
    bars = pd.read_csv(evidence_folder() / "backtest_bars.csv")
    assert UNKNOWN not in missed_bars(bars)


def test_a_finished_origin_is_not_made_again(tmp_path):
    made = []

    def make(origin: int) -> pd.DataFrame:
        made.append(origin)
        return pd.DataFrame({"origin": [origin]})

    for origins in ((2010, 2011), (2010, 2011, 2012)):
        rows = kept_origins(tmp_path, "name", origins, make, lambda done, total: None)
    assert made == [2010, 2011, 2012]
    assert rows["origin"].tolist() == made


def test_evidence_depends_on_the_population_block_alone():
    study = load_study(default_study())

    def version(priors: dict) -> str:
        return evidence_version("population", study.model_copy(update={"priors": priors}))

    def wider(block: str) -> str:
        name, prior = next((n, p) for n, p in study.priors[block].items() if "sigma" in p.params())
        changed = prior.model_copy(update={"sigma": 2 * prior.params()["sigma"]})
        return version({**study.priors, block: {**study.priors[block], name: changed}})

    now = evidence_version("population", study)
    assert wider("sectors") == now != wider("population")


def test_committed_backtests_speak_of_the_present_laws():
    """Evidence older than the model is no evidence: run `bayesgap validate backtest` again."""
    path = DOCS / "results" / "backtest_about.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    study = load_study(default_study())
    for block in FORECASTS:
        assert told[f"version of {block}"] == evidence_version(block, study), block
    assert told["version of baselines"] == baselines_version()
