"""What the priors alone say about people: their draws sent through the same projection.

Draws of every block's prior start from what was observed up to the base year, as the forecast
does, so they say what the priors would allow in the future and not what they say of the past.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.accounting.outlook import project_main
from bayesgap.blocks.block import Statement
from bayesgap.blocks.registry import BLOCKS
from bayesgap.projection.inputs import INPUTS, PairedProjection
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.study import Study

TOGETHER = "all together"
FLAGGED = 0.05  # a prior that says the impossible one time in twenty says something wrong


def predictive_table(
    prior: Mapping[str, xr.Dataset], panel: xr.DataTree, study: Study
) -> pd.DataFrame:
    """One row a statement: 10, 50, 90 % of prior draws, and how often the impossible is said.

    Parameters
    ----------
    prior : prior draws (chain, draw, ...) of every block
    """
    return pd.DataFrame([_row(*said) for said in statements(prior, panel, study)])


def statements(
    prior: Mapping[str, xr.Dataset], panel: xr.DataTree, study: Study
) -> list[tuple[Statement, np.ndarray]]:
    """Every statement with its value in each prior draw, chains one after the other."""
    years = [study.base_year, study.base_year + 1, study.horizon]
    game = PairedProjection(prior, panel, study, years, 0)
    rates = game.rates(frozenset(INPUTS))
    parts = project_main(rates, years).parts
    gap = (parts.wanted - parts.available).isel(year=-1).sum(["region", "education"])
    jobs = parts.jobs.isel(year=0).sum(["region", "sector"])
    whole = Statement(
        TOGETHER, "the gap in the last year, of today's jobs: {low} to {high}",
        lambda _: gap / jobs, (-1.0, 1.0), "a gap as large as all jobs of today", True,
    )  # fmt: skip
    known = [one for block in BLOCKS.values() for one in block.statements]
    said = [(statement, statement.values(rates)) for statement in (*known, whole)]
    return [(s, v.transpose(*SAMPLE_DIMS).to_numpy().ravel()) for s, v in said]


def _row(statement: Statement, draws: np.ndarray) -> dict[str, object]:
    low, middle, high = np.nanquantile(draws, [0.1, 0.5, 0.9])
    least, most = statement.impossible
    beyond = float(np.mean(~((draws >= least) & (draws <= most))))
    return {
        "block": statement.block,
        "words": statement.words,
        "low": low,
        "median": middle,
        "high": high,
        "percent": statement.percent,
        "least": least,
        "most": most,
        "beyond": beyond,
        "reason": statement.reason,
        "flagged": beyond > FLAGGED,
    }
