"""Every chapter answers, every published figure has its row, and parts make wholes."""

from pathlib import Path

import chapter_material
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from bayesgap.data.tables import read_tables
from bayesgap.errors import RunError
from bayesgap.inference.truths import draw
from bayesgap.published_study import (
    chapters,
    employers,
    labour_market,
    levers,
    mobility,
    schools,
    shortage,
    students,
)
from bayesgap.published_study import page as chapter_page
from bayesgap.published_study import rows as chapter_rows
from bayesgap.published_study.answers import Answers, answer_of
from bayesgap.published_study.comparison import COUNTERPARTS
from bayesgap.published_study.drawing import draw_chapter
from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.result import Missing, Result, tidy
from bayesgap.published_study.scenario_effects import EFFECTS
from bayesgap.published_study.words import Voice
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.chapters import chapter_priors
from bayesgap.study.study import Study, focus_region, load_study


@pytest.fixture(scope="module")
def whole_study() -> Study:
    return load_study(default_study())


@pytest.fixture(scope="module")
def material(whole_study: Study) -> ChapterInputs:
    tables = read_tables(resolve_data(default_study(), whole_study))
    return chapter_material.make(whole_study, tables)


@pytest.fixture(scope="module")
def results(material: ChapterInputs) -> dict[str, Result | Missing]:
    return chapters.answer_all(material)


@pytest.fixture(scope="module")
def rows(results: dict[str, Result | Missing], material: ChapterInputs) -> pd.DataFrame:
    return chapter_rows.report_rows(
        results, material.outlook, material.effects, material.tables["report_figures"]
    )


def test_every_figure_of_the_report_has_one_entry() -> None:
    numbers = [chapter.figure for chapter in chapters.CHAPTERS]
    assert len(numbers) == len(set(numbers))
    report = {
        2: 8, 3: 2, 4: 10, 5: 9, 6: 2, 7: 1, 8: 2,
    }  # fmt: skip
    assert {f"{c}-{k}" for c, last in report.items() for k in range(1, last + 1)} <= set(numbers)
    assert {chapter.also for chapter in chapters.CHAPTERS} >= set("ABCDEFG")
    assert len({chapter.stem for chapter in chapters.CHAPTERS}) == len(numbers)


def test_every_published_figure_has_exactly_one_row(
    rows: pd.DataFrame, material: ChapterInputs
) -> None:
    figures = material.tables["report_figures"]
    assert sorted(rows["id"]) == sorted(figures["id"])
    unanswered = rows[rows["median"].isna()]
    assert set(unanswered["id"]) == set(chapter_rows.NOWHERE)
    assert (unanswered["note"] != "").all()
    answered = rows[rows["median"].notna()]
    assert (answered["lower80"] <= answered["median"]).all()
    assert (answered["median"] <= answered["upper80"]).all()


def test_a_figure_is_read_in_one_way_only() -> None:
    sources = [set(COUNTERPARTS), set(chapter_rows.READINGS), set(EFFECTS)]
    assert sum(map(len, sources)) == len(set.union(*sources))
    known = {chapter.figure for chapter in chapters.CHAPTERS}
    assert {of.figure for of in COUNTERPARTS.values()} <= known
    assert {effect.scenario for effect in EFFECTS.values()} == set(chapter_rows.OF_SCENARIO)


def test_results_are_finite_and_complete(results: dict[str, Result | Missing]) -> None:
    for figure, result in results.items():
        assert isinstance(result, Result), figure
        assert (result.draws.sizes["chain"], result.draws.sizes["draw"]) == chapter_material.SHAPE
        table = tidy(result)
        assert np.isfinite(table["q0.5"]).all(), figure
        assert (table["q0.025"] <= table["q0.975"]).all(), figure


def test_shares_make_a_whole(results: dict[str, Result | Missing], material: ChapterInputs) -> None:
    wholes = {"2-1": "sector", "2-6": "origin", "3-1": "answer", "5-8": "answer", "7-1": "age"}
    for figure, dim in wholes.items():
        np.testing.assert_allclose(results[figure].draws.sum(dim), 1.0, rtol=1e-5)
    flows = results["2-4"].draws.sum("destination")
    out = material.outlook["out_commuters"].sel(year=2024).sum("education")
    wanted = out.sel(region=flows["region"]).transpose(*flows.dims)
    np.testing.assert_allclose(flows, wanted, rtol=1e-5)
    sizes = results["8-1"].draws.sum("sector")
    assert set(np.unique(sizes)) == {28, 30, 50, 92}
    share = shortage.unfilled_by_sector(material.base).sum("sector")
    np.testing.assert_allclose(share, material.base["unfilled"].sum("education"), rtol=1e-5)


