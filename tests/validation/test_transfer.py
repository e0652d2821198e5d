"""The chain from a past year: nothing later is read, like is scored with like, evidence ages."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.fitting import build_panel
from bayesgap.data.tables import frames_hash, read_tables, require_regions
from bayesgap.errors import StudyError
from bayesgap.schema import EDUCATION, EDUCATION_LEVEL, SECTORS
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import Study, load_study
from bayesgap.validation.cut import JANUARY, SURVEY, cut_study, cut_tables, with_base
from bayesgap.validation.transfer import score as chain
from bayesgap.validation.transfer.evidence import chain_version, skill_table, slice_table
from bayesgap.validation.transfer.page import Evidence, paths_figure, transfer_page

RESULTS = Path(__file__).parents[2] / "docs" / "results"
ORIGIN = 2019
HERE = ("Here",)
LAST = 2024


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(default_study())


@pytest.fixture(scope="module")
def tables(study: Study) -> dict[str, pd.DataFrame]:
    return read_tables(resolve_data(default_study(), study))


def garbled(tables: Mapping[str, pd.DataFrame], origin: int) -> dict[str, pd.DataFrame]:
    """Tables in which every figure recorded after `origin` is another one."""
    out = {}
    for name, frame in tables.items():
        frame = frame.copy()
        if "year" in frame and name != SURVEY:
            late = frame["year"] > origin + (name in JANUARY)
            for column in frame.select_dtypes("number").columns.drop("year"):
                frame[column] = frame[column].where(~late, frame[column] * 3 + 7)
        out[name] = frame
    return out


def test_nothing_after_the_origin_is_left(tables, study):
    known = cut_tables(tables, ORIGIN)
    for name, frame in known.items():
        if "year" in frame:
            assert frame["year"].max() <= ORIGIN + (name in JANUARY), name
    then = cut_study(study, known, ORIGIN, 2022)
    assert then.window.last == then.base_year == ORIGIN and not then.options.shock_years
    whole = with_base(known, then)
    other = with_base(cut_tables(garbled(tables, ORIGIN), ORIGIN), then)
    assert frames_hash(whole) == frames_hash(other)
    assert frames_hash(whole) != frames_hash(cut_tables(tables, ORIGIN - 1))


def test_an_early_study_builds_every_panel_from_what_is_left(tables, study):
    """At 2012 the 30-66 stocks begin, and commuting and participation have no Norwegian rows."""
    known = cut_tables(tables, 2012)
    assert not {"commuting", "employment_status"} & set(known)
    then = cut_study(study, cut_tables(tables, ORIGIN), ORIGIN, 2022)
    panel = build_panel(with_base(cut_tables(tables, ORIGIN), then), then)
    assert panel["participation"]["stock_year"].values.tolist() == [2017, 2018, 2019]
    assert not panel["participation"]["before_break"].values[-1]
    assert panel["education"]["resident_year"].max() == ORIGIN
    assert panel["sectors"]["growth_year"].max() == ORIGIN
    assert panel["population"]["transition"].max() == ORIGIN - 1


def test_regions_without_rows_teach_nothing_more_but_targets_must_have_them(tables, study):
    status = tables["employment_status"]
    fewer = {**tables, "employment_status": status[status["region"] != "Oslo"]}
    require_regions(fewer, study)
    people = tables["population"]
    gone = {**tables, "population": people[people["region"] != "Oslo"]}
    then = cut_study(study, cut_tables(gone, ORIGIN), ORIGIN, 2022)
    assert "Oslo" not in then.pooling and "Asker" in then.pooling
    with pytest.raises(StudyError, match="must be counted for every target"):
        with_base(cut_tables(tables, ORIGIN), then.model_copy(update={"targets": ("Asker",)}))
    with pytest.raises(StudyError, match="two years after the first"):
        cut_study(study, tables, study.window.first, 2022)


@pytest.fixture
def outlook() -> xr.Dataset:
    """Two draws of one region: 100 employed residents of each education, 10 of them unemployed."""
    rng = np.random.default_rng(1)
    years = range(ORIGIN, LAST + 1)
    of = ("chain", "draw", "region", "year", "education")
    shape = (1, 2, 1, len(years), len(EDUCATION))
    filled = rng.uniform(50, 150, shape)
    force = np.full(shape, 110.0)
    unfilled = 1 + rng.uniform(0, 0.2, (1, 2, 1, 1, len(EDUCATION)))
    jobs = rng.uniform(90, 110, (*shape[:-1], len(SECTORS)))
    return xr.Dataset(
        {
            "labour_force": (of, force),
            "employed_residence": (of, force - 10),
            "supply": (of, filled + 10),
            "demand": (of, filled * unfilled),
            "employment": ((*of[:-1], "sector"), jobs),
            "population": ((*of[:-1], "age_band"), np.full((*shape[:-1], 1), 4000.0)),
        },
        coords={
            "region": list(HERE),
            "year": list(years),
            "education": list(EDUCATION),
            "level": ("education", list(EDUCATION_LEVEL)),
            "age_band": ["20-66"],
        },
    )


def test_filled_jobs_are_demand_less_unfilled_jobs(outlook):
    found = chain.drawn(outlook, HERE)
    filled = (outlook["supply"] - 10).sel(region="Here").stack(sample=("chain", "draw"))
    tertiary = [level not in ("primary", "upper_secondary") for level in EDUCATION_LEVEL]
    wanted = filled.isel(education=tertiary).sum("education").transpose("sample", "year")
    np.testing.assert_allclose(found[chain.JOBS, "Here: tertiary"].values, wanted.values)
    assert (found[chain.ALL, "Here: residence"] == 100 * len(EDUCATION)).all()
    assert (found[chain.RESIDENTS, "Here: primary"] == 100).all()


def own_counts() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(2)
    rows = [
        ("Here", year, concept, level, round(size * 1.01 ** (year - 2005) + rng.normal(0, 9)))
        for year in range(2005, LAST + 1)
        for concept in ("residence", "workplace")
        for level, size in {"primary": 200, "upper_secondary": 800, "tertiary": 1200}.items()
    ]
    columns = ["region", "year", "concept", "level", "employed"]
    return {chain.COUNTED: pd.DataFrame(rows, columns=columns)}


@pytest.fixture
def came() -> pd.DataFrame:
    years = range(2005, LAST + 1)
    people = pd.DataFrame({"region": "Here", "year": years, "age": 40, "persons": 4000})
    return chain.counted({"population": people}, own_counts(), HERE)


def test_totals_are_sums_of_education(came):
    residence = came[came["region"] == "Here: residence"].set_index("year")["persons"]
    by_level = came[came["group"] == chain.RESIDENTS].groupby("year")["persons"].sum()
    assert residence.to_dict() == by_level.to_dict()


def test_baselines_know_nothing_of_what_came(came):
    late = came["year"] > ORIGIN
    other = came.assign(persons=came["persons"].where(~late, came["persons"] * 2))
    one, two = (chain.rival_cases(rows, ORIGIN) for rows in (came, other))
    assert {"no_change", "drift"} == set(one["method"])
    for name in ("median", "horizon"):
        np.testing.assert_allclose(one[name], two[name])
    np.testing.assert_allclose(one["width_80"] * one["outcome"], two["width_80"] * two["outcome"])
    assert (one["outcome"] != two["outcome"]).all() or chain.PEOPLE in set(one["group"])


def test_a_series_with_a_hole_begins_after_it():
    series = pd.Series([1.0, 2, 3, 4], index=[2008, 2009, 2011, 2012])
    assert chain._unbroken(series).index.tolist() == [2011, 2012]


def test_page_and_picture_tell_every_group_and_where_baselines_win(outlook, came):
    drawn = chain.drawn(outlook, HERE)
    cases = chain.scored(drawn, came, ORIGIN)
    about = {"title": "Here", "origin": ORIGIN, "last year": LAST, "study": "here"}
    about |= {"learns from": [], "draws": "2", "seconds": 1, "verdict": "FAIL", "checks": []}
    about |= dict.fromkeys(("bayesgap", "date", "seed", "machine"), "?")
    about |= {"version of the chain": "?", "version of data": "?"}
    skill = skill_table(cases)
    page = transfer_page([Evidence(about, slice_table(cases, 1), skill, "here.png")], "command")
    assert all(group in page for group in (chain.ALL, chain.RESIDENTS, chain.JOBS))
    assert f"better in {(skill['crps_ratio'] > 1).sum()} of {len(skill)} rows" in page
    figure = paths_figure(chain.paths(drawn, came, ORIGIN), ORIGIN)
    assert len([axis for axis in figure.axes if axis.get_visible()]) == len(drawn)


@pytest.mark.parametrize("path", sorted(RESULTS.glob("transfer_*.json")), ids=lambda p: p.stem)
def test_evidence_is_of_this_chain(path: Path, study: Study):
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["version of the chain"] == chain_version(study), (
        "The chain has changed since: bayesgap validate transfer (see docs/transfer.md)."
    )
    assert {"date", "seed", "machine", "bayesgap"} <= set(told)
