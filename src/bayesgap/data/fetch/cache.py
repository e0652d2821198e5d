"""Raw answers as they came, by content; what was asked once is never asked again.

    requests/<sha256 of the request>/<time>.json   what was asked, when, and the hash of the answer
    objects/<aa>/<sha256 of the answer>            the answer, byte for byte

Names are made here, of hashes and times: nothing that a server says becomes a path. An answer is
never overwritten; a newer answer to the same request lies beside the older ones.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bayesgap.errors import FetchError


@dataclass(frozen=True)
class Asked:
    """A request, and what came back: `sha256` of the answer, `retrieved` in UTC."""

    url: str
    body: str
    version: str
    sha256: str
    retrieved: str
    size: int


class Cache:
    """Answers under `folder`."""

    def __init__(self, folder: Path) -> None:
        """Nothing is written before the first answer comes."""
        self.folder = folder

    def find(self, url: str, body: str = "", version: str = "") -> tuple[Asked, bytes] | None:
        """Newest answer to this request, or None.

        Parameters
        ----------
        version
            What the answer depends on besides the request: a table's time of update.

        Raises
        ------
        FetchError
            The stored answer is not what was stored (a damaged disk, an edited file).
        """
        entries = sorted(self._place(url, body, version).glob("*.json"))
        if not entries:
            return None
        entry = Asked(**json.loads(entries[-1].read_text(encoding="utf-8")))
        path = self._object(entry.sha256)
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise FetchError(
                f"The stored answer {path} is damaged. Delete {entries[-1]} and fetch again."
            )
        return entry, content

    def keep(self, url: str, content: bytes, body: str = "", version: str = "") -> Asked:
        """Store an answer; the same bytes are stored once."""
        digest = hashlib.sha256(content).hexdigest()
        _write(self._object(digest), content)
        now = datetime.now(UTC)
        entry = Asked(url, body, version, digest, now.isoformat(timespec="seconds"), len(content))
        name = now.strftime("%Y%m%dT%H%M%S%f")
        text = json.dumps(asdict(entry), ensure_ascii=False, indent=1)
        _write(self._place(url, body, version) / f"{name}.json", text.encode())
        return entry

    def _place(self, url: str, body: str, version: str) -> Path:
        key = hashlib.sha256("\0".join((url, body, version)).encode()).hexdigest()
        return self.folder / "requests" / key

    def _object(self, digest: str) -> Path:
        return self.folder / "objects" / digest[:2] / digest


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all; what is there already stays."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
