"""Figures are written for every region and show what they should."""

from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

from bayesgap.present import figures, history
from bayesgap.study.study import Study


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    """Two years of 11618; municipalities that are whole in Hallingdal only."""
    regions = {
        "Drammensregionen": 80,
        "Kongsbergregionen": 27,
        "Ringeriksregionen": 25,
        "Hallingdal": 11,
    }
    measures = {"employed_by_workplace": 1.0, "employed_by_residence": 1.1, "population_15_74": 2.0}
    status = [
        (region, year, measure, size * 1000 * share)
        for region, size in regions.items()
        for year in (2021, 2022)
        for measure, share in measures.items()
    ]
    covered = {"Hallingdal": 1.1, "Drammensregionen": 0.9}
    municipal = [
        (region, f"{region}-{part}", year, "00-99", regions[region] * 500 * share)
        for region, share in covered.items()
        for part in (1, 2)
        for year in (2012, 2020, 2021, 2022)
        if (region, part, year) != ("Hallingdal", 2, 2012)
    ]
    return {
        "employment_status": pd.DataFrame(status, columns=["region", "year", "measure", "persons"]),
        "employment_residence_by_municipality": pd.DataFrame(
            municipal, columns=["region", "municipality", "year", "sector", "employed"]
        ),
    }


def test_history_takes_municipal_sums_only_where_whole(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    found = history.employment_history(tables, study)
    residence = found[found["series"] == history.RESIDENCE]
    years = residence.groupby("region")["year"].agg(list)
    assert years["Hallingdal"] == [2020, 2021, 2022]
    assert years["Drammensregionen"] == years["Buskerud"] == [2021, 2022]
    total = residence[(residence["region"] == "Buskerud") & (residence["year"] == 2022)]
    assert total["persons"].item() == pytest.approx(143_000 * 1.1)


def test_both_figures_of_every_region_as_png_and_svg(
    tmp_path: Path, summary: pd.DataFrame, tables: dict[str, pd.DataFrame], study: Study
) -> None:
    past = history.employment_history(tables, study)
    figures.write_figures(tmp_path, summary, past, {"master:ict"}, "REVIEW", "run-00000000", 1)
    names = {path.name for path in tmp_path.iterdir()}
    assert len(names) == 5 * 2 * 2
    assert {"hallingdal_fan.png", "buskerud_gap_by_education_2030.svg"} <= names
    svg = (tmp_path / "hallingdal_gap_by_education_2030.svg").read_text(encoding="utf-8")
    assert "master: ICT *" in svg and "Health: REVIEW" in svg and "run-00000000" in svg
    fan = (tmp_path / "hallingdal_fan.svg").read_text(encoding="utf-8")
    assert "shortage" in fan and "employed, by workplace" in fan


def test_figures_are_the_same_bytes_twice(
    tmp_path: Path, summary: pd.DataFrame, tables: dict[str, pd.DataFrame], study: Study
) -> None:
    past = history.employment_history(tables, study)
    with mpl.rc_context(figures.STYLE):
        for name in ("a.svg", "b.svg"):
            figure = figures.fan_chart(summary, past, "Hallingdal", "PASS")
            figure.savefig(tmp_path / name, metadata={"Date": None})
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_fan_is_the_summary(summary: pd.DataFrame) -> None:
    path = figures.path_of(summary, "Buskerud", "gap")
    assert path.index.tolist() == list(range(2024, 2031))
    assert list(path.columns) == [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    assert (path[0.025] < path[0.975]).all()
