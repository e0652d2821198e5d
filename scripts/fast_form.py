"""The fast form of the population block beside a sampled posterior: docs/results/fast_form.csv.

Usage: ./dev python scripts/fast_form.py RUN/posterior.nc  (a run of the default study)
Both are forecast by the same code. One row an age group and horizon: width of the 80 % interval of
the fast form relative to the sampled one, and how far medians lie apart in sampled widths, each the
mean over the study's regions.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.data.tables import read_tables
from bayesgap.health.versions import law_version
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study
from bayesgap.validation.backtest.country import BLOCK
from bayesgap.validation.backtest.population import fit_origin, forecast_groups

OUT = Path(__file__).parents[1] / "docs" / "results" / "fast_form.csv"
HORIZONS = (1, 5, 10)
DRAWS = 1000


def compared(fast: xr.DataArray, sampled: xr.DataArray) -> pd.DataFrame:
    """Width ratio and distance of medians by group and horizon; draws (sample, ...)."""
    low, middle, high = (
        {name: draws.quantile(p, "sample") for name, draws in (("f", fast), ("s", sampled))}
        for p in (0.1, 0.5, 0.9)
    )
    width = {name: high[name] - low[name] for name in low}
    table = xr.Dataset(
        {
            "width_ratio": (width["f"] / width["s"]).mean("region"),
            "median_distance": (abs(middle["f"] - middle["s"]) / width["s"]).mean("region"),
        }
    )
    return table.drop_vars("quantile").to_dataframe().reset_index()


def main() -> None:
    """Forecast both ways, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("posterior", type=Path)
    path = default_study()
    study = load_study(path)
    whole = block_of(BLOCK).panel(read_tables(resolve_data(path, study)), study)
    panel = whole.isel(flow_region=slice(0))  # gross flows have no part in the fast form
    with xr.open_datatree(parser.parse_args().posterior) as tree:
        node = tree[BLOCK] if BLOCK in tree.children else tree
        sampled = node["posterior"].to_dataset().load()
    found = compared(
        forecast_groups(fit_origin(panel, study, DRAWS), panel, study, HORIZONS),
        forecast_groups(sampled, panel, study, HORIZONS),
    )
    told = {"law": law_version(BLOCK, study), "date": datetime.now(UTC).date().isoformat()}
    found = found.assign(**told)
    found.to_csv(OUT, index=False, float_format="%.3g")
    sys.stdout.write(found.to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
