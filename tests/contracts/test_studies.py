"""Every declared study loads, and says why."""

from pathlib import Path

import pytest

from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

MODELS = default_study().parent
STUDIES = sorted(set(MODELS.glob("*.toml")) - {MODELS / "report_mode.toml"})


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_study_loads_and_finds_its_data(path: Path) -> None:
    study = load_study(path)
    assert resolve_data(path, study).is_dir()
    assert study.name.replace("_", "-") == path.stem.replace("_", "-")


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_prior_has_a_reason_of_its_own(path: Path) -> None:
    study = load_study(path)
    reasons = [spec.why for block in study.priors.values() for spec in block.values()]
    assert all(reason.rstrip().endswith(".") for reason in reasons)


def test_quick_differs_from_the_default_in_effort_only() -> None:
    default, quick = load_study(default_study()), load_study(MODELS / "quick.toml")
    same = {"name": default.name, "title": default.title, "sampling": default.sampling}
    assert quick.model_copy(update=same) == default
