"""Rows of the summary as columns of NumPy's: what a command selects from.

Loading pandas takes longer than reading the table; `summary.py` reads it into such columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

NUMBERS = ("year", "value")


@dataclass(frozen=True)
class Rows:
    """Rows of the summary: numbers as they are, text as codes and the names that they stand for."""

    numbers: Mapping[str, npt.NDArray[Any]]
    codes: Mapping[str, npt.NDArray[Any]]
    names: Mapping[str, list[str]]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.numbers["value"])

    def column(self, name: str) -> list[Any]:
        """Values of one column."""
        if name in self.numbers:
            return self.numbers[name].tolist()
        known = self.names[name]
        return [known[code] for code in self.codes[name].tolist()]

    def unique(self, name: str) -> list[Any]:
        """Values of one column, each once, in the order of the rows."""
        coded = name in self.codes
        values, first = np.unique((self.codes if coded else self.numbers)[name], return_index=True)
        ordered = values[np.argsort(first)].tolist()
        return [self.names[name][code] for code in ordered] if coded else ordered

    def equals(self, name: str, value: str | int) -> npt.NDArray[np.bool_]:
        """Which rows have `value` in a column."""
        if name in self.numbers:
            return self.numbers[name] == value
        known = self.names[name]
        return self.codes[name] == (known.index(str(value)) if value in known else -1)

    def kept(self, rows: npt.NDArray[np.bool_]) -> "Rows":
        """Rows where `rows` is true."""
        numbers = {name: values[rows] for name, values in self.numbers.items()}
        return Rows(numbers, {name: codes[rows] for name, codes in self.codes.items()}, self.names)
