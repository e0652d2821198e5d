"""The command line: exit codes, messages, nothing imported that is not needed."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from bayesgap.cli import main
from bayesgap.present.odds import chance as shown


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


def test_help_imports_neither_pymc_nor_pandas() -> None:
    code = (
        "import sys\nfrom bayesgap.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'pymc', 'pytensor', 'nutpie', 'arviz', 'xarray', 'pandas', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "run" in done.stdout and "show" in done.stdout


def test_show_prints_the_verdict_above_the_table(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "show", str(run_folder))
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Health: PASS")
    assert lines[-3].startswith("Buskerud") and lines[-1].startswith("Next: bayesgap ")


def test_show_marks_assumption_driven_groups(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("show", str(run_folder), "--by", "education", "--region", "Hallingdal")
    _, out, _ = call(capsys, *arguments)
    assert "master: ICT *" in out and "* assumption-driven" in out
    assert "master: teaching *" not in out


def test_csv_is_clean_and_the_verdict_goes_aside(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("show", str(run_folder), "--by", "level", "--year", "2028", "--format", "csv")
    code, out, err = call(capsys, *arguments)
    frame = pd.read_csv(StringIO(out))
    assert code == 0 and len(frame) == 25 and "Health" in err
    assert frame["lower95"].le(frame["upper95"]).all()


def test_json_carries_verdict_and_marks(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("show", str(run_folder), "--by", "education", "--format", "json")
    content = json.loads(call(capsys, *arguments)[1])
    assert content["health"] == "PASS" and content["run_id"] == run_folder.name
    marked = {row["education"] for row in content["rows"] if row["assumption_driven"]}
    assert marked == {"upper_secondary:general", "bachelor:ict", "master:ict"}


@pytest.mark.parametrize(("verdict", "code"), [("PASS", 0), ("REVIEW", 1), ("FAIL", 2)])
def test_health_exits_by_its_verdict(
    run_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    verdict: str,
    code: int,
) -> None:
    content = json.loads((run_folder / "health.json").read_text(encoding="utf-8"))
    content["checks"][0]["verdict"] = verdict
    (tmp_path / "health.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "provenance.json").write_bytes((run_folder / "provenance.json").read_bytes())
    found, out, _ = call(capsys, "health", str(tmp_path))
    assert found == code and f"Health: {verdict}" in out


def test_without_a_name_the_newest_run_is_shown(
    run_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(run_folder.parents[1])
    assert run_folder.name in call(capsys, "show")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "nowhere"), "There is no run folder nowhere"),
        (("show", "RUN", "--region", "Drammen"), "Drammensregionen"),
        (("show", "RUN", "--year", "1999"), "There is no year"),
        (("show", "RUN", "--by", "sector", "--quantity", "gap"), "not split by sector"),
        (("show", "RUN", "--by", "colour"), "colour"),
        (("show", "RUN", "--year", "soon"), "--year"),
        (("run", "nowhere.toml"), "There is no study file"),
        (("run", "--draws", "0"), "draws"),
        (("data", "check", "nowhere"), "no such folder"),
        (("shwo",), "show"),
    ],
)
def test_mistakes_get_one_message_and_exit_code_2(
    run_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    named = [str(run_folder) if word == "RUN" else word for word in arguments]
    code, out, err = call(capsys, *named)
    assert code == 2
    assert message in err and "Traceback" not in err and out == ""
    assert not list(tmp_path.iterdir()), "left something behind"


def test_our_own_fault_is_one_message_and_its_own_exit_code(
    run_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("conflict")

    monkeypatch.setattr("bayesgap.runs.summary.read_rows", broken)
    code, out, err = call(capsys, "show", str(run_folder))
    assert (code, out) == (3, "")
    assert err.startswith("bayesgap: ValueError: conflict\n") and "--debug" in err
    assert "Traceback" not in err


def test_debug_shows_the_traceback() -> None:
    with pytest.raises(ValueError, match="There is no study file"):
        main(["run", "nowhere.toml", "--debug"])


def test_a_study_that_cannot_be_lists_every_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('name = "Bad Name"\nhorizon = "soon"\n', encoding="utf-8")
    code, _, err = call(capsys, "run", str(path))
    assert code == 2
    assert all(word in err for word in ("name", "horizon", "targets", "priors"))


def test_chance_is_that_of_the_draws(
    run_folder: Path, outlook: xr.Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--region", "Hallingdal", "--year", "2028", "--education", "bachelor:ict")
    code, out, _ = call(capsys, "chance", str(run_folder), *asked, "--at-least", "20")
    draws = outlook["gap"].sel(region="Hallingdal", year=2028, education="bachelor:ict")
    wanted = shown(float((draws >= 20).mean()))
    assert code == 0 and out.startswith("Health: PASS")
    assert (
        f"Hallingdal is short of at least 20 workers with bachelor: ICT * in 2028: {wanted}" in out
    )
    assert "in 4 cases of 5 from " in out and "* assumption-driven" in out
    _, every, _ = call(capsys, "chance", str(run_folder))
    last = outlook["gap"].sel(region="Buskerud", year=2030).sum("education")
    assert f"Buskerud is short of workers in 2030: {shown(float((last > 0).mean()))}" in every


def test_chance_of_an_occupation_carries_its_uncertainty(
    run_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, "chance", str(run_folder), "--education", "sykepleier")
    assert code == 0 and "bachelor: health and care" in out
    assert "28% of that group's employed work in this occupation" in out
    assert "in 4 cases of 5 from" in out.split("shared out likewise")[1]


def test_chance_says_what_it_knows(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "chance", str(run_folder), "--education", "nurss")
    assert code == 2 and "bachelor:health_care" in err
