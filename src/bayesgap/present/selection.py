"""Rows of the summary that answer a question: of which region, year, split and quantity."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bayesgap import schema
from bayesgap.errors import RunError, known_as, require_one_of
from bayesgap.present.parts import ALL
from bayesgap.present.table import By, Row
from bayesgap.runs.rows import Rows

_PARTS = ("education", "level", "field", "sector")


@dataclass(frozen=True)
class Query:
    """What to show; None means all regions, the last year, the gap (jobs when by sector)."""

    region: str | None = None
    year: int | None = None
    by: By = "total"
    quantity: str | None = None
    scenario: str = "main"


def select(summary: Rows, query: Query) -> list[Row]:
    """One row a region, year and part: `part`, `median`, quantiles, `probability`, `quantity`.

    Raises
    ------
    RunError
        The summary has no such scenario, quantity, region, year or split.
    """
    quantity = query.quantity or ("employment" if query.by == "sector" else "gap")
    require_one_of("quantity", quantity, schema.PUBLISHED)
    require_split(quantity, query.by)
    rows = summary
    for column, wanted in (("scenario", query.scenario), ("quantity", quantity)):
        rows = _only(rows, column, wanted)
    if query.region is not None:
        rows = _only(rows, "region", query.region)
    year = int(rows.numbers["year"].max()) if query.year is None else query.year
    require_one_of("year", year, sorted(rows.unique("year")))
    rows = rows.kept(rows.equals("year", year))
    part = "education" if query.by == "total" else query.by
    return _wide(rows.kept(_in_split(rows, query.by)), part, quantity)


def _only(rows: Rows, column: str, wanted: str) -> Rows:
    """Rows of one value, which must be there."""
    return rows.kept(rows.equals(column, known_as(column, wanted, rows.unique(column))))


def require_split(quantity: str, by: By) -> None:
    """Raise RunError where a quantity is not split so."""
    splits: dict[str, tuple[By, ...]] = {
        "employment": ("total", "sector"),
        "population": ("total",),
        **dict.fromkeys(schema.EDUCATION_QUANTITIES, ("total", "level", "field", "education")),
    }
    if by not in splits[quantity]:
        raise RunError(f"{quantity} is not split by {by}. Use --by {' | '.join(splits[quantity])}.")


def _in_split(rows: Rows, by: By) -> npt.NDArray[np.bool_]:
    """Which rows are parts of one kind: groups by education, else what nothing else splits."""
    whole = {column: rows.equals(column, ALL) for column in _PARTS}
    if by == "education":
        return ~whole["education"]
    others = np.all([whole[column] for column in _PARTS if column != by], axis=0)
    return others if by == "total" else others & ~whole[by]


def _wide(rows: Rows, part: str, quantity: str) -> list[Row]:
    """One row a region, year and part, with a column a quantile."""
    rows = rows.kept(
        rows.equals("output_type", "quantile") | rows.equals("output_type", "probability")
    )
    columns: list[list[Any]] = [
        rows.column(name) for name in ("region", "year", part, "output_type_id", "value")
    ]
    wide: dict[tuple[Any, ...], Row] = {}
    for region, year, name, output, value in zip(*columns, strict=True):
        row = wide.setdefault((region, year, name), {"region": region, "year": year, "part": name})
        row["probability" if output == schema.SHORTAGE else output] = value
    return [row | {"median": row["0.5"], "quantity": quantity} for row in wide.values()]
