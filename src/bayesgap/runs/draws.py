"""Draws in a run folder, read a region and a year at a time.

Loading xarray and pandas takes longer than reading the few cells that a command shows, so this
module reads Zarr alone. `Run.outlook` has every draw with its labels.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from bayesgap.errors import RunError
from bayesgap.runs.checksums import REMEDY
from bayesgap.runs.run import MAIN, Run, read_soundly
from bayesgap.schema import SAMPLE_DIMS

Floats = npt.NDArray[np.float32]
STEP = 1 / 16  # person: draws are kept to it
FLOAT32 = 4 * float(np.finfo(np.float32).eps)  # rounding of a sum of two draws
SHARED_DIMS = (*SAMPLE_DIMS, "region", "year")


@dataclass(frozen=True)
class Draws:
    """Draws of one outlook, or of one scenario's difference to main."""

    group: zarr.Group
    path: Path

    def __contains__(self, name: str) -> bool:
        """Whether a variable of this name is there."""
        return name in self.group

    def labels(self, dim: str) -> list[Any]:
        """Labels of a dim, in order."""
        with read_soundly(self.path / dim):
            return np.asarray(self._array(dim)[:]).tolist()

    def own_dim(self, name: str) -> str:
        """Dim of a variable besides chain, draw, region and year: education, sector, age_band."""
        return next(dim for dim in self._dims(name) if dim not in SHARED_DIMS)

    def read(self, name: str, *dims: str, **where: object) -> Floats:
        """Draws (chain, draw, *dims) of one variable [person].

        Parameters
        ----------
        dims : dims to keep, in this order
        where : one label of each other dim
        """
        stored = self._dims(name)
        places = tuple(
            self.labels(dim).index(where[dim]) if dim in where else slice(None) for dim in stored
        )
        left = [dim for dim in stored if dim not in where]
        order = [left.index(dim) for dim in (*SAMPLE_DIMS, *dims)]
        with read_soundly(self.path / name):
            return np.ascontiguousarray(np.transpose(self._array(name)[places], order))

    def _dims(self, name: str) -> tuple[str, ...]:
        return tuple(map(str, getattr(self._array(name).metadata, "dimension_names", None) or ()))

    def _array(self, name: str) -> zarr.Array[Any]:
        found = self.group[name]
        if not isinstance(found, zarr.Array):
            raise TypeError(f"{name} must be an array; found a group.")
        return found


def open_draws(run: Run, scenario: str = MAIN) -> Draws:
    """Draws of the main projection, or a scenario's difference to them.

    Raises
    ------
    RunError
        The run does not have them.
    """
    main = scenario == MAIN
    found = run.store("outlook.zarr") if main else run.effect_store(scenario)
    with read_soundly(found.root):
        return Draws(zarr.open_group(found, mode="r", use_consolidated=False), found.root)


def require_sound(gap: np.ndarray, demand: np.ndarray, supply: np.ndarray, of: str) -> None:
    """Raise RunError unless gaps `of` something are numbers, and demand less supply."""
    if lost := int((~np.isfinite(gap)).sum()):
        raise RunError(f"The gap of {of} is not a number in {lost} of {gap.size} draws. {REMEDY}")
    size = np.maximum(np.abs(demand), np.abs(supply)).astype(np.float64)
    off = np.abs(gap.astype(np.float64) - (demand.astype(np.float64) - supply))
    if wrong := int((~(off <= STEP + size * FLOAT32)).sum()):
        raise RunError(
            f"The gap of {of} is not demand less supply in {wrong} of {gap.size} draws. {REMEDY}"
        )
