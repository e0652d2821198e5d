"""Tables as people read them: median, intervals, P(shortage), rounded to what is known.

Rows are plain mappings, so that commands print them without loading a library.
"""

import csv
import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, Literal

from bayesgap import schema
from bayesgap.present.csv_cells import defused
from bayesgap.present.labels import part_label, person
from bayesgap.present.odds import chance
from bayesgap.present.parts import ALL, NO_FIELD
from bayesgap.runs.verdicts import Health

By = Literal["total", "level", "field", "education", "sector"]
BY: tuple[By, ...] = ("total", "level", "field", "education", "sector")
Row = dict[str, Any]
Table = Sequence[Mapping[str, str]]
INTERVALS = {"50 %": (0.25, 0.75), "80 %": (0.1, 0.9), "95 %": (0.025, 0.975)}


def step(width: float) -> float:
    """Unit to round to: two significant digits of the 80 % width, at least one person."""
    if not width > 0:
        return 1.0
    return max(1.0, 10.0 ** (math.floor(math.log10(width)) - 1))


def rounded(value: float, unit: float) -> int:
    """`value` to the nearest multiple of `unit`."""
    return int(round(value / unit) * unit)


def readable(
    wide: Iterable[Mapping[Any, Any]], by: By, marks: Mapping[str, str]
) -> list[dict[str, str]]:
    """Text table of `selection.select`'s rows, with `marks` of education groups."""
    rows: list[dict[str, str]] = []
    for row in wide:
        unit, signed = step(row["0.9"] - row["0.1"]), row["quantity"] == "gap"
        show = lambda value, unit=unit, signed=signed: person(rounded(value, unit), signed)  # noqa: E731
        text = {"region": row["region"], "year": str(row["year"])}
        if by != "total":
            text[by] = part_label(row["part"]) + marks.get(row["part"], "")
        text["median"] = show(row["median"])
        for name, (low, high) in INTERVALS.items():
            text[name] = f"{show(row[f'{low:g}'])} to {show(row[f'{high:g}'])}"
        if "probability" in row:
            text["P(shortage)"] = chance(row["probability"])
        rows.append(text)
    return rows


def moved_rows(rows: Iterable[Mapping[str, Any]], by: By) -> list[dict[str, str]]:
    """Text table of `runs.differences.moves`."""
    table: list[dict[str, str]] = []
    for row in rows:
        before, after = row["before"], row["after"]
        unit = step(before["0.9"] - before["0.1"])
        text = {"region": after["region"], "year": str(after["year"])}
        if by != "total":
            text[by] = part_label(after["part"])
        for name, value in (
            ("before", before["median"]), ("after", after["median"]), ("moved", row["shift"])
        ):  # fmt: skip
            text[name] = person(rounded(value, unit), True)
        text |= {"in widths": f"{row['widths']:+.2f}", "width becomes": f"{row['width']:.2f} times"}
        table.append(text)
    return table


def as_text(
    table: Table, left: Collection[str] = ("region", *BY), columns: Sequence[str] = ()
) -> str:
    """Columns side by side: those named in `left` to the left, figures to the right.

    `columns` names them where the table may have no rows.
    """
    names = list(columns or table[0])
    lines = [{name: name for name in names}, *table]
    widths = {name: max(len(line[name]) for line in lines) for name in names}

    def cell(line: Mapping[str, str], name: str) -> str:
        text, width = line[name], widths[name]
        return text.ljust(width) if name in left else text.rjust(width)

    return "\n".join("  ".join(cell(line, name) for name in names).rstrip() for line in lines)


def as_records(
    wide: Iterable[Mapping[Any, Any]],
    by: By,
    marked: Collection[str],
    round_to: float | None = None,
) -> list[Row]:
    """Rows for machines, rounded alike; the unrounded figures are in summary.csv.

    Parameters
    ----------
    round_to : persons of whose multiples figures are; what their intervals allow (`step`) if None
    """
    records: list[Row] = []
    for row in wide:
        unit = step(row["0.9"] - row["0.1"]) if round_to is None else round_to
        record = {key: row[key] for key in ("region", "year", "quantity")}
        if by != "total":
            record[by] = row["part"]
            record["assumption_driven"] = row["part"] in marked
        record["unit"] = schema.UNITS[row["quantity"]]
        record["median"] = rounded(row["median"], unit)
        for name, (low, high) in INTERVALS.items():
            level = name.removesuffix(" %")
            record[f"lower{level}"] = rounded(row[f"{low:g}"], unit)
            record[f"upper{level}"] = rounded(row[f"{high:g}"], unit)
        if "probability" in row:
            record["p_shortage"] = round(row["probability"], 2)
        records.append(record)
    return records


