"""What the how-tos tell a user to write is accepted."""

import re
from pathlib import Path

import pytest

from bayesgap.study.bundle import default_study
from bayesgap.study.scenario_files import find_plans
from bayesgap.study.study import load_study

HOWTO = Path(__file__).parents[2] / "docs" / "howto"


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
