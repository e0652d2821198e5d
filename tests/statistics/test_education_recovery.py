"""Education block: truth made with plain numpy by single years of age must be found again.

The simulation shares no code with the model: it walks over single ages, the model over cells of
ages. What it takes from the panel are observed weights of the population and the assumed shapes.
"""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.education import model as education
from bayesgap.blocks.education.panel import build_education_panel
from bayesgap.inference.fit import fit
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import Sampling, load_study

FILES = ("population", "population_pooling", "population_national")
STOCKS = ("education_residents_30_66", "education_residents_16plus")
SEEDS = ("cohort_shape", "completion", "immigrant_age", "immigrant_splits", "field_shares")
PSI = 0.2
LEVELS = np.linspace(-0.6, 0.9, 15)
SLOPES = np.linspace(-0.05, 0.08, 15)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def read_tables():
    data = bundle_root() / "data"
    tables = {n: pd.read_csv(data / "buskerud" / f"{n}.csv") for n in (*FILES, *STOCKS)}
    for name in SEEDS:
        tables[f"education_{name}"] = pd.read_csv(data / "seeds" / f"education_{name}.csv")
    both = [tables["population"], tables.pop("population_pooling")]
    tables["population"] = pd.concat(both, ignore_index=True)
    return tables


def national_logit(tables, name, cohort):
    rows = tables["education_cohort_shape"].query("logit == @name").sort_values("cohort")
    share = rows["value"].to_numpy()
    bend = 0.1 * np.sin((rows["cohort"].to_numpy() - 1920) / 15)  # the truth is not the assumption
    return float(np.interp(cohort, rows["cohort"], np.log(share / (1 - share)) + bend))


def done(tables, name, age):
    rows = tables["education_completion"].query("logit == @name").sort_values("age")
    if age < rows["age"].min():
        return 0.0
    return float(np.interp(age, rows["age"], rows["value"]))


def levels_at(tables, cohort, age, shift=(0.0, 0.0, 0.0, 0.0)):
    """Finished, tertiary, vocational, master among people of one age."""
    names = ("upper_secondary", "tertiary", "academic", "long")
    p = [sigmoid(national_logit(tables, n, cohort) + s) for n, s in zip(names, shift, strict=True)]
    g = [done(tables, n, age) for n in names]
    finished = p[0] * g[0]
    tertiary = finished * p[1] * g[1]
    vocational = tertiary * (1 - p[2]) * g[2]
    return np.array([finished, tertiary, vocational, (tertiary - vocational) * p[3] * g[3]])


def four_logits(total, told):
    finished, tertiary, vocational, master = total
    academic = tertiary - vocational
    high = academic + told * vocational
    return np.log(
        [
            finished / (1 - finished),
            high / (finished - high),
            academic / vocational,
            master / (academic - master),
        ]
    )


def stock(tables, people, year, ages, shift=(0.0, 0.0, 0.0, 0.0), slope=0.0):
    """Shares of all stages in a stock whose persons by age are `people`."""
    out = np.zeros(4)
    for age in ages:
        turn = slope * (min(year - age, 1990) - 1967) / 10
        moved = (shift[0] + turn, shift[1] + turn, *shift[2:])
        out += people[age] * levels_at(tables, year - age, age, moved)
    return out / people[list(ages)].sum()


def simulate(tables, panel, rng):
    """Panel whose observed logits come from the known truth, with a little discrepancy."""
    panel = panel.copy(deep=True)
    frame = tables["population"].set_index(["region", "year", "age"])["persons"].sort_index()
    nation = tables["population_national"].set_index(["year", "age"])["persons"]
    regions = list(panel["region"].values)
    for t, year in enumerate(panel["nation_year"].values):
        people = nation.loc[min(year + 1, 2024)].to_numpy().astype(float)
        told = float(year >= 2016)
        panel["nation_logit"].values[t] = four_logits(
            stock(tables, people, year, range(16, 90)), told
        )
    panel["nation_logit"].values[panel["nation_year"].values < 2016, 2] = np.nan
    for r, region in enumerate(regions):
        shift = (0.5 * LEVELS[r], LEVELS[r], 0.0, 0.0)
        for t, year in enumerate(panel["stock_year"].values):
            people = frame.loc[region, year + 1].to_numpy().astype(float)
            total = stock(tables, people, year, range(30, 67), shift, SLOPES[r])
            panel["stock_logit"].sel(region=region).values[t] = four_logits(total, PSI)[:2]
    for r, region in enumerate(panel["resident_region"].values):
        place = regions.index(region)
        own = LEVELS[place]
        for t, year in enumerate(panel["resident_year"].values):
            people = frame.loc[region, min(year + 1, 2024)].to_numpy().astype(float)
            total = stock(
                tables, people, year, range(16, 90), (0.5 * own, own, own, own), SLOPES[place]
            )
            panel["resident_logit"].values[r, t] = four_logits(total, 1.0)
    panel["resident_immigrants"] = 0.0 * panel["resident_immigrants"] + 1e-6
    for name, scale in (("nation_logit", 0.003), ("stock_logit", 0.005), ("resident_logit", 0.008)):
        panel[name] = panel[name] + scale * rng.standard_normal(panel[name].shape)
    panel["unknown_excess"] = 0.0 * panel["unknown_excess"]
    return panel


@pytest.mark.slow
def test_levels_slopes_and_coarse_cell_are_recovered():
    rng = np.random.default_rng(4)
    study, tables = load_study(default_study()), read_tables()
    panel = simulate(tables, build_education_panel(tables, study), rng)
    model = education.build(panel, study.priors["education"], study.options)
    sampling = Sampling(chains=2, draws=400, tune=500, target_accept=0.9)
    posterior = fit(model, sampling, seed=5)["posterior"].to_dataset()
    found = posterior["region_level_deviation"].sel(choice="tertiary")
    assert_inside(found - found.mean("region"), LEVELS - LEVELS.mean(), 0.8)
    slope = posterior["region_tilt_deviation"].sel(choice="tertiary")
    assert_inside(slope - slope.mean("region"), SLOPES - SLOPES.mean(), 0.8)
    psi = posterior["vocational_counted"].quantile([0.005, 0.995], dim=("chain", "draw"))
    assert psi[0] < PSI < psi[1]


def assert_inside(draws: xr.DataArray, truth, share):
    """The central 95 % interval holds the truth in at least `share` of the regions."""
    low, high = draws.quantile([0.025, 0.975], dim=("chain", "draw")).values
    assert np.mean((low < truth) & (truth < high)) >= share
    assert np.corrcoef(draws.mean(("chain", "draw")), truth)[0, 1] > 0.9