def assumption_driven(health: Health, by: By) -> frozenset[str]:
    """Parts that rest on assumptions: groups so marked, and fields all of whose groups are.

    A level is marked only where it is itself a group: its size is observed, whatever its fields.
    """
    groups = {str(g["education"]) for g in health.groups if g.get("assumption_driven")}
    if by != "field":
        return frozenset(groups)
    members: dict[str, set[str]] = {}
    for group, field in zip(schema.EDUCATION, schema.EDUCATION_FIELD, strict=True):
        members.setdefault(NO_FIELD if field == ALL else field, set()).add(group)
    return frozenset(field for field, of_field in members.items() if of_field <= groups)


def marks(health: Health, by: By) -> dict[str, str]:
    """Mark of each part: a star where it rests on assumptions, a ring where the nation alone tells.

    A ring stands at groups only: a field that every group has for the nation alone has none.
    """
    stars = dict.fromkeys(assumption_driven(health, by), " *")
    if by != "education":
        return stars
    only = [str(g["education"]) for g in health.groups if g.get("national_only")]
    return dict.fromkeys(only, " °") | stars


def influence_table(groups: Iterable[Mapping[Any, Any]]) -> str:
    """Every region and year left out, with the gap that it moves most (`influence.strongest`)."""
    rows = [
        {
            "block": row["block"],
            "left out": f"{row['kind']} {row['name']}",
            "gap of": row["region"] if row["told"] else "weights cannot tell",
            "persons": f"{row['shift']:+.0f}" if row["told"] else "",
            "sds": f"{row['shift_sd']:+.2f}" if row["told"] else "",
            "error": f"{row['error']:.2f}" if row["told"] else "",
            "Pareto k": f"{row['k']:.2f}",
        }
        for row in groups
    ]
    columns = ["block", "left out", "gap of", "persons", "sds", "error", "Pareto k"]
    return as_text(rows, columns[:3], columns)


def json_text(records: list[dict[str, Any]], health: Health, run: Mapping[str, Any]) -> str:
    """Rows with the verdict and the provenance that they came from."""
    content = {"health": health.verdict, "intervals": "equal-tailed", "rows": records, **run}
    return json.dumps(content, indent=1, ensure_ascii=False)


def as_csv(records: Sequence[Row]) -> str:
    """Records as CSV with a header; what is not known stays empty."""
    text = StringIO()
    names = dict.fromkeys(name for row in records for name in row)
    writer = csv.DictWriter(text, list(names), lineterminator="\n")
    writer.writeheader()
    for row in records:
        gone = [k for k, v in row.items() if isinstance(v, float) and math.isnan(v)]
        texts = {k: defused(v) for k, v in row.items() if isinstance(v, str)}
        writer.writerow(row | texts | dict.fromkeys(gone))
    return text.getvalue()


def caption(wide: Sequence[Row], run_id: str, scenario: str) -> str:
    """What the figures of a table are."""
    quantity = wide[0]["quantity"]
    sign = " (demand less supply: + is a shortage)" if quantity == "gap" else ""
    name = quantity.replace("_", " ").capitalize()
    return f"{name}{sign}, persons; median and equal-tailed intervals. Run {run_id}, {scenario}."


NOTES = {
    " *": "* assumption-driven: the data say little about this group's size (`bayesgap health`).",
    " °": "° partly observed: the nation's share of the field; how the region differs is assumed.",
}


def notes(parts: Iterable[str], marked: Mapping[str, str]) -> list[str]:
    """What the marks of `parts` mean."""
    there = {marked[part] for part in parts if part in marked}
    return [note for mark, note in NOTES.items() if mark in there]
