"""Scenario files: the embedded ones are sound, and mistakes are told with file and key."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bayesgap.cli.common import app, main
from bayesgap.errors import StudyError
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.scenario_files import embedded_folder, find_plans, load_scenario, resolve
from bayesgap.study.study import Study, load_study

WANTED = {
    *("less_exclusion", "less_outmigration", "high_immigration", "low_immigration"),
    *("oslo_education", "ict_growth", "health_industry", "public_productivity"),
    *("market_response", "later_retirement", "higher_completion", "reskilling"),
    *("less_out_commuting", "growth", "growth_and_three_measures"),
}

MISTAKEN = """\
name = "mine"
title = "Mine"
why = "A scenario of my own, with three mistakes."

[[events]]
kind = "outside"
points = 3.0
start = 2024
full = 2040
why = "Three points, written as 3 and not as 0.03."

[[events]]
kind = "opening"
jobs = 300
sector = "58-63"
like = { "58-36" = 1.0 }
start = 2024
full = 2040
why = "A firm of three hundred, whose sector is misspelt."

[[events]]
kind = "retirement"
years = 1.0
start = 2024
full = 2040
"""


@pytest.fixture(scope="module")
def default() -> Study:
    return load_study(default_study())


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_wanted_scenario_is_there_and_fits_the_default_study(default) -> None:
    plans = {plan.name: plan for plan in find_plans(["all"], default)}
    assert set(plans) >= WANTED
    assert [m.name for m in plans["growth_and_three_measures"].measures] == [
        "ict_growth", "health_industry", "less_exclusion", "less_outmigration", "high_immigration",
    ]  # fmt: skip


@pytest.mark.parametrize("path", sorted(embedded_folder().glob("*.toml")), ids=lambda p: p.stem)
def test_every_assumed_strength_says_so_and_why(path) -> None:
    scenario = load_scenario(path)
    for event in scenario.events:
        assert event.why.rstrip().endswith(".")
        for name in type(event).bounds():
            spread = getattr(event, name)
            if getattr(spread, "dist", "choice") != "choice":
                assert spread.role == "assumed", f"{path.stem}.{name}"


def test_three_mistakes_are_told_at_once_with_file_and_key(tmp_path) -> None:
    path = written(tmp_path, MISTAKEN)
    with pytest.raises(StudyError) as caught:
        load_scenario(path)
    assert str(caught.value).splitlines() == [
        f"{path} is not a valid scenario:",
        "  - events[0]: points must lie between 0 and 0.5; found 3",
        '  - events[1].like.58-36: there is no sector "58-36"; known: 01-03, 05-09, 10-33, 35-39, '
        "41-43, 45-47, 49-53, 55-56, 58-63, 64-66, 68-75, 77-82, 84, 85, 86-88, 90-99",
        "  - events[2].why: must be given",
    ]


def test_the_how_to_shows_this_file_and_what_it_is_told(tmp_path) -> None:
    page = (bundle_root() / "docs" / "howto" / "my-scenario.md").read_text(encoding="utf-8")
    path = written(tmp_path, MISTAKEN)
    with pytest.raises(StudyError) as caught:
        load_scenario(path)
    assert f"```toml\n{MISTAKEN}```" in page
    assert f"bayesgap: {caught.value}\n".replace(str(path), path.name) in page


def test_mistakes_reach_a_person_as_one_message(tmp_path, capsys) -> None:
    path = written(tmp_path, MISTAKEN)
    with pytest.raises(SystemExit) as stopped:
        main(["run", "--scenarios", str(path), "--out", str(tmp_path / "runs")])
    told = capsys.readouterr()
    assert stopped.value.code == 2
    assert told.err.startswith(f"bayesgap: {path} is not a valid scenario:")
    assert "Traceback" not in told.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "points = 3.0",
            "points = 0.03\nregion = 'Oslo'",
            'events[0].region: there is no such key. Did you mean "regions"?',
        ),
        ("start = 2024", "start = 2040", "start < full must hold; found 2040 and 2040"),
        (
            'kind = "outside"',
            'kind = "outsiders"',
            'events[0]: there is no kind "outsiders". Did you mean "outside"?',
        ),
        ("points = 3.0", 'points = { dist = "normal", mu = 0.03 }', "events[0].points.sigma"),
        ('name = "mine"', 'name = "other"', 'name must be that of the file, "mine"'),
        ('title = "Mine"', 'title = "Mine', "must be TOML in UTF-8"),
    ],
)
def test_other_mistakes(tmp_path, old, new, told) -> None:
    text = MISTAKEN.split('\n[[events]]\nkind = "opening"')[0]
    if 'name = "other"' in new:
        text = text.replace("points = 3.0", "points = 0.03")
    path = written(tmp_path, text.replace(old, new, 1))
    with pytest.raises(StudyError) as caught:
        load_scenario(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_scenario_must_fit_the_study(tmp_path, default) -> None:
    text = MISTAKEN.split('\n[[events]]\nkind = "opening"')[0].replace(
        "points = 3.0", "points = 0.03"
    )
    path = written(tmp_path, text.replace("start = 2024", 'start = 2020\nregions = ["Oslo"]'))
    with pytest.raises(StudyError) as caught:
        resolve(path, default)
    assert "events[0].start: must be from 2024 (the base year) to 2039; found 2020" in str(
        caught.value
    )
    assert 'events[0].regions: "Oslo" is no target region' in str(caught.value)


def test_names_that_are_not_there_are_told_with_the_nearest(tmp_path, default) -> None:
    with pytest.raises(StudyError, match=r'no scenario "less_exclusions". Did you mean "less_excl'):
        find_plans(["less_exclusions"], default)
    combined = 'name = "mine"\ntitle = "Mine"\nwhy = "Two that do not exist at all."\n'
    path = written(tmp_path, combined + 'combines = ["growht"]\n')
    with pytest.raises(StudyError, match=r'combines: there is no scenario "growht". Did you mean'):
        find_plans([str(path)], default)
    path.write_text(combined + 'combines = ["mine"]\n', encoding="utf-8")
    with pytest.raises(StudyError, match="it combines itself"):
        find_plans([str(path)], default)


def test_a_plan_is_known_by_what_it_says(tmp_path, default) -> None:
    text = (embedded_folder() / "less_exclusion.toml").read_text(encoding="utf-8")
    text = text.replace('"less_exclusion"', '"mine"')
    plan = resolve(written(tmp_path, text), default)
    assert plan.hash == resolve(written(tmp_path, text), default).hash
    stronger = text.replace("points = 0.03", "points = 0.04")
    assert plan.hash != resolve(written(tmp_path, stronger), default).hash


def test_commands_have_help() -> None:
    for command in ("compare", "scenarios", "close"):
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


WRONG_STUDY = """
extends = "buskerud.toml"
name = "My study"
base_yaer = 2024

