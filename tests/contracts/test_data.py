"""The embedded data and what describes them say the same."""

import csv
import tomllib
from pathlib import Path
from typing import get_args

from bayesgap import schema
from bayesgap.data.columns import Folder
from bayesgap.data.manifest import file_hash, read_manifest
from bayesgap.data.schemas import TABLES
from bayesgap.data.tables import read_regions
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import load_study

DATA = bundle_root() / "data"


def reference(name: str) -> list[dict[str, str]]:
    with (DATA / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_has_a_schema_and_a_manifest_entry() -> None:
    files = {path.stem: path for f in get_args(Folder) for path in (DATA / f).glob("*.csv")}
    ours = {name: table.folder for name, table in TABLES.items() if not table.optional}
    assert {n: path.parent.name for n, path in files.items()} == ours
    assert set(read_manifest(DATA).tables) == set(ours)


def test_manifest_hashes_are_current() -> None:
    stale = [
        name
        for name, entry in read_manifest(DATA).tables.items()
        if file_hash(DATA / entry.file) != entry.sha256
    ]
    assert not stale, f"run scripts/refresh_manifest.py: {stale}"


def test_manifest_status_is_the_rows_status() -> None:
    for name, entry in read_manifest(DATA).tables.items():
        with (DATA / entry.file).open(encoding="utf-8", newline="") as file:
            status = {row.get("status", entry.status) for row in csv.DictReader(file)}
        assert status == {entry.status}, name


def test_code_lists_equal_the_schema() -> None:
    assert {row["sector"]: row["name"] for row in reference("sectors")} == schema.SECTORS
    assert tuple(row["sector"] for row in reference("sectors")) == tuple(schema.SECTORS)
    assert tuple(row["level"] for row in reference("levels")) == schema.LEVELS
    groups = [tuple(row.values()) for row in reference("education_groups")]
    wanted = zip(schema.EDUCATION, schema.EDUCATION_LEVEL, schema.EDUCATION_FIELD, strict=True)
    assert groups == list(wanted)


def test_age_bands_lie_within_the_ages() -> None:
    bands = [(int(row["first_age"]), int(row["last_age"])) for row in reference("age_bands")]
    assert all(0 <= first <= last <= schema.AGE_MAX for first, last in bands)
    assert {row["age_band"] for row in reference("age_bands")} >= {"all", "20-66", "80+"}


def test_regions_of_the_default_study_are_listed() -> None:
    regions = read_regions(DATA / "buskerud")
    study = load_study(default_study())
    assert regions["target"] == study.targets
    assert regions["pooling"] == study.pooling
    assert study.total in regions["total"]


def test_municipalities_cover_the_targets() -> None:
    rows = reference("municipalities")
    assert {row["region"] for row in rows} == set(read_regions(DATA)["target"])
    assert len({row["municipality_code"] for row in rows}) == 23
    assert all(len(row["historic_code"]) == 4 and row["historic_code"].isdigit() for row in rows)
    now = [row for row in rows if row["valid_to"] == ""]
    assert all(row["historic_code"] == row["municipality_code"] for row in now)
    assert len(now) == 23


def test_the_wheel_carries_models_data_and_evidence() -> None:
    root = Path(__file__).parents[2]
    build = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    carried = build["build"]["targets"]["wheel"]["force-include"]
    parts = ("models", "data", "docs/results")
    assert carried == {part: f"bayesgap/_bundle/{part}" for part in parts}


def test_readme_names_every_table() -> None:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert not [name for name in TABLES if f"`{name}`" not in text]
