"""`validate backtest` from the command line, on a made-up folder of six municipalities.

The folder has the layout of the whole country's statistics, and the residents of six regions under
other names. Origins are few. The sampled block of six levels, which takes minutes, is replaced by
draws about what is known; the other blocks are fitted and drawn as they are.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from page_tables import numbers, section, table

from bayesgap.cli import main
from bayesgap.validation.backtest import country, education, official, rivals, sectors, six_levels
from bayesgap.validation.backtest.levels import HORIZONS
from bayesgap.validation.backtest.realdata import HIERARCHY, POPULATION, WHOLE_COUNTY
from bayesgap.validation.backtest.realdata_education import BACKGROUNDS, BORDERS, EDUCATION
from bayesgap.validation.backtest.realdata_education import LEVELS as NAMES
from bayesgap.validation.backtest.results import ALL, BEST, MODEL

pytestmark = pytest.mark.slow  # two minutes of fits
ORIGINS = (2012, 2013, 2018)  # 2013 and 2018 are held out at ten and five years
COUNTY = WHOLE_COUNTY
CODES = {
    "Drammensregionen": ("9001", "Somewhere"),
    "Kongsbergregionen": ("9002", "Somewhere"),
    "Ringeriksregionen": ("9003", "Somewhere"),
    "Hallingdal": ("9004", "Somewhere"),
    "Larvik": ("9005", COUNTY),
    "Horten": ("9006", COUNTY),
}


def place(code: str) -> str:
    return f"Place {code[-1]}"


def write_folder(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """The five files that a backtest reads, in the source's own columns."""
    code = {region: code for region, (code, _) in CODES.items()}
    people = tables["population"][tables["population"]["region"].isin(list(CODES))]
    own = people.assign(kommunenr=people["region"].map(code), total=people["persons"])
    own[["kommunenr", "year", "age", "total"]].to_parquet(folder / POPULATION)
    places = [(f"municip_nor{c}", place(c), county) for c, county in CODES.values()]
    columns = ["municip_code", "municip_name", "county_name"]
    pd.DataFrame(places, columns=columns).to_csv(folder / HIERARCHY, index=False)
    same = [f"municip_nor{c}" for c in code.values() for _ in range(2010, 2025)]
    years = list(range(2010, 2025)) * len(code)
    pd.DataFrame(
        {
            "location_code_current": same,
            "location_code_original": same,
            "calyear": years,
            "weighting": 1.0,
        }
    ).to_csv(folder / BORDERS, index=False)
    stocks = tables["education_residents_30_66"]
    stocks = stocks[stocks["region"].isin(list(CODES))]
    stocks.assign(
        region="K" + stocks["region"].map(code),
        background=stocks["background"].map({v: k for k, v in BACKGROUNDS.items()}),
        education=stocks["level"].map({v: k for k, v in NAMES.items()}),
        sex="Alle",
    )[["region", "year", "background", "education", "sex", "persons"]].to_parquet(
        folder / EDUCATION
    )
    adults = people[people["age"].between(20, 66)].groupby(["region", "year"])["persons"].sum()
    rows = [
        (origin, name, place(code[region]), year, "20-66 år", adults[region, origin] * factor)
        for region, (_, county) in CODES.items()
        if county == COUNTY
        for origin in ORIGINS
        for year in range(origin, 2025)
        for name, factor in ((official.MAIN, 1.0), (official.LOW, 0.95), (official.HIGH, 1.05))
    ]
    columns = ["vintage", "alternative", "region", "year", "age_group", "persons"]
    pd.DataFrame(rows, columns=columns).to_parquet(folder / official.VINTAGES)


def drawn_levels(tables, study, origin: int) -> xr.DataArray:
    """The last shares with an error that grows, as (sample, group, region, level, horizon)."""
    last = six_levels.resident_shares(tables).sel(
        year=origin, region=list(six_levels.regions_with_levels(tables, study)), drop=True
    )
    noise = np.random.default_rng(3).normal(0, 0.02, (200, len(HORIZONS)))
    growing = xr.DataArray(
        noise * np.sqrt(HORIZONS), {"horizon": list(HORIZONS)}, ("sample", "horizon")
    )
    return last * np.exp(growing)


