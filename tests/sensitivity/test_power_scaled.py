"""Components to a power by new draws: a block's likelihood, and rows in place of weights."""

from pathlib import Path

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr

from bayesgap.blocks.commuting import model as commuting
from bayesgap.errors import StudyError
from bayesgap.health.weights import quantiles, smoothed
from bayesgap.inference.compiled import compile_model
from bayesgap.inference.parts import ar1_step
from bayesgap.inference.refit import PowerScaledModel, log_likelihood, unconstrained
from bayesgap.inference.separate import drop_variables
from bayesgap.sensitivity import powerscale
from bayesgap.sensitivity.page import replace_section
from bayesgap.sensitivity.tables import power_table
from bayesgap.study.study import Sampling, Study

SAMPLING = Sampling(chains=2, draws=1000, tune=500)
REGIONS, LEVELS, YEARS = 24, 3, 15


def simulated_panel() -> xr.Dataset:
    """Commuting of regions: AR(1) paths around regional means, with no figures of levels."""
    rng = np.random.default_rng(0)
    values = {}
    for name, mean in (("out_logit", -1.5), ("in_log", -1.8)):
        path = rng.normal(0.0, 0.04, (REGIONS, YEARS))
        for year in range(1, YEARS):
            path[:, year] = ar1_step(path[:, year - 1], 0.7, path[:, year])
        values[name] = (("region", "stock_year"), mean + rng.normal(0, 0.5, (REGIONS, 1)) + path)
    for name in ("", "_sd", "_target", "_direction", "_level", "_group"):  # no report, no figures
        values[f"printed{name}"] = ("figure", np.zeros(0, dtype=float if name in "_sd" else int))
    values["size"] = ("region", rng.normal(0.0, 1.0, REGIONS))
    coords = {"region": np.arange(REGIONS), "level": np.arange(LEVELS)}
    return xr.Dataset(values, coords | {"stock_year": np.arange(2015, 2015 + YEARS), "target": [0]})


@pytest.fixture(scope="module")
def block(study: Study) -> tuple[pm.Model, PowerScaledModel, xr.Dataset]:
    """The block as it is, the same with a power, and draws of its posterior."""
    panel = simulated_panel()
    plain, other = (
        commuting.build(panel, study.priors["commuting"], study.options) for _ in range(2)
    )
    law = PowerScaledModel(other)
    posterior = law.power_scaled(1.0, SAMPLING, seed=1)["posterior"].to_dataset()
    return plain, law, posterior


@pytest.mark.slow
def test_a_power_adds_so_many_log_likelihoods_and_one_adds_nothing(block) -> None:
    model, law, posterior = block
    few = posterior.isel(draw=slice(5))
    log = log_likelihood(model, few).to_numpy().ravel()
    same = drop_variables(model, law.prior_only_variables)
    points, plain = unconstrained(same, few), compile_model(same).log_density()
    before = [plain(x)[0] for x in points]
    for power in (1.0, 2.0, 0.5):
        power_scaled = law.compiled.with_data({"likelihood__power": power}).log_density()
        after = [power_scaled(x)[0] for x in points]
        np.testing.assert_allclose(np.subtract(after, before), (power - 1) * log, atol=1e-7)


@pytest.mark.slow
def test_a_refit_to_the_power_of_two_agrees_with_weights_where_k_is_good(block) -> None:
    model, law, posterior = block
    weights = smoothed(log_likelihood(model, posterior).to_numpy().ravel())
    assert weights.good
    fresh = law.power_scaled(2.0, SAMPLING, seed=2)["posterior"].to_dataset()
    furthest = 0.0
    for name in fresh:
        old, new = (flattened(draws[name]) for draws in (posterior, fresh))
        expected = quantiles(old, weights.values)
        assert np.abs(quantiles(new) - expected).max() < 0.25 * old.std(0).max()
        furthest = max(furthest, float((np.abs(quantiles(old) - expected) / old.std(0)).max()))
    assert furthest > 0.5  # what is expected is not what was


