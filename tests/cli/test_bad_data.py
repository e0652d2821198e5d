"""Ten damaged copies of the data folder: one message, exit code 2, nothing left behind."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bayesgap.cli import main
from bayesgap.study.bundle import bundle_root, default_study

pytestmark = pytest.mark.usefixtures("copies_are_cheap")
Lines = list[str]


def cell(line: str, column: int, value: str) -> str:
    parts = line.split(",")
    return ",".join([*parts[:column], value, *parts[column + 1 :]])


def one(change: Callable[[str], str]) -> Callable[[Lines], Lines]:
    """Change the tenth line."""
    return lambda lines: [*lines[:9], change(lines[9]), *lines[10:]]


# employment_status.csv: region, year, measure, persons, ...
DAMAGES: dict[str, Callable[[Lines], Lines]] = {
    "wrong type": one(lambda line: cell(line, 3, "many")),
    "negative": one(lambda line: cell(line, 3, "-5")),
    "duplicate row": lambda lines: [*lines, lines[9]],
    "unknown region": one(lambda line: cell(line, 0, "Atlantis")),
    "missing year": lambda lines: [
        line for line in lines if not line.startswith("Hallingdal,2019,")
    ],
    "empty file": lambda lines: [],
    "extra column": lambda lines: [f"{line},9" for line in lines],
    "swapped columns": lambda lines: [
        cell(cell(lines[0], 1, "persons"), 3, "year"),
        *lines[1:],
    ],
}


def damage(folder: Path, name: str) -> None:
    path = folder / "employment_status.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    if name == "wrong encoding":
        path.write_text("\n".join(lines), encoding="utf-16")
    elif name == "totals off":
        path = folder / "employment_residence_by_municipality.csv"
        rows = path.read_text(encoding="utf-8").splitlines()
        place = next(i for i, row in enumerate(rows) if ",2019,00-99," in row)
        rows[place] = cell(rows[place], 4, "1")
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    else:
        text = "\n".join(DAMAGES[name](lines))
        path.write_text(f"{text}\n" if text else "", encoding="utf-8")


@pytest.fixture
def study_of_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study beside a copy of the embedded tables, in an otherwise empty folder."""
    shutil.copytree(bundle_root() / "data" / "buskerud", tmp_path / "tables")
    study = tmp_path / "study.toml"
    study.write_text(f'extends = "{default_study()}"\ndata = "tables"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return study


@pytest.mark.parametrize("name", [*DAMAGES, "wrong encoding", "totals off"])
def test_damaged_data_is_refused(
    study_of_a_copy: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    damage(study_of_a_copy.parent / "tables", name)
    with pytest.raises(SystemExit) as ended:
        main(["run", str(study_of_a_copy)])
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert err.startswith("bayesgap: ") and "problem(s) in the input data" in err
    assert "Traceback" not in err and out == ""
    assert {path.name for path in study_of_a_copy.parent.iterdir()} == {"tables", "study.toml"}
