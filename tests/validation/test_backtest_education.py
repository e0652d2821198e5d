"""Backtest of levels of education: a made-up country whose law is known, borders, baselines."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.education import stocks
from bayesgap.blocks.education.cells import SERIES, SOURCES, build_cells, build_observations
from bayesgap.blocks.education.panel import (
    STOCK_GROUPS,
    STOCK_LEVELS,
    Years,
    build_education_panel,
)
from bayesgap.blocks.education.simulate import simulate
from bayesgap.errors import RunError
from bayesgap.validation.backtest import education
from bayesgap.validation.backtest.education import Source
from bayesgap.validation.backtest.levels import trend
from bayesgap.validation.backtest.realdata_education import (
    BORDERS,
    EDUCATION,
    read_education,
    regional_education,
)

COPIES, ORIGIN, SEED = 3, 2014, 5
STOCKS = range(2011, 2020)
ALL_YEARS = Years(stock=STOCKS, immigrant=STOCKS, nation=range(2004, 2025))
BACKGROUNDS = {"non_immigrants": "stock", "immigrants": "immigrant"}


def share(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


def rows_of(values: dict[str, np.ndarray], whole: np.ndarray, background: str, names) -> list:
    """Rows of one background from shares (region, year) of its residents (region, year)."""
    return [
        (name, year, background, level, whole[r, t] * part[r, t])
        for level, part in values.items()
        for r, name in enumerate(names)
        for t, year in enumerate(STOCKS)
    ]


def stock_table(logits, people, immigrants, names) -> pd.DataFrame:
    """Stocks from logits (region, year, choice) by background and the immigrants' share."""
    rows = []
    for background, part in (("non_immigrants", 1 - immigrants), ("immigrants", immigrants)):
        finished, tertiary = share(logits[background][..., 0]), share(logits[background][..., 1])
        values = {
            "primary": 1 - finished, "upper_secondary": finished * (1 - tertiary),
            "tertiary": finished * tertiary, "none": 0 * finished, "unknown": 0 * finished,
            "all": 1 + 0 * finished,
        }  # fmt: skip
        rows += rows_of(values, people * part, background, names)
    table = pd.DataFrame(rows, columns=["region", "year", "background", "level", "persons"])
    both = table.groupby(["region", "year", "level"])["persons"].sum().reset_index()
    return pd.concat([table, both.assign(background="all")]).assign(status="observed")


def nation_table(logits: np.ndarray, years: np.ndarray) -> pd.DataFrame:
    """Levels of the nation from logits (year, logit); higher vocational is told from 2016."""
    finished = share(logits[:, 0])
    high, told = finished * share(logits[:, 1]), years >= 2016
    academic = np.where(told, high * share(np.nan_to_num(logits[:, 2])), high)
    levels = {
        "primary": 1 - finished, "upper_secondary": finished - high,
        "higher_vocational": high - academic, "bachelor": academic * share(-logits[:, 3]),
        "master": academic * share(logits[:, 3]), "unknown": 0.01 + 0 * finished,
    }  # fmt: skip
    parts = [
        pd.DataFrame({"region": "Norway", "year": years, "level": level, "persons": 1e6 * part})
        for level, part in levels.items()
    ]
    return pd.concat(parts, ignore_index=True)


