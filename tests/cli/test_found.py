"""Which runs there are, how two differ, and what every command's help shows."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from bayesgap.cli.common import app
from bayesgap.runs import store
from bayesgap.runs.differences import reasons, shifts
from bayesgap.runs.run import Run, open_run
from bayesgap.study.study import Study


def said(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_runs_are_listed_with_their_verdict(run_folder: Path) -> None:
    told = said("runs", "--out", str(run_folder.parent))
    assert run_folder.name in told and "PASS" in told and "Next: bayesgap show" in told


def test_a_run_does_not_differ_from_its_copy(run_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(run_folder, copy)
    told = said("diff", str(run_folder), str(copy), "--by", "level")
    assert "nothing that numbers depend on differs" in told
    assert "+0.00" in told and "1.00 times" in told


def test_what_differs_is_named_down_to_the_prior(run_folder: Path, study: Study) -> None:
    prior = study.priors["population"]["national_mean"].model_copy(update={"mu": 0.3})
    block = {**study.priors["population"], "national_mean": prior}
    mine = study.model_copy(update={"priors": {**study.priors, "population": block}, "seed": 3})
    a = open_run(run_folder)
    b = Run(a.path, store.describe_run(mine, "other data", Path("runs")).provenance)
    vars(b)["study"] = mine
    told = reasons(a, b)
    assert "data differs" in told and f"seed: {study.seed} became 3" in told
    (line,) = [line for line in told if line.startswith("prior")]
    assert line.startswith("prior population.national_mean: normal(mu 0.5") and "mu 0.3" in line


def test_moves_are_counted_in_widths_of_the_first_run() -> None:
    row = {"region": "A", "part": "all", "median": 100.0, "0.1": 0.0, "0.9": 200.0}
    after = row | {"median": 150.0, "0.1": 100.0, "0.9": 200.0}
    small = {**row, "region": "B"}
    (first, second) = shifts([small, row], [small, after])
    assert first["after"]["region"] == "A" and first["widths"] == pytest.approx(0.25)
    assert first["width"] == pytest.approx(0.5) and np.isclose(second["widths"], 0)


def test_version_and_an_example_in_the_help_of_every_command() -> None:
    assert said("--version").startswith("bayesgap ")
    for name, command in get_command(app).commands.items():  # pyright: ignore
        if not hasattr(command, "commands"):
            assert "Example: bayesgap " in (command.help or ""), name
