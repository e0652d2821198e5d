"""Draws on disk whose chunks are held against their checksums as they are read.

Zarr takes a chunk that is not there for one of zeros: a lost file would give a confident answer.
"""

import hashlib
from asyncio import to_thread
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zarr.abc.store import ByteRequest
from zarr.core.buffer import Buffer, BufferPrototype
from zarr.storage import LocalStore

from bayesgap.errors import RunError
from bayesgap.runs.checksums import ALGORITHM, REMEDY, States, digest_once, told


class CheckedStore(LocalStore):
    """A folder of arrays, read only; each file is checked when it is first read."""

    def __init__(self, root: Path, states: States, *, read_only: bool = True) -> None:
        super().__init__(root, read_only=read_only)
        self._states = states
        self._checked: set[str] = set()
        self._require_arrays()

    def with_read_only(self, read_only: bool = True) -> "CheckedStore":
        """Give another store of the same folder."""
        return type(self)(self.root, self._states, read_only=read_only)

    def _require_arrays(self) -> None:
        """Raise RunError if an array is gone: a list of what is there would not miss it."""
        meant = [place for place in next(iter(self._states), {}) if place.endswith("zarr.json")]
        for place in meant:
            if not (self.root / place).exists():
                raise RunError(f"{told(self.root, place, True, False)}\n{REMEDY}")

    async def get(
        self,
        key: str,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """Bytes of one file, None where none is meant to be."""
        found = await super().get(key, prototype, byte_range)
        await to_thread(self._check, key, found, byte_range is None)
        return found

    def get_sync(
        self,
        key: str,
        *,
        prototype: BufferPrototype | None = None,
        byte_range: ByteRequest | None = None,
    ) -> Buffer | None:
        """`get` without waiting; newer versions of Zarr read so."""
        found = super().get_sync(key, prototype=prototype, byte_range=byte_range)
        self._check(key, found, byte_range is None)
        return found

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Parts of files."""
        return [await self.get(key, prototype, part) for key, part in key_ranges]

    def _check(self, key: str, found: Buffer | None, whole: bool) -> None:
        meant = {state.get(key) for state in self._states}
        if not self._states or (found is None and None in meant):
            return
        if found is not None and key in self._checked:
            return
        if found is None or self._digest(key, found, whole) not in meant:
            lines = told(self.root, key, meant != {None}, found is not None)
            raise RunError(f"{lines}\n{REMEDY}")
        self._checked.add(key)

    def _digest(self, key: str, found: Any, whole: bool) -> str:
        if not whole:
            return digest_once(self.root / key)
        return hashlib.new(ALGORITHM, found.as_numpy_array()).hexdigest()
