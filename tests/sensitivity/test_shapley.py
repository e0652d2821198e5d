"""Shapley effects from re-paired draws against functions whose effects are known."""

from math import comb

import numpy as np
import pytest
from scipy.special import ndtr

from bayesgap.sensitivity.shapley import Sums, add_chunk, changes, weight
from bayesgap.sensitivity.variance import central

NAMES = ("x", "y", "z")
PAIRS = 20_000


def drawn(seed: int, inputs: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal inputs (draw, input) and the swap of two halves."""
    values = np.random.default_rng(seed).standard_normal((2 * PAIRS, inputs))
    return values, np.roll(np.arange(2 * PAIRS), PAIRS)


def effects(law, seed: int = 1):
    """Effects and errors of `law`, a function of the input columns."""
    values, swap = drawn(seed)

    def evaluate(own: frozenset[str]) -> np.ndarray:
        columns = [values[:, k] if name in own else values[swap, k] for k, name in enumerate(NAMES)]
        return law(*columns)[:, None]

    sums = Sums()
    add_chunk(sums, evaluate, NAMES, swap)
    share, error = sums.effects()
    return share[:, 0], error[:, 0]


def ishigami(x, y, z):
    """Saltelli's test function on uniforms over (-pi, pi), made from normals by their ranks."""
    u, v, w = (2 * np.pi * ndtr(value) - np.pi for value in (x, y, z))
    return np.sin(u) + 7 * np.sin(v) ** 2 + 0.1 * w**4 * np.sin(u)


# Sobol indices of Ishigami (a = 7, b = 0.1): S1 .3139, S2 .4424, S13 .2437, all others 0; a Shapley
# effect gives each half of the interaction.
KNOWN = {
    "sum": (lambda x, y, z: 3 * x + 2 * y + z, (9 / 14, 4 / 14, 1 / 14)),
    "product": (lambda x, y, z: x * y + z, (1 / 4, 1 / 4, 1 / 2)),
    "ishigami": (ishigami, (0.3139 + 0.2437 / 2, 0.4424, 0.2437 / 2)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_effects_are_recovered_within_their_error(name: str) -> None:
    law, known = KNOWN[name]
    share, error = effects(law)
    assert share == pytest.approx(known, abs=4 * error.max())
    assert error.max() < 0.02
    assert share.sum() == pytest.approx(1.0)


def test_one_draw_far_out_does_not_decide_within_the_central_draws() -> None:
    values, swap = drawn(4, 2)
    values[7, 1] = 1e4

    def law(own: frozenset[str]) -> np.ndarray:
        x, y = (values[:, k] if name in own else values[swap, k] for k, name in enumerate("xy"))
        return (2 * x + y)[:, None]

    ends = central(law(frozenset("xy")))
    far, near = Sums(), Sums()
    add_chunk(far, law, ("x", "y"), swap)
    add_chunk(near, lambda own: law(own).clip(*ends), ("x", "y"), swap)
    assert far.effects()[0][1, 0] > 0.9
    share, error = near.effects()
    assert share[:, 0] == pytest.approx([0.8, 0.2], abs=0.02)
    assert error.max() < 0.01


def test_the_stated_error_is_that_of_repetitions() -> None:
    law, _ = KNOWN["sum"]
    repeated = np.array([effects(law, seed)[0] for seed in range(40)])
    stated = effects(law)[1]
    # Forty repetitions know a standard deviation within 11 %.
    assert repeated.std(0, ddof=1) == pytest.approx(stated, rel=0.45)


def test_changes_add_up_to_the_whole_difference() -> None:
    values, swap = drawn(3)

    def evaluate(own: frozenset[str]) -> np.ndarray:
        x, y, z = (values[:, k] if n in own else values[swap, k] for k, n in enumerate(NAMES))
        return np.exp(x * y)[:, None] - z[:, None]

    whole = evaluate(frozenset(NAMES))
    assert changes(evaluate, NAMES, swap).sum(0) == pytest.approx(whole - whole[swap])


def test_an_input_that_does_nothing_gets_nothing() -> None:
    share, error = effects(lambda x, y, z: x + 0 * z)
    assert share == pytest.approx((1.0, 0.0, 0.0))
    assert error == pytest.approx(0.0, abs=1e-6)


def test_chunks_add_up() -> None:
    terms = np.random.default_rng(0).standard_normal((3, 50, 2)) + 1
    whole, parts = Sums(), Sums()
    whole.add(terms)
    parts.add(terms[:, :20])
    parts.add(terms[:, 20:])
    for one, other in zip(whole.effects(), parts.effects(), strict=True):
        assert one == pytest.approx(other)


@pytest.mark.parametrize("inputs", [1, 3, 8])
def test_weights_of_all_subsets_make_one(inputs: int) -> None:
    weights = sum(comb(inputs - 1, size) * weight(inputs, size) for size in range(inputs))
    assert weights == pytest.approx(1.0)
