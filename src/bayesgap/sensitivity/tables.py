"""What other priors would do to the gap, for people: verdicts, tables, and what to measure next."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bayesgap.present.labels import part_label, person
from bayesgap.present.markdown import table
from bayesgap.present.odds import chance
from bayesgap.present.table import rounded, step

# docs/adr/0031: in posterior standard deviations of the gap, and as a ratio of 80 % widths.
MATTERS, DECIDES = (0.1, 0.1), (0.5, 0.4)
ERRORS = 3.0  # two hundred priors are looked at: two errors would flag ten of them by chance
KEYS = ["label", "factor"]


def measured(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the shift of the median in persons and sds, the width ratio, and the verdict."""
    shift = rows["median"] - rows["base_median"]
    ratio = (rows["upper"] - rows["lower"]) / (rows["base_upper"] - rows["base_lower"])
    out = rows.assign(shift=shift, shift_sd=shift / rows["base_sd"], width=ratio)
    return out.assign(verdict=[verdict(row) for row in out.to_dict("records")])


def verdict(row: Mapping[Any, Any]) -> str:
    """Robust, matters or decides; unknown where neither weights nor a refit answered.

    What lies within `ERRORS` Monte Carlo errors is robust, unless so much could hide there that it
    would decide; a width's error in logs is about 0.7 of a median's in sds, so that the same bound
    holds for both.
    """
    if not row["reached"]:
        return "unknown"
    shift, wider = abs(row["shift_sd"]), abs(np.log(row["width"]))
    shift = shift if shift > ERRORS * row["error"] else 0.0
    wider = wider if wider > ERRORS * row["error"] else 0.0
    if shift >= DECIDES[0] or wider >= DECIDES[1]:
        return "decides"
    if ERRORS * row["error"] >= DECIDES[0]:
        return "unknown"
    return "matters" if shift >= MATTERS[0] or wider >= MATTERS[1] else "robust"


ORDER = ("decides", "matters", "unknown", "robust")


def ranked(rows: pd.DataFrame, region: str, part: str = "all") -> pd.DataFrame:
    """One row a prior or set: its variant that moves this quantity most, worst verdict first."""
    chosen = rows[(rows["region"] == region) & (rows["part"] == part)]
    size = np.maximum(
        chosen["shift_sd"].abs() / DECIDES[0], np.abs(np.log(chosen["width"])) / DECIDES[1]
    )
    place = chosen["verdict"].map(ORDER.index)
    order = chosen.assign(place=place, size=size).sort_values(
        ["place", "size"], ascending=[True, False]
    )
    return order.drop_duplicates("label").drop(columns=["place", "size"])


MOVES = (
    "prior or set | median moves, persons: | in posterior sds (± error): | 80 % interval becomes "
    "| width, ratio: | P(shortage): | answered by | Pareto k: | verdict"
)


def moves_table(rows: pd.DataFrame) -> list[str]:
    """Markdown table of `ranked` rows."""
    return table(MOVES, map(_moved, rows.to_dict("records")))


def _moved(row: Mapping[Any, Any]) -> tuple[str, ...]:
    scale = "" if np.isnan(row["factor"]) else f" × {row['factor']:g}"
    unit = step(row["base_upper"] - row["base_lower"])
    shift, low, high = (person(rounded(row[k], unit), True) for k in ("shift", "lower", "upper"))
    return (
        f"`{row['label']}`{scale}",
        shift,
        _in_sds(row),
        f"{low} to {high}",
        f"{row['width']:.2f}",
        chance(row["chance"]),
        row["method"],
        pareto(row["k"]),
        f"**{row['verdict']}**",
    )


def _in_sds(row: Mapping[Any, Any]) -> str:
    return f"{row['shift_sd']:+.2f} ± {row['error']:.2f}"


def pareto(k: float) -> str:
    """A Pareto k, or nothing where no weights were looked at."""
    return f"{k:.2f}" if np.isfinite(k) else ""


def counted(rows: pd.DataFrame) -> str:
    """How many priors bear which verdict."""
    count = rows["verdict"].value_counts()
    return ", ".join(f"{count[name]} {name}" for name in ORDER if name in count)


DECISIONS = (
    "region | P(shortage) now: | lowest to highest under other priors | sign of the median "
    "| largest shortage by group"
)


