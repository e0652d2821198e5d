"""Population block: panel by hand, filter against brute force, forecast on made-up draws."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from pytensor.graph.traversal import graph_inputs
from scipy.stats import multivariate_normal

from bayesgap.blocks.population import model as population
from bayesgap.blocks.population import panel as data
from bayesgap.blocks.population.fast import Scores
from bayesgap.blocks.population.forecast import Draws, forecast, future_scores, out_rates
from bayesgap.blocks.population.laws import draw_states, filter_likelihood, filter_step
from bayesgap.errors import StudyError
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import Study, load_study

SEED = 20261
FLOWS_AND_STOCKS = (
    "migration_flows",
    "population",
    "population_pooling",
    "population_national",
    "deaths_national",
    "employment_national",
)
YEARS = range(2024, 2041)


def population_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Only the tables of this block, so that a fault elsewhere does not show here."""
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in FLOWS_AND_STOCKS}
    both = [tables["population"], tables.pop("population_pooling")]
    return tables | {"population": pd.concat(both)}


@pytest.fixture(scope="module")
def declared() -> Study:
    return load_study(default_study())


@pytest.fixture(scope="module")
def panel(declared: Study) -> xr.Dataset:
    tables = population_tables(resolve_data(default_study(), declared))
    return data.build_population_panel(tables, declared)


@pytest.fixture(scope="module")
def posterior(panel: xr.Dataset) -> xr.Dataset:
    """Two chains of 200 draws in the neighbourhood of the real posterior."""
    rng = np.random.default_rng(SEED)
    sizes = {name: panel.sizes[name] for name in ("component", "region", "flow_region", "flow_age")}
    centre = {
        "score_mean": (0.0, "component"),
        "score_region": (0.3, "component"),
        "score_innovation": (0.15, "component"),
        "score_persistence": (0.8, "component"),
        "score_excess": (0.3, "component"),
        "score_transitory": (0.1, "component"),
        "score_shock": (0.1, "component"),
        "score_common": (0.1, "component"),
        "score_widening": (1.4, None),
        "score_size": (0.07, None),
        "cell_dispersion": (1.1, None),
        "national_mean": (0.64, None),
        "national_persistence": (0.87, None),
        "national_innovation": (0.2, None),
        "national_cycle": (0.5, None),
        "mortality_drift": (0.014, None),
        "mortality_innovation": (0.015, None),
        "mortality_noise": (0.01, None),
        "child_mean": (-3.2, None),
        "child_persistence": (0.95, None),
        "child_innovation": (0.03, None),
        "out_level": (-2.8, None),
        "out_region": (0.14, None),
        "out_shape": (170.0, None),
        "out_gross": (-2.7, "flow_region"),
        "out_inner": (0.2, "flow_region"),
        "out_shape_age": (0.1, "flow_age"),
    }
    out = {}
    for name, (value, dim) in centre.items():
        shape = (2, 200) + (() if dim is None else (sizes[dim],))
        dims = ("chain", "draw") + (() if dim is None else (dim,))
        out[name] = (dims, value * (1 + 0.02 * rng.standard_normal(shape)))
    wave = rng.standard_normal((2, 200, sizes["component"], panel.sizes["transition"]))
    out["wave"] = (("chain", "draw", "component", "transition"), 0.1 * wave)
    coords = {"chain": range(2), "draw": range(200), "region": panel["region"].values}
    return xr.Dataset(out, coords=coords)


def covariance(noise, start_d, start_u, rho, innovation):
    """Covariance of y written out from L1, year by year."""
    years = len(noise)
    step = np.linalg.inv(np.eye(years) - rho * np.eye(years, k=-1))
    shocks = np.diag([start_u, *innovation[: years - 1]])
    return start_d + step @ shocks @ step.T + np.diag(noise)


@pytest.fixture
def series():
    rng = np.random.default_rng(SEED)
    return (
        rng.normal(size=(3, 6)),
        rng.uniform(0.1, 1, size=(3, 6)),
        *(rng.uniform(0.2, 0.9, 3) for _ in range(3)),
        rng.uniform(0.2, 0.9, size=(3, 6)),
    )


def brute_force(y, noise, *laws):
    return sum(
        multivariate_normal(np.zeros(6), covariance(noise[i], *(v[i] for v in laws))).logpdf(y[i])
        + 3 * np.log(2 * np.pi)
        for i in range(3)
    )