def test_shift_share_by_hand() -> None:
    """Two sectors, two groups: structure 0.2 (0.5 - 0.1), the rest within sectors."""
    jobs = xr.DataArray([[35.0, 35.0], [6.0, 24.0]], dims=("sector", "education"))
    mix = xr.DataArray([[0.5, 0.5], [0.1, 0.9]], dims=("sector", "education"))
    weights = xr.DataArray([0.5, 0.5], dims="sector")
    parts = labour_market.shift_share(jobs, mix, weights).isel(education=0)
    structure, other, total = parts.to_numpy()
    assert structure == pytest.approx(0.2 * 0.5 - 0.2 * 0.1)
    assert other == pytest.approx(0.3 * (0.2 - 0.1))
    assert total == pytest.approx(0.41 - 0.30)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_shift_share_parts_add_up_and_cancel_over_education(seed: int) -> None:
    rng = np.random.default_rng(seed)
    jobs = xr.DataArray(rng.gamma(1.0, 9.0, (6, 3, 4)), dims=("draw", "sector", "education"))
    mix = xr.DataArray(rng.dirichlet(np.ones(4), (6, 3)), dims=("draw", "sector", "education"))
    weights = xr.DataArray(rng.dirichlet(np.ones(3)), dims="sector")
    parts = labour_market.shift_share(jobs, mix, weights)
    region = jobs.sum("sector") / jobs.sum(["sector", "education"])
    nation = xr.dot(mix, weights, dim="sector")
    np.testing.assert_allclose(
        parts.sel(cause=labour_market.TOTAL), (region - nation).transpose("draw", "education"),
        atol=1e-12,
    )  # fmt: skip
    two = parts.sel(cause=[labour_market.STRUCTURE, labour_market.OTHER]).sum("cause")
    np.testing.assert_allclose(two, parts.sel(cause=labour_market.TOTAL), atol=1e-12)
    np.testing.assert_allclose(parts.sum("education"), 0.0, atol=1e-12)


def test_the_reading_that_meets_the_totals_is_believed(material: ChapterInputs) -> None:
    """Workers made so that 41 % roots among bachelors gives the published leavers."""
    workers = xr.DataArray([60.0, 0.0, 0.0], dims="group", coords={"group": list(mobility.GROUPS)})
    shares = mobility._reading(material, swap=True)
    other = mobility._reading(material, swap=False)
    bachelor = {"group": "bachelor", "share": "roots"}
    assert float(shares.sel(bachelor).mean()) == pytest.approx(0.41, abs=0.01)
    assert float(other.sel(bachelor).mean()) == pytest.approx(0.59, abs=0.01)
    error = xr.full_like(shares.isel(group=0, share=0, drop=True), 0.1)
    same = [mobility._fit(material, reading, workers, error) for reading in (shares, other)]
    np.testing.assert_allclose(*same)  # without bachelors the readings cannot be told apart
    workers.loc["bachelor"] = 8e4  # 41 % roots give 22 000 leavers, 59 % give 31 000
    fit = [float(mobility._fit(material, r, workers, error).mean()) for r in (shares, other)]
    assert fit[0] > fit[1] + 5


def test_own_counts_replace_published_origins(material: ChapterInputs) -> None:
    rows = [
        ("Hallingdal", level, origin, 1_000 * (1 + (origin == "roots")))
        for levels in mobility.GROUPS.values()
        for level in levels
        for origin in mobility.ORIGINS
    ]
    own = pd.DataFrame(rows, columns=["region", "level", "origin", "persons"])
    richer = chapter_material.make(material.study, {**material.tables, "workers_by_origin": own})
    share = mobility.origin_shares(richer)["shares"].sel(region="Hallingdal", share="roots")
    assert float(share.std()) < 0.02 and float(share.mean()) == pytest.approx(2 / 3, abs=0.01)


def test_programmes_average_to_the_total(material: ChapterInputs) -> None:
    total = xr.DataArray(np.array([[0.7, 0.85]]), dims=("chain", "draw"))
    weight, contrast = xr.full_like(total, 0.4), xr.full_like(total, 1.1)
    low = schools._split(total, weight, contrast)
    high = schools.expit(schools.logit(low) + contrast)
    np.testing.assert_allclose(0.4 * low + 0.6 * high, total, atol=1e-9)
    assert (high > low).all()


def test_students_answer_once_there_is_a_table(material: ChapterInputs) -> None:
    years = range(2014, 2025)
    own = pd.DataFrame(
        [(year, "bachelor", "ict", 100 + 10 * (year - 2014)) for year in years],
        columns=["year", "level", "field", "students"],
    )
    found = students.students(
        chapter_material.make(material.study, {**material.tables, "students": own})
    )
    assert isinstance(found, Result)
    last = tidy(found).set_index("year")["q0.5"]
    assert last[2024] == pytest.approx(200, rel=0.15)


