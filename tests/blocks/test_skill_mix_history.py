"""Changes within sectors: density and lasting parts by hand, against dense matrices; recovery."""

import numpy as np
import pandas as pd
import pytensor
import pytest
import xarray as xr
from scipy import stats

from bayesgap.blocks.registry import block_of
from bayesgap.blocks.skill_mix import history as law
from bayesgap.blocks.skill_mix import model
from bayesgap.blocks.skill_mix.kernel import Moved, Seen, change_likelihood
from bayesgap.blocks.skill_mix.simulate import nations_mix
from bayesgap.inference.fit import fit
from bayesgap.schema import EDUCATION_LEVEL, SAMPLE_DIMS
from bayesgap.study.bundle import default_study
from bayesgap.study.study import Options, Sampling, Study, load_study

STEP, SCATTER, NOISE, LEAN = 0.04, 0.1, 0.25, 0.02
INVERSE, FALLS = np.array([0.1, 0.2, 0.15, 0.1, 0.3]), [0.0, 1.0, 0.0, 0.0]
CHANGE = np.array([0.05, -0.2, 0.1, 0.02])


def dense() -> np.ndarray:
    """Covariance (year, year) of changes without the lasting part, written out."""
    change = np.diff(np.eye(5), axis=0)
    seen = change @ np.diag(NOISE**2 * INVERSE) @ change.T
    return seen + np.diag(STEP**2 + SCATTER**2 * np.array(FALLS))


def eliminated() -> law.Sums:
    rows = [np.array([[value]]) for value in INVERSE]
    spread = law.spread_of(STEP, SCATTER, NOISE, rows, FALLS)
    return law.eliminated([np.array([[value]]) for value in CHANGE], *spread)


def test_density_is_that_of_the_dense_normal() -> None:
    sums = eliminated()
    squares, inflated = law.squares_of(sums, LEAN)
    logs = sum(np.log(pivot) for pivot in sums.pivots) + np.log(inflated)
    found = -0.5 * (squares + logs + 4 * np.log(2 * np.pi)).item()
    whole = dense() + LEAN**2
    wanted = stats.multivariate_normal(np.zeros(4), whole).logpdf(CHANGE)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_lasting_part_is_the_conditional_of_the_joint_normal() -> None:
    mean, variance = law.lean_given(eliminated(), LEAN)
    gain = LEAN**2 * np.ones(4) @ np.linalg.inv(dense() + LEAN**2)
    assert mean.item() == pytest.approx(gain @ CHANGE, rel=1e-12)
    assert variance.item() == pytest.approx(LEAN**2 - gain.sum() * LEAN**2, rel=1e-12)


def test_common_paths_are_stationary() -> None:
    z = np.random.default_rng(1).standard_normal((6, 20_000, 1))
    found = np.array(law.paths(list(z), 0.6, 2.0, 6))
    np.testing.assert_allclose(found.std((1, 2)), 2.0 / 0.8, rtol=0.03)
    assert np.corrcoef(found[3, :, 0], found[4, :, 0])[0, 1] == pytest.approx(0.6, abs=0.02)


def test_the_mean_of_a_path_is_that_of_its_years() -> None:
    z = np.random.default_rng(1).standard_normal((6, 2))
    common = np.array([2.0, 0.5])
    wanted = np.mean(law.paths(z, 0.6, common, 6), axis=0)
    np.testing.assert_allclose(law.path_mean(z, 0.6, common, 6), wanted, rtol=1e-12)


def made_up() -> tuple[Moved, Seen]:
    """Parameters and data of five changes in three sums of sectors."""
    rng = np.random.default_rng(2)
    scales = (np.array(pair) for pair in ((0.01, 0.02), (0.04, 0.05), (0.02, 0.03), (0.05, 0.1)))
    shift = rng.normal(0.0, 0.1, (2, 2))
    rest = np.array(0.6), shift, np.array(0.3), rng.standard_normal((5, 2))
    falls = np.array([[0.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.0]])
    seen = Seen(rng.normal(0.0, 0.1, (5, 3, 2)), rng.uniform(0.1, 0.4, (6, 3, 2)), falls)
    return Moved(rng.normal(0.0, 0.02, 2), *scales, *rest), seen


