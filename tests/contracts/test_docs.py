"""What the how-tos tell a user to write is accepted."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from scenario_run import add, plan
from typer.main import get_command
from typer.testing import CliRunner

from bayesgap.cli.common import app
from bayesgap.runs.run import open_run
from bayesgap.study.bundle import default_study
from bayesgap.study.scenario_files import find_plans
from bayesgap.study.study import Study, load_study

HOWTO = Path(__file__).parents[2] / "docs" / "howto"
NOTEBOOKS = HOWTO.parents[1] / "notebooks"


@pytest.fixture
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """File with the first TOML block of a how-to."""
    text = (HOWTO / f"{request.param}.md").read_text(encoding="utf-8")
    found = re.search(r"^ *```toml\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    assert found is not None
    path = tmp_path / "nursing.toml"  # a scenario's file bears its name
    path.write_text(re.sub(r"^   ", "", found[1], flags=re.MULTILINE), encoding="utf-8")
    return path


@pytest.mark.parametrize("told", ["my-prior"], indirect=True)
def test_a_prior_of_ones_own_is_a_study(told: Path) -> None:
    mine, default = load_study(told), load_study(default_study())
    changed = {
        b: n for b, p in mine.priors.items() for n, v in p.items() if v != default.priors[b][n]
    }
    assert changed == {"population": "national_mean"}


@pytest.mark.parametrize("told", ["my-scenario"], indirect=True)
def test_a_scenario_of_ones_own_is_a_plan(told: Path) -> None:
    (plan,) = find_plans([str(told)], load_study(default_study()))
    assert plan.name == "nursing"


READ_ONLY = {"compare", "health", "show", "verify"}  # need neither a sampler nor a network


def commands_of(page: Path) -> Iterator[list[str]]:
    """Words of every `bayesgap` command that a page tells a user to type."""
    text = re.sub(r"\s+", " ", page.read_text(encoding="utf-8").replace("   #", "`"))
    for told in re.findall(r"(?:`|sh |dev )bayesgap ([^`]*)", text):
        yield shlex.split(re.sub(r"(\w+)(\|\w+)+", r"\1", told))  # of alternatives, the first


def every_command() -> list[list[str]]:
    pages = [*sorted(HOWTO.glob("*.md")), HOWTO.parent / "report.md"]
    return [words for page in pages for words in commands_of(page)]


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_of_the_pages_is_one(words: list[str]) -> None:
    here, rest = get_command(app), list(words)
    while rest and hasattr(here, "commands"):
        here = here.commands[rest.pop(0)]  # pyright: ignore[reportAttributeAccessIssue]
    assert here.make_context("bayesgap", rest).command is here


@pytest.fixture(scope="module")
def with_nursing(run_folder: Path, study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with the scenario of the how-to."""
    path = tmp_path_factory.mktemp("howto") / run_folder.name
    shutil.copytree(run_folder, path)
    add(open_run(path), plan("nursing"), study)
    return path


@pytest.mark.parametrize(
    "words",
    [words for words in every_command() if words[0] in READ_ONLY and "RUN" in words],
    ids=" ".join,
)
def test_commands_that_read_a_run_do_so(words: list[str], with_nursing: Path) -> None:
    here = [str(with_nursing) if word == "RUN" else word for word in words]
    done = CliRunner().invoke(app, here)
    assert done.exit_code == 0, done.output
    if words[0] == "compare":
        assert "nursing minus main" in done.output


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_show_their_figures_and_write_numbers_in_one_way(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for code in ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        assert not re.search(r"\brun\.plot_\w+\(.*\);\s*$", code), "the semicolon hides the figure"
        assert not re.search(r":[\d<>]*,\.?\d*f", code), "thousands are apart by a space"
