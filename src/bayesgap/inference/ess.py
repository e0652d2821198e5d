"""Effective sample size and Monte Carlo error of the mean, of many quantities at once.

ArviZ computes these one cell at a time; the thousands of cells that a run publishes would take
it a minute. These kernels follow Vehtari et al. (2021) as ArviZ does, over all cells together,
and a test holds them to ArviZ's own values. They need NumPy alone, since commands that read a run
use them.

Equations
---------
V1  var_plus = (n - 1) / n * W + B / n        n draws in each of m split chains
V2  rho_t = 1 - (W - mean autocovariance at lag t) / var_plus
V3  tau = -1 + 2 sum_k P_k, P_k = rho_2k + rho_2k+1, up to the first P_k < 0, made monotone
V4  ESS = m n / tau;  MCSE of the mean = sd / sqrt(ESS)
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Cells = npt.NDArray[np.floating]


def split_chains(draws: Cells) -> Cells:
    """Halves of chains as chains of their own: (cell, chain, draw) to (cell, 2 chain, draw / 2)."""
    half = draws.shape[-1] // 2
    first, last = draws[..., :half], draws[..., -half:]
    return np.stack([first, last], axis=-2).reshape(len(draws), -1, half)


def ess(chains: Cells) -> npt.NDArray[np.float64]:
    """Effective sample size of (already split) chains; equations V1-V4.

    Lags are computed only for cells whose sum still runs, which for nearly independent draws is
    the first few.

    Parameters
    ----------
    chains : (cell, chain, draw)

    Returns
    -------
    (cell,); all draws count where the cell is constant
    """
    _, chain, draw = chains.shape
    means = chains.mean(axis=-1, keepdims=True, dtype=np.float64)
    centred = chains - means
    spread = np.vecdot(centred, centred).sum(-1) / (chain * draw)
    within = spread * draw / (draw - 1)
    between = means[..., 0].var(axis=-1, ddof=1) if chain > 1 else 0.0
    var_plus = within * (draw - 1) / draw + between  # V1
    constant = var_plus < np.finfo(float).resolution ** 2
    total = chain * draw
    tau = np.full(len(chains), -1.0)

    def rho(lag: int, of: "_Running") -> npt.NDArray[np.float64]:  # V2
        lagged = np.vecdot(of.centred[..., : draw - lag], of.centred[..., lag:]).sum(-1)
        return 1.0 - (of.within - lagged / total) / of.scale

    active = _Running(np.arange(len(chains)), centred, within, var_plus).kept(~constant)
    pair = 1.0 + rho(1, active)
    tau[active.cell] += 2.0 * pair
    lag, going = 1, pair > 0
    active, least = active.kept(going), pair[going]
    while active.cell.size and lag < draw - 3:
        even, odd = rho(lag + 1, active), rho(lag + 2, active)
        pair = even + odd
        going = pair >= 0
        tau[active.cell[~going]] += np.maximum(even[~going], 0.0)  # the last even lag, if positive
        active = active.kept(going)
        least = np.minimum(least[going], pair[going])
        lag += 2
        if lag < draw - 3:
            tau[active.cell] += 2.0 * least  # V3
        else:  # lags are used up: as ArviZ, the last pair counts by its even lag only
            tau[active.cell] += np.maximum(even[going], 0.0)
    tau = np.maximum(tau, 1.0 / np.log10(total))
    return np.where(constant, total, total / tau)


class _Running(NamedTuple):
    """Cells whose sum of autocorrelations still runs."""

    cell: npt.NDArray[np.intp]
    centred: npt.NDArray[np.float64]
    within: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]

    def kept(self, going: npt.NDArray[np.bool_]) -> "_Running":
        """Those that go on; nothing is copied where all do."""
        if going.all():
            return self
        cell, centred, within, scale = self
        return _Running(cell[going], centred[going], within[going], scale[going])


def mcse_mean(draws: Cells) -> npt.NDArray[np.float64]:
    """Monte Carlo standard error of the mean: (cell, chain, draw) to (cell,)."""
    sd = draws.reshape(len(draws), -1).std(axis=-1, ddof=1, dtype=np.float64)
    return sd / np.sqrt(ess(split_chains(draws)))  # V4
