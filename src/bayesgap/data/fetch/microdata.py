"""Own microdata extracts: persons by region, education and industry, in registers' codes.

Columns: region, year, concept, education (NUS2000 or ISCED), industry (SN2007), persons; others
are carried along unread. A suppressed cell is written as an interval ("<5", "1-4", ":" or "."):
it is handled as one, never as zero. Convert with a mapping file:

    [education]   head of a code = education group     (the longest head that fits)
    [industry]    first and last two-digit code = sector
    [suppressed]  ":" = [1, 4]
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.errors import DataError, Language, Problem, StudyError
from bayesgap.schema import EDUCATION, SECTORS
from bayesgap.study.toml_files import read_toml

COLUMNS = ("region", "year", "concept", "education", "industry", "persons")
EXAMPLE = (
    ("2023", "workplace", "661101", "86.101", "412"),
    ("2023", "workplace", "455212", "41.200", "<5"),
)
UNIFORM_SD = 1 / np.sqrt(12)  # of an interval, in its lengths
FLOOR_SD = 0.02
_INTERVAL = re.compile(r"(?:<\s*(\d+)|(\d+)\s*-\s*(\d+))")
TEXTS = {
    "missing": ("the column is missing", "kolonnen mangler"),
    "add": ("Add it; the template shows how.", "Legg den til; malen viser hvordan."),
    "number": ("{0!r} is neither a number nor an interval",
        "{0!r} er verken et tall eller et intervall"),
    "write": ('Write a number, or "<5" or "1-4".', 'Skriv et tall, eller "<5" eller "1-4".'),
    "code": ("the code {0!r} is in no group of the mapping",
        "koden {0!r} er ikke i noen gruppe i koblingen"),
    "map": ("Add its head to the mapping file.", "Legg begynnelsen av koden til i koblingsfila."),
    "concept": ("{0!r} is no concept", "{0!r} er ikke et begrep"),
    "either": ("Write residence or workplace.",
        "Skriv residence (bosted) eller workplace (arbeidssted)."),
    "region": ("the region {0!r} is not in the study", "regionen {0!r} er ikke med i studien"),
    "rename": ("Use the study's names.", "Bruk studiens navn."),
    "twice": ("the same cell as a line further up", "samme celle som en linje lenger opp"),
    "keep": ("Keep one of the two.", "Behold en av de to."),
    "work": ("no rows at the workplace", "ingen rader etter arbeidssted (workplace)"),
    "rows": ("Add them.", "Legg dem til."),
}  # fmt: skip


@dataclass(frozen=True)
class Codes:
    """Codes of registers to groups and sectors, and the interval of a suppressed cell."""

    education: Mapping[str, str]
    industry: Mapping[str, str]
    suppressed: Mapping[str, tuple[float, float]]

    def group(self, code: str) -> str | None:
        """Education group of a code: that of its longest known head."""
        heads = [head for head in self.education if code.startswith(head)]
        return self.education[max(heads, key=len)] if heads else None

    def sector(self, code: str) -> str | None:
        """Sector of an industry code, by its first two digits; a sector's own name stays."""
        if code in SECTORS:
            return code
        division = code[:2]
        for span, sector in self.industry.items():
            low, _, high = span.partition("-")
            if division.isdigit() and int(low) <= int(division) <= int(high or low):
                return sector
        return None


def read_mapping(path: Path) -> Codes:
    """Mapping file of codes.

    Raises
    ------
    StudyError
        Not TOML, or a group or sector that does not exist.
    """
    raw = read_toml(path, "mapping file")
    education, industry = raw.get("education", {}), raw.get("industry", {})
    wrong = [g for g in education.values() if g not in EDUCATION]
    wrong += [s for s in industry.values() if s not in SECTORS]
    if wrong or not education:
        known = f"groups: {', '.join(EDUCATION)}; sectors: {', '.join(SECTORS)}"
        raise StudyError(f"{path} names {wrong or 'no education groups'}. Known {known}.")
    hidden = {
        key: (float(low), float(high)) for key, (low, high) in raw.get("suppressed", {}).items()
    }
    return Codes(education, industry or {name: name for name in SECTORS}, hidden)


