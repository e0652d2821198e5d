"""Fast form of the sector block: density by hand, slopes, truths recovered; no future is seen."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from bayesgap.blocks.sectors.fast import Areas, Nation, fit_areas
from bayesgap.study.blocks import block_priors
from bayesgap.validation.backtest import sectors

SECTORS, AREAS, YEARS = 3, 60, 12
SPREAD, TAU, NOISE = np.array([0.02, 0.04, 0.06]), np.array([0.012, 0.006, 0.02]), 1.0
ROUNDING = 0.01**2


def simulated(rng: np.random.Generator) -> tuple[xr.Dataset, np.ndarray]:
    """Panel from G1-G4 by plain numpy, and the true growth of areas (area, sector)."""
    rest, nation = np.zeros(SECTORS), []
    for _ in range(YEARS):
        shock = 0.01 * rng.standard_normal(SECTORS) + 0.01 * rng.standard_normal()
        rest = 0.5 * rest + shock
        nation.append(0.01 + rest)
    growth = TAU * rng.standard_normal((AREAS, SECTORS))
    persons = np.exp(rng.normal(9, 1, (AREAS, 1, SECTORS))) + np.zeros((1, YEARS, 1))
    scale = np.sqrt(SPREAD**2 + NOISE**2 / persons + ROUNDING)
    deviation = growth[:, None] + scale * rng.standard_t(4, persons.shape)
    deviation[0, :3, 0] = np.nan
    panel = xr.Dataset(
        {
            "national_growth": (("growth_year", "sector"), np.array(nation)),
            "national_driver": (("growth_year", "sector"), np.full((YEARS, SECTORS), 0.004)),
            "area_deviation": (("area", "year", "sector"), deviation),
            "area_persons": (("area", "year", "sector"), persons),
            "area_rounding": (("area", "year", "sector"), np.full(persons.shape, ROUNDING)),
            "area_base": (("area", "sector"), persons[:, -1]),
        },
        coords={"growth_year": range(2009, 2009 + YEARS)},
    )
    return panel, growth


@pytest.fixture
def world() -> tuple[xr.Dataset, np.ndarray]:
    return simulated(np.random.default_rng(4))


def test_nation_density_is_the_normal_with_growth_integrated_out(world, study):
    """Shocks of all years side by side: one normal, whose years share the growth of sectors."""
    nation = Nation(world[0], block_priors(study, "sectors"))
    points = nation.at.start() + 0.3 * np.random.default_rng(1).standard_normal((2, nation.at.size))
    by_hand = []
    for point in points:
        v = nation.at.values(point)
        rest = nation.growth - v["elasticity"] * nation.driver
        shock = rest[1:] - v["persistence"] * rest[:-1]
        loose, years = 1 - v["persistence"].item(), len(shock)
        each = np.diag(v["innovation"] ** 2) + np.outer(v["cycle_load"], v["cycle_load"])
        shared = (loose * v["growth_scale"].item()) ** 2 * np.eye(SECTORS)
        whole = np.kron(np.eye(years), each) + np.kron(np.ones((years, years)), shared)
        mean = np.full(shock.size, loose * v["growth_mean"].item())
        by_hand.append(multivariate_normal(mean, whole).logpdf(shock.ravel()))
    found = nation.likelihood(points)
    assert found[0] - found[1] == pytest.approx(by_hand[0] - by_hand[1], rel=1e-6)


@pytest.mark.parametrize("part", [Nation, Areas])
def test_slopes_are_those_of_the_density(part, world, study):
    density = part(world[0], block_priors(study, "sectors"))
    point = density.at.start() + 0.2
    slope = approx_fprime(point, lambda x: density.negative_log_density(x)[0], 1e-6)
    np.testing.assert_allclose(density.negative_log_density(point)[1], slope, rtol=1e-3, atol=1e-2)


def test_areas_are_recovered_with_their_uncertainty(world, study):
    panel, growth = world
    posterior = fit_areas(panel, block_priors(study, "sectors"), 400, seed=3).isel(chain=0)
    drawn = posterior["target_growth"]
    low, high = drawn.quantile([0.1, 0.9], "draw").values
    assert ((low < growth) & (growth < high)).mean() == pytest.approx(0.8, abs=0.1)
    error = np.abs(drawn.median("draw").values - growth).mean()
    assert error < 0.8 * np.abs(growth).mean()
    found = posterior["deviation_scale"].median("draw").values
    np.testing.assert_allclose(found, SPREAD, rtol=0.25)


def test_an_origin_sees_nothing_later(tables):
    for source in sectors.sources(tables):
        origin = source.origins[0]
        later = source.areas.where(source.areas["year"] <= origin, 7.0)
        nation = source.nation.where(source.nation["year"] <= origin, 7.0)
        changed = replace(source, areas=later, nation=nation)
        people = tables["population_national"]
        future = people["persons"].where(people["year"] <= origin + 1, 1)
        hidden = {**tables, "population_national": people.assign(persons=future)}
        pairs = zip(
            sectors.area_panel(source, tables, origin),
            sectors.area_panel(changed, hidden, origin),
            strict=True,
        )
        for found, other in pairs:
            xr.testing.assert_identical(found, other)


def test_a_county_in_parts_is_one_area(tables):
    counties = sectors.sources(tables)[0].areas
    names = counties["region"].values.tolist()
    assert "Trøndelag" in names and not any("Nord-T" in name for name in names)
    whole = counties.sel(region="Trøndelag", sector="10-33")
    assert whole.min() > 0.8 * whole.max()


def test_no_forecast_of_residents_crosses_a_break_of_their_series(tables):
    source = sectors.sources(tables)[-1]
    came = sectors.employment_outcomes(source)
    until = came["origin"] + came["horizon"]
    assert not ((came["origin"] < 2015) & (until >= 2015)).any()
    of_drammen = came["area"].str.startswith("Drammensregionen")
    assert not (of_drammen & (came["origin"] < 2020) & (until >= 2020)).any()
    assert set(came["sector"]) <= {"01-03", "10-33", "84", "85", "86-88"}
    assert set(source.origins) <= set(came["origin"])


def test_residents_are_the_sum_of_municipalities_whose_rows_go_on(tables):
    areas = sectors.sources(tables)[-1].areas.sel(sector="84", drop=True)
    rows = tables["employment_residence_by_municipality"].query("sector == '84' and year == 2021")
    whole = rows.groupby("region")["employed"].sum()
    passing = rows.set_index("municipality").loc["Jevnaker", "employed"]
    now = areas.sel(year=2021)
    assert now.sel(region="Ringeriksregionen from 2015") == whole["Ringeriksregionen"] - passing
    assert now.sel(region="Drammensregionen from 2020") == whole["Drammensregionen"]
    assert np.isnan(now.sel(region="Drammensregionen from 2015"))
