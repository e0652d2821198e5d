"""Fields within levels (E9): the nation's register, what enters, immigrants, regions.

F1  share[r,e] = softmax in the level of (phi[e] + tau z[r,e]): the labour force of the register's
    year; the nation's is observed with an error of definition
F2  those who enter have softmax(phi + chi + tau z); a part 1 - exp(-rate[l] n) of a level's labour
    force is replaced by them in n years. Who has just finished and studies on passes through: the
    register's recent share of general upper secondary says little of those who stay
F3  immigrants have exp(rho[e]) times everybody's share; a region whose immigrants' part m[r,t] of
    residents is apart from that of those counted, the nation or the region itself where its own
    register is read, has share (1 + apart (exp(rho) - 1) / (1 - counted))
F4  those who enter later choose fields apart from the recent ones by lean z[e]; a group's log
    share scatters by a random walk of scale delta. Past yearly slopes hold all of it, for the
    level's rate of entry then: Normal(0, rate^2 (today's entry^2 + lean^2) + delta^2 / n)
F5  residents differ from the labour force by how active a field is, as in the nation's register

The past rate of entry holds immigrants and a stock that was small (masters .08 a year in 2007-24),
today's those who finish here (.042): immigrants enter ahead by F3.

Registers count everybody, so errors are those of definition. Regional deviations tau z are a prior
unless a study brings residents by level and field.
"""

from typing import Any

import numpy as np
import pymc as pm
import xarray as xr

from bayesgap.blocks.education import fields as law
from bayesgap.blocks.education.ages import Floats
from bayesgap.inference.parts import prior
from bayesgap.study.priors import BlockPriors

PRIORS = (
    "field_share",
    "field_entry",
    "field_entry_rate",
    "field_immigrant",
    "field_lean",
    "field_drift",
    "field_region",
)
ENTERING_SD = 0.25  # of the rate: some who finish study on, some who enter come from abroad


def build_fields(panel: xr.Dataset, priors: BlockPriors) -> None:
    """Add F1-F5 to the model in context."""
    share = prior("field_share", priors["field_share"], "field_group")
    entry = prior("field_entry", priors["field_entry"], "field_group")
    rate = prior("field_entry_rate", priors["field_entry_rate"], "field_level")
    ratio = prior("field_immigrant", priors["field_immigrant"], "field_group")
    lean = prior("field_lean", priors["field_lean"])
    drift = prior("field_drift", priors["field_drift"])
    tau = prior("field_region", priors["field_region"])
    pm.Normal("field_lean_error", 0.0, 1.0, dims="field_group")
    deviation = pm.Normal("field_deviation", 0.0, 1.0, dims=("target", "field_group"))
    _seen("field_employed", panel, law.log_shares(share))
    _seen("field_recent", panel, law.log_shares(share + entry))
    _seen("field_entering", panel, pm.math.log(rate), ENTERING_SD)
    _seen("field_immigrant", panel, cell_ratios(law.shares(share), ratio, members(panel)))
    _slopes(panel, law.shares(share), law.shares(share + entry), lean, drift)
    own = law.log_shares(share + tau * deviation - panel["field_active"].values)
    _seen("field_own", panel, own)


def _seen(name: str, panel: xr.Dataset, mean: Any, error: float | None = None) -> None:
    """Observe what a table tells of `mean`, with its own error; nothing where it tells nothing."""
    value = panel[name].values
    told = np.nonzero(np.isfinite(value))
    if told[0].size:
        sd = panel[f"{name}_sd"].values[told] if error is None else error
        seen = pm.Data(f"{name}_seen", value[told])
        pm.Normal(f"{name}_told", mean[told], sd, observed=seen)


def members(panel: xr.Dataset) -> Floats:
    """1 where a cell holds a group (field_cell, field_group)."""
    return panel["field_member"].values


def cell_ratios(stock: Any, ratio: Any, member: Floats) -> Any:
    """Log of immigrants' share of each cell over everybody's (F3)."""
    return law.log((stock * law.exp(ratio)) @ member.T) - law.log(stock @ member.T)


def slope_scale(panel: xr.Dataset, stock: Any, entering: Any, lean: Any, drift: Any) -> Any:
    """Standard deviation of each past yearly slope (F4)."""
    variance = law.MEAN_OF_LEVEL @ (entering / stock - 1.0) ** 2 + lean**2
    level = panel["field_slope_level"].values.astype(int)
    rate, years, error = (panel[f"field_slope_{own}"].values for own in ("rate", "years", "sd"))
    return (rate**2 * variance[level] + drift**2 / years + error**2) ** 0.5


def _slopes(panel: xr.Dataset, *parts: Any) -> None:
    """Observe past slopes (F4)."""
    value = panel["field_slope"].values
    if np.isfinite(value).all():
        seen = pm.Data("field_slope_seen", value)
        pm.Normal("field_slope_told", 0.0, slope_scale(panel, *parts), observed=seen)