[samplng]
draws = "many"

[window]
first = 2005.5

[priors.population.national_mean]
dist = "norml"
"""


def test_every_mistake_of_a_study_is_told_in_plain_words(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(WRONG_STUDY, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_study(path)
    told = str(caught.value)
    for line in (
        "name: must have small letters, digits, - and _ only",
        'base_yaer: there is no such key. Did you mean "base_year"?',
        'samplng: there is no such key. Did you mean "sampling"?',
        "window.first: must be a whole number; found '2005.5'",
        'priors.population.national_mean: there is no dist "norml". Did you mean "normal"?',
    ):
        assert f"  - {line}" in told
    assert len(told.splitlines()) == 6
    assert not re.search(r"Input|Extra|permitted|tag|Field|String", told)


def test_the_word_of_an_education_is_answered_with_its_group(tmp_path) -> None:
    text = MISTAKEN.split('\n[[events]]\nkind = "opening"')[0].replace(
        'kind = "outside"\npoints = 3.0',
        'kind = "reskilling"\nshare = 0.1\ntaken = ["upper_secondary:helth_care"]\nto = "nurse"',
    )
    with pytest.raises(StudyError) as caught:
        load_scenario(written(tmp_path, text))
    assert str(caught.value).splitlines()[1:] == [
        '  - events[0].taken[0]: there is no education group "upper_secondary:helth_care". '
        "Did you mean upper_secondary:health_care?",
        '  - events[0].to: there is no education group "nurse". Did you mean bachelor:health_care?',
    ]