def density(moved: Moved, seen: Seen) -> float:
    """Log density of all changes by the law, without its constant."""
    path = law.paths(moved.z, moved.persistence, moved.common, len(moved.z))
    shift = moved.shift.T @ seen.falls
    away = [change - moved.pace - path[t] - shift[:, t] for t, change in enumerate(seen.change)]
    inverse, breaks = list(seen.inverse), seen.falls.sum(0)
    spread = law.spread_of(moved.step, moved.scatter, moved.noise, inverse, breaks)
    sums = law.eliminated(away, *spread)
    squares, inflated = law.squares_of(sums, moved.lean)
    logs = sum(np.log(pivot) for pivot in sums.pivots) + np.log(inflated)
    return float(-0.5 * (squares + logs).sum())


def test_the_kernel_is_the_law_and_its_slopes() -> None:
    moved, seen = made_up()
    found = change_likelihood(moved, seen).owner.outputs
    value, *slopes = pytensor.function([], found, mode="FAST_COMPILE")()
    assert value == pytest.approx(density(moved, seen), rel=1e-12)
    for name, slope in zip(Moved._fields, slopes, strict=True):
        at = np.asarray(getattr(moved, name), dtype=float)
        for place in np.ndindex(at.shape):
            ends = [at.copy(), at.copy()]
            ends[0][place] -= 1e-6
            ends[1][place] += 1e-6
            below, above = (density(moved._replace(**{name: end}), seen) for end in ends)
            assert slope[place] == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-6), name


SAMPLING = Sampling(chains=2, draws=250, tune=300, target_accept=0.9)


def registered(tables: dict[str, pd.DataFrame], study: Study) -> tuple[xr.Dataset, np.ndarray]:
    """Panel with registers of all targets drawn from a made-up truth, and their true log mix."""
    rng = np.random.default_rng(5)
    panel = block_of("skill_mix").panel(tables, study)
    shapes = {"mix_error": panel["mix_log"].shape, "level_error": panel["mix_level"].shape}
    truth = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    nation = np.log(nations_mix(truth, panel))
    own = nation + 0.15 * rng.standard_normal((len(study.targets), *nation.shape))
    own -= np.log(np.exp(own).sum(-1, keepdims=True))
    persons = 3000 * np.exp(own)
    dims = ("register_region", "sector", "education")
    variance = 1 / persons + 0.05**2
    seen = own + np.sqrt(variance) * rng.standard_normal(own.shape)
    told = panel.assign(register=(dims, seen), register_variance=(dims, variance))
    return told.assign_coords(register_region=list(study.targets)), own


@pytest.mark.slow
def test_registers_of_the_regions_are_found_again_and_narrow_the_base_table(
    tables: dict[str, pd.DataFrame],
) -> None:
    study = load_study(default_study())
    told, own = registered(tables, study)
    priors = dict(study.priors["skill_mix"])
    draws = fit(model.build(told, priors, study.options), SAMPLING, seed=3)[
        "posterior"
    ].to_dataset()
    assert float(draws["mix_region"].mean()) == pytest.approx(0.15, abs=0.02)
    rng = np.random.default_rng(1)
    mix = model.forecast(draws, told, [2024, 2025], rng, Options())["base_mix"]
    logs = mix.copy(data=np.log(mix.values))
    mean, sd = logs.mean(SAMPLE_DIMS).values, logs.std(SAMPLE_DIMS).values
    inside = np.abs(own - mean) < 1.28 * sd
    assert 0.72 < inside.mean() < 0.88  # 1344 cells, correlated
    nation = np.hypot(told["mix_sd"], told["mix_level_sd"].sel(level=list(EDUCATION_LEVEL)).values)
    assert np.median(sd / nation.values) < 0.6