def flattened(draws: xr.DataArray) -> np.ndarray:
    """Draws (sample, cell)."""
    values = draws.transpose("chain", "draw", ...).to_numpy()
    return values.reshape(draws.sizes["chain"] * draws.sizes["draw"], -1)


def test_a_likelihood_to_a_power_has_the_posterior_of_that_many_data() -> None:
    """x ~ N(0, 1), y ~ N(x, 1) seen as 2: to the power p, x ~ N(2 p / (1 + p), 1 / (1 + p))."""
    with pm.Model() as model:
        x = pm.Normal("x", 0.0, 1.0)
        pm.Normal("y", x, 1.0, observed=pm.Data("y_data", 2.0))
        pm.Normal("w", 1.0, 2.0)
    draws = np.random.default_rng(5).normal(1.0, 0.5**0.5, (2, 500))
    law = PowerScaledModel(model, xr.Dataset({"x": (("chain", "draw"), draws)}))
    assert law.prior_only_variables == ["w"]
    for power in (0.5, 1.0, 2.0):
        found = law.power_scaled(power, SAMPLING, seed=3)["posterior"].to_dataset()["x"]
        assert float(found.mean()) == pytest.approx(2 * power / (1 + power), abs=0.08)
        assert float(found.std()) == pytest.approx((1 + power) ** -0.5, rel=0.08)


def scaled_rows(k: float) -> pd.DataFrame:
    log = xr.DataArray(np.random.default_rng(1).standard_normal((2, 500)), dims=("chain", "draw"))
    gap = np.random.default_rng(2).standard_normal((1000, 2))
    names = pd.MultiIndex.from_product([["r", "s"], [2040], ["all"]])
    names = names.set_names(["region", "year", "part"])
    part = powerscale.Component("b", "data", "likelihood", log)
    return powerscale.scaled(part, gap, names).assign(k=k)


def fresh_rows(reached: bool) -> pd.DataFrame:
    """New draws: the median of 0 moves to 30 (of an sd of 100), the interval is halved."""
    ends = {"base_lower": -120.0, "base_median": 0.0, "base_upper": 120.0, "base_sd": 100.0}
    ends |= {"lower": -30.0, "median": 30.0, "upper": 90.0, "base_chance": 0.5, "chance": 0.64}
    told = {"method": "fitted again", "reached": reached, "error": 0.02, "rhat": 1.04}
    places = [("s", 2040, "all"), ("t", 2040, "all"), ("r", 2040, "all")]
    return pd.DataFrame(places, columns=["region", "year", "part"]).assign(**ends, **told)


def test_new_draws_stand_in_the_place_of_weights_that_failed() -> None:
    failed = scaled_rows(k=3.0)
    (rows,) = powerscale.answered([failed], {("b", "data"): fresh_rows(True)})
    assert list(rows.columns) == list(failed.columns)
    assert rows["region"].tolist() == ["r", "s"]
    assert rows[["shift", "shift_sd", "width"]].to_numpy().tolist() == [[30.0, 0.3, 0.5]] * 2
    assert rows["index"].tolist() == failed["index"].tolist()
    line = power_table(rows.head(1))[-1]
    assert "+0.30 ± 0.02 | 0.50 | 64 % | 3.00 (too high) | fitted again (R-hat 1.04) |" in line
    (same,) = powerscale.answered([failed], {})
    assert same is failed


def test_chains_that_disagree_answer_nothing() -> None:
    (rows,) = powerscale.answered([scaled_rows(3.0)], {("b", "data"): fresh_rows(False)})
    assert "| unknown | unknown | unknown | 3.00 (too high) |" in power_table(rows)[-1]


def test_a_section_made_anew_stands_in_the_place_of_the_old_one(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n## One\n\nold\n\n## Two\n\nkept\n")
    replace_section(page, ["## One", "", "new"])
    assert page.read_text() == "# Page\n\n## One\n\nnew\n\n## Two\n\nkept\n"
    replace_section(page, ["## Two", "", "last"])
    assert page.read_text() == "# Page\n\n## One\n\nnew\n\n## Two\n\nlast\n"
    with pytest.raises(StudyError, match="Three"):
        replace_section(page, ["## Three", "", "none"])
