"""How draws lie in memory: kernels run over long loops, and digits do not depend on the layout.

Arrays over ages and levels are the large ones. Their samples lie side by side, so that an inner
loop runs over a thousand samples and not over five levels. Smaller arrays lie as they are written,
with chain and draw in front.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from bayesgap import schema

Floats = npt.NDArray[np.floating[Any]]


def samples_last(values: xr.DataArray, dims: Sequence[str]) -> Floats:
    """Values (*dims, sample), contiguous; a view where they lie so already."""
    ordered = values.transpose(*dims, *schema.SAMPLE_DIMS).to_numpy()
    return np.ascontiguousarray(ordered).reshape(*ordered.shape[:-2], -1)


def with_labels(
    values: Floats, dims: Sequence[str], like: xr.Dataset | xr.DataArray
) -> xr.DataArray:
    """View (chain, draw, *dims) of `values` (*dims, sample), coordinates as those of `like`."""
    names = (*dims, *schema.SAMPLE_DIMS)
    shape = [like.sizes[name] for name in names]
    coords = {name: like.coords[name] for name in names if name in like.coords}
    array = xr.DataArray(values.reshape(shape), coords, names)
    return array.transpose(*schema.SAMPLE_DIMS, *dims)


def for_cells(values: xr.DataArray) -> xr.DataArray:
    """The same values (chain, draw, ...), laid out as the large arrays that they shall meet."""
    dims = [str(name) for name in values.dims if name not in schema.SAMPLE_DIMS]
    return with_labels(samples_last(values, dims), dims, values)


def in_order(values: xr.DataArray, dims: Sequence[str]) -> xr.DataArray:
    """(chain, draw, *dims), contiguous in that order."""
    ordered = values.transpose(*schema.SAMPLE_DIMS, *dims)
    return ordered.copy(data=np.ascontiguousarray(ordered.to_numpy()))
