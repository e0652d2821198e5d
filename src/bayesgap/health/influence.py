"""Influence: how far the gap would move if one region or one year had not been seen.

Equations
---------
F1  weight of a draw = 1 / p(y_g | y_rest, theta), Pareto smoothed: the run's draws as if the
    observations g of one block had not been there when its parameters were learned
F2  shift = (weighted median - median) / sd of a region's gap in the last year

What a forecast begins from stays as observed. Where Pareto k is over its limit, weights cannot
tell: few draws would do without g, so that g is either weighty or odd. Source: Vehtari, Gelman &
Gabry (2017), leave-one-group-out; the densities are those of `inference.left_out_laws`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.health.weights import quantiles, shift_error, smoothed
from bayesgap.runs.verdicts import Check, Verdict, judged
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.study import Study

DRAWS = 1000  # are enough for half a standard deviation, and cost a few seconds
MOVED = (0.5, 10.0)  # sds of the gap: another answer (ADR 31), over chance (ADR 38); never FAIL
INTERVAL = 2.56  # standard deviations that an 80 % interval is wide, for a normal
NAMED = 3  # groups that a sentence names
COLUMNS = ("block", "kind", "name", "k", "told", "region", "shift", "shift_sd", "error")


class Influence(NamedTuple):
    """Rows (`COLUMNS`) of what was left out, and blocks where nothing could be."""

    rows: pd.DataFrame
    unseen: tuple[str, ...]


def left_out(block: str, tree: xr.DataTree, panel: xr.Dataset) -> list[Any] | None:
    """Every region and year left out of a block, by some `DRAWS` draws; None if it has no density.

    Nor has one whose draws or panel lack what the density asks, those of older runs.
    """
    densities = block_of(block).readers().left_out
    if densities is None:
        return None
    draws = tree["posterior"].to_dataset()
    try:
        return list(densities(draws.isel(draw=_thinned(draws)), panel))
    except KeyError:
        return None


def _thinned(draws: xr.Dataset | xr.DataArray) -> slice:
    return slice(None, None, max(draws.sizes["chain"] * draws.sizes["draw"] // DRAWS, 1))


def influence(
    posterior: Mapping[str, xr.DataTree], panel: xr.DataTree, outlook: xr.Dataset, study: Study
) -> Influence:
    """`influence_of` of what every block leaves out."""
    left = {
        block: left_out(block, tree, panel[block].to_dataset()) if block in panel else None
        for block, tree in posterior.items()
    }
    return influence_of(left, outlook, study)


def influence_of(
    left: Mapping[str, list[Any] | None], outlook: xr.Dataset, study: Study
) -> Influence:
    """F1 and F2 of every region and year of every block that has such a density.

    Blocks that have none are unseen.

    Parameters
    ----------
    left : densities by block, see `left_out`

    Returns
    -------
    Influence: one row a block, `kind` (region or year), `name` and region of the gap, with k,
    `told` (whether weights can tell), shift [person] and shift_sd of the median [posterior sd],
    and the Monte Carlo error of shift_sd
    """
    gap = outlook["gap"].sel(year=study.horizon).sum("education")
    draws = gap.isel(draw=_thinned(gap)).transpose(*SAMPLE_DIMS, "region")
    values = draws.to_numpy().astype(float).reshape(-1, draws.sizes["region"])
    rows, unseen = [], []
    for block, groups in left.items():
        if groups is None:
            unseen.append(block)
            continue
        alone = {kind for kind, number in _counted(groups).items() if number == 1}
        for one in groups:
            if one.kind not in alone:
                rows += _moves(block, one, values, draws["region"].values)
    return Influence(pd.DataFrame(rows, columns=list(COLUMNS)), tuple(unseen))


def _counted(left: list[Any]) -> dict[str, int]:
    kinds = [one.kind for one in left]
    return {kind: kinds.count(kind) for kind in kinds}


def _moves(block: str, one: Any, gap: np.ndarray, regions: np.ndarray) -> Iterator[dict[str, Any]]:
    """F2 of each region of the gap (draw, region)."""
    own = {"block": block, "kind": one.kind, "name": one.name}
    if not np.isfinite(one.log).all():
        yield own | {"k": np.inf, "told": False, "region": str(regions[-1]), "shift": np.nan,
                     "shift_sd": np.nan, "error": np.nan}  # fmt: skip
        return
    weights = smoothed(-one.log)
    shift = quantiles(gap, weights.values)[1] - quantiles(gap)[1]
    sd = gap.std(axis=0)
    for place, region in enumerate(regions):
        yield own | {
            "k": weights.k,
            "told": weights.good,
            "region": str(region),
            "shift": shift[place],
            "shift_sd": shift[place] / sd[place],
            "error": shift_error(weights.values),
        }


def strongest(rows: pd.DataFrame) -> pd.DataFrame:
    """The row of the region whose gap moves most, one a group; those not told last, by k."""
    size = rows["shift_sd"].abs().fillna(0.0)
    ordered = rows.assign(size=size).sort_values("size", ascending=False, kind="stable")
    first = ordered.drop_duplicates(["block", "kind", "name"])
    tells = first["told"].astype(bool)
    told, rest = first[tells], first[~tells]
    rest = rest.sort_values("k", ascending=False, kind="stable")
    return pd.concat([told, rest]).drop(columns="size").reset_index(drop=True)


def influence_check(found: Influence) -> Check:
    """PASS if nothing moves a gap by half an sd; what weights cannot tell asks for a look."""
    apart = f" Not checked: {', '.join(found.unseen)}." if found.unseen else ""
    groups = strongest(found.rows)
    tells = groups["told"].astype(bool)
    told, rest = groups[tells], groups[~tells]
    value = float(told["shift_sd"].abs().max()) if len(told) else 0.0
    check = judged("influence", value, MOVED, "")
    verdict: Verdict = "REVIEW" if len(rest) else check.verdict
    sentence = f"{_moved(told)}{_untold(rest)}{apart}".strip()
    return replace(check, verdict=verdict, sentence=sentence)


def _moved(told: pd.DataFrame) -> str:
    if told.empty:
        return "No region or year can be left out."
    most = told.iloc[0]
    return (
        f"Of {len(told)} regions and years of data left out one at a time, {most['kind']} "
        f"{most['name']} of {most['block']} moves a gap most: that of {most['region']} by "
        f"{abs(most['shift_sd']) / INTERVAL:.0%} of the width of its 80 % interval."
    )


def _untold(rest: pd.DataFrame) -> str:
    if rest.empty:
        return ""
    first = rest.head(NAMED)[["kind", "name", "block"]].itertuples(index=False, name=None)
    names = ", ".join(f"{kind} {name} of {block}" for kind, name, block in first)
    more = f" and {len(rest) - NAMED} more" if len(rest) > NAMED else ""
    return f" Pareto k is too high for {names}{more}: refit without each to know."
