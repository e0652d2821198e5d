"""Sections on the gap: by region, level and education group, its first year, jobs by sector."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.document import pictures
from bayesgap.document.facts import Facts
from bayesgap.document.parts import Item, Picture, Section, Table
from bayesgap.present.odds import chance
from bayesgap.present.table import INTERVALS, By, as_csv, as_records, assumption_driven, marks
from bayesgap.present.words import Words

Row = Mapping[Any, Any]


def width(row: Row) -> float:
    """Width of the 80 % interval, which says how far to round."""
    return float(row["0.9"] - row["0.1"])


def interval_cells(words: Words, row: Row, signed: bool = True) -> list[str]:
    """Median and 50, 80, 95 % intervals as text."""
    bounds = [words.interval(row[f"{a:g}"], row[f"{b:g}"], width(row), signed)
              for a, b in INTERVALS.values()]  # fmt: skip
    return [words.number(row["median"], width(row), signed), *bounds]


def interval_head(words: Words) -> list[str]:
    """Heads of `interval_cells`."""
    return [words(f"table.{name}") for name in ("median", "i50", "i80", "i95")]


def told(words: Words, row: Row) -> str:
    """A region's gap in words, for alternative texts."""
    values = {"median": words.number(row["median"], width(row), True)}
    values["interval"] = words.interval(row["0.1"], row["0.9"], width(row), True)
    return words("answer.each", region=row["region"], **values)


def csv_of(facts: Facts, wide: pd.DataFrame, by: By = "total") -> str:
    """Rows as CSV, rounded like the table, with run and verdict on each."""
    records = as_records(wide.to_dict("records"), by, assumption_driven(facts.health, by))
    about = {"run_id": facts.run_id, "health": facts.health.verdict}
    return as_csv([record | about for record in records])


def by_region(facts: Facts, words: Words) -> Section:
    """Gap of every region, in every fifth year and the last."""
    years = sorted({*range(facts.study.base_year + 6, facts.last, 5), facts.last})
    wide = pd.concat([facts.wide(year=year) for year in years], ignore_index=True)
    order = {name: place for place, name in enumerate(facts.regions)}
    wide = wide.sort_values("region", key=lambda c: c.map(order), kind="stable")
    rows = [
        [row["region"], str(row["year"]), *interval_cells(words, row), chance(row["probability"])]
        for row in wide.to_dict("records")
    ]
    head = [words("table.region"), words("table.year"), *interval_head(words)]
    table = Table(
        "gap_by_region", words("captions.region_table"), [*head, words("table.chance")], rows,
        csv_of(facts, wide), left=2,
    )  # fmt: skip
    latest = facts.wide().to_dict("records")
    alt = words(
        "captions.region_alt", base=facts.study.base_year, last=facts.last,
        each=" ".join(told(words, row) for row in latest),
    )  # fmt: skip
    figure = pictures.paths(facts.summary, facts.regions, words("answer.axis").partition(";")[0])
    every = pd.concat([facts.wide(year=y) for y in range(facts.study.base_year, facts.last + 1)])
    picture = Picture(
        "gap_over_time", words("captions.region_picture"), alt, figure, csv_of(facts, every)
    )
    return Section("regions", words("sections.regions"), [words("text.regions"), picture, table])


def by_level(facts: Facts, words: Words) -> Section:
    """Gap by level of education in the last year."""
    wide = facts.wide("level")
    rows = [
        [row["region"], words.part(row["part"]), *interval_cells(words, row),
         chance(row["probability"])]
        for row in wide.to_dict("records")
    ]  # fmt: skip
    head = [words("table.region"), words("table.level"), *interval_head(words)]
    table = Table(
        "gap_by_level", words("captions.level_table", year=facts.last),
        [*head, words("table.chance")], rows, csv_of(facts, wide, "level"), left=2,
    )  # fmt: skip
    return Section("levels", words("sections.levels"), [words("text.levels"), table])


def by_group(facts: Facts, words: Words) -> Section:
    """Gap by education group: a picture and a table of every region."""
    items: list[Item] = [words("text.groups")]
    for region in [facts.focus, *(r for r in facts.regions if r != facts.focus)]:
        items += [group_picture(facts, words, region), group_table(facts, words, region)]
    return Section("groups", words("sections.groups"), items)


