"""How much of a distribution lies outside the bounds of a strength, where draws are cut to them."""

import math
from collections.abc import Callable

from bayesgap.study.priors import Beta, Gamma, HalfNormal, LogNormal, Normal

Below = Callable[[float], float]  # P(X < x)
MOST = 0.01  # share that may be cut: more is another distribution than the one declared
LEAST = 1e-4  # share worth a word: less than one of 4 000 draws


def cut_share(spread: object, low: float, high: float) -> float:
    """P(X < low) + P(X > high); 0 for what is no continuous distribution."""
    below = _below(spread)
    if below is None:
        return 0.0
    return (below(low) if low > -math.inf else 0.0) + (1 - below(high))


def percent(share: float) -> str:
    """A share as a percentage with two digits."""
    return f"{100 * share:.2g} %"


def _below(spread: object) -> Below | None:
    match spread:
        case Normal():
            return lambda x: _phi((x - spread.mu) / spread.sigma)
        case HalfNormal():
            return lambda x: math.erf(max(x, 0.0) / spread.sigma / math.sqrt(2))
        case LogNormal():
            return lambda x: _phi((math.log(x) - spread.mu) / spread.sigma) if x > 0 else 0.0
        case Beta():
            return lambda x: _beta(spread, x)
        case Gamma():
            return lambda x: _gamma(spread, x)
        case _:
            return None


def _phi(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def _beta(spread: Beta, x: float) -> float:
    if not 0 < x < 1:
        return float(x >= 1)
    from scipy.special import betainc  # pyright: ignore[reportMissingTypeStubs] # slow to load, and few strengths need it

    return float(betainc(spread.alpha, spread.beta, x))


def _gamma(spread: Gamma, x: float) -> float:
    if x <= 0:
        return 0.0
    from scipy.special import gammainc  # pyright: ignore[reportMissingTypeStubs]

    return float(gammainc(spread.alpha, spread.beta * x))
