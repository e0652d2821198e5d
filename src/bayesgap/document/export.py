"""The summary in other programs' forms: one row a figure with all its bands, and a dictionary."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.document.hub import hub_path, hub_table
from bayesgap.present.csv_cells import defused_frame
from bayesgap.present.health_text import health_lines
from bayesgap.present.markdown import render
from bayesgap.present.parts import ALL
from bayesgap.present.table import INTERVALS, assumption_driven
from bayesgap.runs.run import Run
from bayesgap.runs.scenarios import read_scenario
from bayesgap.runs.store import write_folder, write_outlook

README = "README.md"
Form = Literal["csv", "parquet", "xlsx", "netcdf", "hub"]
KEYS = ["scenario", "region", "year", "quantity", "education", "level", "field", "sector"]
BANDS = {
    f"{end}{level.removesuffix(' %')}": f"{bounds[place]:g}"
    for level, bounds in INTERVALS.items()
    for place, end in enumerate(("lower", "upper"))
}
DICTIONARY = {
    "scenario": "Projection: main, or a scenario on the same draws.",
    "region": "Target region by residence of employers, or the sum of them all.",
    "year": "Population: 1 January of the year. Everything else: its 4th quarter.",
    "quantity": "gap = demand - supply (positive: shortage); supply; demand; labour_force; "
    "employment (filled jobs); population.",
    "education": "Education group (level:field), or all.",
    "level": "Level of education, or all.",
    "field": "Field of study, or all; none: the levels that have no fields.",
    "sector": "Sector (SN2007 divisions), or all.",
    "unit": "Unit of every figure of the row but p_shortage.",
    "mean": "Mean of the draws.",
    "median": "Median of the draws.",
    **{name: f"Bound of the equal-tailed {name[5:]} % credible interval." for name in BANDS},
    "sd": "Standard deviation of the draws.",
    "mcse": "Monte Carlo standard error of the mean.",
    "p_shortage": "Share of draws with gap > 0; gap only.",
    "assumption_driven": "The data say little about this education group's size.",
    "health": "Verdict of the run: PASS, REVIEW, or FAIL (not to be used).",
    "run_id": "Run that the figure comes from.",
}


def attributes(run: Run) -> dict[str, str]:
    """Run, verdict, intervals and dictionary as plain text, for attributes of files."""
    return {
        "title": run.study.title,
        "run_id": run.id,
        "health": run.health.verdict,
        "intervals": "equal-tailed credible intervals",
        "sign": "gap = demand - supply; positive is a shortage",
        "dictionary": json.dumps(DICTIONARY, ensure_ascii=False),
        "provenance": json.dumps(dict(run.provenance), ensure_ascii=False),
    }


def bands(summary: pd.DataFrame, run: Run) -> pd.DataFrame:
    """One row a figure of the summary, with the columns of `DICTIONARY`, unrounded."""
    names = {"0.5": "median", schema.SHORTAGE: "p_shortage"} | {
        at: name for name, at in BANDS.items()
    }
    kind = summary["output_type"]
    column = kind.where(kind.isin(["mean", "sd", "mcse"]), summary["output_type_id"].map(names))
    order = summary[KEYS].drop_duplicates()
    wide = summary.assign(column=column).pivot(index=KEYS, columns="column", values="value")
    wide = order.merge(wide.reset_index(), on=KEYS, how="left", validate="one_to_one")
    marked = assumption_driven(run.health, "education")
    wide = wide.assign(
        unit=wide["quantity"].map(schema.UNITS),
        assumption_driven=wide["education"].isin(list(marked)),
        health=run.health.verdict,
        run_id=run.id,
    )
    return wide.reindex(columns=list(DICTIONARY))


def dictionary() -> pd.DataFrame:
    """Columns of `bands` and what they mean."""
    return pd.DataFrame(DICTIONARY.items(), columns=["column", "meaning"])


def readme(run: Run, files: Sequence[str]) -> str:
    """What lies in an exported folder, under the verdict."""
    return render(
        "document/export",
        title=run.study.title,
        run_id=run.id,
        files=files,
        health=health_lines(run.health),
        dictionary=DICTIONARY,
    )


def export_run(run: Run, form: Form | Literal["zarr"], scenario: str, where: Path) -> None:
    """Write the folder `where`: the summary as `form`, or all draws of a scenario.

    Parameters
    ----------
    scenario : scenario of the draws (zarr); the other forms have every scenario
    """

    def fill(folder: Path) -> None:
        if form != "zarr":
            write_export(folder, run.rows, run, form)
            return
        draws = read_scenario(run, scenario).assign_attrs(attributes(run))
        write_outlook(run, draws, str(folder / "draws.zarr"))
        files = [f"draws.zarr (every draw of {scenario}; xarray.open_zarr)"]
        (folder / README).write_text(readme(run, files), encoding="utf-8")

    write_folder(run, str(where), fill)


def write_export(folder: Path, summary: pd.DataFrame, run: Run, form: Form) -> None:
    """Write the summary as `form` into `folder`, with a README that holds the dictionary."""
    files = _WRITERS[form](folder, summary, run)
    (folder / README).write_text(readme(run, files), encoding="utf-8")


def _write_csv(folder: Path, summary: pd.DataFrame, run: Run) -> list[str]:
    plain: dict[str, Any] = {"index": False, "encoding": "utf-8"}
    defused_frame(bands(summary, run)).to_csv(folder / "figures.csv", float_format="%.7g", **plain)
    dictionary().to_csv(folder / "dictionary.csv", **plain)
    return ["figures.csv", "dictionary.csv"]


def _write_parquet(folder: Path, summary: pd.DataFrame, run: Run) -> list[str]:
    table = bands(summary, run)
    table.attrs.update(attributes(run))
    table.to_parquet(folder / "figures.parquet", index=False)
    return ["figures.parquet (dictionary in its pandas attributes)"]


def _write_xlsx(folder: Path, summary: pd.DataFrame, run: Run) -> list[str]:
    """Text stays text, so that a name which begins with = is no formula."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    checks = pd.DataFrame(run.health.to_dict()["checks"])
    facts = pd.DataFrame(attributes(run).items(), columns=["what", "value"])
    sheets = {
        "figures": bands(summary, run),
        "dictionary": dictionary(),
        "health": checks,
        "about": facts[facts["what"] != "dictionary"],
    }
    with pd.ExcelWriter(
        folder / "figures.xlsx", engine="xlsxwriter", engine_kwargs={"options": options}
    ) as writer:
        for name, table in sheets.items():
            table.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
            sheet = writer.sheets[name]
            sheet.autofilter(0, 0, len(table), table.shape[1] - 1)
            for place, column in enumerate(table):
                longest = table[column].astype(str).str.len().max()
                width = max(10, int(longest) + 1, len(str(column)) + 3)
                sheet.set_column(place, place, min(60, width))
    return ["figures.xlsx (sheets figures, dictionary, health, run)"]


