"""What registers of all four regions would take off the gap: told beforehand, and then measured.

Usage: ./dev python scripts/own_registers.py RUN

One draw of RUN, a finished run of the default study, becomes the truth: its people by level and
field, and its jobs by sector and education with deviations of regions about the nation's mix. The
two tables that a register would give are made of it (`education_fields` and
`employed_sector_education`), the study is run with them, and what it finds is held against the
truth and against the value of information that RUN gave. Takes a run's time. The table is
docs/results/own_registers.csv.
"""

import argparse
import itertools
import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import xarray as xr

import bayesgap
from bayesgap import Run
from bayesgap.blocks.skill_mix.model import nation_of
from bayesgap.data.ipf import Margin, ipf
from bayesgap.inference.parts import Draws
from bayesgap.schema import EDUCATION, EDUCATION_FIELD, EDUCATION_LEVEL, SAMPLE_DIMS
from bayesgap.sensitivity.value import as_columns, explained
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

OUT = Path(__file__).parents[1] / "docs" / "results" / "own_registers.csv"
YEAR, LAST = 2024, 2040
TRUTH = 137  # draw of the first chain that is the truth
APART = 0.15  # log sd of a region's share of a group in a sector about the nation's
TOLD = {  # what the two tables tell, by block
    "education": ("field_share", "field_deviation"),
    "skill_mix": ("mix_error", "level_error"),
}
SOURCE = {"year": YEAR, "border_year": YEAR, "coverage": "all", "source": "made up"}
WIDTH = (0.1, 0.9)


def truth_of(run: Run, rng: np.random.Generator) -> xr.Dataset:
    """People in the labour force (region, education) and jobs (region, sector, education)."""
    regions = list(run.study.targets)
    outlook = run.outlook.isel(chain=0, draw=TRUTH).sel(year=YEAR, region=regions)
    drawn = run.draws["skill_mix"].isel(chain=[0], draw=[TRUTH])
    panel, errors = run.panel["skill_mix"].to_dataset(), Draws(drawn)
    nation = np.exp(nation_of(panel, errors["mix_error"], errors["level_error"]))[0]
    mix = nation * np.exp(APART * rng.standard_normal((len(regions), *nation.shape)))
    sectors = outlook["employment"].transpose("region", "sector").values.astype(float)
    groups = outlook["demand"].transpose("region", "education").values.astype(float)
    jobs = [
        ipf(own, [Margin((-2,), rows), Margin((-1,), columns / columns.sum() * rows.sum())])
        for own, rows, columns in zip(mix, sectors, groups, strict=True)
    ]
    people = outlook["labour_force"].transpose("region", "education")
    return xr.Dataset(
        {
            "people": (("region", "education"), people.values),
            "jobs": (("region", "sector", "education"), np.stack(jobs)),
        },
        coords={"region": regions, "sector": panel["sector"].values, "education": list(EDUCATION)},
    )


def tables_of(truth: xr.Dataset, active: xr.DataArray) -> dict[str, pd.DataFrame]:
    """The two tables, in whole persons; `active`: log activity of a field (field_group)."""
    parts = {"education": list(EDUCATION), "level": EDUCATION_LEVEL, "field": EDUCATION_FIELD}
    names = pd.DataFrame(parts).set_index("education")
    residents = truth["people"].sel(education=active["field_group"].values) / np.exp(active.values)
    people = residents.round().to_series().rename("persons").reset_index()
    jobs = truth["jobs"].round().to_series().rename("employed").reset_index()
    known = {"status": "observed", **SOURCE}
    return {
        "education_fields": _named(people, names).assign(concept="residence", **known),
        "employed_sector_education": _named(jobs, names).assign(concept="workplace", **known),
    }


def _named(frame: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    return frame.join(names, on="education").drop(columns="education")


def run_with(tables: dict[str, pd.DataFrame], folder: Path) -> Run:
    """Run the default study with more tables."""
    study = load_study(default_study())
    shutil.copytree(resolve_data(default_study(), study), folder / "data")
    for name, frame in tables.items():
        counted = next(column for column in ("persons", "employed") if column in frame)
        frame.astype({counted: int}).to_csv(folder / "data" / f"{name}.csv", index=False)
    path = folder / "registers.toml"
    path.write_text(f'extends = "{default_study()}"\nname = "registers"\ndata = "data"\n')
    return bayesgap.run(path, out=folder / "runs")


def widths(run: Run, quantity: str) -> xr.DataArray:
    """Width of the 80 per cent interval (region, year, education)."""
    ends = run.outlook[quantity].quantile(WIDTH, SAMPLE_DIMS)
    return ends[1] - ends[0]


def expected(run: Run, gap: xr.DataArray) -> np.ndarray:
    """Part of the gap's spread (quantity) that is left if the tables tell all they speak of."""
    columns = [as_columns(run.draws[b][name]) for b, names in TOLD.items() for name in names]
    return np.sqrt(1.0 - explained(np.concatenate(columns, axis=1), as_columns(gap)))


def compared(before: Run, after: Run, truth: xr.Dataset) -> pd.DataFrame:
    """One row a quantity and year: widths as expected and as found; whether the truth is inside."""
    regions = list(truth["region"].values)
    wanted = {"labour_force": truth["people"], "demand": truth["jobs"].sum("sector")}
    rows = []
    for name, year in itertools.product(("gap", *wanted), (YEAR, LAST)):
        drawn = before.outlook[name].sel(region=regions, year=year)
        ratio = (widths(after, name) / widths(before, name)).sel(region=regions, year=year)
        row = {
            "quantity": name,
            "year": year,
            "expected": float(np.median(expected(before, drawn))),
        }
        row["found"] = float(ratio.median())
        if name in wanted and year == YEAR:
            row["inside 80 %"] = inside(after.outlook[name].sel(region=regions), wanted[name])
        rows.append(row)
    return pd.DataFrame(rows)


def inside(drawn: xr.DataArray, true: xr.DataArray) -> float:
    """Part of the groups whose true share of their region lies in the 80 per cent interval."""
    drawn = drawn.sel(year=YEAR)
    share, ends = true / true.sum("education"), (drawn / drawn.sum("education"))
    low, high = ends.quantile(WIDTH, SAMPLE_DIMS)
    return float(((share >= low) & (share <= high)).mean())


def main() -> None:
    """Make the tables, run, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    before = bayesgap.load_run(parser.parse_args().run)
    truth = truth_of(before, np.random.default_rng(1))
    with TemporaryDirectory() as folder:
        after = run_with(tables_of(truth, before.panel["education"]["field_active"]), Path(folder))
        table = compared(before, after, truth)
        for name, run in (("before", before), ("after", after)):
            groups = pd.DataFrame(run.health.groups)
            table[f"assumption-driven {name}"] = int(groups["assumption_driven"].sum())
            table[f"nation only {name}"] = int(groups["national_only"].sum())
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    table = table.assign(date=datetime.now(UTC).date().isoformat(), truth=TRUTH, machine=machine)
    table.to_csv(OUT, index=False, float_format="%.3g")
    print(table.to_string(index=False))  # noqa: T201 - a script's output


if __name__ == "__main__":
    main()
