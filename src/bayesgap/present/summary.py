"""Draws to the one long table that a run publishes (hub style, `schema.SUMMARY_COLUMNS`).

Sums over groups are sums of draws; quantiles come after. The Monte Carlo standard error (output
type `mcse`) is that of the mean, as its `output_type_id` says. `parts.py` names the rows.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.effects import added
from bayesgap.inference.ess import ess, split_chains
from bayesgap.inference.order import quantiles_of_sorted
from bayesgap.inference.threads import side_by_side
from bayesgap.present.parts import ALL, Part, education_parts, sector_parts
from bayesgap.study.study import Study

MCSE_OF = "mean"
BLOCK = 64  # cells summarised together: their arrays stay in a cache
_KEYS = ("region", "year", "education", "level", "field", "sector")


def published(outlook: xr.Dataset, quantity: str) -> tuple[xr.DataArray, list[Part]]:
    """Draws (part, region, year, chain, draw) [person] of one quantity, and its parts.

    Years that the quantity does not have (population reaches one year further) are left out.
    """
    array = outlook[quantity]
    if quantity == "population":
        array = array.isel(age_band=np.flatnonzero(array["age_band"].to_numpy() == ALL))
        parts, dim = [Part(members=(0,))], "age_band"
    elif quantity == "employment":
        parts, dim = sector_parts([str(s) for s in array["sector"].to_numpy()]), "sector"
    else:
        parts, dim = education_parts(), "education"
    ordered = array.transpose(dim, "region", "year", *schema.SAMPLE_DIMS)
    ordered = ordered.isel(year=np.isfinite(ordered[0, 0, :, 0, 0].to_numpy()))
    draws = np.ascontiguousarray(ordered.to_numpy(), dtype=np.float32)
    summed = np.stack([_sum(draws, part.members) for part in parts])
    coords = {name: ordered[name].to_numpy() for name in ("region", "year")}
    dims = ("part", "region", "year", *schema.SAMPLE_DIMS)
    return xr.DataArray(summed, dims=dims, coords=coords), parts


def _sum(draws: npt.NDArray[np.float32], members: tuple[int, ...]) -> npt.NDArray[np.float32]:
    total = draws[members[0]]
    for place in members[1:]:
        total = total + draws[place]
    return total


def summarise(
    outlook: xr.Dataset, study: Study, run_id: str, scenario: str = "main"
) -> pd.DataFrame:
    """Mean, sd, quantiles, P(gap > 0) and MCSE of every published quantity.

    Parameters
    ----------
    outlook : Dataset (chain, draw, region, year, education | sector | age_band) [person]
    study : Study
    run_id : str
        Name of the run folder, which is written on every row.
    scenario : str

    Returns
    -------
    Long table with `schema.SUMMARY_COLUMNS`; intervals from its quantiles are equal-tailed.
    """
    tables = [
        _quantity_table(*published(outlook, quantity), quantity)
        for quantity in schema.PUBLISHED
        if quantity in outlook
    ]
    table = pd.concat(tables, ignore_index=True)
    table["run_id"], table["study"], table["scenario"] = run_id, study.name, scenario
    return table[list(schema.SUMMARY_COLUMNS)]


def summarise_scenario(
    main: xr.Dataset, effect: xr.Dataset, study: Study, run_id: str, scenario: str
) -> pd.DataFrame:
    """Rows of a scenario: the quantities that it changes, in the base year and every fifth.

    Parameters
    ----------
    main : outlook of the main projection
    effect : difference of the scenario to it, draw by draw

    Returns
    -------
    Long table with `schema.SUMMARY_COLUMNS`; a quantity that is not there is as in main, and the
    years between are in the draws.
    """
    changed = [q for q in schema.PUBLISHED if q in effect and bool((effect[q] != 0).any())]
    ends = (study.base_year, study.horizon)
    years = [int(year) for year in main["year"] if year % 5 == 0 or year in ends]
    outlook = added(main[changed].sel(year=years), effect[changed].sel(year=years))
    return summarise(outlook, study, run_id, scenario)


def _quantity_table(draws: xr.DataArray, parts: list[Part], quantity: str) -> pd.DataFrame:
    keys = _keys(draws, parts)
    cells = draws.to_numpy().reshape(len(keys), draws.sizes["chain"], draws.sizes["draw"])
    tables = [
        keys.assign(output_type=kind, output_type_id=name, value=np.asarray(value, dtype=float))
        for kind, name, value in _outputs(cells, quantity)
    ]
    table = pd.concat(tables, ignore_index=True)
    unit = schema.UNITS[quantity]
    table["quantity"] = quantity
    table["unit"] = np.where(table["output_type"] == "probability", "probability", unit)
    return table


def _keys(draws: xr.DataArray, parts: list[Part]) -> pd.DataFrame:
    rows = [
        (region, year, part.education, part.level, part.field, part.sector)
        for part in parts
        for region in draws["region"].to_numpy()
        for year in draws["year"].to_numpy()
    ]
    return pd.DataFrame(rows, columns=list(_KEYS)).astype({"year": "int64"})


def _outputs(
    cells: npt.NDArray[np.float32], quantity: str
) -> Iterator[tuple[str, str, npt.NDArray[np.floating]]]:
    blocks = (cells[first : first + BLOCK] for first in range(0, len(cells), BLOCK))
    found = np.concatenate(list(side_by_side(_figures, blocks)), axis=1)
    quantiles = [("quantile", f"{probability:g}") for probability in schema.QUANTILES]
    names = [
        ("mean", ""),
        ("sd", ""),
        *quantiles,
        ("probability", schema.SHORTAGE),
        ("mcse", MCSE_OF),
    ]
    for (kind, name), values in zip(names, found, strict=True):
        if kind != "probability" or quantity == "gap":
            yield kind, name, values


def _figures(cells: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Mean, sd, quantiles, P(> 0) and MCSE of each cell: (figure, cell)."""
    flat = cells.reshape(len(cells), -1)
    mean, sd = flat.mean(axis=1, dtype=np.float64), flat.std(axis=1, ddof=1, dtype=np.float64)
    quantiles = quantiles_of_sorted(np.sort(flat, axis=1), schema.QUANTILES)
    error = sd / np.sqrt(ess(split_chains(cells)))
    return np.stack([mean, sd, *quantiles, (flat > 0).mean(axis=1), error])
