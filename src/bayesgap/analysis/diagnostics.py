"""Convergence figures of many quantities at once: rank-normalised R-hat, bulk and tail ESS.

The kernels follow Vehtari et al. (2021) as ArviZ does, over all cells together, and a test holds
them to ArviZ's own values; `ess.py` has the effective sample size of a mean.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import rankdata

from bayesgap.analysis.ess import Cells, ess, split_chains

TAIL = (0.05, 0.95)
_BLOCK = 2048  # cells worked on together: a few hundred megabytes at 4 000 draws


def rank_normal(chains: Cells) -> npt.NDArray[np.float64]:
    """Normal scores of average ranks over all chains of a cell."""
    flat = chains.reshape(len(chains), -1)
    ranks = rankdata(flat, axis=-1)
    return ndtri((ranks - 0.375) / (flat.shape[-1] + 0.25)).reshape(chains.shape)


def _rhat(chains: Cells) -> npt.NDArray[np.float64]:
    draw = chains.shape[-1]
    between = draw * chains.mean(axis=-1).var(axis=-1, ddof=1)
    within = chains.var(axis=-1, ddof=1).mean(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt((between / within + draw - 1) / draw)


def rhat_and_bulk(draws: Cells) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Rank-normalised split R-hat (larger of bulk and folded) and bulk ESS, each (cell,).

    R-hat is 1 where the cell is constant.
    """
    chains = split_chains(draws)
    flat = chains.reshape(len(chains), -1)
    scores = rank_normal(chains)
    folded = np.abs(chains - np.median(flat, axis=-1)[:, None, None])
    larger = np.maximum(_rhat(scores), _rhat(rank_normal(folded)))
    return np.where(np.ptp(flat, axis=-1) == 0, 1.0, larger), ess(scores)


def ess_tail(draws: Cells) -> npt.NDArray[np.float64]:
    """Smaller effective sample size of the 5 % and the 95 % quantile: (cell,)."""
    bounds = np.quantile(draws.reshape(len(draws), -1), TAIL, axis=-1)
    sizes = [ess(split_chains((draws <= b[:, None, None]).astype(np.float32))) for b in bounds]
    return np.minimum(*sizes)


def worst(draws: Cells) -> dict[str, float]:
    """Largest R-hat and smallest ESS (bulk, tail) of (cell, chain, draw)."""
    found = {"rhat": 1.0, "ess_bulk": np.inf, "ess_tail": np.inf}
    for start in range(0, len(draws), _BLOCK):
        block = draws[start : start + _BLOCK]
        ratio, bulk = rhat_and_bulk(block)
        found["rhat"] = max(found["rhat"], float(ratio.max()))
        found["ess_bulk"] = min(found["ess_bulk"], float(bulk.min()))
        found["ess_tail"] = min(found["ess_tail"], float(ess_tail(block).min()))
    return found
