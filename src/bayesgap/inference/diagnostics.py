"""Convergence figures of many quantities at once: rank-normalised R-hat, bulk and tail ESS.

The kernels follow Vehtari et al. (2021) as ArviZ does, over all cells together, and a test holds
them to ArviZ's own values; `ess.py` has the effective sample size of a mean.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from bayesgap import schema
from bayesgap.inference.ess import Cells, ess, split_chains
from bayesgap.inference.order import Ranked, quantiles_of_sorted, ranked
from bayesgap.inference.threads import side_by_side

RHAT = (1.01, 1.05)  # bars for PASS and for FAIL, as those of health
ESS = (400.0, 100.0)  # below 100 neither R-hat nor ESS can itself be trusted
Verdict = Literal["PASS", "REVIEW"]
VERDICTS: tuple[Verdict, ...] = ("PASS", "REVIEW")  # of whose bars the above are, in this order
TAIL = (0.05, 0.95)
_BLOCK = 64  # cells worked on together: some twenty arrays of two megabytes, which a cache holds


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
    return _rhat_and_bulk(ranked(chains.reshape(len(chains), -1)), chains.shape)


def _rhat_and_bulk(
    found: Ranked, shape: tuple[int, ...]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    scores = found.scores.reshape(shape)
    larger = np.maximum(_rhat(scores), _rhat(found.folded.reshape(shape)))
    constant = found.ascending[:, 0] == found.ascending[:, -1]
    return np.where(constant, 1.0, larger), ess(scores)


def ess_tail(draws: Cells, ascending: Cells | None = None) -> npt.NDArray[np.float64]:
    """Smaller effective sample size of the 5 % and the 95 % quantile: (cell,).

    `ascending` are all draws of a cell in order, if they are known.
    """
    if ascending is None:
        ascending = np.sort(draws.reshape(len(draws), -1), axis=-1)
    low, high = quantiles_of_sorted(ascending, TAIL)
    sizes = [ess(split_chains((draws <= b[:, None, None]).astype(np.float32))) for b in (low, high)]
    return np.minimum(*sizes)


def worst(draws: Cells) -> dict[str, float]:
    """Largest R-hat and smallest ESS (bulk, tail) of (cell, chain, draw)."""
    found = {"rhat": 1.0, "ess_bulk": np.inf, "ess_tail": np.inf}
    blocks = (draws[start : start + _BLOCK] for start in range(0, len(draws), _BLOCK))
    for ratio, bulk, tail in side_by_side(_figures, blocks):
        found["rhat"] = max(found["rhat"], float(ratio.max()))
        found["ess_bulk"] = min(found["ess_bulk"], float(bulk.min()))
        found["ess_tail"] = min(found["ess_tail"], float(tail.min()))
    return found


def _figures(draws: Cells) -> tuple[npt.NDArray[np.float64], ...]:
    """R-hat, bulk and tail ESS (cell,) from one sort, unless halves leave out a middle draw."""
    chains = split_chains(draws)
    found = ranked(chains.reshape(len(chains), -1))
    ascending = found.ascending if chains.size == draws.size else None
    return *_rhat_and_bulk(found, chains.shape), ess_tail(draws, ascending)


def converged(posterior: xr.Dataset, verdict: Verdict = "PASS") -> bool:
    """Whether R-hat and effective draws of every parameter reach health's bars for `verdict`."""
    bar = VERDICTS.index(verdict)
    found = worst(varying(posterior))
    return found["rhat"] <= RHAT[bar] and min(found["ess_bulk"], found["ess_tail"]) >= ESS[bar]


def varying(posterior: xr.Dataset) -> np.ndarray:
    """Every cell (cell, chain, draw) that is not constant by construction (a share of 1, a zero).

    Names that end in two underscores are transforms of another variable, with its ranks.
    """
    cells = [
        draws.transpose(..., *schema.SAMPLE_DIMS).to_numpy().reshape(-1, *_shape(draws))
        for name, draws in posterior.data_vars.items()
        if np.issubdtype(draws.dtype, np.floating) and not str(name).endswith("__")
    ]
    whole = np.concatenate(cells)
    return whole[np.ptp(whole, axis=(1, 2)) > 0]


def _shape(draws: xr.DataArray) -> tuple[int, int]:
    return draws.sizes["chain"], draws.sizes["draw"]
