"""What the data told and what was assumed: contraction, and what the assumptions cost in width."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from bayesgap.present.labels import part_label, person
from bayesgap.present.markdown import render
from bayesgap.present.parts import ALL
from bayesgap.present.table import rounded, step

KEYS = ["region", "education", "level", "field"]


def widths(summary: pd.DataFrame, year: int) -> pd.Series:
    """Width of the 80 % interval of the gap by region and part, in persons."""
    rows = summary[(summary["quantity"] == "gap") & (summary["year"] == year)]
    rows = rows[(rows["scenario"] == "main") & (rows["output_type"] == "quantile")]
    wide = rows.pivot_table(index=KEYS, columns="output_type_id", values="value")
    return (wide["0.9"] - wide["0.1"]).rename("width")


def both_widths(free: pd.DataFrame, fixed: pd.DataFrame, year: int) -> pd.DataFrame:
    """Widths with assumed inputs free and held fixed (region, part)."""
    table = pd.DataFrame({"free": widths(free, year), "fixed": widths(fixed, year)})
    return table.dropna().reset_index()


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `both_widths` that are totals of a region."""
    return table[(table[KEYS[1:]] == ALL).all(axis=1)]


def groups(table: pd.DataFrame, region: str) -> pd.DataFrame:
    """Rows of `both_widths` of single education groups in `region`."""
    return table[(table["region"] == region) & (table["education"] != ALL)]


def page(
    contraction: Sequence[Mapping[str, Any]],
    marks: Sequence[Mapping[str, Any]],
    table: pd.DataFrame,
    region: str,
    runs: Sequence[tuple[str, str]],
    together: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Markdown page: contraction per block and group, and what the assumptions cost in width.

    Parameters
    ----------
    contraction : rows of `health.contraction.contraction_rows`
    marks : rows of `health.contraction.group_contraction`
    table : of `both_widths`
    region : whose education groups are listed
    runs : id and health verdict of the run with assumed inputs free, then of the fixed one
    together : rows of `health.residual_correlation.residual_correlations`
    """
    return render(
        "sensitivity/assumptions",
        runs=" and ".join(f"`{name}` (health: **{verdict}**)" for name, verdict in runs),
        region=region,
        blocks=_block_rows(contraction),
        widths=[(row["region"], *_widths(row)) for row in totals(table).to_dict("records")],
        groups=_group_rows(marks, groups(table, region)),
        together=together,
    )


def _block_rows(contraction: Sequence[Mapping[str, Any]]) -> list[tuple[object, ...]]:
    frame = pd.DataFrame(contraction)
    frame = frame[~frame["parameter"].str.endswith("__")]
    rows = []
    for block, part in frame.groupby("block", sort=False):
        weak = ", ".join(f"`{name}`" for name in part.loc[part["median"] < 0.2, "parameter"])
        rows.append((block, len(part), f"{part['median'].median():.2f}", weak))
    return rows


def _widths(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Width with assumed inputs free and held fixed."""
    unit = step(row["free"])
    return tuple(person(rounded(row[kind], unit), False) for kind in ("free", "fixed"))


def _group_rows(
    marks: Sequence[Mapping[str, Any]], table: pd.DataFrame
) -> Iterator[tuple[str, ...]]:
    known = {str(row["education"]): row for row in marks}
    for row in table.to_dict("records"):
        mark = known[row["education"]]
        star = " *" if mark["assumption_driven"] else ""
        within = "" if mark["within_level"] is None else f"{mark['within_level']:.2f}"
        yield part_label(row["education"]) + star, f"{mark['share']:.2f}", within, *_widths(row)
