"""The explorer's page in Debian's chromium, with no network at all."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xarray as xr
from needs import NO_BROWSER, chromium
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from scenario_run import add, plan
from scenario_world import measure
from typer.testing import CliRunner
from visits import DESKTOP, Visit, visit

from bayesgap.cli.common import app
from bayesgap.runs.run import Run, open_run
from bayesgap.study.scenario_files import Plan
from bayesgap.study.study import Study

SINGLE = Plan("growth", "Growth", (measure("outside", "growth"),))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def explored(run_folder: Path, study: Study, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with a combination of two measures and a single one."""
    path = tmp_path_factory.mktemp("explored") / run_folder.name
    shutil.copytree(run_folder, path)
    run = open_run(path)
    add(run, plan(), study)
    add(run, SINGLE, study, scale=120.0)
    return run


@pytest.fixture(scope="session")
def page_file(explored: Run) -> Path:
    """The page, made by the command."""
    done = CliRunner().invoke(app, ["explore", str(explored.path)])
    assert done.exit_code == 0, done.output
    return explored.path / "explorer.html"


@pytest.fixture(scope="session")
def effects(explored: Run) -> dict[str, xr.Dataset]:
    return {n: explored.effect(n) for n in ("less_exclusion", "growth")}


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Maker of visitors; at the end nothing may have been said, asked or refused."""
    made: list[tuple[BrowserContext, Visit]] = []

    def make(file: Path, viewport: dict[str, int] = DESKTOP, locale: str = "en-GB") -> Visit:
        context = browser.new_context(viewport=viewport, locale=locale, accept_downloads=True)
        visitor = visit(context, file)
        made.append((context, visitor))
        return visitor

    yield make
    for context, visitor in made:
        assert not visitor.problems
        strangers = [u for u in visitor.requests if u.partition("#")[0] != visitor.address]
        assert [u for u in strangers if u != "about:blank" and not u.startswith("blob:")] == []
        context.close()


@pytest.fixture
def visitor(visitors: Callable[..., Visit], page_file: Path) -> Visit:
    """A visitor at a desk, who reads English."""
    return visitors(page_file)