def bands_dataset(summary: pd.DataFrame, run: Run) -> xr.Dataset:
    """Figures as arrays (scenario, region, year, part, statistic), a variable a quantity."""
    table = bands(summary, run)
    statistics = [n for n in DICTIONARY if n in ("mean", "median", *BANDS, "sd", "mcse")]
    arrays: dict[str, xr.DataArray] = {}
    for quantity, rows in table.groupby("quantity", sort=False):
        dim = "sector_part" if quantity == "employment" else "part"
        named = rows.assign(**{dim: _part_names(rows)})
        index = ["scenario", "region", "year", dim]
        figures = named.set_index(index)[[*statistics, "p_shortage"]].to_xarray()
        array = figures[statistics].to_array("statistic").transpose(*index, "statistic")
        about_it = {"units": schema.UNITS[str(quantity)], "long_name": str(quantity)}
        arrays[str(quantity)] = array.assign_attrs(about_it)
        if quantity == "gap":
            chance = {"units": "1", "long_name": "share of draws with gap > 0"}
            arrays["p_shortage"] = figures["p_shortage"].assign_attrs(chance)
    whole = xr.Dataset(arrays).assign_attrs(attributes(run))
    return whole.assign_coords({name: whole[name].astype(str) for name in ("scenario", "region")})


def _part_names(rows: pd.DataFrame) -> "pd.Series[str]":
    """`total`, `group bachelor:ict`, `level bachelor`, `field ict` or `sector 86-88`."""
    kinds = (("sector", "sector"), ("field", "field"), ("level", "level"), ("education", "group"))
    names = pd.Series("total", index=rows.index)
    for column, kind in kinds:
        names = names.mask(rows[column] != ALL, kind + " " + rows[column])
    return names


def _write_netcdf(folder: Path, summary: pd.DataFrame, run: Run) -> list[str]:
    figures = bands_dataset(summary, run)
    packed = {str(n): {"compression": "gzip", "compression_opts": 4} for n in figures.data_vars}
    figures.to_netcdf(folder / "figures.nc", engine="h5netcdf", encoding=packed)
    return ["figures.nc (dictionary in its attributes)"]


def _write_hub(folder: Path, summary: pd.DataFrame, run: Run) -> list[str]:
    base_year = int(summary["year"].min())
    path = folder / hub_path(str(summary["study"].iloc[0]), base_year)
    path.parent.mkdir(parents=True)
    table = defused_frame(hub_table(summary, base_year))
    table.to_csv(path, index=False, na_rep="NA", float_format="%.7g")
    return [path.relative_to(folder).as_posix()]


_WRITERS: dict[Form, Callable[[Path, pd.DataFrame, Run], list[str]]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "xlsx": _write_xlsx,
    "netcdf": _write_netcdf,
    "hub": _write_hub,
}