def read_extract(path: Path) -> pd.DataFrame:
    """Rows of an extract as text, CSV or Parquet, indexed by line (1 is the header)."""
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path).astype(str)
    else:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    return frame


def interval(text: str, mapping: Codes) -> tuple[float, float] | None:
    """Least and greatest number of persons that a cell can mean, None if it means none."""
    text = text.strip()
    if text in mapping.suppressed:
        return mapping.suppressed[text]
    if found := _INTERVAL.fullmatch(text):
        below, low, high = found.groups()
        return (1.0, float(below) - 1) if below else (float(low), float(high))
    try:
        number = float(text)
    except ValueError:
        return None
    return (number, number) if number >= 0 and np.isfinite(number) else None


def validate(
    frame: pd.DataFrame, file: str, mapping: Codes, regions: Iterable[str], language: Language
) -> list[Problem]:
    """Everything that is wrong with an extract, in English or Norwegian."""
    place = 1 if language == "no" else 0

    def problem(row: int | None, column: str, what: str, fix: str, value: str = "") -> Problem:
        found = TEXTS[what][place].format(value)
        return Problem(file, row, column, found, TEXTS[fix][place], language=language)

    missing = [c for c in COLUMNS if c not in frame]
    if missing:
        return [problem(1, column, "missing", "add") for column in missing]
    known, out = set(regions), []
    for line, row in zip(frame.index, frame.to_dict("records"), strict=True):
        if interval(row["persons"], mapping) is None:
            out.append(problem(line, "persons", "number", "write", row["persons"]))
        if mapping.group(row["education"]) is None:
            out.append(problem(line, "education", "code", "map", row["education"]))
        if row["concept"] != "residence" and mapping.sector(row["industry"]) is None:
            out.append(problem(line, "industry", "code", "map", row["industry"]))
        if row["concept"] not in ("residence", "workplace"):
            out.append(problem(line, "concept", "concept", "either", row["concept"]))
        if row["region"] not in known:
            out.append(problem(line, "region", "region", "rename", row["region"]))
    keys = [c for c in frame if c != "persons"]
    out += [problem(int(n), "region", "twice", "keep") for n in frame.index[frame.duplicated(keys)]]
    if "workplace" not in set(frame["concept"]):
        out.append(problem(None, "concept", "work", "rows"))
    return out


def convert(
    frame: pd.DataFrame,
    file: str,
    mapping: Codes,
    regions: Iterable[str],
    language: Language = "en",
) -> dict[str, pd.DataFrame]:
    """Tables of ours from an extract, observed.

    From rows at the workplace `employment_workplace_base` and `employed_sector_education`, from
    rows by residence, where there are any, `education_fields`; each from its last year.

    A sum of intervals is told by its middle and by the spread of a uniform guess within each:
    value = sum of middles, sd in logs = sqrt(sum of squared lengths / 12) / value, at least
    `FLOOR_SD`. Sectors without a person get half a person.

    Raises
    ------
    DataError
        Anything that `validate` finds.
    """
    if problems := validate(frame, file, mapping, regions, language):
        raise DataError(problems)
    work, home = (_cells(frame, concept, mapping) for concept in ("workplace", "residence"))
    places = pd.MultiIndex.from_product(
        [list(dict.fromkeys(work["region"])), list(SECTORS)], names=["region", "sector"]
    )
    base = _sums(work, places).rename(columns={"value": "persons", "sd": "log_sd"})
    tables = {
        "employment_workplace_base": _described(base, work, "workplace", file),
        "employed_sector_education": _counted(work, ("sector",), "employed", "workplace", file),
    }
    if not home.empty:
        home = home[home["education"].str.contains(":")]  # levels of several fields
        tables["education_fields"] = _counted(home, (), "persons", "residence", file)
    return tables


