"""The summary as people read it: median, intervals, P(shortage), rounded to what is known."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import pandas as pd

from bayesgap import schema
from bayesgap.analysis.health import Health
from bayesgap.errors import RunError
from bayesgap.report.labels import ALL, NO_FIELD, chance, part_label, person
from bayesgap.report.summary import EDUCATION_QUANTITIES, PUBLISHED, SHORTAGE

By = Literal["total", "level", "field", "education", "sector"]
BY: tuple[By, ...] = ("total", "level", "field", "education", "sector")
INTERVALS = {"50 %": (0.25, 0.75), "80 %": (0.1, 0.9), "95 %": (0.025, 0.975)}
_PARTS = ("education", "level", "field", "sector")


@dataclass(frozen=True)
class Query:
    """What to show; None means all regions, the last year, the gap (jobs when by sector)."""

    region: str | None = None
    year: int | None = None
    by: By = "total"
    quantity: str | None = None
    scenario: str = "main"


def select(summary: pd.DataFrame, query: Query) -> pd.DataFrame:
    """One row a region, year and part; columns `part`, `median`, quantiles, `probability`.

    Raises
    ------
    RunError
        The summary has no such scenario, quantity, region, year or split.
    """
    quantity = query.quantity or ("employment" if query.by == "sector" else "gap")
    require_one_of("quantity", quantity, PUBLISHED)
    require_split(quantity, query.by)
    rows = summary
    for column, wanted in (("scenario", query.scenario), ("quantity", quantity)):
        require_one_of(column, wanted, rows[column].unique().tolist())
        rows = rows[rows[column] == wanted]
    if query.region is not None:
        require_one_of("region", query.region, rows["region"].unique().tolist())
        rows = rows[rows["region"] == query.region]
    year = int(rows["year"].max()) if query.year is None else query.year
    require_one_of("year", year, sorted(map(int, rows["year"].unique())))
    rows = _split(rows[rows["year"] == year], query.by)
    return _wide(rows).assign(quantity=quantity)


def require_one_of(what: str, value: object, known: Collection[object]) -> None:
    """Raise RunError unless `value` is known; names the nearest that is."""
    if value in known:
        return
    near = get_close_matches(str(value), [str(name) for name in known], n=1)
    hint = f' Did you mean "{near[0]}"?' if near else ""
    raise RunError(f'There is no {what} "{value}".{hint} Known: {", ".join(map(str, known))}.')


def require_split(quantity: str, by: By) -> None:
    """Raise RunError where a quantity is not split so."""
    splits: dict[str, tuple[By, ...]] = {
        "employment": ("total", "sector"),
        "population": ("total",),
        **dict.fromkeys(EDUCATION_QUANTITIES, ("total", "level", "field", "education")),
    }
    if by not in splits[quantity]:
        raise RunError(f"{quantity} is not split by {by}. Use --by {' | '.join(splits[quantity])}.")


def _split(rows: pd.DataFrame, by: By) -> pd.DataFrame:
    """Rows of one kind of part, with its name in `part`."""
    whole = pd.DataFrame({column: rows[column] == ALL for column in _PARTS})
    if by == "total":
        return rows[whole.all(axis=1)].assign(part=ALL)
    if by == "education":
        kept = rows[~whole["education"]]
    else:
        kept = rows[~whole[by] & whole.drop(columns=by).all(axis=1)]
    return kept.assign(part=kept[by])


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["output_type"].isin(["quantile", "probability"])]
    keys = ["region", "year", "part"]
    order = rows[keys].drop_duplicates()
    wide = rows.pivot_table(index=keys, columns="output_type_id", values="value").reset_index()
    wide = order.merge(wide, on=keys, how="left").rename(columns={SHORTAGE: "probability"})
    return wide.assign(median=wide["0.5"])


def step(width: float) -> float:
    """Unit to round to: two significant digits of the 80 % width, at least one person."""
    if not width > 0:
        return 1.0
    return max(1.0, 10.0 ** (math.floor(math.log10(width)) - 1))


def rounded(value: float, unit: float) -> int:
    """`value` to the nearest multiple of `unit`."""
    return int(round(value / unit) * unit)


def readable(wide: pd.DataFrame, by: By, marked: Collection[str]) -> pd.DataFrame:
    """Text table of `select`'s rows; `marked` education groups get a star."""
    rows: list[dict[str, str]] = []
    for row in wide.to_dict("records"):
        unit, signed = step(row["0.9"] - row["0.1"]), row["quantity"] == "gap"
        show = lambda value, unit=unit, signed=signed: person(rounded(value, unit), signed)  # noqa: E731
        star = " *" if row["part"] in marked else ""
        text = {"region": row["region"], "year": str(row["year"])}
        if by != "total":
            text[by] = part_label(row["part"]) + star
        text["median"] = show(row["median"])
        for name, (low, high) in INTERVALS.items():
            text[name] = f"{show(row[f'{low:g}'])} to {show(row[f'{high:g}'])}"
        if "probability" in row:
            text["P(shortage)"] = chance(row["probability"])
        rows.append(text)
    return pd.DataFrame(rows)


