"""Made-up regions of a block over the years seen and years ahead, and forecasts in their terms.

Both blocks are paths of regions about pooled means (`pooled_ar1`): commuting out of and into each
region, and participation above the nation's.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from bayesgap.analysis.blocks import block_priors, submodel
from bayesgap.analysis.calibration_chain import retold
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.simulators import commuting as commuting_world
from bayesgap.simulators import participation as participation_world
from bayesgap.simulators.truths import NONE
from bayesgap.spec.study import Study

Paths = np.ndarray  # (region, year)
DIRECTIONS = ("out", "in")


class Law(NamedTuple):
    """Yearly standard deviation (region) of own paths, their persistence, spread of the means."""

    sd: np.ndarray
    persistence: float
    spread: float


class Made(NamedTuple):
    """Paths by name with their laws, what a truth has besides (year), and how they are told.

    `told` gives, for paths that may be broken, the data by names of `pm.Data` and the panel from
    which a forecast begins.
    """

    paths: dict[str, Paths]
    laws: dict[str, Law]
    besides: np.ndarray
    told: Callable[[Mapping[str, Paths]], tuple[dict[str, np.ndarray], xr.Dataset]]


def commuting(panel: xr.Dataset, study: Study, ahead: int, rng: np.random.Generator) -> Made:
    """Log-odds out and logs in."""
    seen, size = panel.sizes["stock_year"], panel["size"]
    long = xr.Dataset({"size": size}, {"stock_year": np.arange(seen + ahead)})
    truth, data = commuting_world.simulate(block_priors(study, "commuting"), long, rng)
    laws = {
        name: Law(
            truth["innovation"][d] * np.exp(-truth["size"][d] * size.values),
            truth["persistence"][d],
            truth[f"{name}_region"],
        )
        for d, name in enumerate(DIRECTIONS)
    }

    def told(paths: Mapping[str, Paths]) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        given = {f"{name}_observed": path[:, :seen] for name, path in paths.items()}
        return given, retold("commuting", panel, given, NONE)

    paths = {name: data[f"{name}_observed"] for name in DIRECTIONS}
    return Made(paths, laws, np.zeros(seen + ahead), told)


def participation(panel: xr.Dataset, study: Study, ahead: int, rng: np.random.Generator) -> Made:
    """Log-odds above the nation's, whose path is as the law says and is forecast with them."""
    seen, nation = panel.sizes["stock_year"], panel.sizes["nation_year"]
    swings = {int(year): float(rng.standard_normal()) for year in panel["cycle_year"].values}
    first, start = (int(panel[name].values[0]) for name in ("nation_year", "stock_year"))
    more = {"nation_year": (0, ahead)}
    kept = panel[["national_shift", "before_break"]].pad(more, constant_values=0.0)
    long = kept.assign(size=panel["size"]).assign_coords(
        nation_year=first + np.arange(nation + ahead),
        stock_year=start + np.arange(seen + ahead),
        cycle_year=panel["cycle_year"].values,
        level=panel["level"].values,
    )
    priors = block_priors(study, "participation")
    truth, data = participation_world.simulate(priors, long, rng, swings)
    sd = truth["region_innovation"] * np.exp(-truth["region_size"] * panel["size"].values)
    law = Law(sd, truth["region_persistence"], truth["region_scale"])
    country = {**data, "national_shift": data["national_shift"][:nation]}
    country |= {name: data[name][: nation - 1] for name in ("cycle", "cycle_known")}

    def told(paths: Mapping[str, Paths]) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        given = country | {"excess": paths["region"][:, :seen]}
        return given, retold("participation", panel, given, swings)

    besides = data["national_shift"][start - first :][: seen + ahead]
    return Made({"region": data["excess"]}, {"region": law}, besides, told)


Maker = Callable[[xr.Dataset, Study, int, np.random.Generator], Made]
WORLDS: dict[str, Maker] = {world.__name__: world for world in (commuting, participation)}
UNASKED = {  # no data inform these, and no total asks them: dimensions of each
    "commuting": {f"{name}_contrast": ("level",) for name in DIRECTIONS},
    "participation": {
        "older_drift": (),
        "study_error": (),
        "profile_error": ("level",),
        "unemployment_error": ("level",),
        "profile_bend": ("bend", "level"),
    },
}


def forecast_of(
    block: str,
    posterior: xr.Dataset,
    panel: xr.Dataset,
    years: Sequence[int],
    rng: np.random.Generator,
) -> dict[str, dict[str, np.ndarray]]:
    """Draws (year, sample) by path and target region."""
    module = submodel(block)
    shape = dict(posterior.sizes) | {"level": panel.sizes["level"]}
    shape["bend"] = getattr(module, "BENDS", 0)
    dims = {name: (*SAMPLE_DIMS, *own) for name, own in UNASKED[block].items()}
    whole = posterior.assign(
        {name: (own, np.zeros([shape[d] for d in own])) for name, own in dims.items()}
    )
    if block == "participation":
        # No cycle is known of years ahead, neither to the truth nor to the forecast.
        found = module.forecast(whole, panel, list(years), rng, None)
        return {"region": _by_region(found["participation_shift"])}
    found = module.forecast(whole, panel, list(years), rng)
    return {name: _by_region(_total(found, panel, name)) for name in DIRECTIONS}


def _total(found: xr.Dataset, panel: xr.Dataset, direction: str) -> xr.DataArray:
    """Drawn log-odds (out) or logs (in) over all levels."""
    name = "out_commuting_share" if direction == "out" else "in_commuting_ratio"
    weight = panel["level_weight"].sel(region=found["region"].values)
    total = (found[name] * weight).sum("level")
    odds = total / (1 - total) if direction == "out" else total
    return odds.copy(data=np.log(odds.values))


def _by_region(drawn: xr.DataArray) -> dict[str, Any]:
    flat = drawn.stack(sample=SAMPLE_DIMS).transpose("region", "year", "sample")
    return dict(zip(map(str, drawn["region"].values), flat.to_numpy(), strict=True))