@pytest.fixture(scope="module")
def docs(tables: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of page and tables; finished origins lie in `kept`, the statistics in `data`."""
    folder = tmp_path_factory.mktemp("backtest")
    (folder / "data").mkdir()
    write_folder(folder / "data", tables)
    sources = sectors.sources
    with pytest.MonkeyPatch.context() as patch:
        for module in (country, rivals):
            patch.setattr(module, "ORIGINS", ORIGINS)
        patch.setattr(education, "ORIGINS", range(2017, 2019))
        patch.setattr(six_levels, "ORIGINS", range(2018, 2020))
        patch.setattr(six_levels, "drawn_levels", drawn_levels)
        patch.setattr(
            sectors,
            "sources",
            lambda known: [replace(s, origins=(2021,)) for s in sources(known)[1:2]],
        )
        with pytest.raises(SystemExit) as ended:
            words = ["validate", "backtest", "--realdata", str(folder / "data")]
            main([*words, "--out", str(folder / "kept"), "--docs", str(folder)])
    assert ended.value.code in (0, None)
    return folder


@pytest.fixture(scope="module")
def written(docs: Path) -> dict[str, pd.DataFrame]:
    names = ("scores", "origins", "skill", "bars")
    return {name: pd.read_csv(docs / "results" / f"backtest_{name}.csv") for name in names}


def test_forecasts_are_held_against_the_residents_that_came(docs: Path, tables) -> None:
    (path,) = (docs / "kept").glob("population-*-2013.parquet")
    cases = pd.read_parquet(path).query("block == 'population' and group == '20-66'")
    people = tables["population"][tables["population"]["age"].between(20, 66)]
    adults = people.groupby(["region", "year"])["persons"].sum()
    region = {f"{code} {place(code)}": name for name, (code, _) in CODES.items()}
    assert set(cases["region"]) == set(region) and set(cases["horizon"]) == {1, 3, 5, 10}
    for row in cases.to_dict("records"):
        assert row["outcome"] == adults[region[row["region"]], row["origin"] + row["horizon"]]
        assert row["median"] == pytest.approx(row["outcome"], rel=0.3)


def model_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of the model on regions of all sizes, of the population in persons."""
    whole = (scores["size"] == ALL) & (scores["method"] == MODEL)
    return scores[whole & (scores["block"] == "population")]


def test_scores_are_of_every_block_and_in_order(written: dict[str, pd.DataFrame]) -> None:
    scores = written["scores"]
    blocks = {"population", "population_shares", official.BLOCK, "sectors", "education"}
    assert blocks | {"six_levels", "six_levels_each"} == set(scores["block"])
    ends = scores[["coverage_50", "coverage_80", "coverage_95"]].to_numpy()
    assert (np.diff(ends, axis=1) >= 0).all() and ends.min() >= 0 and ends.max() <= 1
    assert scores[["crps", "wis", "mape", "width_80"]].ge(0).all().all()
    assert scores["pit_mean"].between(0, 1).all()
    own = model_rows(scores)
    own = own[own["group"] == "20-66"].set_index(["part", "horizon"])
    assert own.loc[("held out", 5), "cases"] == len(CODES)  # of 2018
    assert own.loc[("development", 5), "cases"] == 2 * len(CODES)


def test_skill_is_the_model_over_the_baseline(written: dict[str, pd.DataFrame]) -> None:
    skill = written["skill"]
    assert np.allclose(skill["crps_ratio"], skill["crps"] / skill["crps_against"], rtol=2e-3)
    assert BEST in set(skill["against"]) and "hamilton_perry" in set(skill["against"])


def test_a_bar_is_met_where_its_figure_lies_between_its_ends(written, docs: Path) -> None:
    bars = written["bars"].astype({"reached": str})
    single = bars[~bars["reached"].str.contains(r"\d-", regex=True)]
    value = single["reached"].astype(float)
    clear = ((value - single["low"]).abs() > 0.006) & ((value - single["high"]).abs() > 0.006)
    assert (value.between(single["low"], single["high"]) == single["met"])[clear].all()
    shown = table(section((docs / "validation.md").read_text("utf-8"), "## Against the bars"))
    assert len(shown) == len(bars)
    assert (shown["verdict"] == "met").tolist() == bars["met"].tolist()


def test_the_page_has_the_scores_of_its_table(written, docs: Path) -> None:
    page = (docs / "validation.md").read_text(encoding="utf-8")
    below = page.partition("## Population by age\n")[2]
    shown = table(section(below, "### Held out origins"))
    kept = model_rows(written["scores"]).query("part == 'held out'")
    kept = kept[kept["horizon"].isin(numbers(shown["years ahead"]))]
    assert shown["group"].tolist() == kept["group"].tolist()
    assert np.allclose(numbers(shown["CRPS, %"]), kept["crps"], atol=0.006)
    assert np.allclose(numbers(shown["in 80 %"]), kept["coverage_80"], atol=0.006)
    facts = json.loads((docs / "results" / "backtest_about.json").read_text(encoding="utf-8"))
    assert facts["regions"] == len(CODES) and facts["origins"] == "3 (2012-2018)"
