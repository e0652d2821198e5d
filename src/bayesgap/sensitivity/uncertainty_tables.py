"""Where the uncertainty comes from, for people: tables and the picture of shares."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from bayesgap.present.labels import part_label, person
from bayesgap.present.markdown import table as markdown
from bayesgap.present.markdown import table_row
from bayesgap.present.table import rounded, step

INPUT_LABELS = {
    "population": "population, migration",
    "education": "education choice",
    "participation": "participation",
    "commuting": "commuting",
    "sectors": "sector growth",
    "skill_mix": "skill mix",
    "base_year": "base year",
    "cycle": "business cycle (shared)",
    "parameters": "parameters",
    "shocks": "future shocks",
}
NOTE = (
    "Shares of the variance of the gap within its central 99 % (Shapley effects from re-paired "
    "draws; the few draws beyond stand at its ends, so that no single one decides); each column "
    "adds up to 100 % but for rounding, and what is below 0 by chance is shown as 0. The error is "
    "the largest Monte Carlo standard error of a row. The business cycle is drawn once for jobs, "
    "participation and migration, so it is an input of its own. The base year is unfilled jobs and "
    "the assumed split of jobs over sectors. Shocks are what the future draws anew, with today's "
    "states that no register shows."
)


def shares(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Shares (input, `by`) of rows of `sensitivity.variance.effects_table`."""
    order = list(dict.fromkeys(table["input"]))
    columns = list(dict.fromkeys(table[by]))
    wide = table.pivot_table(index="input", columns=by, values="share")
    return wide.loc[order, columns]


def share_lines(table: pd.DataFrame, by: str) -> list[str]:
    """Markdown table of shares in per cent, with the largest Monte Carlo error of each row."""
    wide = shares(table, by)
    errors = table.groupby("input")["error"].max()
    spread = table.groupby(by)["sd"].first()
    names = [f"{part_label(str(column))}:" for column in wide.columns]
    rows = [
        (
            INPUT_LABELS[str(name)],
            *(f"{max(value, 0.0):.0%}" for value in row),
            f"{100 * errors[str(name)]:.1f}",
        )
        for name, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    tail = (person(rounded(spread[c], step(4 * spread[c])), False) for c in wide.columns)
    heads = " | ".join(["input", *names, "error, points:"])
    return [*markdown(heads, rows), table_row(("*standard deviation, persons*", *tail)) + " |"]


def picture(table: pd.DataFrame, by: str, title: str) -> Figure:
    """Shares as a shaded table: rows inputs, columns parts, the share written in every cell."""
    wide = shares(table, by)
    figure = Figure(figsize=(1.3 * len(wide.columns) + 3.2, 0.42 * len(wide) + 1.7))
    axes = figure.add_subplot()
    axes.imshow(wide, cmap="Blues", vmin=0, vmax=0.9, aspect="auto")
    for row, name in enumerate(wide.index):
        for column, value in enumerate(wide.loc[name]):
            colour = "white" if value > 0.5 else "black"
            axes.text(column, row, f"{max(value, 0.0):.0%}", ha="center", va="center", color=colour)
    labels = [part_label(str(c)).replace(": ", ":\n") for c in wide.columns]
    axes.set_xticks(range(len(labels)), labels, rotation=20, ha="right")
    axes.set_yticks(range(len(wide)), [INPUT_LABELS[str(name)] for name in wide.index])
    axes.tick_params(length=0)
    axes.set_title(title, loc="left", fontsize=10)
    figure.tight_layout()
    return figure


def regions_picture(table: pd.DataFrame, year: int) -> Figure:
    """Shares of whole regions in one year."""
    title = f"Share of the variance of the gap {year}, by input"
    return picture(of_regions(table, year), "region", title)


def of_regions(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Rows of whole regions in one year."""
    return table[(table["part"] == "all") & (table["year"] == year)]


def of_years(table: pd.DataFrame, region: str) -> pd.DataFrame:
    """Rows of one whole region in every year."""
    return table[(table["part"] == "all") & (table["region"] == region)]


def of_parts(table: pd.DataFrame, region: str, year: int, parts: Sequence[str]) -> pd.DataFrame:
    """Rows of levels or groups of one region and year."""
    chosen = table[(table["region"] == region) & (table["year"] == year)]
    return chosen[chosen["part"].isin(parts)]


def section(
    inputs: pd.DataFrame, origins: pd.DataFrame, total: str, year: int, groups: Sequence[str]
) -> list[str]:
    """Markdown lines on the whole gap, regions, years, levels and the widest groups."""
    levels = list(dict.fromkeys(p for p in inputs["part"] if ":" not in p and p != "all"))
    lines = [NOTE, "", f"### Regions, {year}", ""]
    lines += share_lines(of_regions(inputs, year), "region")
    lines += ["", f"### {total}, by year", "", *share_lines(of_years(inputs, total), "year")]
    lines += ["", f"### {total}, by level, {year}", ""]
    lines += share_lines(of_parts(inputs, total, year, levels), "part")
    lines += ["", f"### {total}, the widest groups, {year}", ""]
    lines += share_lines(of_parts(inputs, total, year, groups), "part")
    lines += ["", f"### What more data could teach, and what they could not, {year}", ""]
    return [*lines, *share_lines(of_regions(origins, year), "region")]


def widest(table: pd.DataFrame, region: str, year: int, number: int = 6) -> list[str]:
    """Education groups of levels with several, by the spread of their gap."""
    rows = of_parts(table, region, year, [p for p in set(table["part"]) if ":" in p])
    spread = rows.groupby("part")["sd"].first().sort_values(ascending=False)
    return [str(name) for name in spread.index[:number]]