def truth_of(panel: xr.Dataset, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Parameters of a made-up country, at sizes that the priors expect."""
    regions = panel.sizes["region"]
    truth = {
        name: 0.5 * rng.standard_normal(shape)
        for name, shape in stocks.shared_layout(panel).items()
    }
    spread = {"region_level_deviation": 0.3, "region_tilt_deviation": 0.05,
              "immigrant_level_region": 0.3, "immigrant_trend_region": 0.1}  # fmt: skip
    truth |= {name: s * rng.standard_normal((regions, 2)) for name, s in spread.items()}
    truth["immigrant_level_region"] += 0.6
    splits = (panel.sizes["resident_region"], panel.sizes["split"])
    return truth | {
        "late_upper_secondary": 0.05, "late_tertiary": 0.08, "vocational_counted": 0.5,
        "unknown_step": np.zeros(4), "cohort_innovation": np.full(4, 0.2),
        "resident_split": np.zeros(splits), "persistence": np.full(len(SOURCES), 0.85),
        "misfit": np.full(len(SERIES), 0.03), "share_decay": 0.03,
        "share_growth_region": 0.06 + 0.01 * rng.standard_normal(regions),
        "share_shock_year": 0.01 * rng.standard_normal(len(STOCKS) - 1), "share_noise": 0.01,
    }  # fmt: skip


@pytest.fixture(scope="module")
def made_up(tables, study) -> tuple[Source, dict[str, pd.DataFrame]]:
    """Three copies of the study's regions by age, stocks by E1-E8 with misfit on top."""
    rng = np.random.default_rng(SEED)
    own = tables["population"].loc[tables["population"]["region"].isin(study.regions)]
    own = own.groupby(["region", "year", "age"])["persons"].sum().reset_index()
    copies = [own.assign(region=own["region"] + f" {copy}") for copy in range(COPIES)]
    population = pd.concat(copies, ignore_index=True)
    people = population.set_index(["region", "year", "age"])["persons"].to_xarray().astype(float)
    names = people["region"].values.tolist()
    known_levels = {n: t for n, t in tables.items() if not n.startswith("education_fields")}
    whole = people.sel(age=slice(30, 66), year=slice(2012, 2020)).sum("age")
    whole = whole.transpose("region", "year").values
    begun = share(rng.normal(-1.8, 0.3, (len(names), 1)))
    flat = {b: np.zeros((len(names), len(STOCKS), 2)) for b in BACKGROUNDS}

    def panel_of(logits, immigrants) -> xr.Dataset:
        residents = stock_table(logits, whole, immigrants, names)
        known = {**known_levels, "population": population, "education_residents_30_66": residents}
        then = study.model_copy(update={"targets": tuple(names), "pooling": ()})
        panel = build_education_panel(known, then, ALL_YEARS)
        panel = panel.drop_dims(["resident_region", "resident_year"])
        return panel.merge(education._no_residents(panel))

    panel = panel_of(flat, begun + np.zeros((1, len(STOCKS))))
    truth = truth_of(panel, rng)
    steps = simulate(truth, panel, rng)["share_step_observed"]
    odds = np.log(begun / (1 - begun)) + np.cumsum(np.vstack([0 * steps[:1], steps]), axis=0).T
    panel = panel_of(flat, share(odds))
    seen, drawn = build_observations(panel), simulate(truth, panel, rng)["observations__value"]
    logits = {}
    for background, source in BACKGROUNDS.items():
        told = drawn[seen.source == SOURCES.index(source)].reshape(len(names), 2, -1)
        unread = len(STOCKS) - told.shape[-1]  # of immigrants, whose first years are not read
        logits[background] = np.pad(told, ((0, 0), (0, 0), (unread, 0)), "edge").transpose(0, 2, 1)
    nation = np.full((panel.sizes["nation_year"], 4), np.nan)
    mine = seen.source == SOURCES.index("nation")
    nation[seen.cell[mine] % _stocks(panel), seen.choice[mine]] = drawn[mine]
    levels = nation_table(nation, panel["nation_year"].values)
    source = Source(
        stock_table(logits, whole, share(odds), names), people, dict.fromkeys(names, 2e4)
    )
    return source, {**tables, "education_residents_16plus": levels}


def _stocks(panel: xr.Dataset) -> int:
    return sum(number for number, _ in build_cells(panel).blocks)


@pytest.fixture(scope="module")
def cases(made_up, study) -> pd.DataFrame:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(education, "DRAWS", 100)
        return education.education_cases(*made_up, study, ORIGIN)


@pytest.mark.slow
def test_intervals_hold_what_the_law_made(cases):
    """45 regions and three levels: the future also departs from the law, which here it does not."""
    assert set(cases["group"]) == set(STOCK_GROUPS) and set(cases["horizon"]) == {1, 3, 5}
    assert len(cases) == 45 * len(STOCK_LEVELS) * 2 * 3
    held = cases.groupby(["group", "horizon"])[["inside_80", "inside_95"]].mean()
    assert held["inside_80"].between(0.68, 0.97).all(), held
    assert (held["inside_95"] > 0.88).all(), held
    assert abs(cases["error"].mean()) < 1.0  # per cent


def test_shares_of_levels_make_a_whole(made_up):
    shares = education.level_shares(made_up[0])
    natives = shares.sel(group=STOCK_GROUPS[1]).sum("level")
    np.testing.assert_allclose(natives, 1.0)
    told = shares.sel(group=STOCK_GROUPS[0]).sum("level", skipna=False)
    assert np.isnan(told.sel(year=slice(None, 2013))).all()
    np.testing.assert_allclose(told.sel(year=slice(2014, None)), 1.0)


def test_a_panel_knows_nothing_of_the_years_after_its_origin(made_up, study):
    source, tables = made_up
    later = source.stocks["year"] > ORIGIN
    changed = source.stocks.assign(
        persons=source.stocks["persons"].where(~later, 2 * source.stocks["persons"] + 7)
    )
    people = source.people.where(source.people["year"] <= ORIGIN + 1, 3.0)
    nation = tables["education_residents_16plus"]
    grown = nation.assign(persons=nation["persons"].where(nation["year"] <= ORIGIN, 5.0))
    other = Source(changed, people, source.sizes)
    one = education.origin_panel(source, tables, study, ORIGIN)
    two = education.origin_panel(
        other, {**tables, "education_residents_16plus": grown}, study, ORIGIN
    )
    xr.testing.assert_identical(one, two)
    assert one["stock_year"].values.tolist() == [2016, 2017, 2018, 2019]  # 2011 to 2014
    assert not one["nation_told"].any()


def test_baselines_are_dressed_by_level_and_begin_where_errors_are_known(made_up):
    rivals = education.education_rivals(made_up[0])
    assert set(rivals["method"]) == {"no_change", "own_trend", "national_trend"}
    assert rivals["region"].str.endswith(tuple(STOCK_LEVELS)).all()
    firsts = rivals.groupby(["group", "method"])["origin"].min().unstack()
    assert firsts.loc["without immigrants", "no_change"] == 2012
    assert firsts.loc["all residents", "no_change"] == 2015
    assert firsts.loc["without immigrants", "own_trend"] == 2013


def test_a_trend_is_that_of_the_years_seen_and_of_five_at_most():
    series = 100 * 1.02 ** np.arange(9)[None]
    assert trend(series[:, :3], 4)[0] == pytest.approx(1.02**4)
    broken = np.concatenate([series[:, :1], series[:, :6]], axis=1)
    assert trend(broken, 1)[0] == pytest.approx(1.02)


def folder_of(path: Path, counted: int) -> None:
    """Two old municipalities of one new, and one that was divided."""
    rows = [
        (f"K{code}", f"Place {code}", year, "alle", "Hele befolkningen", "Alle", persons)
        for year in (2011, 2012)
        for code, persons in (("0001", 600), ("0002", 400), ("0003", counted))
    ]
    columns = ["region", "name", "year", "education", "background", "sex", "persons"]
    pd.DataFrame(rows, columns=columns).to_parquet(path / EDUCATION)
    borders = [("9001", "0001", 1.0), ("9001", "0002", 1.0), ("9002", "0003", 1.0),
               ("9003", "0004", 0.5), ("9001", "0004", 0.5)]  # fmt: skip
    table = pd.DataFrame(borders, columns=["new", "old", "weighting"])
    table.assign(
        location_code_current="municip_nor" + table["new"],
        location_code_original="municip_nor" + table["old"],
        calyear=2011,
    ).to_csv(path / BORDERS, index=False)


@pytest.mark.parametrize(("counted", "kept"), [(500, ["A", "B"]), (540, ["A"])])
def test_a_region_is_kept_where_two_counts_of_its_residents_agree(tmp_path, counted, kept):
    folder_of(tmp_path, counted)
    rows = read_education(tmp_path)
    assert rows.groupby(["code", "year"])["persons"].sum().to_dict()[("9001", 2011)] == 1000
    people = xr.DataArray(
        [[[1000.0], [1000.0], [1000.0]], [[500.0], [500.0], [500.0]]],
        coords={"region": ["A", "B"], "year": [2011, 2012, 2013], "age": [40]},
        dims=("region", "year", "age"),
    )
    found = regional_education(rows, {"A": ("9001",), "B": ("9002",)}, people)
    assert sorted(found["region"].unique()) == kept


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RunError, match="--realdata"):
        read_education(tmp_path)