def test_filter_is_the_gaussian_density_and_its_adjoint_the_gradient(series):
    inputs = [pt.dmatrix(), pt.dmatrix(), *(pt.dvector() for _ in range(3)), pt.dmatrix()]
    density = filter_likelihood(*inputs)
    function = pytensor.function(
        inputs, [density, *pytensor.grad(density, inputs)], mode="FAST_COMPILE"
    )
    value, *gradients = function(*series)
    assert value == pytest.approx(brute_force(*series), abs=1e-9)
    for place, gradient in enumerate(gradients):
        for index in np.ndindex(gradient.shape):
            up, down = ([v.copy() for v in series] for _ in range(2))
            up[place][index] += 1e-5
            down[place][index] -= 1e-5
            slope = (brute_force(*up) - brute_force(*down)) / 2e-5
            assert gradient[index] == pytest.approx(slope, abs=1e-7)


def test_states_are_drawn_from_the_exact_conditional(series):
    y, noise, start_d, start_u, rho, innovation = (v[:1] for v in series)
    many = 200_000
    start = (np.repeat(start_d, many), np.repeat(start_u, many))
    rng = np.random.default_rng(SEED)
    d, u = draw_states(
        np.repeat(y, many, 0), np.repeat(noise, many, 0), start, rho, innovation, rng
    )  # innovation of the last year leads one year ahead
    law = (start_d[0], start_u[0], rho[0], innovation[0])
    total = covariance(noise[0], *law)
    future = covariance(np.zeros(7), 0.0, *law[1:])
    cross = np.stack([np.full(6, start_d[0]), future[6, :6]])
    gain = cross @ np.linalg.inv(total)
    prior = np.diag([start_d[0], future[6, 6]])
    # Monte Carlo error of 200 000 draws with variance below 1 is 0.002: five of them.
    np.testing.assert_allclose([d.mean(), u.mean()], gain @ y[0], atol=0.012)
    np.testing.assert_allclose(np.cov(d, u), prior - gain @ cross.T, atol=0.012)


def test_likelihood_of_the_model_is_the_numpy_law(panel, declared):
    model = population.build(panel, dict(declared.priors["population"]), declared.options)
    point = model.initial_point(random_seed=SEED)
    names = [
        *population.BY_COMPONENT,
        *("score_size", "cell_dispersion", "score_widening", "score_common"),
        "z_wave",
    ]
    outputs = [model[name] for name in names] + [model.potentials[0]]
    used = {v.name for v in graph_inputs(model.replace_rvs_by_values(outputs))}
    point = {name: value for name, value in point.items() if name in used}
    values = model.compile_fn(
        model.replace_rvs_by_values(outputs), mode="FAST_COMPILE", on_unused_input="ignore"
    )(point)
    mu, tau, sigma, rho, excess, omega, kappa = (np.asarray(v)[:, None] for v in values[:7])
    weight = np.exp(-2 * values[7] * panel["size"].values)
    widening, common, z = values[9:12]
    shock = panel["shock"].values
    wave = np.zeros(z.shape)
    wave[:, 0] = common * z[:, 0] / np.sqrt(1 - rho[:, 0] ** 2)
    for t in range(1, len(shock)):
        step = common * (widening if shock[t] else 1.0) * z[:, t]
        wave[:, t] = rho[:, 0] * wave[:, t - 1] + step
    side = np.where(panel["region"] == "Oslo", -1, 1)
    score = panel["score"].values - (mu + wave)[:, None] * side[:, None]
    passing = (omega**2)[..., None] + panel["shock"].values * (kappa**2)[..., None]
    noise = (values[8] + excess[..., None]) * panel["score_variance"].values
    noise = noise + passing * weight[:, None]
    zeros, innovation = 0 * score[..., 0], sigma**2 * weight
    state = (zeros, zeros, zeros + tau**2, zeros, zeros + innovation / (1 - rho**2))
    total = 0.0
    for t in range(score.shape[2]):
        into = innovation * (widening if shock[min(t + 1, len(shock) - 1)] else 1.0) ** 2
        *state, square, variance = filter_step(score[..., t], noise[..., t], *state, rho, into)
        total -= 0.5 * (square + np.log(variance)).sum()
    assert values[-1] == pytest.approx(total, rel=1e-10)
    fast = {name: np.atleast_1d(v) for name, v in zip(names, values[:-1], strict=True)}
    squares = panel["cell_freedom"].item() * np.log(values[8])
    squares += panel["cell_square_sum"].item() / values[8]
    found = Scores(panel, declared.priors["population"]).likelihood(fast)[0]
    assert found == pytest.approx(total - squares / 2, rel=1e-10)


def test_slopes_of_the_fast_form_are_those_of_its_density(panel, declared):
    scores = Scores(panel, declared.priors["population"])
    rng = np.random.default_rng(SEED)
    point = scores.start() + 0.1 * rng.standard_normal(scores.places["z_wave"].stop)
    slope = scores.negative_log_density(point)[1]
    for name, place in scores.places.items():
        step = np.zeros_like(point)
        step[place.start] = 1e-5
        rise = (
            scores.negative_log_density(point + step)[0]
            - scores.negative_log_density(point - step)[0]
        )
        assert slope[place.start] == pytest.approx(rise / 2e-5, rel=1e-3, abs=1e-3), name