def as_text(table: pd.DataFrame, left: Collection[str] = ("region", *BY)) -> str:
    """Columns side by side: those named in `left` to the left, figures to the right."""
    widths = {c: max(len(str(c)), *(len(v) for v in table[c])) for c in table}
    rows = [dict(zip(table, table, strict=True)), *table.to_dict("records")]
    lines = [
        "  ".join(r[c].ljust(widths[c]) if c in left else r[c].rjust(widths[c]) for c in table)
        for r in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def as_records(wide: pd.DataFrame, by: By, marked: Collection[str]) -> list[dict[str, Any]]:
    """Rows for machines, rounded alike; the unrounded figures are in summary.csv."""
    records: list[dict[str, Any]] = []
    for row in wide.to_dict("records"):
        unit = step(row["0.9"] - row["0.1"])
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


def health_lines(health: Health) -> list[str]:
    """Verdict, then every check that did not pass."""
    counts = {v: sum(c.verdict == v for c in health.checks) for v in ("PASS", "REVIEW", "FAIL")}
    told = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
    lines = [f"Health: {health.verdict} ({told})"]
    lines += [f"  {c.verdict}  {c.sentence}" for c in health.checks if c.verdict != "PASS"]
    return lines


def health_table(health: Health) -> str:
    """Every check with its figure and thresholds."""
    rows = [
        {
            "verdict": check.verdict,
            "check": check.name,
            "value": f"{check.value:.4g}",
            "PASS": f"{check.good:.4g}",
            "FAIL beyond": f"{check.bad:.4g}",
        }
        for check in health.checks
    ]
    return as_text(pd.DataFrame(rows), left=("verdict", "check"))


def influence_table(groups: pd.DataFrame) -> str:
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
        for row in groups.to_dict("records")
    ]
    columns = ["block", "left out", "gap of", "persons", "sds", "error", "Pareto k"]
    return as_text(pd.DataFrame(rows, columns=columns), left=columns[:3])


def json_text(records: list[dict[str, Any]], health: Health, run: Mapping[str, Any]) -> str:
    """Rows with the verdict and the provenance that they came from."""
    content = {"health": health.verdict, "intervals": "equal-tailed", "rows": records, **run}
    return json.dumps(content, indent=1, ensure_ascii=False)


def as_csv(records: list[dict[str, Any]]) -> str:
    """Records as CSV with a header."""
    return pd.DataFrame(records).to_csv(index=False, lineterminator="\n")


def caption(wide: pd.DataFrame, run_id: str, scenario: str) -> str:
    """What the figures of a table are."""
    quantity = str(wide["quantity"].iloc[0])
    sign = " (demand less supply: + is a shortage)" if quantity == "gap" else ""
    name = quantity.replace("_", " ").capitalize()
    return f"{name}{sign}, persons; median and equal-tailed intervals. Run {run_id}, {scenario}."


STAR_NOTE = (
    "* assumption-driven: the data say little about this group's size; see `bayesgap health`."
)


def any_marked(wide: pd.DataFrame, marked: Collection[str]) -> bool:
    """Whether a row of `wide` carries a star."""
    return bool(wide["part"].isin(list(marked)).any())
