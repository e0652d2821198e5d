"""`validate transfer` from the command line, on a run whose draws are known instead of sampled."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from page_tables import numbers, section, table

from bayesgap import schema
from bayesgap.cli import main
from bayesgap.runs import store
from bayesgap.runs.verdicts import Check, Health
from bayesgap.study.bundle import default_study
from bayesgap.study.study import Study
from bayesgap.validation.backtest.results import MODEL
from bayesgap.validation.transfer.score import ALL, PEOPLE

ORIGIN = 2019
SHAPE = (2, 50)
SPREAD = 0.02
WEAK = Check("tail", "REVIEW", 300.0, 400.0, 100.0, "Tails are few.")


def adults(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Residents aged 20-66 by region and year."""
    people = tables["population"]
    return people[people["age"].between(20, 66)].groupby(["region", "year"])["persons"].sum()


def outlook_of(then: Study, known: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Draws about the residents of the origin, and three quarters of them at work."""
    rng = np.random.default_rng(4)
    years = range(then.base_year, then.horizon + 1)
    people = adults(known).xs(then.base_year, level="year")[list(then.targets)].to_numpy()
    noise = rng.normal(1, SPREAD, (*SHAPE, len(then.targets), len(years)))
    drawn = people[:, None] * noise
    of = ("chain", "draw", "region", "year")
    number = len(schema.EDUCATION)
    working = np.repeat(0.75 * drawn[..., None] / number, number, axis=-1)
    jobs = np.repeat(0.75 * drawn[..., None] / 16, 16, axis=-1)
    return xr.Dataset(
        {
            "labour_force": ((*of, "education"), 1.02 * working),
            "employed_residence": ((*of, "education"), working),
            "supply": ((*of, "education"), 1.02 * working),
            "demand": ((*of, "education"), 1.01 * working),
            "employment": ((*of, "sector"), jobs),
            "population": ((*of, "age_band"), drawn[..., None]),
        },
        coords={
            "region": list(then.targets),
            "year": list(years),
            "education": list(schema.EDUCATION),
            "level": ("education", list(schema.EDUCATION_LEVEL)),
            "sector": list(schema.SECTORS)[:16],
            "age_band": ["20-66"],
        },
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, xr.Dataset, pd.DataFrame]:
    """Folder of page and tables, the draws that were scored, and the tables that were known."""
    docs, kept = tmp_path_factory.mktemp("transfer"), {}

    def run_tables(
        then: Study, known: Mapping[str, pd.DataFrame], data: str, out: Path, _: Any
    ) -> Path:
        run = store.describe_run(then, data, out)
        kept["outlook"], kept["known"] = outlook_of(then, known), known["population"]
        with store.locked(run, then):
            store.write_outlook(run, kept["outlook"])
            store.write_json(run, "health.json", Health((WEAK,)).to_dict())
            store.record_timings(run, {"posterior": {"seconds": 3.0, "peak_mb": 1.0}})
        return run.path

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bayesgap.pipeline.run_tables", run_tables)
        with pytest.raises(SystemExit) as ended:
            words = ["validate", "transfer", str(default_study()), "--origin", str(ORIGIN)]
            main([*words, "--out", str(docs / "runs"), "--docs", str(docs)])
    assert ended.value.code in (0, None)
    return docs, kept["outlook"], kept["known"]


@pytest.fixture(scope="module")
def cases(told: tuple[Path, xr.Dataset, pd.DataFrame]) -> pd.DataFrame:
    return pd.read_csv(told[0] / "results" / f"transfer_buskerud-{ORIGIN}.csv")


def test_the_run_knows_nothing_after_the_origin(told) -> None:
    assert told[2]["year"].max() == ORIGIN + 1  # 1 January after the last quarter


def test_residents_are_scored_against_their_count(told, cases, study, tables) -> None:
    own = cases[(cases["group"] == PEOPLE) & (cases["method"] == MODEL)].copy()
    own["year"] = own["origin"] + own["horizon"]
    assert set(own["region"]) == set(study.targets)
    counted = adults(tables).reindex(pd.MultiIndex.from_frame(own[["region", "year"]]))
    assert np.allclose(own["outcome"], counted, rtol=1e-3)
    draws = told[1]["population"].sel(age_band="20-66").median(["chain", "draw"])
    drawn = [
        float(draws.sel(region=r, year=y)) for r, y in zip(own["region"], own["year"], strict=True)
    ]
    assert np.allclose(own["median"], drawn, rtol=2e-3)
    # The draws have one spread, so that an 80 % interval is 2.56 of it wide.
    relative = own["width_80"] * own["outcome"] / own["median"] / 100
    assert relative.mean() == pytest.approx(2.56 * SPREAD, rel=0.15)


def test_scores_are_probabilities_and_errors(cases: pd.DataFrame) -> None:
    assert cases["horizon"].ge(1).all() and cases["origin"].eq(ORIGIN).all()
    assert cases["pit"].between(0, 1).all()
    assert cases[["crps", "wis", "width_80"]].ge(0).all().all()
    assert (cases["inside_50"] <= cases["inside_80"]).all()
    assert (cases["inside_80"] <= cases["inside_95"]).all()
    assert {MODEL, "no_change"} <= set(cases["method"]) and ALL in set(cases["group"])


def test_the_page_has_the_means_of_the_cases(told, cases: pd.DataFrame) -> None:
    page = (told[0] / "transfer.md").read_text(encoding="utf-8")
    shown = table(section(page, "### Scores"))
    own = cases[cases["method"] == MODEL]
    assert numbers(shown["cases"]).sum() == len(own)
    first = own[(own["group"] == PEOPLE) & own["horizon"].between(1, 4)]
    row = shown[(shown["what is counted"] == PEOPLE) & (shown["years ahead"] == "1-4")]
    assert numbers(row["CRPS, %"]).item() == pytest.approx(first["crps"].mean(), abs=0.006)
    assert numbers(row["in 80 %"]).item() == pytest.approx(first["inside_80"].mean(), abs=0.006)


def test_what_the_test_rests_on_is_kept(told) -> None:
    path = told[0] / "results" / f"transfer_buskerud-{ORIGIN}.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    assert facts["origin"] == ORIGIN < facts["last year"]
    assert facts["seconds"] == 3 and facts["verdict"] == "REVIEW"
    assert facts["checks"] == [{"verdict": WEAK.verdict, "sentence": WEAK.sentence}]
    assert path.with_suffix(".csv").is_file()
    assert (told[0] / "figures" / f"transfer_buskerud-{ORIGIN}.png").stat().st_size > 0