def test_build_names_missing_and_unknown_priors(panel, declared):
    priors = dict(declared.priors["population"])
    priors["surprise"] = priors.pop("score_mean")
    with pytest.raises(StudyError, match=r"missing: \['score_mean'\]; unknown: \['surprise'\]"):
        population.build(panel, priors, declared.options)


def test_forecast_has_the_dims_of_the_contract(posterior, panel):
    rates = forecast(posterior, panel, YEARS, np.random.default_rng(1))
    sizes = {"chain": 2, "draw": 200, "region": 4, "year": 17, "age": 90}
    net = rates["net_migration_rate"]
    assert dict(zip(net.dims, net.shape, strict=True)) == sizes
    assert rates["child_ratio"].dims == ("chain", "draw", "region", "year")
    assert rates["out_migration_rate"].dims == ("chain", "draw", "region", "age")
    assert all(np.isfinite(rates[name]).all() for name in rates)
    assert float(rates["death_probability"].min()) > 0
    assert float(rates["death_probability"].max()) <= 1
    assert float(rates["out_migration_rate"].min()) > 0


def test_forecast_repeats_with_its_seed_and_widens(posterior, panel):
    first, again, other = (
        forecast(posterior, panel, YEARS, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    xr.testing.assert_equal(first, again)
    assert not first["net_migration_rate"].equals(other["net_migration_rate"])
    adults = first["net_migration_rate"].sel(age=slice(20, 66)).mean("age")
    early, late = (adults.isel(year=part).std(("chain", "draw")).mean() for part in (0, -1))
    assert float(late) > 1.2 * float(early)
    spread = np.log(first["death_probability"].sel(age=80)).std(("chain", "draw"))
    assert float(spread.isel(year=-1)) > 2 * float(spread.isel(year=0))
    births = np.log(first["child_ratio"]).std(("chain", "draw")).mean("region")
    assert float(births.isel(year=-1)) > float(births.isel(year=0))


def test_more_people_come_while_jobs_grow(posterior, panel):
    years = [2024, 2025, 2026]  # the cycle of 2024 is observed
    flat = xr.DataArray(np.zeros((2, 200, 3)), dims=("chain", "draw", "year"))
    flat = flat.assign_coords(chain=range(2), draw=range(200), year=years)
    bust, boom = (
        forecast(posterior, panel, years, np.random.default_rng(1), cycle=flat + swing)
        for swing in (-1.0, 1.0)
    )
    more = (boom - bust)["net_migration_rate"].sel(age=slice(20, 40)).min(["age", "region"])
    assert float(more.sel(year=2025).min()) > 0
    assert float(more.sel(year=2026).mean()) > float(more.sel(year=2025).mean())  # it lasts
    assert float(abs(more.sel(year=2024)).max()) == 0


def test_states_from_the_prior_forget_the_regions(posterior, panel):
    spread, distance = {}, {}
    for condition in (True, False):
        rates = forecast(posterior, panel, [2024], np.random.default_rng(1), condition)
        rates = rates.isel(year=0)
        adults = rates["net_migration_rate"].sel(age=slice(20, 66)).mean("age")
        spread[condition] = float(adults.std(("chain", "draw")).mean())
        distance[condition] = float(adults.median(("chain", "draw")).std("region"))
    assert spread[False] > spread[True]
    assert distance[False] < distance[True]


def test_out_rates_of_a_region_with_flows_leave_inner_moves_out(posterior, panel):
    chosen = panel.assign_coords(target=["Grenland"]).sel(region=["Grenland"])
    p = Draws(posterior)
    rate = out_rates(p, chosen, np.random.default_rng(1))
    own = list(panel["flow_region"].values).index("Grenland")
    gross = np.exp(p["out_gross"][:, own, None] + p["out_shape_age"])
    ratio = np.median(rate[:, 0, 20]) / np.median(gross[:, data.FLOW_AGES.index(20)])
    assert ratio == pytest.approx(np.exp(-0.2), abs=0.03)


def test_deaths_fall_in_halves_to_two_cohorts():
    start = end = np.full((1, 6), 1000.0)
    q = data.death_probability(start, end, np.array([[1.0, 2, 4, 8, 16, 200]]))
    halves = np.array([1.5, 3, 6, 12])
    np.testing.assert_allclose(q[0, :4], 1 - np.exp(-halves / 1000))
    assert q[0, 4] == pytest.approx(1 - np.exp(-(16 + 32) / 2000))  # 32 goes on from 8 and 16
    assert q[0, 5] == pytest.approx(1 - np.exp(-0.2))


def test_flows_take_the_age_of_the_january_before():
    flows = pd.DataFrame(
        {"region": "A", "year": 2016, "age": [0, 1, 21], "out_migration": 1, "in_migration": 2}
    )
    people = pd.DataFrame({"region": "A", "year": 2016, "age": [0, 20, 21], "persons": [5, 7, 9]})
    joined = data.flows_by_age({"migration_flows": flows, "population": people})
    assert joined[["age", "exposure"]].to_numpy().tolist() == [[0, 5], [20, 7]]


def test_scores_return_a_smooth_deviation(panel):
    """Stocks made from chosen spline coefficients give those deviations back."""
    rng = np.random.default_rng(SEED)
    national = panel.sel(nation_year=[2015, 2016, 2017])
    now = rng.uniform(500, 2000, size=(4, 3, 90))
    wanted = rng.normal(size=(4, 3, 12)) @ data.age_spline(data.SOURCE_AGES).T
    staying = 1 - national["national_q"].values + national["national_profile"].values / 100
    then = np.zeros_like(now)
    then[..., 1:89] = now[..., :88] * (staying[:, :88] + wanted / 100)
    score, _, axis, squares, _ = data.net_scores(now, then, national)
    found = np.einsum("krt,ka->rta", score, axis)
    np.testing.assert_allclose(found[..., :88], wanted, atol=1e-8)
    assert squares == pytest.approx(0.0, abs=1e-12)


def test_a_wave_moves_regions_together_and_the_capital_against_them(posterior, panel):
    """Without own innovations and noise, futures of two regions are one; Oslo's is opposite."""
    names = ["Drammensregionen", "Hallingdal", "Oslo"]
    chosen = panel.assign_coords(target=names).sel(region=names)
    still = ("score_innovation", "score_transitory", "score_shock", "score_excess", "score_region")
    alone = posterior.assign({name: 0 * posterior[name] for name in still})
    alone = alone.assign(cell_dispersion=1e-9 * posterior["cell_dispersion"])
    scores = future_scores(Draws(alone), chosen, 2, np.random.default_rng(1), condition=False)
    side = np.array([1, 1, -1])
    level = alone["score_mean"] - alone["wave"].mean("transition")
    moved = scores - side * level.values.reshape(1, 400, -1, 1)
    np.testing.assert_allclose(moved[..., 1], moved[..., 0], atol=1e-3)
    np.testing.assert_allclose(moved[..., 2], -moved[..., 0], atol=1e-3)
    assert moved[0].std() == pytest.approx(0.1 / np.sqrt(1 - 0.8**2), rel=0.1)


def test_accumulated_is_the_recursion():
    rng = np.random.default_rng(SEED)
    steps, rho = rng.normal(size=(2, 19)), np.array([[0.6], [0.95]])
    path = [steps[:, 0]]
    for t in range(1, 19):
        path.append(rho[:, 0] * path[-1] + steps[:, t])
    found = population.accumulated(pt.as_tensor(steps), pt.as_tensor(rho), 19)
    np.testing.assert_allclose(found.eval(mode="FAST_COMPILE"), np.stack(path, 1), atol=1e-12)


def test_a_border_change_in_the_last_year_does_not_widen_the_forecast(posterior, panel):
    changed = panel.copy(deep=True)
    changed["score_variance"][:, 0, -1] = data.LEFT_OUT
    wide, plain = (
        forecast(posterior, one, [2024], np.random.default_rng(1))["child_ratio"].std()
        for one in (changed, panel)
    )
    assert float(wide) < 1.5 * float(plain)


def test_births_are_relative_to_the_nation(panel):
    national = panel.sel(nation_year=[2015])
    now, then = np.zeros((1, 1, 90)), np.zeros((1, 1, 90))
    now[..., 20:40] = 100.0
    then[..., 0] = 2000 * np.exp(national["national_log_child_ratio"].values + 0.1)
    score, spread = data.birth_scores(now, then, national)
    assert score.item() == pytest.approx(1.0)
    assert spread.item() == pytest.approx(100 / then[..., 0].item())


def test_border_change_and_shock_years_are_marked(panel):
    left_out = panel["score_variance"] == data.LEFT_OUT
    for region, year in data.BORDER_CHANGES:
        assert left_out.all("component").sel(region=region, transition=year)
    assert int(left_out.all("component").sum()) == len(data.BORDER_CHANGES)
    assert panel["shock"].to_series().loc[2020:].tolist() == [1.0] * 4
    assert float(panel["shock"].sum()) == 4
    assert float(panel["profile_loading"].min()) >= 0
    assert float(panel["mortality_slope"].min()) >= 0
