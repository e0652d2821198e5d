"""The summary against the draws it came from."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap import schema
from bayesgap.present.parts import NO_FIELD, education_parts, fields
from bayesgap.present.summary import summarise
from bayesgap.study.study import Study

TOTAL = {"education": "all", "level": "all", "field": "all", "sector": "all"}


def value(summary: pd.DataFrame, output_type: str, output_type_id: str, **where: object) -> float:
    wanted = {**TOTAL, **where, "output_type": output_type, "output_type_id": output_type_id}
    rows = summary
    for column, content in wanted.items():
        rows = rows[rows[column] == content]
    assert len(rows) == 1, (wanted, len(rows))
    return float(rows["value"].iloc[0])


def test_total_gap_is_the_quantile_of_summed_draws(
    summary: pd.DataFrame, outlook: xr.Dataset
) -> None:
    draws = outlook["gap"].sel(region="Hallingdal", year=2030).sum("education").to_numpy().ravel()
    where = {"region": "Hallingdal", "year": 2030, "quantity": "gap"}
    for probability in schema.QUANTILES:
        found = value(summary, "quantile", f"{probability:g}", **where)
        assert found == pytest.approx(np.quantile(draws, probability), rel=1e-5)
    assert value(summary, "mean", "", **where) == pytest.approx(draws.mean(), rel=1e-5)
    assert value(summary, "sd", "", **where) == pytest.approx(draws.std(ddof=1), rel=1e-4)
    assert value(summary, "probability", "gap>0", **where) == np.mean(draws > 0)


def test_groups_levels_and_fields_name_what_they_sum(
    summary: pd.DataFrame, outlook: xr.Dataset
) -> None:
    supply = outlook["supply"].sel(region="Buskerud", year=2026)
    where = {"region": "Buskerud", "year": 2026, "quantity": "supply"}
    ict = supply.isel(education=np.isin(supply["field"], ["ict"])).sum("education")
    found = value(summary, "mean", "", **where, field="ict")
    assert found == pytest.approx(float(ict.mean()), rel=1e-5)
    master = supply.isel(education=np.isin(supply["level"], ["master"])).sum("education")
    found = value(summary, "mean", "", **where, level="master")
    assert found == pytest.approx(float(master.mean()), rel=1e-5)
    one = {"education": "master:ict", "level": "master", "field": "ict"}
    found = value(summary, "mean", "", **where, **one)
    assert found == pytest.approx(float(supply.sel(education="master:ict").mean()), rel=1e-5)


def test_the_gap_mirrors_when_demand_and_supply_change_places(
    outlook: xr.Dataset, study: Study
) -> None:
    part = outlook[["supply", "demand", "gap"]].isel(region=[0, -1], year=[0, 3])
    swapped = part.rename(supply="demand", demand="supply")
    swapped["gap"] = swapped["demand"] - swapped["supply"]
    keys = ["region", "year", "education", "level", "field", "output_type", "output_type_id"]
    one, two = (
        summarise(each, study, "run").query("quantity == 'gap'").set_index(keys)["value"]
        for each in (part, swapped)
    )
    for probability in schema.QUANTILES:
        low = one.xs(("quantile", f"{probability:g}"), level=("output_type", "output_type_id"))
        high = two.xs(("quantile", f"{1 - probability:g}"), level=("output_type", "output_type_id"))
        np.testing.assert_allclose(low, -high, atol=1e-6)
    either = (each.xs("probability", level="output_type").to_numpy() for each in (one, two))
    np.testing.assert_allclose(sum(either), 1.0, atol=0.01)  # draws on a grid: a gap may be 0


@pytest.mark.parametrize("column", ["level", "field", "education"])
def test_parts_add_up_to_the_total(summary: pd.DataFrame, column: str) -> None:
    means = summary[(summary["output_type"] == "mean") & (summary["quantity"] == "demand")]
    means = means[(means["region"] == "Hallingdal") & (means["year"] == 2025)]
    other = [name for name in ("education", "level", "field") if name != column]
    parts = means[means[column] != "all"]
    if column != "education":
        parts = parts[(parts[other] == "all").all(axis=1)]
    total = means[(means[["education", "level", "field"]] == "all").all(axis=1)]
    assert parts["value"].sum() == pytest.approx(total["value"].item(), rel=1e-5)


def test_fields_cover_every_group_once() -> None:
    by_field = [p for p in education_parts() if p.education == p.level == "all" != p.field]
    covered = sorted(i for part in by_field for i in part.members)
    assert covered == list(range(len(schema.EDUCATION)))
    assert fields()[0] == NO_FIELD


def test_population_reaches_one_year_further_than_the_gap(summary: pd.DataFrame) -> None:
    last = summary.groupby("quantity")["year"].max()
    assert last["population"] == 2031
    assert last["gap"] == last["supply"] == last["employment"] == 2030
    assert summary["value"].notna().all()


def test_employment_has_sectors_and_nothing_else(summary: pd.DataFrame) -> None:
    jobs = summary[summary["quantity"] == "employment"]
    assert set(jobs["sector"]) == {*schema.SECTORS, "all"}
    assert set(jobs["education"]) == {"all"}
    assert set(summary.loc[summary["quantity"] != "employment", "sector"]) == {"all"}


def test_rows_are_unique_and_only_the_gap_has_a_probability(summary: pd.DataFrame) -> None:
    assert not summary.drop(columns="value").duplicated().any()
    chances = summary[summary["output_type"] == "probability"]
    assert set(chances["quantity"]) == {"gap"}
    assert chances["value"].between(0, 1).all()


def test_transposed_input_gives_the_same_table(
    outlook: xr.Dataset, study: Study, summary: pd.DataFrame
) -> None:
    turned = outlook.transpose("year", "education", "draw", "region", "chain", ...)
    again = summarise(turned, study, "buskerud-00000000")
    pd.testing.assert_frame_equal(again, summary)
