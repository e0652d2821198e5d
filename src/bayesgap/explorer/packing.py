"""Arrays as short text for a page: whole multiples of a unit, differenced, deflated, base64.

`PAGE_SOURCE/data.js` undoes each step. Differences along an axis of neighbours (quantiles, years)
are small; bytes of equal weight lie together, so that the many zeros deflate to nothing.
"""

import base64
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

PERSON_UNIT = 0.1  # persons; the summary's figures to a tenth


class Pack:
    """Arrays that are packed one after another, and their places."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self._bytes = bytearray()

    def add(self, name: str, codes: npt.ArrayLike, differenced: Sequence[int] = ()) -> None:
        """Append whole numbers, differenced along the axes `differenced`."""
        array = np.asarray(codes, dtype=np.int64)
        for axis in differenced:
            array = np.diff(array, axis=axis, prepend=0)
        zigzag = ((array << 1) ^ (array >> 63)).astype("<u4").ravel()
        used = zigzag.view(np.uint8).reshape(-1, 4).T
        planes = max(1, int(np.flatnonzero(used.any(axis=1)).max(initial=0)) + 1)
        self.entries[name] = {
            "shape": list(array.shape),
            "differenced": [int(axis) for axis in differenced],
            "planes": planes,
            "offset": len(self._bytes),
        }
        self._bytes += used[:planes].tobytes()

    def text(self) -> str:
        """All arrays as base64 of a zlib stream."""
        return base64.b64encode(zlib.compress(bytes(self._bytes), 9)).decode("ascii")


def in_units(values: npt.ArrayLike, unit: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """`values` as whole multiples of `unit`, the nearest."""
    return np.rint(np.asarray(values, dtype=np.float64) / np.asarray(unit)).astype(np.int64)
