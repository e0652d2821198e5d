"""Effects of scenarios, added to the main projection draw by draw."""

import numpy as np
import xarray as xr


def added(main: xr.Dataset, effect: xr.Dataset) -> xr.Dataset:
    """Main outlook plus an effect, draw by draw; a sector that main does not have begins at 0."""
    known = main
    if "sector" in effect.dims and "sector" in main.dims:
        known = main.reindex(sector=effect["sector"], fill_value=0.0)
    both = [str(name) for name in effect.data_vars if name in known]
    return known.assign({name: (known[name] + effect[name]).astype(np.float32) for name in both})
