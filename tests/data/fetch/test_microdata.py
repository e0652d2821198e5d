"""Own extracts: suppressed cells are intervals, faults are told in two languages."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bayesgap.blocks.education.fields_panel import build_fields_panel
from bayesgap.blocks.skill_mix.panel import build_skill_mix_panel
from bayesgap.data.fetch.microdata import (
    COLUMNS,
    Codes,
    convert,
    interval,
    read_extract,
    read_mapping,
    template,
    validate,
)
from bayesgap.data.tables import read_tables
from bayesgap.errors import DataError, StudyError
from bayesgap.schema import SECTORS
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import Study

CODES = Codes(
    {"6": "bachelor:other", "66": "bachelor:health_care", "4": "upper_secondary:other"},
    {"41-43": "41-43", "86-88": "86-88"},
    {":": (1.0, 4.0)},
)


def extract(*rows: tuple[str, str, str]) -> pd.DataFrame:
    whole = [("Here", "2023", "workplace", *row) for row in rows]
    frame = pd.DataFrame(whole, columns=list(COLUMNS))
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return frame


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("7", (7, 7)), ("<5", (1, 4)), ("1-4", (1, 4)), (":", (1, 4)), ("-1", None), ("x", None)],
)
def test_a_cell_is_a_number_or_an_interval(text: str, bounds: tuple[float, float] | None) -> None:
    assert interval(text, CODES) == bounds


def test_the_longest_head_decides() -> None:
    assert CODES.group("661101") == "bachelor:health_care"
    assert CODES.group("641101") == "bachelor:other"
    assert CODES.group("9") is None
    assert (CODES.sector("86.101"), CODES.sector("41-43"), CODES.sector("01")) == (
        "86-88",
        "41-43",
        None,
    )


def test_suppressed_cells_widen_and_are_not_zero() -> None:
    frame = extract(("661101", "86.1", "100"), ("641101", "86.1", "<5"), ("455", "41.2", ":"))
    base = convert(frame, "x.csv", CODES, ["Here"])["employment_workplace_base"]
    base = base.set_index("sector")
    assert base.loc["86-88", "persons"] == 102.5  # 100 and the middle of 1 to 4
    assert base.loc["41-43", "persons"] == 2.5
    wide = 3 / np.sqrt(12) / 2.5  # a uniform guess within three persons
    assert base.loc["41-43", "log_sd"] == pytest.approx(np.hypot(wide, 0.02), abs=1e-4)
    assert base.loc["86-88", "log_sd"] < base.loc["41-43", "log_sd"] < base.loc["84", "log_sd"]
    assert len(base) == len(SECTORS) and set(base["status"]) == {"observed"}


def test_the_employed_are_counted_by_level_and_field() -> None:
    frame = extract(("661101", "86.1", "30"), ("641101", "86.1", "<5"), ("455", "41.2", "7"))
    found = convert(frame, "x.csv", CODES, ["Here"])["employed_sector_education"]
    counts = found.set_index(["sector", "level", "field"])["employed"]
    assert counts["86-88", "bachelor", "health_care"] == 30
    assert counts["86-88", "bachelor", "other"] == 3  # the middle of 1 to 4, to whole persons
    assert len(counts) == 3 and set(found["concept"]) == {"workplace"}


def test_residents_need_no_industry_and_count_by_field() -> None:
    work = extract(("661101", "86.1", "30"))
    rows = [("661101", "50"), ("641101", "20"), ("661102", "5")]
    home = extract(*((code, "", number) for code, number in rows)).assign(concept="residence")
    tables = convert(pd.concat([work, home], ignore_index=True), "x.csv", CODES, ["Here"])
    found = tables["education_fields"].set_index(["level", "field"])["persons"]
    assert found.to_dict() == {("bachelor", "health_care"): 55, ("bachelor", "other"): 20}
    assert "education_fields" not in convert(work, "x.csv", CODES, ["Here"])


def test_converted_tables_are_read_by_the_models(tmp_path: Path, study: Study) -> None:
    """Files in a study's own folder: its fields and its mix are then observed."""
    place = study.targets[1]
    work = extract(("661101", "86.1", "300"), ("641101", "86.1", "60")).assign(region=place)
    both = pd.concat([work, work.assign(concept="residence")], ignore_index=True)
    folder = tmp_path / "data"
    shutil.copytree(resolve_data(default_study(), study), folder)
    for name, frame in convert(both, "x.csv", CODES, study.targets).items():
        if name != "employment_workplace_base":  # of one region, it would lack the others
            frame.to_csv(folder / f"{name}.csv", index=False)
    tables = read_tables(folder)
    fields = build_fields_panel(tables, study)["field_own"].sel(target=place)
    told = fields.sel(field_group=["bachelor:health_care", "bachelor:other"]).values
    assert told == pytest.approx(np.log([300 / 360, 60 / 360]), abs=0.01)  # empty cells: 0.5
    mix = build_skill_mix_panel(tables, study)
    assert list(mix["register_region"].values) == [place]
    nurses = mix["register"].sel(sector="86-88", education="bachelor:health_care")
    assert nurses.item() == pytest.approx(np.log(300 / 360), abs=0.1)


def test_faults_are_told_in_english_and_norwegian() -> None:
    frame = extract(("999", "86.1", "many"), ("661101", "86.1", "3"), ("661101", "86.1", "4"))
    english = [str(p) for p in validate(frame, "x.csv", CODES, ["Here"], "en")]
    norwegian = [str(p) for p in validate(frame, "x.csv", CODES, ["Here"], "no")]
    assert len(english) == len(norwegian) == 3
    assert "row 2, column persons): 'many' is neither a number nor an interval" in english[0]
    assert "'many' er verken et tall eller et intervall" in norwegian[0]
    assert any("samme celle som en linje lenger opp" in text for text in norwegian)
    with pytest.raises(DataError, match="3 problem"):
        convert(frame, "x.csv", CODES, ["Here"])
    with pytest.raises(DataError, match=r"3 feil i dataene:\n.*\(rad 2, kolonne persons\)"):
        convert(frame, "x.csv", CODES, ["Here"], "no")
    home = frame.assign(concept="residence", persons="3", education="6", industry="86.1")
    home = home.drop_duplicates()
    [lost] = validate(home, "x.csv", CODES, ["Here"], "no")
    assert str(lost) == (
        "x.csv (kolonne concept): ingen rader etter arbeidssted (workplace). Legg dem til."
    )
    lacking = validate(frame.drop(columns="industry"), "x.csv", CODES, ["Here"], "no")
    assert [p.found for p in lacking] == ["kolonnen mangler"]
    assert validate(frame, "x.csv", CODES, ["Elsewhere"], "en")


def test_the_template_converts_as_it_is_and_overwrites_nothing(tmp_path: Path) -> None:
    extract_path, codes = template(tmp_path, "Drammensregionen")
    frame = read_extract(extract_path)
    tables = convert(frame, "extract.csv", read_mapping(codes), ["Drammensregionen"])
    assert tables["employment_workplace_base"]["persons"].sum() > 400
    with pytest.raises(StudyError, match="exists already"):
        template(tmp_path, "Drammensregionen")


def test_a_mapping_to_unknown_groups_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "codes.toml"
    path.write_text('[education]\n"6" = "bachelor:magic"\n', encoding="utf-8")
    with pytest.raises(StudyError, match="bachelor:magic"):
        read_mapping(path)