def test_students_grow_as_the_report_prints_and_as_the_nations_fields(
    material: ChapterInputs,
) -> None:
    last = students.students(material)
    assert isinstance(last, Result)
    middle = last.draws.sel(year=2024).median(("chain", "draw"))
    spread = last.draws.sel(year=2024).std(("chain", "draw"))
    for field, growth in {"all": 1.45, "business_admin": 1.40}.items():
        assert float(middle.sel(education=field)) == pytest.approx(growth, abs=0.005)
        assert float(spread.sel(education=field)) < 0.01
    np.testing.assert_allclose(last.draws.sel(year=2014), 1.0, atol=0.01)
    assert (spread.sel(education=["teaching", "health_care"]) > 0.2).all()
    none = {k: v for k, v in material.tables.items() if k != "students_by_field"}
    assert isinstance(students.students(chapter_material.make(material.study, none)), Missing)


def test_the_nations_parts_of_students_move_as_they_are_counted(material: ChapterInputs) -> None:
    gain = students.national_gain(material, 2007, 2012).mean(("chain", "draw"))
    table = material.tables["students_by_field"].query("measure == 'students'")
    wide = table.pivot(index="year", columns="field", values="students")
    share = wide.div(wide.sum(axis=1), axis=0)
    for field in ("health_care", "teaching", "business_admin"):
        wanted = np.log(share.loc[2012, field] / share.loc[2007, field])
        assert float(gain.sel(unit=field)) == pytest.approx(wanted, abs=0.03)


def test_half_width_is_the_reports(results: dict[str, Result | Missing]) -> None:
    """±3 and ±6.9 percentage points at 200 answers; Jeffreys' prior moves them by under 0.1."""
    low, high = results["App. A"].draws.isel(chain=0, draw=0).to_numpy()
    assert low == pytest.approx(3.0, abs=0.1)
    assert high == pytest.approx(6.9, abs=0.1)
    assert employers.half_width(0.5, 92) > employers.half_width(0.5, 200)


def test_levers_without_a_scenario_say_what_to_run(material: ChapterInputs) -> None:
    poor = ChapterInputs(**{**material.__dict__, "effects": {}})
    found = levers.less_exclusion(poor)
    assert isinstance(found, Missing) and "--scenarios less_exclusion" in found.note
    gap = levers.gap_by_scenario(poor)
    assert isinstance(gap, Result) and list(gap.draws["scenario"].to_numpy()) == ["main"]
    poor_results = chapters.answer_all(poor)
    table = chapter_rows.report_rows(
        poor_results, poor.outlook, poor.effects, material.tables["report_figures"]
    ).set_index("id")
    assert np.isnan(table.loc["s_immigration", "median"])
    assert np.isfinite(table.loc["gap_main", "median"])


def test_priors_have_reasons_and_are_drawn_as_declared() -> None:
    rng = np.random.default_rng(1)
    for block in chapter_priors().values():
        for spec in block.values():
            assert spec.why.endswith(".")
    beta = chapter_priors()["public_share"]["84"]
    assert draw(beta, rng, (20_000,)).mean() == pytest.approx(0.98, abs=0.002)
    half = chapter_priors()["survey"]["region_spread"]
    assert draw(half, rng, (20_000,)).min() >= 0


def test_the_focus_must_be_a_target(whole_study: Study) -> None:
    assert focus_region(whole_study, None) == "Drammensregionen"
    with pytest.raises(RunError, match="must be one of"):
        focus_region(whole_study, "Oslo")


def test_answers_are_written(
    tmp_path: Path,
    results: dict[str, Result | Missing],
    rows: pd.DataFrame,
    material: ChapterInputs,
) -> None:
    figures = material.tables["report_figures"]
    wanted = ("2-4", "3-2", "4-2", "4-3", "4-8", "6-1")
    few = tuple(chapter for chapter in chapters.CHAPTERS if chapter.figure in wanted)
    answers = Answers("Hallingdal", "PASS", {k: answer_of(of) for k, of in results.items()})
    for chapter in few:
        voice = Voice(marked=("bachelor:ict",))
        drawn = draw_chapter(chapter, answers, material.study, figures, voice)
        drawn.savefig(tmp_path / f"{chapter.stem}.png", dpi=40)
    assert len(list(tmp_path.glob("*.png"))) == len(few)
    page = chapter_page.chapters_page(rows, results, "Hallingdal", "run-1", "PASS")
    assert page.count("\n| ") >= len(rows) + len(chapters.CHAPTERS)
    assert "*Input.*" in page
    assert page.count(chapter_page.NOT_HERE) == sum(not r.levers for r in levers.RECOMMENDATIONS)
    assert "less_exclusion: " in page and "not in this run" not in page
