"""What the data told and what was assumed: contraction, and what the assumptions cost in width."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bayesgap.present.labels import part_label, person
from bayesgap.present.parts import ALL
from bayesgap.present.table import rounded, step

KEYS = ["region", "education", "level", "field"]


def widths(summary: pd.DataFrame, year: int) -> pd.Series:
    """Width of the 80 % interval of the gap by region and part, in persons."""
    rows = summary[(summary["quantity"] == "gap") & (summary["year"] == year)]
    rows = rows[(rows["scenario"] == "main") & (rows["output_type"] == "quantile")]
    wide = rows.pivot_table(index=KEYS, columns="output_type_id", values="value")
    return (wide["0.9"] - wide["0.1"]).rename("width")


def share_assumed(free: pd.DataFrame, fixed: pd.DataFrame, year: int) -> pd.DataFrame:
    """Widths with assumed inputs free and fixed, and 1 - (fixed / free)^2 (region, part)."""
    table = pd.DataFrame({"free": widths(free, year), "fixed": widths(fixed, year)}).dropna()
    share = 1 - (table["fixed"] / table["free"]) ** 2
    return table.assign(share=share.clip(lower=0.0)).reset_index()


def totals(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `share_assumed` that are totals of a region."""
    return table[(table[KEYS[1:]] == ALL).all(axis=1)]


def groups(table: pd.DataFrame, region: str) -> pd.DataFrame:
    """Rows of `share_assumed` of single education groups in `region`."""
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
    contraction : rows of `analysis.contraction.contraction_rows`
    marks : rows of `analysis.contraction.group_contraction`
    table : of `share_assumed`
    region : whose education groups are listed
    runs : id and health verdict of the run with assumed inputs free, then of the fixed one
    together : rows of `analysis.residual_correlation.residual_correlations`
    """
    named = " and ".join(f"`{name}` (health: **{verdict}**)" for name, verdict in runs)
    return "\n".join(
        [
            "# What the data told, and what was assumed",
            "",
            f"Runs {named}. Made by `bayesgap assumptions`. Contraction is 1 - (posterior / prior "
            "80 % width)^2: 0 where the data said nothing, 1 where they said all. Widths are of "
            "equal-tailed 80 % credible intervals of the gap in the last year, in persons; with "
            "1 000 draws a width is known within about 4 %, so parts under 10 % may be nothing.",
            "",
            "## Contraction by block",
            "",
            "| block | parameters | median contraction | parameters with under 0.2 |",
            "|---|---:|---:|---|",
            *_block_rows(contraction),
            "",
            "## The gap with assumed inputs free and held fixed",
            "",
            "| region | 80 % width, free | fixed | part of the variance that is assumed |",
            "|---|---:|---:|---:|",
            *(_width_row(row, str(row["region"])) for row in totals(table).to_dict("records")),
            "",
            f"## Education groups, {region}",
            "",
            "A group is *assumption-driven* (marked * in every table) where the contraction of its "
            "share among all, or within its level, is under 0.2.",
            "",
            "| group | contraction of its share | within its level | 80 % width, free | fixed "
            "| assumed part |",
            "|---|---:|---:|---:|---:|---:|",
            *_group_rows(marks, groups(table, region)),
            "",
            "## Blocks that err together",
            "",
            "Blocks are fitted apart. Correlation over years of what their laws leave unexplained "
            "for the nation, with Fisher's 95 % interval for that number of years. Series that "
            "follow the business cycle share its draws in the forecast.",
            "",
            "| residuals of | and of | years | correlation | 95 % interval | carried on |",
            "|---|---|---:|---:|---:|---|",
            *map(_together_row, together),
            "",
        ]
    )


def _block_rows(contraction: Sequence[Mapping[str, Any]]) -> list[str]:
    frame = pd.DataFrame(contraction)
    frame = frame[~frame["parameter"].str.endswith("__")]
    rows = []
    for block, part in frame.groupby("block", sort=False):
        weak = ", ".join(f"`{name}`" for name in part.loc[part["median"] < 0.2, "parameter"])
        rows.append(f"| {block} | {len(part)} | {part['median'].median():.2f} | {weak} |")
    return rows


def _together_row(row: Mapping[str, Any]) -> str:
    carried = "business cycle" if row["shared"] else "no"
    told = "too few years | "
    if row["correlation"] is not None:
        told = f"{row['correlation']:.2f} | {row['lower']:.2f} to {row['upper']:.2f}"
    return f"| {row['first']} | {row['second']} | {row['years']} | {told} | {carried} |"


def _width_row(row: Mapping[Any, Any], name: str) -> str:
    unit = step(row["free"])
    free, fixed = (person(rounded(row[kind], unit), False) for kind in ("free", "fixed"))
    return f"| {name} | {free} | {fixed} | {row['share']:.0%} |"


def _group_rows(marks: Sequence[Mapping[str, Any]], table: pd.DataFrame) -> list[str]:
    known = {str(row["education"]): row for row in marks}
    rows = []
    for row in table.to_dict("records"):
        mark = known[row["education"]]
        star = " *" if mark["assumption_driven"] else ""
        within = mark["within_level"]
        told = f"{mark['share']:.2f} | {'' if within is None else f'{within:.2f}'}"
        tail = _width_row(row, f"{part_label(row['education'])}{star} | {told}")
        rows.append(tail)
    return rows
