"""The published table is a contract: columns, order, types of output. A change is breaking."""

import pandas as pd

from bayesgap import schema

VERSION = "1"
COLUMNS = [
    "run_id",
    "study",
    "scenario",
    "region",
    "year",
    "quantity",
    "education",
    "level",
    "field",
    "sector",
    "unit",
    "output_type",
    "output_type_id",
    "value",
]
OUTPUTS = {
    ("mean", ""),
    ("sd", ""),
    ("quantile", "0.025"),
    ("quantile", "0.1"),
    ("quantile", "0.25"),
    ("quantile", "0.5"),
    ("quantile", "0.75"),
    ("quantile", "0.9"),
    ("quantile", "0.975"),
    ("mcse", "mean"),
}


def test_columns_in_order(summary: pd.DataFrame) -> None:
    assert list(summary.columns) == COLUMNS == list(schema.SUMMARY_COLUMNS)
    assert schema.SCHEMA_VERSION == VERSION


def test_types_of_columns(summary: pd.DataFrame) -> None:
    assert summary["year"].dtype == "int64"
    assert summary["value"].dtype == "float64"
    text = [c for c in COLUMNS if c not in ("year", "value")]
    assert all(pd.api.types.is_string_dtype(summary[column]) for column in text)


def test_every_cell_has_every_output(summary: pd.DataFrame) -> None:
    for quantity, rows in summary.groupby("quantity"):
        pairs = set(zip(rows["output_type"], rows["output_type_id"], strict=True))
        extra = {("probability", "gap>0")} if quantity == "gap" else set()
        assert pairs == OUTPUTS | extra, quantity
        counts = rows.groupby(["output_type", "output_type_id"]).size()
        assert set(counts) == {counts.iloc[0]}, quantity


def test_quantities_units_and_parts(summary: pd.DataFrame) -> None:
    assert set(summary["quantity"]) == set(schema.PUBLISHED) == set(schema.UNITS)
    assert set(summary["unit"]) == {"person", "probability"}
    assert set(summary["level"]) == {*schema.LEVELS, "all"}
    assert set(summary["education"]) == {*schema.EDUCATION, "all"}
    assert set(summary["field"]) == {*schema.EDUCATION_FIELD, "none"}
    rows = summary[summary["output_type"] == "sd"].groupby("quantity").size()
    # 21 groups, 5 levels, 11 fields and the total; 5 regions; 7 years of the fixture
    assert {rows[q] for q in schema.EDUCATION_QUANTITIES} == {38 * 5 * 7}
    assert rows["employment"] == 17 * 5 * 7
    assert rows["population"] == 5 * 8
