"""What the priors alone say about people: their draws sent through the same projection.

Draws of every block's prior start from what was observed up to the base year, as the forecast
does, so they say what the priors would allow in the future and not what they say of the past.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.accounting.outlook import Rates, project_main
from bayesgap.projection.inputs import INPUTS, Game
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.study import Study

TOGETHER = "all together"
FLAGGED = 0.05  # a prior that says the impossible one time in twenty says something wrong


class Statement(NamedTuple):
    """A quantity about people: words with {low} and {high}, values, and what no one has seen."""

    block: str
    words: str
    values: Callable[[Rates], xr.DataArray]
    impossible: tuple[float, float]
    reason: str
    percent: bool = False


def _size(rates: Rates) -> xr.DataArray:
    people = rates.population.sum(["region", "age"])
    return people.isel(year=-1) / people.isel(year=0)


def _leaving(rates: Rates) -> xr.DataArray:
    people = rates.population.sum("age")
    return (people.isel(year=1) / people.isel(year=0) - 1).isel(region=-1)


def _active(rates: Rates) -> xr.DataArray:
    logit = rates.participation["participation_logit"].sel(age=slice(30, 54)).mean("age")
    shift = rates.participation["participation_shift"].isel(year=-1, region=0)
    whole = (logit + shift).mean("level")
    return whole.copy(data=1 / (1 + np.exp(-whole.to_numpy())))


def _out(rates: Rates) -> xr.DataArray:
    return rates.commuting["out_commuting_share"].isel(year=-1, region=0).mean("level")


def _into(rates: Rates) -> xr.DataArray:
    return rates.commuting["in_commuting_ratio"].isel(year=-1, region=0).mean("level")


def _jobs(rates: Rates) -> xr.DataArray:
    base = rates.sectors["employment_base"]
    growth = rates.sectors["employment_growth"].sum("year")
    return (base * np.exp(growth)).sum(["region", "sector"]) / base.sum(["region", "sector"])


def _level(level: str) -> Callable[[Rates], xr.DataArray]:
    def share(rates: Rates) -> xr.DataArray:
        last = rates.education["level_share"].isel(year=-1, region=0)
        return last.sel(level=level, age=slice(30, 66)).mean("age")

    return share


def _drift(rates: Rates) -> xr.DataArray:
    groups = [str(g).startswith("master") for g in rates.skill_mix["education"].values]
    drift = rates.skill_mix["mix_drift"].isel(year=-1).isel(education=np.flatnonzero(groups))
    mean = drift.mean(["sector", "education"])
    return mean.copy(data=np.exp(mean.to_numpy()))


def _unfilled(rates: Rates) -> xr.DataArray:
    jobs = rates.sectors["employment_base"].sum(["region", "sector"])
    return rates.imbalance["unfilled"].sum(["region", "education"]) / jobs


def _educated(level: str, words: str) -> Statement:
    said = f"residents of 30-66 with {words}, first region: {{low}} to {{high}}"
    reason = f"under 2 or over 50 per cent with {words}"
    return Statement("education", said, _level(level), (0.02, 0.5), reason, percent=True)


STATEMENTS = (
    Statement(
        "population", "residents in the last year, relative to now: {low} to {high}", _size,
        (0.5, 2.0), "half or twice the people in one and a half decades",
    ),
    Statement(
        "population", "the smallest region changes in one year by {low} to {high}",
        _leaving, (-0.5, 0.5), "half the region leaving or as many arriving at once", True,
    ),
    _educated("master", "a long degree"),
    _educated("primary", "primary school only"),
    Statement(
        "participation", "people of 30-54 in the labour force, first region: {low} to {high}",
        _active, (0.5, 0.99), "fewer than half or practically everybody at work", True,
    ),
    Statement(
        "commuting", "residents in work who leave the first region daily: {low} to {high}",
        _out, (0.02, 0.9), "nobody or nearly everybody working elsewhere", True,
    ),
    Statement(
        "commuting", "arriving workers per 100 residents in work: {low} to {high}", _into,
        (0.0, 1.0), "more in-commuters than residents in work", True,
    ),
    Statement(
        "sectors", "jobs in the last year, relative to now: {low} to {high}", _jobs,
        (0.5, 2.0), "half or twice the jobs in one and a half decades",
    ),
    Statement(
        "skill_mix", "long degrees against upper secondary within a sector, times {low} to {high}",
        _drift, (0.2, 5.0), "five times as many or as few long degrees wanted in the same sector",
    ),
    Statement(
        "imbalance", "unfilled jobs per 100 jobs: {low} to {high}", _unfilled,
        (0.001, 0.1), "no unfilled jobs at all, or every tenth", True,
    ),
)  # fmt: skip


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
    game = Game(prior, panel, study, years, 0)
    rates = game.rates(frozenset(INPUTS))
    parts = project_main(rates, years).parts
    gap = (parts.wanted - parts.available).isel(year=-1).sum(["region", "education"])
    jobs = parts.jobs.isel(year=0).sum(["region", "sector"])
    whole = Statement(
        TOGETHER, "the gap in the last year, of today's jobs: {low} to {high}",
        lambda _: gap / jobs, (-1.0, 1.0), "a gap as large as all jobs of today", True,
    )  # fmt: skip
    said = [(statement, statement.values(rates)) for statement in (*STATEMENTS, whole)]
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
