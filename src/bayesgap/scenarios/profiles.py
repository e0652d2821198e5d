"""Education of people other than the target regions' residents: immigrants, and a model region.

Both come from the fitted education block through its own forecast, so that a region looked up to
is as uncertain as its data leave it.
"""

from collections.abc import Callable
from functools import cache
from threading import Lock

import numpy as np
import xarray as xr

from bayesgap.accounting.events.apply import IMMIGRANTS
from bayesgap.study.blocks import block_seed
from bayesgap.study.study import Study

SURELY = 20.0  # log-odds of being an immigrant that leave no room for others


def profiles(
    posterior: xr.Dataset, panel: xr.Dataset, study: Study, chunk: int
) -> Callable[[str], xr.DataArray]:
    """Level shares by name, forecast when first asked for.

    Returns
    -------
    Function of `immigrants`, giving (chain, draw, region, year, age, level), or of a region of the
    study, giving (chain, draw, year, age, level)
    """
    from bayesgap.blocks.education import model as education

    @cache
    def shares(name: str) -> xr.DataArray:
        rng = np.random.default_rng(block_seed(study.seed + 1, "education", chunk))
        years = list(range(study.base_year, study.horizon + 1))
        given = immigrants_only(panel), posterior
        if name != IMMIGRANTS:
            given = as_target(panel, posterior, name, rng)
        found = education.forecast(given[1], given[0], years, rng)["level_share"]
        return found if name == IMMIGRANTS else found.isel(region=0, drop=True)

    one_at_a_time = Lock()  # two threads that ask for the same would both compute it

    def known(name: str) -> xr.DataArray:
        with one_at_a_time:
            return shares(name)

    return known


def immigrants_only(panel: xr.Dataset) -> xr.Dataset:
    """Panel in which everybody is an immigrant."""
    surely = xr.full_like(panel["immigrant_share_logit"], SURELY)
    return panel.assign(immigrant_share_logit=surely)


def as_target(
    panel: xr.Dataset, posterior: xr.Dataset, region: str, rng: np.random.Generator
) -> tuple[xr.Dataset, xr.Dataset]:
    """Panel and posterior with `region` as the only target.

    Nobody published how the region's tertiary education splits: the errors of its splits are drawn
    anew for the pooled law of the block (E6), as those of the targets were. Its immigrants have
    the ages of the first target's.
    """
    one = panel.isel(target=[0]).assign_coords(target=[region])
    draws = posterior.isel(target=[0]).assign_coords(target=[region])
    error = draws["split_error"]
    return one, draws.assign(split_error=error.copy(data=rng.standard_normal(error.shape)))
