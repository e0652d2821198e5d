"""The search finds the strength that just suffices, and the mix that costs least."""

import numpy as np
import pytest
from scenario_world import TOTAL, drawn, future, measure

from bayesgap.errors import RunError
from bayesgap.scenarios.limits import FARTHEST, MOST, limits_of, share_outside
from bayesgap.scenarios.search import cheapest, closed, gap_of, smallest, trimmed
from bayesgap.scenarios.search_text import search_text
from bayesgap.study.scenario_files import costs_of

BASE = np.random.default_rng(3).normal(7000, 3000, 4000)


def linear(factors) -> np.ndarray:
    """A gap that two measures close, at 2 000 and 1 000 persons a unit."""
    return BASE - 2000 * factors.get("strong", 0.0) - 1000 * factors.get("weak", 0.0)


def test_smallest_strength_just_suffices() -> None:
    found = smallest(linear, "strong", 0.8)
    exact = np.quantile(BASE, 0.8) / 2000
    assert exact <= found.factors["strong"] <= exact * 1.011
    assert found.probability >= 0.8
    weaker = linear({"strong": found.factors["strong"] * 0.98})
    assert closed(weaker) < 0.8


def test_what_cannot_be_closed_says_so() -> None:
    found = smallest(lambda f: BASE - 100 * f["weak"], "weak", 0.9)
    assert found.factors == {"weak": MOST}
    assert found.probability < 0.9
    measures, limits = {"weak": measure("outside", "weak")}, {"weak": FARTHEST}
    told = search_text(found, measures, 0.9, "A", 2040, "run", limits)
    assert "This measure cannot close the gap of A in 2040 with probability 90%." in told


def test_nobody_leaves_the_outside_who_is_not_there() -> None:
    events = [{"outside": drawn(measure("outside", points=0.02))}]
    for region in ("A", TOTAL):
        outside = share_outside([future()], region, TOTAL)
        limit = limits_of([future()], events, region, TOTAL)["outside"]
        assert 0 < outside < 1
        assert limit.factor == pytest.approx(min(outside / 0.02, MOST), rel=1e-5)
    assert "nobody aged 20 to 65 outside" in limit.meaning


def test_what_is_closed_already_needs_nothing() -> None:
    found = smallest(lambda f: BASE - 50_000 + 0 * f["weak"], "weak", 0.9)
    assert found.factors == {"weak": 0.0}


@pytest.mark.parametrize(
    ("costs", "used"),
    [({"strong": 1.0, "weak": 1.0}, "strong"), ({"strong": 3.0, "weak": 1.0}, "weak")],
)
def test_the_cheapest_mix_uses_what_costs_least_a_person(costs, used) -> None:
    found = cheapest(linear, costs, 0.8, dict.fromkeys(costs, MOST))
    need = np.quantile(BASE, 0.8)
    least = need / {"strong": 2000, "weak": 1000}[used] * costs[used]
    assert found.probability >= 0.8
    assert found.cost == pytest.approx(least, rel=0.06)
    assert found.factors[used] > 0.9 * least / costs[used]


def test_trimmed_futures_give_the_same_gap_and_a_factor_of_two_is_twice_the_points() -> None:
    events = {"outside": drawn(measure("outside", points=0.02))}
    gap = gap_of([trimmed(future())], [events], "A", TOTAL)
    whole = gap_of([future()], [events], "A", TOTAL)
    np.testing.assert_allclose(gap({"outside": 1.0}), whole({"outside": 1.0}), atol=0.05)
    doubled = {"outside": drawn(measure("outside", points=0.04))}
    twice = gap_of([future()], [doubled], "A", TOTAL)({"outside": 1.0})
    np.testing.assert_allclose(gap({"outside": 2.0}), twice, atol=0.05)


def test_costs_are_read_and_refused() -> None:
    assert costs_of("a") == {"a": 1.0}
    assert costs_of("a=2, b=0.5") == {"a": 2.0, "b": 0.5}
    for text, told in [
        ("a,b", "each measure a cost"),
        ("a=x", "a number"),
        ("a=0", "above 0"),
        ("", "at least"),
    ]:
        with pytest.raises(RunError, match=told):
            costs_of(text)
