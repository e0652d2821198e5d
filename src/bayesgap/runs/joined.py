"""Several NetCDF files as one, a group each: stored bytes are copied, not read and written anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py

POINTERS = ("DIMENSION_LIST", "REFERENCE_LIST")  # of variables to dimensions, and back
MAKER = "_NCProperties"  # which libraries wrote a file; it stands at the root


def join_files(parts: Mapping[str, Path], attrs: Mapping[str, Any], target: Path) -> None:
    """Write `target` with `attrs`, and each of `parts` (group, file) without its own attributes."""
    with h5py.File(target, "w", track_order=True) as whole:
        for group, path in parts.items():
            with h5py.File(path) as part:
                whole.attrs[MAKER] = part.attrs[MAKER]
                part.copy(part["/"], whole, name=group)
                _point(whole[group], part)
            for name in list(whole[group].attrs):
                del whole[group].attrs[name]
        whole.attrs.update(attrs)


def _point(copied: Any, part: h5py.File) -> None:
    """Let variables of a copy point at dimensions of the copy: pointers are not copied."""

    def forget(_: str, item: Any) -> None:
        for name in set(POINTERS) & set(item.attrs):
            del item.attrs[name]

    def attach(name: str, item: Any) -> None:
        if POINTERS[0] in item.attrs:
            for own, dimension in zip(copied[name].dims, item.dims, strict=True):
                for scale in dimension.values():
                    own.attach_scale(copied[scale.name.lstrip("/")])

    copied.visititems(forget)
    part.visititems(attach)