def _cells(frame: pd.DataFrame, concept: str, mapping: Codes) -> pd.DataFrame:
    """Rows of a concept in its last year, in our codes: middles and squared spreads."""
    rows = frame[frame["concept"] == concept]
    rows = rows[rows["year"] == rows["year"].max()]
    found = [interval(text, mapping) for text in rows["persons"]]
    bounds = np.array(found, dtype=float).reshape(-1, 2)
    return pd.DataFrame(
        {
            "region": rows["region"],
            "year": rows["year"].astype(int),
            "sector": rows["industry"].map(mapping.sector),
            "education": rows["education"].map(mapping.group),
            "middle": bounds.mean(axis=1),
            "square": ((bounds[:, 1] - bounds[:, 0]) * UNIFORM_SD) ** 2,
        }
    )


def _described(frame: pd.DataFrame, cells: pd.DataFrame, concept: str, file: str) -> pd.DataFrame:
    """`frame` with its year, and where its rows come from."""
    return frame.assign(
        year=int(cells["year"].iloc[0]),
        concept=concept,
        border_year=2024,
        coverage="all",
        source=f"own extract {file}",
        status="observed",
    )


def _counted(
    cells: pd.DataFrame, by: tuple[str, ...], name: str, concept: str, file: str
) -> pd.DataFrame:
    """Whole persons by region, `by`, level and field; a suppressed cell counts as its middle."""
    sums = cells.groupby(["region", *by, "education"], as_index=False)["middle"].sum()
    parts = sums["education"].str.partition(":")
    sums = sums.assign(level=parts[0], field=parts[2].replace("", "all"))
    sums[name] = np.floor(sums["middle"] + 0.5).astype(int)
    return _described(sums[["region", *by, "level", "field", name]], cells, concept, file)


def _sums(cells: pd.DataFrame, index: pd.MultiIndex) -> pd.DataFrame:
    sums = cells.groupby(list(index.names))[["middle", "square"]].sum().reindex(index).fillna(0.0)
    value = sums["middle"].clip(lower=0.5)
    spread = np.hypot(np.sqrt(sums["square"]) / value, FLOOR_SD)
    spread = spread.where(sums["middle"] > 0, 1.0)  # nobody seen: half a person, give or take
    return pd.DataFrame({"value": value, "sd": spread.round(4)}).reset_index()


def template(folder: Path, region: str) -> tuple[Path, Path]:
    """Write an extract of two example rows of `region` and a mapping file to start from.

    Raises
    ------
    StudyError
        One of the two files exists.
    """
    extract, mapping = folder / "extract.csv", folder / "codes.toml"
    for path in (extract, mapping):
        if path.exists():
            raise StudyError(f"{path} exists already. Name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(region, *example) for example in EXAMPLE]
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(extract, index=False)
    spans = "\n".join(f'"{name}" = "{name}"' for name in SECTORS)
    mapping.write_text(_CODES.format(spans=spans), encoding="utf-8")
    return extract, mapping


_CODES = """# Codes of registers to groups: the longest head of a code that fits decides.
# Levels are the first digit of NUS2000; fields are the second. Correct and refine them.
# Nivåer er første siffer i NUS2000, fagfelt det andre. Rett og utvid.
[education]
"0" = "primary"
"1" = "primary"
"2" = "primary"
"3" = "upper_secondary:other"
"4" = "upper_secondary:other"
"30" = "upper_secondary:general"
"40" = "upper_secondary:general"
"36" = "upper_secondary:health_care"
"46" = "upper_secondary:health_care"
"35" = "upper_secondary:electrical_mechanical"
"45" = "upper_secondary:electrical_mechanical"
"357" = "upper_secondary:construction"
"457" = "upper_secondary:construction"
"5" = "higher_vocational"
"6" = "bachelor:other"
"61" = "bachelor:social_humanities"
"62" = "bachelor:teaching"
"63" = "bachelor:social_humanities"
"64" = "bachelor:business_admin"
"65" = "bachelor:science_engineering"
"654" = "bachelor:ict"
"66" = "bachelor:health_care"
"7" = "master:other"
"71" = "master:social_humanities"
"72" = "master:teaching"
"73" = "master:social_humanities"
"74" = "master:business_admin"
"75" = "master:science_engineering"
"754" = "master:ict"
"76" = "master:health_care"
"8" = "master:other"

[industry]
{spans}

[suppressed]
":" = [1, 4]
"""
