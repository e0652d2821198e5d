"""Every prior of a study with its reason and its quantiles.

The quantile functions are written out: loading SciPy's distributions takes longer than the table.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, gammaincinv, ndtri

from bayesgap.study.priors import Beta, BlockPriors, Gamma, HalfNormal, LogNormal, Normal, PriorSpec

Floats = npt.NDArray[np.float64]


def catalogue(priors: Mapping[str, BlockPriors]) -> list[dict[str, Any]]:
    """One row a prior: block, name, role, 5/50/95 % quantiles and the reason."""
    rows = []
    for block, named in priors.items():
        for name, spec in named.items():
            low, middle, high = quantiles(spec, np.array([0.05, 0.5, 0.95])).tolist()
            rows.append(
                {
                    "block": block,
                    "prior": name,
                    "role": spec.role,
                    "distribution": written(spec),
                    "q05": low,
                    "median": middle,
                    "q95": high,
                    "why": spec.why,
                }
            )
    return rows


def quantiles(spec: PriorSpec, probability: Floats) -> Floats:
    """Quantiles of a prior."""
    match spec:
        case Normal():
            return spec.mu + spec.sigma * ndtri(probability)
        case HalfNormal():
            return spec.sigma * ndtri((1 + probability) / 2)
        case LogNormal():
            return np.exp(spec.mu + spec.sigma * ndtri(probability))
        case Beta():
            return betaincinv(spec.alpha, spec.beta, probability)
        case Gamma():
            return gammaincinv(spec.alpha, probability) / spec.beta


def written(spec: PriorSpec) -> str:
    """A prior as text: half_normal(sigma = 0.3)."""
    inside = ", ".join(f"{key} = {value:.4g}" for key, value in spec.params().items())
    return f"{spec.dist}({inside})"
