"""Education against independent open data: degrees of the employed by age, Vestfold and Telemark.

The table (2020; 37 occupations, three levels, four age groups) is no input of the model, which
sees residents of these regions at ages 30-66 as one cell. Nothing was tuned to it.

Tolerance. Two things are not alike on the two sides, whatever the model: people of unknown
education count as low here (4 % of the employed, with a third to a half of graduates among them:
1-2 points), and the employed come from residents by the labour force survey's participation (its
error in the rate of one level against another: 1-2 points). Model's own error at a cell: 1-2
points. Together 5 points. Ages 15-30 hang on the assumed age of graduation besides: one year of
age, two standard deviations of its table, moves 1/15 of a group of which 45 % graduate: 3 points
more.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from needs import SHARED, shared
from scipy.special import expit

from bayesgap.blocks.education import model as education
from bayesgap.blocks.education.panel import build_education_panel
from bayesgap.blocks.participation.surveys import reference
from bayesgap.data.tables import read_tables
from bayesgap.inference.fit import fit
from bayesgap.schema import LEVELS
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import Sampling, load_study

TABLE = "realdata/occupation_education_age_vestfold_telemark_2015_2020.parquet"
REGIONS = ("Horten", "Grenland", "Sandefjord", "Larvik")  # same borders in both tables
BANDS = {"15-30": (15, 30), "31-45": (31, 45), "46-60": (46, 60), "60-74": (61, 74)}
TOLERANCE = {"15-30": 0.08, "31-45": 0.05, "46-60": 0.05, "60-74": 0.05}
YEAR = 2020


def observed():
    """Share of graduates among the employed of the four regions, by age group."""
    table = pd.read_parquet(SHARED / TABLE).query("year == @YEAR and region in @REGIONS")
    persons = table.groupby(["age_group", "education"])["employed"].sum().unstack()
    return persons["Universitets- og høgskoleutdanning"] / persons.sum(axis=1)


def participation(tables, ages, levels):
    """Participation of the labour force survey (age, level), linear between its bands."""
    rates = expit(reference(tables, np.array(ages)))
    whole = xr.DataArray(rates, {"age": ages, "level": list(LEVELS)}, ("age", "level"))
    return whole.sel(level=list(levels))


def expected(tables, study):
    """Drawn share (chain, draw) of graduates among the employed, by age group."""
    panel = build_education_panel(tables, study)
    model = education.build(panel, study.priors["education"], study.options)
    sampling = Sampling(chains=2, draws=300, tune=500, target_accept=0.9)
    posterior = fit(model, sampling, seed=3)["posterior"].to_dataset()
    drawn = education.forecast(posterior, panel, [2019, YEAR], np.random.default_rng(3))
    share = drawn["level_share"].sel(year=YEAR)
    people = tables["population"].query("year == @YEAR + 1").set_index(["region", "age"])
    people = people["persons"].to_xarray().sel(region=list(REGIONS), age=share["age"].values)
    employed = share * participation(tables, share["age"].values, share["level"].values) * people
    out = {}
    for name, (first, last) in BANDS.items():
        group = employed.sel(age=slice(first, last)).sum(["age", "region"])
        degrees = group.sel(level=["bachelor", "master"]).sum("level")
        out[name] = degrees / group.sum("level")
    return out


@pytest.mark.slow
@shared(TABLE)
def test_graduates_by_age_agree_with_a_table_that_the_model_has_not_seen():
    study = load_study(default_study())
    others = tuple(region for region in study.regions if region not in REGIONS)
    study = study.model_copy(update={"targets": REGIONS, "pooling": others})
    tables = read_tables(bundle_root() / "data" / "buskerud")
    found, drawn = observed(), expected(tables, study)
    off = {name: float(drawn[name].mean()) - float(found[name]) for name in BANDS}
    assert all(abs(off[name]) <= TOLERANCE[name] for name in BANDS), off
