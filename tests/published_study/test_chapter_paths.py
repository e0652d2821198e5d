"""Pooled paths against closed forms, and pooling between none and complete."""

import numpy as np
import pytest

from bayesgap.published_study.paths import Observations, expit, logit, pooled_paths
from bayesgap.study.priors import HalfNormal, Normal

WHY = "A prior for a test, with a reason long enough."
SHAPE = (2, 2_000)


def priors(level: float = 1e-6, slope: float = 1e-6, walk: float = 1e-6):
    normal = {"dist": "normal", "mu": 0.0, "why": WHY}
    half = {"dist": "half_normal", "why": WHY}
    return {
        "centre": Normal(sigma=1.0, **normal),
        "drift": Normal(sigma=1e-6, **normal),
        "level": HalfNormal(sigma=level, **half),
        "slope": HalfNormal(sigma=slope, **half),
        "walk": HalfNormal(sigma=walk, **half),
    }


def observations(*rows: tuple[str, int, float, float]) -> Observations:
    return Observations(*(np.array(column) for column in zip(*rows, strict=True)))


def paths(seen: Observations, units: list[str], years: list[int], **scales: float):
    rng = np.random.default_rng(3)
    return pooled_paths(seen, units, years, priors(**scales), SHAPE, rng)


def test_one_observation_of_a_constant_is_the_normal_update_by_hand() -> None:
    """Prior N(0, 1), y = 2 with sd 1: posterior N(1, 1/2)."""
    found, effective = paths(observations(("a", 2020, 2.0, 1.0)), ["a"], [2020, 2021])
    last = found.sel(unit="a", year=2021)
    assert float(last.mean()) == pytest.approx(1.0, abs=4 * np.sqrt(0.5 / 4_000))
    assert float(last.var()) == pytest.approx(0.5, rel=0.1)
    assert effective > 200  # scales that do nothing are told apart by nothing


def test_exact_observations_are_met() -> None:
    seen = observations(("a", 2020, 0.4, 1e-4), ("b", 2022, -0.3, 1e-4))
    found, _ = paths(seen, ["a", "b"], [2020, 2021, 2022], level=0.5, walk=0.2)
    assert float(found.sel(unit="a", year=2020).std()) < 1e-3
    assert float(found.sel(unit="b", year=2022).mean()) == pytest.approx(-0.3, abs=1e-3)
    assert float(found.sel(unit="a", year=2022).std()) > 0.05


def test_pooling_lies_between_none_and_complete() -> None:
    rows = [(f"u{k}", 2020, 0.0, 0.3) for k in range(5)]
    seen = observations(*rows, ("far", 2020, 1.2, 0.3))
    units = [*(f"u{k}" for k in range(5)), "far", "unseen"]
    found, _ = paths(seen, units, [2020], level=0.5)
    far, unseen = (float(found.sel(unit=u, year=2020).mean()) for u in ("far", "unseen"))
    complete = 1.2 / 6
    assert complete < far < 1.2
    assert abs(unseen - complete) < 0.15
    spread = {u: float(found.sel(unit=u, year=2020).std()) for u in ("far", "unseen")}
    assert spread["unseen"] > 0.9 * spread["far"]


def test_scales_are_learnt() -> None:
    """Units that differ ask for a larger level scale than units that agree."""
    years, widths = [2020], []
    for apart in (0.02, 1.0):
        rows = [(f"u{k}", 2020, apart * (k - 2.5), 0.05) for k in range(6)]
        units = [f"u{k}" for k in range(6)] + ["unseen"]
        found, _ = paths(observations(*rows), units, years, level=1.0)
        widths.append(float(found.sel(unit="unseen", year=2020).std()))
    assert widths[1] > 3 * widths[0]


def test_uncertainty_grows_after_the_last_observation() -> None:
    rows = [("a", year, 0.1, 0.05) for year in range(2015, 2020)]
    found, _ = paths(observations(*rows), ["a"], list(range(2015, 2030)), walk=0.1)
    spread = found.std(("chain", "draw")).sel(unit="a")
    assert float(spread.sel(year=2029)) > 1.5 * float(spread.sel(year=2021)) > 0


def test_relabelling_units_changes_nothing_but_the_label() -> None:
    seen = observations(("a", 2020, 0.5, 0.1), ("b", 2020, -0.5, 0.1))
    swapped = observations(("b", 2020, 0.5, 0.1), ("a", 2020, -0.5, 0.1))
    one, _ = paths(seen, ["a", "b"], [2020], level=0.5)
    other, _ = paths(swapped, ["b", "a"], [2020], level=0.5)
    np.testing.assert_allclose(one.to_numpy(), other.to_numpy())


def test_logit_and_expit_are_inverse() -> None:
    found, _ = paths(observations(("a", 2020, logit(np.array(0.3)).item(), 1e-5)), ["a"], [2020])
    assert float(expit(found).mean()) == pytest.approx(0.3, abs=1e-3)