def decisions(rows: pd.DataFrame, groups: Sequence[str]) -> list[str]:
    """Markdown table of whether sign or largest group of a region change within the variants."""
    cells = []
    for region, part in rows[rows["reached"]].groupby("region", sort=False):
        whole = part[part["part"] == "all"]
        flips = whole[np.sign(whole["median"]) != np.sign(whole["base_median"])]["label"].unique()
        sign = "never changes" if not len(flips) else "changes: " + ", ".join(flips[:4])
        cells.append((region, *_chances(whole), sign, _largest(part, groups)))
    return table(DECISIONS, cells)


def _chances(rows: pd.DataFrame) -> tuple[str, str]:
    """P(shortage) now, and from the lowest to the highest under other priors."""
    low, high = rows["chance"].min(), rows["chance"].max()
    return chance(rows["base_chance"].median()), f"{chance(low)} to {chance(high)}"


def _largest(part: pd.DataFrame, groups: Sequence[str]) -> str:
    """The group with the largest median gap, and what takes its place under which priors."""
    within = part[part["part"].isin(groups)]
    named = within.assign(factor=within["factor"].fillna(0.0))  # a set has none
    wide = named.pivot(index=KEYS, columns="part", values="median")
    base = within.groupby("part")["base_median"].median().idxmax()
    other = wide.idxmax(axis=1)
    changed = other[other != base]
    name = part_label(str(base))
    if changed.empty:
        return f"{name}, always"
    told = ", ".join(f"{part_label(str(g))} ({len(of)})" for g, of in changed.groupby(changed))
    return f"{name}; under {len(changed)} of {len(wide)} variants: {told}"


FLIPPED = (
    "level or group | median now: | P(shortage) now: | P(shortage), lowest to highest | turns under"
)


def flipped(rows: pd.DataFrame, region: str) -> list[str]:
    """Markdown table of levels and groups of a region whose shortage or surplus may turn around."""
    known = rows[rows["reached"] & (rows["region"] == region) & (rows["part"] != "all")]
    other = known[np.sign(known["median"]) != np.sign(known["base_median"])]
    if other.empty:
        return ["No level or group turns from shortage to surplus or back."]
    cells = []
    for name, of in other.groupby("part", sort=False):
        every = known[known["part"] == name]
        unit = step(4 * every["base_sd"].iloc[0])
        now = person(rounded(every["base_median"].iloc[0], unit), True)
        named = list(dict.fromkeys(f"`{label}`" for label in of["label"]))
        more = f" and {len(named) - 3} more" if len(named) > 3 else ""
        under = ", ".join(named[:3]) + more
        cells.append((part_label(str(name)), now, *_chances(every), under))
    return table(FLIPPED, cells)


POWER = (
    "component | kind | index: | doubled: median moves, sds (± error): | width, ratio: "
    "| P(shortage): | Pareto k: | answered by"
)


def power_table(rows: pd.DataFrame, number: int = 12) -> list[str]:
    """Markdown table of components by power-scaling index, and of all that weights left open."""
    order = rows.sort_values("index", ascending=False)
    shown = (np.arange(len(order)) < number) | (order["k"] > order["k_limit"])
    return table(POWER, map(_powered, order[shown].to_dict("records")))


def _powered(row: Mapping[Any, Any]) -> tuple[str, ...]:
    k = pareto(row["k"])
    bad = "" if not k or row["k"] <= row["k_limit"] else " (too high)"
    how, moves = row["method"], ("unknown",) * 3
    if row["reached"]:
        how += f" (R-hat {row['rhat']:.2f})" if np.isfinite(row["rhat"]) else ""
        moves = (_in_sds(row), f"{row['width']:.2f}", chance(row["chance"]))
    name = f"`{row['block']}.{row['component']}`"
    return (name, row["kind"], f"{row['index']:.2f}", *moves, k + bad, how)


def part(value: float) -> str:
    """A share in per cent, or that the draws are too few to tell."""
    return "too few draws" if np.isnan(value) else f"{value:.1%}"


def agreed(rows: pd.DataFrame) -> str:
    """How many pairs of rows (by weights, by a refit) lie within `ERRORS` of their errors."""
    pairs = [of for _, of in rows.groupby("label", sort=False)]
    apart = [
        abs(of["shift_sd"].iloc[0] - of["shift_sd"].iloc[1]) / np.hypot(*of["error"])
        for of in pairs
    ]
    within = sum(value <= ERRORS for value in apart)
    return f"{within} of {len(pairs)} pairs agree within {ERRORS:g} of their Monte Carlo errors"
