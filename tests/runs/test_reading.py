"""Runs read without frames and labels give what the store gives with them."""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap import schema
from bayesgap.errors import RunError
from bayesgap.present.frames import rows_of
from bayesgap.present.selection import Query, select
from bayesgap.present.table import BY, as_csv
from bayesgap.runs.draws import open_draws
from bayesgap.runs.run import open_run
from bayesgap.runs.summary import read_rows
from bayesgap.sensitivity.catalogue import quantiles
from bayesgap.sensitivity.densities import frozen
from bayesgap.study.priors import Beta, Gamma, HalfNormal, LogNormal, Normal, PriorSpec

WHY = "A prior that a test looks at."
PRIORS = (
    Normal(dist="normal", mu=-1.5, sigma=0.7, why=WHY),
    HalfNormal(dist="half_normal", sigma=0.3, why=WHY),
    LogNormal(dist="log_normal", mu=-2.5, sigma=1.0, why=WHY),
    Beta(dist="beta", alpha=9.0, beta=3.0, why=WHY),
    Gamma(dist="gamma", alpha=2.5, beta=4.0, why=WHY),
)


def test_rows_are_those_of_the_summary(run_folder: Path, summary: pd.DataFrame) -> None:
    rows = read_rows(open_run(run_folder))
    assert len(rows) == len(summary)
    for column in schema.SUMMARY_COLUMNS:
        assert rows.column(column) == summary[column].tolist()
        assert rows.unique(column) == summary[column].unique().tolist()


@pytest.mark.parametrize("by", BY)
def test_a_frame_and_the_file_are_selected_alike(
    run_folder: Path, summary: pd.DataFrame, by: str
) -> None:
    query = Query(region="Hallingdal", year=2028, by=by)
    assert select(read_rows(open_run(run_folder)), query) == select(rows_of(summary), query)


def test_rows_of_another_version_are_refused(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bayesgap.schema.SCHEMA_VERSION", "999")
    with pytest.raises(RunError, match="schema version 999"):
        read_rows(open_run(run_folder))


def test_draws_are_those_of_the_outlook(run_folder: Path, outlook: xr.Dataset) -> None:
    draws = open_draws(open_run(run_folder))
    for dim in ("region", "year", "education", "sector", "age_band"):
        assert draws.labels(dim) == outlook[dim].to_numpy().tolist()
    where = {"region": "Ringeriksregionen", "year": 2027}
    for name, own in (("gap", "education"), ("employment", "sector"), ("population", "age_band")):
        assert name in draws and draws.own_dim(name) == own
        np.testing.assert_array_equal(draws.read(name, own, **where), outlook[name].sel(where))
    last = outlook["gap"].sel(year=2030).transpose("chain", "draw", "education", "region")
    np.testing.assert_array_equal(draws.read("gap", "education", "region", year=2030), last)
    assert "contribution" not in draws


@pytest.mark.parametrize("spec", PRIORS, ids=lambda spec: spec.dist)
def test_quantiles_of_priors_are_those_of_scipy(spec: PriorSpec) -> None:
    probability = np.array([0.001, 0.05, 0.5, 0.95, 0.999])
    np.testing.assert_allclose(
        quantiles(spec, probability), frozen(spec).ppf(probability), rtol=1e-12
    )


def test_csv_is_that_of_a_frame() -> None:
    records = [
        {"region": 'A, "b"', "year": 2030, "value": 0.1, "known": True},
        {"region": "Å", "year": 2031, "value": float("nan"), "known": False},
        {"region": "c", "year": 2032, "value": 1e-7, "known": True},
    ]
    assert as_csv(records) == pd.DataFrame(records).to_csv(index=False, lineterminator="\n")
    blank = [{"value": None, "name": "x"}, {"value": 2.5, "name": "y"}]
    back = pd.read_csv(StringIO(as_csv(blank)))
    assert back["value"].isna().tolist() == [True, False]
    assert as_csv([]) == "\n"
