"""Calibration of the whole chain: made-up countries from every prior to the gap that comes.

C1  truth[b] ~ prior of block b;  data[b] ~ law(truth[b]), the business cycle the same in all blocks
C2  draws[b] ~ posterior(data[b]), block by block, as in a run
C3  gap of the truth: the truth as one draw, its states drawn given the data, sent through forecast
    and projection with future shocks of its own;  gap of the draws likewise;  rank as in S1

Truth and draws meet the same made-up history, and the stock of the base year is as observed. What
no data inform is drawn from its prior, once for the truth and anew for the draws.
"""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.outlook import project
from bayesgap.blocks.registry import block_of
from bayesgap.blocks.world import in_cycle
from bayesgap.health.versions import law_version
from bayesgap.inference.truths import Swings
from bayesgap.projection.propagate import forecast_rates
from bayesgap.schema import BLOCKS
from bayesgap.study.blocks import block_seed
from bayesgap.study.study import Study
from bayesgap.validation.calibration.simulation import (
    COLUMNS,
    SAMPLING,
    Fitted,
    block_rows,
    ranks,
    simulated_fit,
)

APART = 2000  # prior draws of what no data inform, kept by each process: a draw compiles
FIRST_CYCLE = 1980


def one_country(panel: Mapping[str, xr.Dataset], study: Study, number: int) -> pd.DataFrame:
    """Rows of the chain and of every block on the way: C1-C3 once."""
    begun = monotonic()
    rng = np.random.default_rng(block_seed(study.seed + number, "chain"))
    years = range(FIRST_CYCLE, study.horizon + 1)
    swings = dict(zip(years, rng.standard_normal(len(years)), strict=True))
    rows, truths, draws, panels = [], {}, {}, {}
    for block in BLOCKS:
        fitted = simulated_fit(panel[block], study, block, number, swings)
        rows.append(block_rows(fitted, study, block, number))
        truths[block], draws[block] = paired(fitted, block, rng)
        panels[block] = retold(block, panel[block], fitted.simulated.data, swings)
    history = xr.DataTree.from_dict(panels)
    first, second = map(int, rng.integers(2**31, size=2))
    truth = outcome(truths, history, study.model_copy(update={"seed": first}))
    found = outcome(draws, history, study.model_copy(update={"seed": second}))
    ranked = ranks(
        "chain", {str(name): values.values[0, 0] for name, values in truth.items()}, found, first
    )
    chain = pd.DataFrame(ranked, columns=["quantity", "rank", "ess"]).assign(
        block="chain",
        version=law_version("chain", study),
        simulation=number,
        divergences=sum(part["divergences"].iloc[0] for part in rows),
        seconds=monotonic() - begun,
    )
    return pd.concat([chain[list(COLUMNS)], *rows], ignore_index=True)


def retold(
    block: str, panel: xr.Dataset, data: Mapping[str, np.ndarray], swings: Swings
) -> xr.Dataset:
    """The panel of `block` with the made-up history wherever a forecast begins from it."""
    return block_of(block).retell(in_cycle(panel, swings), data)


def paired(fitted: Fitted, block: str, rng: np.random.Generator) -> tuple[xr.Dataset, xr.Dataset]:
    """The truth as one draw, and the draws, both with what no data inform."""
    truth = as_draw(fitted.model, fitted.simulated.truth)
    apart = prior_pool(fitted.model, block)
    if not apart:
        return truth, fitted.posterior
    own, *others = rng.permutation(APART)[: SAMPLING.draws + 1]
    return completed(truth, apart, [own]), completed(fitted.posterior, apart, others)


def completed(draws: xr.Dataset, apart: xr.Dataset, chosen: Sequence[int]) -> xr.Dataset:
    """Draws with `chosen` prior draws of what no data inform in place of their own."""
    part = apart.isel(draw=list(chosen)).assign_coords(draw=draws["draw"].values)
    return draws.drop_vars(list(part.data_vars), errors="ignore").merge(part)


def as_draw(model: Any, truth: Mapping[str, Any]) -> xr.Dataset:
    """A truth as a posterior of one chain and one draw, with the dims of the model."""
    variables = {}
    for name, value in truth.items():
        values = np.asarray(value, dtype=float)
        own = model.named_vars_to_dims.get(name)
        dims = own or [f"{name}_{axis}" for axis in range(values.ndim)]
        variables[name] = (("chain", "draw", *dims), values[None, None])
    coords = {name: list(model.coords[name]) for name in model.coords if model.coords[name]}
    used = {dim for dims, _ in variables.values() for dim in dims}
    known = {name: values for name, values in coords.items() if name in used}
    return xr.Dataset(variables, coords={"chain": [0], "draw": [0], **known})


_KEPT: dict[str, xr.Dataset] = {}


def prior_pool(model: Any, block: str) -> xr.Dataset:
    """Prior draws (chain = 1, draw) of what no data of a block inform; empty if they inform all."""
    if block not in _KEPT:
        from bayesgap.inference.fit import prior_draws, prior_only_variables

        names = prior_only_variables(model)
        drawn = prior_draws(model, APART, APART, names).to_dataset() if names else xr.Dataset()
        _KEPT[block] = drawn
    return _KEPT[block]


def outcome(posterior: Mapping[str, xr.Dataset], panel: xr.DataTree, study: Study) -> xr.Dataset:
    """Gap (region), level_gap (level), supply and demand of the sum in the last year [person]."""
    rates = forecast_rates(posterior, panel, study, 0).rates
    outlook = project(rates, range(study.base_year, study.horizon + 1), study.total)
    last = outlook[["supply", "demand", "gap"]].sel(year=study.horizon)
    whole = last.sel(region=study.total)
    levels = whole["gap"].assign_coords(education=list(schema.EDUCATION_LEVEL))
    by_level = levels.groupby("education").sum()
    return xr.Dataset(
        {
            "gap": last["gap"].sum("education"),
            "level_gap": by_level.sel(education=list(schema.LEVELS)),
            "supply": whole["supply"].sum("education"),
            "demand": whole["demand"].sum("education"),
        }
    )
