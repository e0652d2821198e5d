"""A study is checked whole before anything is computed: names, years and draws, all at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.mathtext import MathTextParser

from bayesgap import run as run_a_study
from bayesgap.cli import main
from bayesgap.errors import StudyError
from bayesgap.health.weights import smoothed
from bayesgap.present.figures import STYLE
from bayesgap.present.show import Picture
from bayesgap.study.names import LONGEST, LONGEST_STUDY, file_stem
from bayesgap.study.study import FEWEST_DRAWS, Study, load_study

REGIONS = '["Drammensregionen", "Kongsbergregionen", "Ringeriksregionen", "Hallingdal"]'


def mine(folder: Path, *lines: str) -> Path:
    path = folder / "mine.toml"
    path.write_text("\n".join(['extends = "buskerud.toml"', *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('total = "Hallingdal"', 'total: "Hallingdal" is targets[3] already'),
        ('total = "Oslo"', '"Oslo" is total already'),
        ('targets = ["Hallingdal", "Hallingdal"]', 'targets[1]: "Hallingdal" is targets[0]'),
        ('targets = ["Hallingdal", "Oslo"]', '"Oslo" is targets[1] already'),
        ('targets = ["Hallingdal", "hallingdal"]', "would share their files; rename one"),
        ('targets = ["A b", "A/b"]', "would share their files; rename one"),
        (f'total = "{"x" * 300}"', f"total: 300 bytes are above the limit of {LONGEST}"),
        (f'targets = ["{"å" * 61}"]', "targets[0]: 122 bytes are above the limit"),
        (f'name = "{"x" * 300}"', f"name: 300 letters are above the limit of {LONGEST_STUDY}"),
        ('targets = [""]', "targets[0]: the name is empty"),
        ('total = " Buskerud"', "begins or ends with a blank"),
        (r'total = "Buskerud"', "has a character that cannot be printed"),
        ("[sampling]\ndraws = 3", "sampling.draws: must be at least 4"),
        ("[sampling]\ndraws = 6", "4 chains of 6 draws are below the 25 draws that health needs"),
    ],
)
def test_what_would_fail_hours_later_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    line = line.replace('"Buskerud"', r'"Buske\u0007rud"') if "printed" in told else line
    with pytest.raises(SystemExit) as stopped:
        main(["run", str(mine(tmp_path, line)), "--out", str(tmp_path / "runs")])
    assert stopped.value.code == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    lines = ('horizon = 2000', 'total = "Hallingdal"', f'name = "{"x" * 99}"', "seed = 1.5",
             "[sampling]", "draws = 5")  # fmt: skip
    with pytest.raises(StudyError) as caught:
        load_study(mine(tmp_path, *lines))
    for word in ("horizon must hold", "is targets[3] already", "99 letters", "seed:", "4 chains"):
        assert word in str(caught.value)


def fewer_draws(study: Study) -> dict[str, Any]:
    return {"sampling": study.sampling.model_copy(update={"draws": 1})}


def total_again(study: Study) -> dict[str, Any]:
    return {"total": study.targets[0]}


@pytest.mark.parametrize("change", [fewer_draws, total_again])
def test_a_study_changed_in_a_program_is_checked_too(
    study: Study, tmp_path: Path, change: Callable[[Study], dict[str, Any]]
) -> None:
    with pytest.raises(StudyError, match="is not a valid study"):
        run_a_study(study.model_copy(update=change(study)), out=tmp_path / "runs", quiet=True)
    assert not (tmp_path / "runs").exists()


def test_draws_of_an_option_are_checked_before_sampling(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["run", "--draws", "5", "--out", str(tmp_path / "runs")])
    assert stopped.value.code == 2 and "give draws = 7 or more" in capsys.readouterr().err


def test_the_least_number_of_draws_is_that_of_the_weights() -> None:
    rng = np.random.default_rng(1)
    assert np.isfinite(smoothed(rng.normal(size=FEWEST_DRAWS)).values).all()
    with pytest.raises(ValueError, match="at least 5"):
        smoothed(rng.normal(size=FEWEST_DRAWS - 1))


@pytest.mark.parametrize("name", ["$broken{$", "cost $x_1$", "a_b^c"])
def test_a_name_is_never_read_as_mathematics(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import matplotlib as mpl

    def parsed(*_: object) -> None:
        raise AssertionError("mathematics")

    monkeypatch.setattr(MathTextParser, "parse", parsed)
    with mpl.rc_context(STYLE):
        figure = Picture()
        figure.subplots().set_title(name)
        figure.savefig(tmp_path / "a.png")
        figure.savefig(tmp_path / "a.svg")
    assert name.replace("&", "&amp;") in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_the_longest_name_fits_a_file() -> None:
    whole = f"{file_stem('界' * (LONGEST // 3))}_gap_by_education_2040.png"
    assert len(whole.encode()) <= 255