def group_name(facts: Facts, words: Words, part: str) -> str:
    """Name of a group, with the mark of what is known of it."""
    return words.part(part) + marks(facts.health, "education").get(part, "")


def group_picture(facts: Facts, words: Words, region: str) -> Picture:
    """Intervals of every education group in the last year."""
    wide = facts.wide("education", region)
    rows = wide.to_dict("records")
    marked = assumption_driven(facts.health, "education")
    names = [group_name(facts, words, row["part"]) for row in rows]
    hollow = [place for place, row in enumerate(rows) if row["part"] in marked]
    top = sorted(rows, key=lambda row: -row["probability"])[:3]
    said = ", ".join(f"{words.part(r['part'])} ({chance(r['probability'])})" for r in top)
    values = {"region": region, "year": facts.last}
    return Picture(
        f"groups_{facts.regions.index(region)}",
        words("captions.group_picture", **values),
        words("captions.group_alt", n=len(rows), top=said, **values),
        pictures.bars(rows, names, words("answer.axis"), hollow),
        csv_of(facts, wide, "education"),
    )


def group_table(facts: Facts, words: Words, region: str) -> Table:
    """Gap of every education group in the last year."""
    wide = facts.wide("education", region)
    return Table(
        f"group_table_{facts.regions.index(region)}",
        words("captions.group_table", region=region, year=facts.last),
        [words("table.group"), *interval_head(words), words("table.chance")],
        [
            [group_name(facts, words, row["part"]), *interval_cells(words, row),
             chance(row["probability"])]
            for row in wide.to_dict("records")
        ],
        csv_of(facts, wide, "education"),
    )  # fmt: skip


def first_years(gap: xr.DataArray, base_year: int) -> xr.DataArray:
    """First year after `base_year` with a shortage in each draw; the year after the last if none.

    Parameters
    ----------
    gap : (chain, draw, region, year) [person]
    """
    after = gap.sel(year=slice(base_year + 1, None))
    short = after > 0
    first = after["year"].isel(year=short.argmax("year").drop_vars("year", errors="ignore"))
    return first.where(short.any("year"), int(after["year"][-1]) + 1).drop_vars("year")


def first_table(facts: Facts, words: Words) -> Table:
    """When a shortage first comes, by region, with intervals."""
    first = first_years(facts.gap(), facts.study.base_year)
    rows, records = [], []
    for region in facts.regions:
        draws = first.sel(region=region).to_numpy().ravel()

        def at(p: float, draws: Any = draws) -> str:
            year = int(np.quantile(draws, p, method="inverted_cdf"))
            return str(year) if year <= facts.last else words("table.after", last=facts.last)

        spans = []
        for low, high in INTERVALS.values():
            spans.append(words("table.to").join((at(low), at(high))))
        happens = float((draws <= facts.last).mean())
        rows.append([region, at(0.5), *spans, chance(happens)])
        bounds = {f"q{p:g}": at(p) for p in schema.QUANTILES}
        records.append({"region": region, **bounds, "p_within": happens, "run_id": facts.run_id})
    head = [words("table.region"), *interval_head(words), words("table.happens")]
    note = words("text.first", base=facts.study.base_year, last=facts.last)
    return Table(
        "first_year", words("captions.first_table"), head, rows, as_csv(records), note=note
    )


def by_sector(facts: Facts, words: Words) -> Section:
    """Filled jobs by sector in the total region, and their change since the base year."""
    values = {"base": facts.study.base_year, "last": facts.last}
    region = facts.focus
    wide = facts.wide("sector", region)
    jobs = facts.outlook["employment"].sel(region=region)
    change = jobs.sel(year=facts.last) - jobs.sel(year=facts.study.base_year)
    rows = []
    for row in wide.to_dict("records"):
        draws = change.sel(sector=row["part"]).to_numpy().ravel()
        low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9])
        moved = [
            words.number(middle, high - low, True),
            words.interval(low, high, high - low, True),
        ]
        rows.append([words.part(row["part"]), *interval_cells(words, row, signed=False), *moved])
    change_head = [words("table.change", base=facts.study.base_year), words("table.change80")]
    table = Table(
        "jobs_by_sector", words("captions.sector_table", region=region, year=facts.last),
        [words("table.sector"), *interval_head(words), *change_head], rows,
        csv_of(facts, wide, "sector"),
    )  # fmt: skip
    return Section("sectors", words("sections.sectors"), [words("text.sectors", **values), table])
