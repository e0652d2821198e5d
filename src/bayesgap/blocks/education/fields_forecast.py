"""Drawn shares of fields within levels in the years ahead: F1-F4 run forwards."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from bayesgap.blocks.education import fields as law
from bayesgap.blocks.education.ages import Floats
from bayesgap.blocks.education.fields_panel import GROUPS, OF_LEVEL
from bayesgap.schema import EDUCATION

LEAST = 0.05  # of a share: no field is left without people
PLACES = [EDUCATION.index(group) for group in GROUPS]


def field_shares(
    p: Mapping[str, Floats],
    panel: xr.Dataset,
    part: Floats,
    counted: Floats,
    years: Sequence[int],
    rng: np.random.Generator,
) -> Floats:
    """Shares of fields within levels of the labour force (sample, target, year, education): E9.

    Parameters
    ----------
    p : parameters by name (sample, ...)
    part : immigrants' part of residents (sample, target, year)
    counted : that of those whose fields a register counts, in its year (sample, target)
    years : consecutive years; what comes after the register's year is forecast
    """
    deviation = p["field_region"][:, None, None] * p["field_deviation"]
    here = p["field_share"][:, None] + deviation
    lean = p["field_lean"][:, None] * p["field_lean_error"]
    stock = law.shares(here)
    entering = law.shares(here + (p["field_entry"] + lean)[:, None])
    rate = p["field_entry_rate"][:, None, OF_LEVEL]
    ratio = p["field_immigrant"][:, None]
    out = np.ones((len(lean), panel.sizes["target"], len(years), len(EDUCATION)), np.float32)
    walk, register = np.zeros(lean.shape), int(panel["field_year"])
    for step, year in enumerate(years):
        ahead = max(year - register, 0)
        if ahead:
            walk = walk + p["field_drift"][:, None] * rng.standard_normal(walk.shape)
        apart = part[..., step] - counted
        share = law.renewed(stock, entering, law.replaced(rate, float(ahead)))
        factor = law.moved_by_immigrants(apart[..., None], ratio, counted[..., None])
        moved = np.log(share * np.maximum(factor, LEAST)) + walk[:, None]
        out[:, :, step, PLACES] = law.shares(moved)
    return out
