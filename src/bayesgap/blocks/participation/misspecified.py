"""Participation: log-odds of regions above the nation's, whose path breaks no rule."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from bayesgap.blocks.participation.simulate import retell, simulate
from bayesgap.blocks.world import Drawn, Law, Paths, SimulatedPaths, by_place, completed, in_cycle
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

APART = {"study_error": ()}


def participation(
    panel: xr.Dataset, study: Study, ahead: int, rng: np.random.Generator
) -> SimulatedPaths:
    """Log-odds above the nation's, which is as the law says and is forecast with them."""
    seen, nation = panel.sizes["stock_year"], panel.sizes["nation_year"]
    swings = {int(year): float(rng.standard_normal()) for year in panel["cycle_year"].values}
    first, start = (int(panel[name].values[0]) for name in ("nation_year", "stock_year"))
    more = {"nation_year": (0, ahead)}
    kept = panel[["national_shift", "before_break"]].pad(more, constant_values=0.0)
    long = panel.drop_dims(["nation_year", "stock_year"]).assign(kept.variables)
    long = long.assign_coords(
        nation_year=first + np.arange(nation + ahead), stock_year=start + np.arange(seen + ahead)
    )
    truth, data = simulate(block_priors(study, "participation"), long, rng, swings)
    sd = truth["region_innovation"] * np.exp(-truth["region_size"] * panel["size"].values)
    law = Law(sd, truth["region_persistence"], truth["region_scale"])
    country = {**data, "national_shift": data["national_shift"][:nation]}
    country |= {name: data[name][: nation - 1] for name in ("cycle", "cycle_known")}

    def told(paths: Mapping[str, Paths]) -> tuple[dict[str, np.ndarray], xr.Dataset]:
        given = country | {"excess": paths["region"][:, :seen]}
        return given, retell(in_cycle(panel, swings), given)

    besides = data["national_shift"][start - first :][: seen + ahead]
    places = list(panel["region"].values)
    paths, laws = {"region": data["excess"]}, {"region": law}
    return SimulatedPaths(truth, places, seen, paths, laws, besides, told, forecast)


def forecast(
    posterior: xr.Dataset, panel: xr.Dataset, horizons: Sequence[int], rng: np.random.Generator
) -> dict[str, Drawn]:
    """Drawn log-odds, the nation's with them, which is seen a year longer than regions."""
    from bayesgap.blocks.participation import model as block

    whole = completed(posterior, APART)
    years = [int(panel["stock_year"].values[-1]) + h for h in horizons]
    found = block.forecast(whole, panel, years, rng, None)
    return {"region": by_place(found["participation_shift"], "region")}
