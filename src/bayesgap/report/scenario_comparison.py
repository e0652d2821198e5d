"""One scenario against another on the same draws: differences, contributions, what they close.

Every figure is of draws of a difference, never a difference of figures. The Monte Carlo error is
the largest of those of the mean and of the ends of the 80 % interval, as a share of its width.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.analysis.ess import ess, mcse_mean, split_chains
from bayesgap.analysis.scenarios import added
from bayesgap.report.labels import ALL, chance, part_label, person
from bayesgap.report.summary import Part, published
from bayesgap.report.table import By, require_one_of, rounded, step

LEVELS = {"50 %": (0.25, 0.75), "80 %": (0.1, 0.9), "95 %": (0.025, 0.975)}
GOOD_ERROR = 0.05  # of the 80 % width


@dataclass(frozen=True)
class Pair:
    """Two scenarios of one run: their names, effects on main, and main itself."""

    a: str
    b: str
    effect_a: xr.Dataset
    effect_b: xr.Dataset
    main: xr.Dataset

    def outlook(self, side: str, quantity: str) -> xr.Dataset:
        """Outlook of side `a` or `b`, of one quantity only."""
        effect = self.effect_a if side == "a" else self.effect_b
        effect = effect[[quantity]] if quantity in effect else effect[[]]
        return added(self.main[[quantity]], effect)


def nothing(effect: xr.Dataset) -> xr.Dataset:
    """Effect of main on itself, shaped as another."""
    return xr.zeros_like(effect).drop_vars("contribution", errors="ignore")


def in_part(part: Part, by: By) -> bool:
    """Whether a part of the summary is one that `by` splits into."""
    named = {name: getattr(part, name) != ALL for name in ("education", "level", "field", "sector")}
    if by == "total":
        return not any(named.values())
    if by == "education":
        return named["education"]
    return named[by] and sum(named.values()) == 1


def differences(
    pair: Pair, quantity: str, by: By, year: int | None = None, region: str | None = None
) -> pd.DataFrame:
    """One row a region and part: A less B.

    Returns
    -------
    Columns region, part, year; a, b (medians); mean, the quantiles of `schema.QUANTILES`, mcse
    (share of the 80 % width); closes: the share of draws with a shortage in B that A closes
    """
    draws_a, parts = published(pair.outlook("a", quantity), quantity)
    draws_b, _ = _aligned(published(pair.outlook("b", quantity), quantity), parts)
    when = int(draws_a["year"].max()) if year is None else year
    require_one_of("year", when, [int(y) for y in draws_a["year"]])
    regions = [str(r) for r in draws_a["region"].to_numpy()]
    if region is not None:
        require_one_of("region", region, regions)
        regions = [region]
    rows = []
    for place, part in enumerate(parts):
        if not in_part(part, by):
            continue
        for name in regions:
            where = {"region": name, "year": when}
            a = draws_a.isel(part=place).sel(where).transpose(*schema.SAMPLE_DIMS).to_numpy()
            b = draws_b.isel(part=place).sel(where).transpose(*schema.SAMPLE_DIMS).to_numpy()
            label = part_name(part, by)
            rows.append({"region": name, "part": label, "year": when} | row(a, b, quantity))
    return pd.DataFrame(rows)


def _aligned(
    found: tuple[xr.DataArray, list[Part]], parts: Collection[Part]
) -> tuple[xr.DataArray, Collection[Part]]:
    """Draws in the order of `parts`; 0 where a part is not there (a sector of one scenario)."""
    draws, own = found
    names = [part._replace(members=()) for part in own]
    places = [names.index(p._replace(members=())) if p._replace(members=()) in names else -1
              for p in parts]  # fmt: skip
    taken = draws.isel(part=[max(place, 0) for place in places])
    there = xr.DataArray([float(place >= 0) for place in places], dims="part")
    return taken * there, parts


def part_name(part: Part, by: By) -> str:
    """Name of a part in the split `by`."""
    return ALL if by == "total" else str(getattr(part, by))


def row(a: np.ndarray, b: np.ndarray, quantity: str) -> dict[str, float]:
    """Figures of one cell from draws (chain, draw) of A and B [person]."""
    change = a - b
    bounds = np.quantile(change, schema.QUANTILES)
    figures = {f"{p:g}": float(q) for p, q in zip(schema.QUANTILES, bounds, strict=True)}
    figures |= {
        "a": float(np.median(a)),
        "b": float(np.median(b)),
        "mean": float(change.mean()),
        "mcse": monte_carlo_error(change),
    }
    if quantity == "gap":
        short = b > 0
        figures["closes"] = float((a[short] <= 0).mean()) if short.any() else float("nan")
        figures["shortage"] = float((a > 0).mean())
    return figures


def monte_carlo_error(draws: np.ndarray, with_mean: bool = True) -> float:
    """Largest error of mean, median and the 80 % interval's ends, over its width; 0 if constant.

    Draws (chain, draw) that are not finite are left out, as where a share is of a shortage that
    only some draws have; chains stay chains, so that what is left out breaks no dependence.
    Ratios of draws have no mean to speak of: `with_mean` is False where none is shown.
    """
    known = np.isfinite(draws)
    low, middle, high = np.quantile(draws[known], [0.1, 0.5, 0.9])
    if high == low:
        return 0.0
    errors = [float(mcse_mean(draws[None])[0])] if with_mean else []
    for probability, bound in ((0.1, low), (0.5, middle), (0.9, high)):
        off = np.where(known, (draws <= bound) - probability, 0.0)
        size = ess(split_chains(off[None]))[0]
        spread = off.std() / np.sqrt(size) / known.mean()
        ends = np.clip([probability - spread, probability + spread], 0, 1)
        errors.append(float(np.diff(np.quantile(draws[known], ends))[0]) / 2)
    return max(errors) / float(high - low)


def waterfall(pair: Pair, region: str) -> pd.DataFrame:
    """Steps from the gap of B to that of A in the last year: one row a measure.

    Steps are Shapley values; in every draw they add up to the difference exactly, hence means do,
    and medians do not.

    Returns
    -------
    Columns step, kind (`level` or `change`), mean and quantiles [person]
    """
    last = int(pair.effect_a["year"][-1])
    gap = {
        side: pair.outlook(side, "gap")["gap"].sum("education").sel(region=region, year=last)
        for side in ("a", "b")
    }
    steps = contribution_draws(pair, region)
    rows = [("level", pair.b, gap["b"])]
    rows += [("change", name, values) for name, values in steps.items()]
    rows += [("level", pair.a, gap["a"])]
    return pd.DataFrame([{"kind": kind, "step": name} | spread(v) for kind, name, v in rows])


def contribution_draws(pair: Pair, region: str) -> Mapping[str, xr.DataArray]:
    """What each measure adds to the gap of A and not to that of B (chain, draw) [person]."""
    steps: dict[str, xr.DataArray] = {}
    for sign, effect in ((1.0, pair.effect_a), (-1.0, pair.effect_b)):
        if "contribution" not in effect:
            continue
        of_region = effect["contribution"].sum("education").sel(region=region, drop=True)
        for name in of_region["measure"].to_numpy():
            values = sign * of_region.sel(measure=name, drop=True)
            steps[str(name)] = steps[str(name)] + values if str(name) in steps else values
    return steps


def spread(draws: xr.DataArray) -> dict[str, float]:
    """Mean and quantiles of draws."""
    values = draws.to_numpy()
    bounds = np.quantile(values, schema.QUANTILES)
    found = {f"{p:g}": float(q) for p, q in zip(schema.QUANTILES, bounds, strict=True)}
    return {"mean": float(values.mean()), **found}


def moved_elsewhere(pair: Pair) -> pd.DataFrame:
    """Persons whom A takes from other places and B does not, in the last year; adds up to 0."""
    last = int(pair.effect_a["year"][-1])
    moved = (pair.effect_a["moved"] - pair.effect_b["moved"]).sel(year=last)
    if not bool((moved != 0).any()):
        return pd.DataFrame()
    places = [str(place) for place in moved["place"].to_numpy()]
    return pd.DataFrame([{"place": p} | spread(moved.sel(place=p)) for p in places])


def readable(table: pd.DataFrame, by: By, marked: Collection[str] = ()) -> pd.DataFrame:
    """Text table of `differences`."""
    rows = []
    for record in table.to_dict("records"):
        unit = step(record["0.9"] - record["0.1"])
        text = {"region": record["region"], "year": str(record["year"])}
        if by != "total":
            star = " *" if record["part"] in marked else ""
            text[by] = part_label(record["part"]) + star
        text["difference"] = person(rounded(record["0.5"], unit), True)
        for name, (low, high) in LEVELS.items():
            ends = (person(rounded(record[f"{p:g}"], unit), True) for p in (low, high))
            text[name] = " to ".join(ends)
        text["MC error"] = f"{100 * record['mcse']:.1f} %"
        if "closes" in record:
            text["P(closes)"] = "-" if np.isnan(record["closes"]) else chance(record["closes"])
        rows.append(text)
    return pd.DataFrame(rows)


def readable_steps(table: pd.DataFrame, label: str) -> pd.DataFrame:
    """Text table of `waterfall` or `moved_elsewhere`: mean (which adds up), median, 80 %."""
    rows = []
    for record in table.to_dict("records"):
        unit = step(record["0.9"] - record["0.1"])
        show = lambda p, r=record, u=unit: person(rounded(r[p], u), True)  # noqa: E731
        rows.append(
            {
                label: str(record[label]).replace("_", " "),
                "mean": person(round(record["mean"]), True),
                "median": show("0.5"),
                "80 %": f"{show('0.1')} to {show('0.9')}",
            }
        )
    return pd.DataFrame(rows)
