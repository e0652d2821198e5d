"""An installed wheel, in an empty folder, carries the study and its data."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from needs import NO_UV

ROOT = Path(__file__).parents[2]


def working_uv() -> str | None:
    """`uv run` names itself in UV; a shim on the path may exist and yet not run."""
    for name in (os.environ.get("UV"), shutil.which("uv"), ROOT / ".uv" / "bin" / "uv"):
        try:
            if name and subprocess.run([name, "--version"], capture_output=True).returncode == 0:
                return str(name)
        except OSError:
            continue
    return None


def called(command: Sequence[object], folder: Path) -> str:
    """Standard output of a command that must end well."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, env=clean, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> str:
    found = working_uv()
    if found is None:
        pytest.skip(NO_UV)
    return found


@pytest.fixture(scope="module")
def wheel(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    called(
        [uv, "build", "--wheel", "--quiet", "--python", sys.executable, "--out-dir", out, ROOT], out
    )
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scripts of an environment with the wheel; what it needs comes from the present one."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    called([uv, "venv", "--quiet", "--python", sys.executable, home], home.parent)
    python = home / "bin" / "python"
    called([uv, "pip", "install", "--quiet", "--no-deps", "--python", python, wheel], home.parent)
    site = home / "lib" / Path(sysconfig.get_path("purelib")).parent.name / "site-packages"
    (site / "present.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin"


def test_the_wheel_carries_every_study_and_table(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("models", "data", "docs/results"):
        wanted = [p for p in (ROOT / folder).rglob("*") if p.suffix in (".toml", ".csv")]
        assert len(wanted) >= 2
        missing = [
            p for p in wanted if f"bayesgap/_bundle/{p.relative_to(ROOT).as_posix()}" not in names
        ]
        assert not missing
    assert "bayesgap/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "runs/", "docs/"))]


def test_the_installed_package_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    code = "import bayesgap; from bayesgap.study.bundle import default_study as d; print(d())"
    study = Path(called([installed / "python", "-c", code], tmp_path).strip())
    assert study.is_relative_to(installed.parent)
    assert study.read_bytes() == (ROOT / "models" / "buskerud.toml").read_bytes()


def test_help_and_data_check_work_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    text = called([installed / "bayesgap", "--help"], tmp_path)
    for command in ("run", "show", "health", "data"):
        assert f" {command} " in text
    checked = called([installed / "bayesgap", "data", "check"], tmp_path)
    assert checked.strip()
    assert not list(tmp_path.iterdir())
