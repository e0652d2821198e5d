"""Commands that read a run, and answers to mistyped words, load nothing that takes seconds.

What they may not import is listed, not timed: times depend on the machine.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scenario_run import add, plan

from bayesgap import schema
from bayesgap.blocks.registry import BLOCKS
from bayesgap.runs.run import open_run
from bayesgap.study.study import Study
from bayesgap.validation.misspecification import MADE_UP

HEAVY = {
    "arviz",
    "arviz_base",
    "arviz_plots",
    "arviz_stats",
    "dask",
    "distributed",
    "h5netcdf",
    "h5py",
    "httpx2",
    "jax",
    "matplotlib",
    "numba",
    "nutpie",
    "numpyro",
    "pandas",
    "pandera",
    "preliz",
    "psutil",
    "pymc",
    "pytensor",
    "scipy",
    "scipy.stats",
    "scoringrules",
    "stamina",
    "statsmodels",
    "xarray",
}
WORDS = HEAVY | {"pyarrow", "zarr"}  # a word is checked before anything is read
QUANTILES = {"scipy"}  # `scipy.special` has those of beta and gamma priors; the rest stays away
LISTED = (
    "import sys\n"
    "from bayesgap.cli import main\n"
    "try:\n    main(sys.argv[2:])\n"
    "finally:\n"
    "    print('loaded:', *sorted(set(sys.argv[1].split()) & set(sys.modules)), file=sys.stderr)\n"
)


@pytest.fixture(scope="module")
def folder(run_folder: Path, study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with one scenario."""
    path = tmp_path_factory.mktemp("read") / "runs" / run_folder.name
    shutil.copytree(run_folder, path)
    add(open_run(path), plan(), study)
    return path


def loaded(folder: Path, words: str, heavy: set[str]) -> tuple[int, str, set[str]]:
    """Exit code, what was printed, and which of `heavy` the command loaded."""
    named = [str(folder) if word == "RUN" else word for word in words.split()]
    call = [sys.executable, "-c", LISTED, " ".join(heavy), *named]
    done = subprocess.run(call, cwd=folder.parents[1], capture_output=True, text=True, check=False)
    told, _, found = done.stderr.rpartition("loaded:")
    return done.returncode, done.stdout + told, set(found.split())


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ("--help", set()),
        ("priors --help", set()),
        ("show", set()),
        ("show RUN --by education --region Hallingdal --format json", set()),
        ("show RUN --by sector --year 2028 --format csv", set()),
        ("show RUN --scenario less_exclusion", set()),
        ("health RUN", set()),
        ("health RUN --format csv", set()),
        ("chance RUN", set()),
        ("chance RUN --region Hallingdal --education bachelor:ict --year 2028", set()),
        ("chance RUN --scenario less_exclusion --at-least 20", set()),
        ("chance RUN --education nurse", set()),
        ("compare RUN less_exclusion --year 2030", set()),
        ("compare RUN less_exclusion main --by sector --year 2030 --region Hallingdal", set()),
        ("priors show", QUANTILES),
        ("priors show --block sectors", QUANTILES),
    ],
)
def test_reading_commands_load_little(folder: Path, words: str, allowed: set[str]) -> None:
    code, printed, found = loaded(folder, words, HEAVY)
    assert code == 0 and len(printed.splitlines()) > 1, printed
    assert found == allowed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("shwo", "show"),
        ("show --regoin Hallingdal", "--regoin"),
        ("show --by colour", "colour"),
        ("show nowhere", "There is no run folder nowhere"),
        ("chance nowhere", "There is no run folder nowhere"),
        ("compare nowhere growth", "There is no run folder nowhere"),
        ("compare main growth", '"main" is a scenario, where a run must be named first'),
        ("compare-report nowhere", "There is no run folder nowhere"),
        ("scenarios nowhere", "There is no run folder nowhere"),
        ("assumptions nowhere RUN", "There is no run folder nowhere"),
        ("export nowhere", "There is no run folder nowhere"),
        ("export RUN --to zarr --scenario growht", 'has no scenario "growht"'),
        ("explore nowhere", "There is no run folder nowhere"),
        ("report nowhere", "There is no run folder nowhere"),
        ("chapters RUN --region Halingdal", "--region must be one of"),
        ("uncertainty RUN --years 1999", "--years must be years"),
        ("sensitivity RUN --region Halingdal", "--region must be one of"),
        ("sensitivity RUN --quantity bachelr", "--quantity must be one of"),
        ("sensitivity RUN --priors sectors.nothing", "--priors must name priors"),
        ("sensitivity RUN --priors widee", "There is no prior set"),
        ("sensitivity RUN --only powr", "--only must name"),
        ("close RUN less_exclusoin", 'Did you mean "less_exclusion"'),
        ("close RUN less_exclusion --region Halingdal", 'Did you mean "Hallingdal"'),
        ("priors show --block sectrs", "--block must be one of"),
        ("priors show nowhere.toml", "There is no study file"),
        ("priors check nowhere", "There is no run folder nowhere"),
        ("run nowhere.toml", "There is no study file"),
        ("run --scenarios growht", 'Did you mean "growth"'),
        ("validate sbc nowhere.toml", "There is no study file"),
        ("validate sbc --block sectrs", "--block must be of"),
        ("validate misfits --block sectrs", "--block must be of"),
        ("validate transfer nowhere.toml --origin 2019", "There is no study file"),
        ("data check nowhere", "no such folder"),
        ("data diff nowhere there", "must be a folder of tables"),
        ("data fetch nowhere.toml", "There is no study file"),
        ("data reconcile nowhere", "no such folder"),
    ],
)
def test_mistyped_words_load_next_to_nothing(folder: Path, words: str, message: str) -> None:
    code, printed, found = loaded(folder, words, WORDS)
    assert code == 2 and message in printed, printed
    assert not found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("show RUN --region Halingdal", 'Did you mean "Hallingdal"'),
        ("show RUN --year 1999", "There is no year"),
        ("show RUN --scenario growht", "There is no scenario"),
        ("chance RUN --region Halingdal", 'Did you mean "Hallingdal"'),
        ("chance RUN --year 1999", "There is no year"),
        ("chance RUN --education bachelor:nursing", "Did you mean bachelor:health_care"),
        ("chance RUN --scenario growht", 'has no scenario "growht"'),
        ("compare RUN growht", 'has no scenario "growht"'),
        ("compare RUN less_exclusion --region Halingdal", 'Did you mean "Hallingdal"'),
        ("compare RUN less_exclusion --year 1999", "There is no year"),
    ],
)
def test_words_that_a_run_must_know_load_little(folder: Path, words: str, message: str) -> None:
    code, printed, found = loaded(folder, words, HEAVY)
    assert code == 2 and message in printed, printed
    assert not found


def test_names_that_words_are_checked_against_are_those_of_what_computes() -> None:
    assert tuple(BLOCKS) == schema.BLOCKS
    assert {name for name in BLOCKS if BLOCKS[name].world} == set(MADE_UP)
