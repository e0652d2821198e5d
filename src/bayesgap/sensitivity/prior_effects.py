"""What each prior alone says about people: prior draws where it is low, and where it is high.

All other priors vary as they do, so nothing is fixed and no draw is made anew.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from bayesgap.health.prior_predictive import TOGETHER, Statement, statements
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.sensitivity.densities import values_of
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

FIFTH = 0.2
CHANCE = 3.0  # standard errors: one row in two hundred by chance
RESAMPLES = 200


def prior_effects(
    prior: Mapping[str, xr.Dataset], panel: xr.DataTree, study: Study
) -> pd.DataFrame:
    """One row a prior and statement of its block, and of the gap.

    Parameters
    ----------
    prior : prior draws (chain, draw, ...) of every block

    Returns
    -------
    block, prior, role, words, percent; low and high: the statement's mean over the fifth of draws
    where the parameter (mean of its elements) is lowest, and highest; moves: whether they differ by
    more than chance; wider: the second's 80 % interval over the first's; widens: likewise
    """
    said = statements(prior, panel, study)
    rows = []
    for block in dict.fromkeys(statement.block for statement, _ in said):
        if block == TOGETHER:
            continue
        mine = [(s, values) for s, values in said if s.block in (block, TOGETHER)]
        for name, spec in block_priors(study, block).items():
            draws = _of_draws(values_of(block, name, prior[block]))
            own = {"block": block, "prior": name, "role": spec.role}
            rows += [own | row for row in apart(draws, mine)]
    return pd.DataFrame(rows)


def _of_draws(values: xr.DataArray) -> np.ndarray:
    """One value a draw: the mean of a parameter's elements."""
    inner = [d for d in values.dims if d not in SAMPLE_DIMS]
    return values.mean(inner).transpose(*SAMPLE_DIMS).to_numpy().ravel()


def apart(
    draws: np.ndarray, said: list[tuple[Statement, np.ndarray]]
) -> Iterator[dict[str, object]]:
    """The part of a row that tells of one statement, for each of `said` with its values (draw)."""
    order = np.argsort(draws)
    size = int(FIFTH * order.size)
    for statement, values in said:
        low, high = values[order[:size]], values[order[-size:]]
        error = np.hypot(low.std(), high.std()) / np.sqrt(size)
        wider = float(_log_width(high) - _log_width(low))
        yield {
            "words": statement.words,
            "percent": statement.percent,
            "low": low.mean(),
            "high": high.mean(),
            "moves": abs(high.mean() - low.mean()) > CHANCE * error,
            "wider": np.exp(wider),
            "widens": abs(wider) > CHANCE * np.hypot(_width_error(low), _width_error(high)),
        }


def _log_width(values: np.ndarray, axis: int = -1) -> np.ndarray:
    low, high = np.quantile(values, [0.1, 0.9], axis=axis)
    return np.log(high - low)


def _width_error(values: np.ndarray) -> float:
    """Bootstrap error: tails differ too much for a normal law's."""
    found = stats.bootstrap(
        (values,), _log_width, n_resamples=RESAMPLES, method="percentile", rng=0
    )
    return float(found.standard_error)
