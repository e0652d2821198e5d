"""Carry official figures over into data/buskerud, tidy, with provenance on every row.

Usage: python scripts/import_facts.py FACTS_FOLDER
The folder holds the compiled facts (see data/README.md); nothing is filled or invented here.
"""

import sys
from pathlib import Path

import pandas as pd

TARGETS = ["Drammensregionen", "Kongsbergregionen", "Ringeriksregionen", "Hallingdal"]
OUT = Path(__file__).parents[1] / "data" / "buskerud"
RENAME = {"nace": "sector", "measure": "concept", "name": "region", "county": "region"}
# file: (concept, border year, coverage, source, status)
FACTS = {
    "population": ("residence", "2024", "all", "SSB 07459", "observed"),
    "population_national": ("residence", "2024", "all", "SSB 07459", "observed"),
    "deaths_national": ("residence", "2024", "all", "SSB 10325", "observed"),
    "migration_flows": (
        "residence",
        "2024",
        "municipal borders: internal moves count",
        "SSB via PANDA extracts",
        "observed",
    ),
    "education_residents_30_66": ("residence", "2024", "all", "IMDi/SSB", "observed"),
    "education_residents_16plus": ("residence", "2024", "all", "SSB 09429", "observed"),
    "upper_secondary_completion_county": ("residence", "2019", "all", "IMDi/SSB", "observed"),
    "employment_status": (None, "2024", "all", "SSB 11618", "observed"),
    "commuting": (None, "2024", "all", "SSB 03321", "observed"),
    "employment_residence_by_municipality": (
        "residence",
        "2024",
        "",
        "SSB 07984 (transcribed)",
        "observed",
    ),
    "employment_workplace_telemark": ("workplace", "2024", "all", "SSB 13470", "observed"),
    "employment_county_accounts": ("workplace", "2019", "all", "SSB 11713", "observed"),
    "employment_national": (None, "2024", "all", "SSB 07984", "observed"),
    "official_projection_total": (
        "residence",
        "2024",
        "all",
        "SSB 14288 main alternative",
        "published",
    ),
    "nav_shortage_2017": ("workplace", "2017", "all", "Nav employer survey 2017", "observed"),
    "report_figures": (None, "2024", "all", "Menon report", "published"),
}


# figures of the study's text: id and rounding half-width
TEXT = {
    "students_growth_total": "0.005",
    "students_growth_business": "0.005",
    "nav_public_health_part": "0.05",
}


def of_text(folder: Path) -> pd.DataFrame:
    """Figures that the study prints in its text alone."""
    frame = pd.read_csv(folder / "education" / "report_text_missed.csv", dtype=str)
    frame = frame[frame["id"].isin(list(TEXT))].rename(columns={"source": "place"})
    return frame.assign(half_width=frame["id"].map(TEXT), note="")


def tidy(name: str, folder: Path) -> pd.DataFrame:
    """One facts file with provenance columns and the project's column names."""
    concept, border, coverage, source, status = FACTS[name]
    frame = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
    if name == "report_figures":
        frame = pd.concat([frame.rename(columns={"source": "place"}), of_text(folder)])
    else:
        frame = frame.rename(columns=RENAME)
    if name == "employment_status":
        frame = frame.melt(["region", "year"], var_name="measure", value_name="persons")
        concepts = {"employed_by_workplace": "workplace"}
        frame["concept"] = frame["measure"].map(concepts).fillna("residence")
    elif name == "commuting":
        frame["concept"] = "residence to workplace"
    elif name == "report_figures":
        frame["concept"] = "report"
    elif concept is not None:
        frame["concept"] = concept
    if name == "official_projection_total":
        frame = frame[frame["kind"] != "observed"].drop(columns="kind")
    if name == "upper_secondary_completion_county":
        frame = frame.drop(columns="flag")
    if name in ("population", "population_national", "deaths_national", "migration_flows"):
        frame = collapse(frame)
    frame = whole(frame)
    return frame.assign(border_year=border, coverage=coverage, source=source, status=status)


def whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Write counts of people as whole numbers ("12651.0" is 12651)."""
    for column in ("persons", "employed", "population"):
        if column in frame:
            frame[column] = frame[column].astype(str).str.removesuffix(".0")
    return frame


def collapse(frame: pd.DataFrame, top: int = 89) -> pd.DataFrame:
    """Sum ages above `top` into the open group."""
    values = [c for c in ("persons", "deaths", "out_migration", "in_migration") if c in frame]
    keys = [c for c in frame if c not in values]
    frame["age"] = frame["age"].astype(int).clip(upper=top)
    frame[values] = frame[values].astype(float)
    out = frame.groupby(keys, sort=False, as_index=False)[values].sum()
    out[values] = out[values].round().astype(int)
    return out


def main(folder: Path) -> None:
    """Write every table; population in two files, targets and pooling regions."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name in FACTS:
        frame = tidy(name, folder)
        if name == "population":
            target = frame["region"].isin(TARGETS)
            frame[~target].to_csv(OUT / "population_pooling.csv", index=False)
            frame = frame[target]
        if name == "employment_residence_by_municipality":
            frame["coverage"] = frame["municipality"]
        frame.to_csv(OUT / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
