"""Carry figures on education within sectors over into data/national, with provenance on every row.

Usage: python scripts/import_sector_education.py FACTS_FOLDER
The folder is `education` of the compiled facts; a suppressed cell of the labour force survey is its
total less the other cells, nothing else is worked out.
"""

import sys
from pathlib import Path

import pandas as pd

OUT = Path(__file__).parents[1] / "data" / "national"
INDUSTRIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # sum: industries added, less
    "01-09": (("A_B",), ()),
    "10-33": (("C",), ()),
    "35-43": (("D-F",), ()),
    "45-56": (("G_I_T",), ()),
    "49-53": (("H49-H52_N79",), ()),
    "58-63": (("J",), ()),
    "64-66": (("K",), ()),
    "68-75": (("K_L", "M"), ("K",)),
    "77-82": (("N",), ()),
    "84": (("O_U",), ()),
    "85": (("P",), ()),
    "86-88": (("Q",), ()),
    "90-99": (("R", "S"), ()),
}
ISCED = {"ED0-2": "primary", "ED3_4": "upper_secondary", "ED5-8": "tertiary"}
LFS = (
    "Eurostat htec_emp_nisced2 (LFS, Statistics Norway), github malikiborneo/euro-employ-tech "
    "commit 5a9c70b7"
)
PIAAC = "OECD PIAAC public use file, Norway 2011-12, github jcpernias/RPIAAC commit 68a1e4e2"
HEALTH = {2008: "SSB hesospers table 8, 2009-06-19", 2020: "SSB hesospers, 2021-03-11"}
PIAAC_LEVELS = {"post_secondary_isced4": "upper_secondary"}
TRADES = {"71": "building_trades", "74": "electrical_trades"}
TRADES_AT = "upper_secondary:engineering_manufacturing_construction"


def sector_levels(folder: Path) -> pd.DataFrame:
    """Employed by sum of sectors, level and year [person], labour force survey."""
    frame = pd.read_csv(folder / "eurostat_employed_nace_isced_2008_2023.csv")
    frame = frame[(frame["geo"] == "NO") & (frame["unit"] == "THS_PER")]
    wide = frame.pivot_table(index=["nace_r2", "year"], columns="isced11", values="value")
    rest = wide["TOTAL"] - wide["ED3_4"] - wide["ED5-8"]
    wide["ED0-2"] = wide["ED0-2"].fillna(rest)
    parts = []
    for name, (added, less) in INDUSTRIES.items():
        part = wide.loc[list(added), list(ISCED)].groupby("year").sum()
        part -= wide.loc[list(less), list(ISCED)].groupby("year").sum() if less else 0.0
        named = part.rename(columns=ISCED).rename_axis(columns="level")
        long = named.melt(value_name="employed", ignore_index=False).reset_index()
        parts.append(long.assign(industry=name))
    out = pd.concat(parts)
    out["employed"] = (out["employed"] * 1000).round().astype(int)
    return labelled(out[["industry", "level", "year", "employed"]], LFS)


def piaac_levels(folder: Path) -> pd.DataFrame:
    """Levels within sectors among the survey's employed: weighted share, persons interviewed."""
    frame = pd.read_csv(folder / "piaac_no_employed_sector_level_2012.csv")
    frame["level"] = frame["level"].replace(PIAAC_LEVELS).str.replace("_isced5b", "")
    frame = frame.rename(columns={"n_cell": "respondents"})
    sums = frame.groupby(["sector", "level"], as_index=False)[["share", "respondents"]].sum()
    return labelled(sums.assign(share=sums["share"].round(4)), PIAAC)


def piaac_fields(folder: Path) -> pd.DataFrame:
    """Fields within sector and level, and two trades by occupation in place of 41-43."""
    every = pd.read_csv(folder / "piaac_no_employed_sector_level_field_2012.csv")
    both = every[every["level"].isin(["bachelor", "master"])].groupby("sector")["level"].nunique()
    split = every["sector"].isin(both.index[both == 2])
    kept = ("upper_secondary", "bachelor", "master"), ("upper_secondary", "tertiary")
    frame = every[every["level"].isin(kept[0]).where(split, every["level"].isin(kept[1]))]
    nation = every[(every["sector"] == "all") & (every["level"] == "tertiary")]
    frame = pd.concat([frame, nation]).rename(columns={"n_cell": "respondents"})
    fields = frame[["sector", "level", "field", "share", "respondents"]]
    jobs = pd.read_csv(folder / "piaac_no_occupation_level_field_2012.csv", dtype={"isco08": str})
    jobs = jobs[jobs["isco08"].isin(TRADES) & (jobs["category"] == TRADES_AT)]
    trades = jobs.assign(
        sector="41-43", level="upper_secondary", field=jobs["isco08"].map(TRADES)
    ).rename(columns={"n_cell": "respondents"})[list(fields.columns)]
    note = PIAAC + "; trained incumbents of ISCO 71 and 74, all sectors"
    return pd.concat([labelled(fields, PIAAC), labelled(trades, note)])


def health_educated(folder: Path) -> pd.DataFrame:
    """Employed by health education and level in 86-88 (2008), and all of them (2020) [person]."""
    frame = pd.read_csv(folder / "ssb_health_sector_employed_by_education_2004_2008.csv")
    frame = frame[(frame["year"] == 2008) & (frame["sector"] == "86-88")]
    frame = frame[frame["education_field"].isin(["health_social", "other"])]
    inside = frame.rename(columns={"education_field": "field", "sector": "place"})
    whole = pd.read_csv(folder / "ssb_health_educated_employment_2004_2020.csv")
    last = whole[whole["year"] == 2020].iloc[0]
    rows = pd.DataFrame(
        {
            "year": 2020,
            "field": "health_social",
            "level": "all",
            "place": ["86-88", "all"],
            "employed": [int(last["employed_in_86_88"]), int(last["employed"])],
        }
    )
    out = pd.concat([inside[list(rows.columns)], rows])
    return labelled(out, "").assign(source=out["year"].map(HEALTH))


def labelled(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """`frame` with the provenance of observed figures."""
    return frame.assign(source=source, status="observed")


TABLES = {
    "sector_levels_national": sector_levels,
    "sector_levels_piaac": piaac_levels,
    "sector_fields_piaac": piaac_fields,
    "health_educated_national": health_educated,
}


def main(folder: Path) -> None:
    """Write every table."""
    OUT.mkdir(exist_ok=True)
    for name, make in TABLES.items():
        make(folder).to_csv(OUT / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
