"""A statistics bank on this machine: answers like PxWebApi v2 and KLASS, and misbehaves on demand.

Tests and rehearsals only. Tables are frames of codes with a last column `value` (and, if there is
one, `status`); every rule that real banks enforce is enforced here: cell limit, address limit,
unknown codes, repeated codes, mandatory variables, pace.
"""

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd

ROLES = {"time": "Tid", "geo": "Region", "metric": "ContentsCode"}
PAGE = (
    b"<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'>\r\n<html><head>"
    b"<title>404 - File or directory not found.</title></head></html>"
)


@dataclass
class Table:
    """Cells by code: `frame` has one column a variable, then `value` and perhaps `status`."""

    frame: pd.DataFrame
    label: str
    updated: str = "2026-02-24T07:00:00Z"
    notes: tuple[str, ...] = ()
    eliminated: tuple[str, ...] = ()  # variables that may be left out: then summed over
    codelists: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]] = field(default_factory=dict)
    sparse: bool = False
    units: Mapping[str, str] = field(default_factory=dict)  # by code of the measure

    @property
    def variables(self) -> list[str]:
        """Dims of the table."""
        return [c for c in self.frame.columns if c not in ("value", "status")]

    def codes(self, variable: str) -> list[str]:
        """Codes of a dim, in order of appearance."""
        return list(dict.fromkeys(self.frame[variable]))


@dataclass
class Fault:
    """One wrong answer: what the next `times` requests whose path contains `path` get."""

    kind: str
    times: int = 1
    path: str = "/data"
    wait: str = "0"
    seconds: float = 2.0


@dataclass
class Bank:
    """State of the server: tables, classification, faults to come, what was asked."""

    tables: dict[str, Table] = field(default_factory=dict)
    municipalities: dict[str, str] = field(default_factory=dict)
    changes: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    max_cells: int = 800_000
    longest: int = 2100
    calls: int | None = None
    log: list[tuple[str, str, int, int]] = field(default_factory=list)
    sent: deque[float] = field(default_factory=deque)
    base: str = ""

    def count(self, part: str = "") -> int:
        """Requests whose address contains `part`."""
        return sum(part in url for _, url, _, _ in self.log)


def grid(**codes: tuple[str, ...]) -> pd.DataFrame:
    """Every combination of `codes`, with made-up values 1, 2, 3 ..."""
    frame = pd.MultiIndex.from_product(list(codes.values()), names=list(codes)).to_frame(
        index=False
    )
    return frame.assign(value=np.arange(1.0, len(frame) + 1))


class _Refused(Exception):
    def __init__(self, code: int, title: str) -> None:
        super().__init__(title)
        self.code, self.title = code, title


def document(table: Table, name: str, codes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """JSON-stat 2 of a table's head: dims, codes, labels, notes."""
    dimension = {}
    for variable, found in codes.items():
        lists = [{"id": key, "type": "Aggregation"} for key in table.codelists.get(variable, {})]
        dimension[variable] = {
            "label": variable.lower(),
            "category": {
                "index": {code: place for place, code in enumerate(found)},
                "label": {code: f"{code} as text" for code in found},
            },
            "extension": {"elimination": variable in table.eliminated, "codelists": lists},
        }
        if variable == ROLES["metric"]:
            dimension[variable]["category"]["unit"] = {
                code: {"base": unit} for code, unit in table.units.items() if code in found
            }
    return {
        "version": "2.0",
        "class": "dataset",
        "label": f"{name}: {table.label}",
        "source": "loopback",
        "updated": table.updated,
        "note": list(table.notes),
        "id": list(codes),
        "size": [len(found) for found in codes.values()],
        "dimension": dimension,
        "role": {role: [dim] for role, dim in ROLES.items() if dim in codes},
        "extension": {"px": {"tableid": name, "official-statistics": True}},
    }


def cells(
    table: Table, name: str, wanted: Mapping[str, list[str]], lists: Mapping[str, str], bank: Bank
) -> dict[str, Any]:
    """The answer to a selection; refused as a real bank refuses."""
    frame = table.frame
    for variable, codes in wanted.items():
        if variable not in table.variables:
            raise _Refused(400, "Non-existent variable")
        if len(set(codes)) < len(codes):
            raise _Refused(500, "")
        known: Mapping[str, Sequence[str]] = {c: [c] for c in table.codes(variable)}
        if variable in lists:
            known = table.codelists.get(variable, {}).get(lists[variable], {})
        if not set(codes) <= set(known):
            raise _Refused(400, "Non-existent value")
        pairs = [(part, code) for code in codes for part in known[code]]
        part = pd.DataFrame(pairs, columns=[variable, "_code"])
        frame = frame.merge(part, on=variable).drop(columns=variable)
        frame = frame.rename(columns={"_code": variable})
    if set(table.variables) - set(wanted) - set(table.eliminated):
        raise _Refused(400, "Missing selection for mandantory variable")
    if np.prod([len(codes) for codes in wanted.values()]) > bank.max_cells:
        raise _Refused(400, "Too many cells selected")
    keys = list(wanted)
    flagged = frame["status"] if "status" in frame else pd.Series("", index=frame.index)
    frame = frame.assign(_flag=flagged.fillna(""))
    sums = frame.groupby(keys)["value"].sum(min_count=1)
    full = pd.MultiIndex.from_product(list(wanted.values()), names=keys)
    value = sums.reindex(full)
    flags = frame.groupby(keys)["_flag"].max().reindex(full).fillna("")
    flags = flags.where(value.isna(), "").mask(value.isna() & (flags == ""), ".")
    out = document(table, name, wanted)
    numbers = [None if v != v else (int(v) if v == int(v) else v) for v in value.to_numpy(float)]
    status = {str(i): code for i, code in enumerate(flags) if code}
    out["value"] = (
        {str(i): v for i, v in enumerate(numbers) if v is not None} if table.sparse else numbers
    )
    return out | ({"status": status} if status else {})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bank: Bank

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve("")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def _serve(self, body: str) -> None:
        bank = self.bank
        for fault in bank.faults:
            if fault.path in self.path:
                fault.times -= 1
                bank.faults = [f for f in bank.faults if f.times > 0]
                return self._fault(fault, body)
        if bank.calls is not None and self._too_fast():
            return self._send(429, b"", {"retry-after": "1"})
        if len(self.path) > bank.longest:
            return self._send(404, PAGE, {"content-type": "text/html; charset=iso-8859-1"})
        self._json(body)
        return None

    def _too_fast(self) -> bool:
        now, sent = time.monotonic(), self.bank.sent
        while sent and sent[0] < now - 1.0:
            sent.popleft()
        sent.append(now)
        return len(sent) > (self.bank.calls or 0)

    def _json(self, body: str) -> None:
        try:
            content = json.dumps(self._answer(body), ensure_ascii=False).encode()
        except _Refused as error:
            problem = {"type": "Parameter error", "title": error.title, "status": error.code}
            return self._send(error.code, json.dumps(problem).encode() if error.title else b"")
        self._send(200, content)
        return None

    def _answer(self, body: str) -> dict[str, Any]:
        parts = urlsplit(self.path)
        query, way = dict(parse_qsl(parts.query)), parts.path.strip("/").split("/")
        bank = self.bank
        if "classifications" in way:
            if way[-1] == "changes":
                return {"codeChanges": bank.changes}
            codes = [{"code": c, "name": n, "level": "1"} for c, n in bank.municipalities.items()]
            return {"codes": codes}
        if "codelists" in way:
            for table in bank.tables.values():
                for lists in table.codelists.values():
                    if way[-1] in lists:
                        values = [
                            {"code": c, "label": c, "valueMap": list(v)}
                            for c, v in lists[way[-1]].items()
                        ]
                        return {"id": way[-1], "type": "Aggregation", "values": values}
            raise _Refused(404, "Non-existent codelist")
        name = way[way.index("tables") + 1]
        if name not in bank.tables:
            raise _Refused(400, "Non-existent table")
        table = bank.tables[name]
        if way[-1] == "metadata":
            head = document(table, name, {v: table.codes(v) for v in table.variables})
            return head | {"value": []}
        wanted = {k[11:-1]: v.split(",") for k, v in query.items() if k.startswith("valueCodes[")}
        lists = {k[9:-1]: v for k, v in query.items() if k.startswith("codelist[")}
        for entry in json.loads(body)["selection"] if body else ():
            wanted[entry["variableCode"]] = entry["valueCodes"]
            if "codelist" in entry:
                lists[entry["variableCode"]] = entry["codelist"]
        return cells(table, name, wanted, lists, bank)

    def _send(self, code: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.bank.log.append((self.command, self.path, code, len(content)))
        self.send_response(code)
        for name, text in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("content-length", str(len(content)))
        try:
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the client has given up

    def _fault(self, fault: Fault, body: str) -> None:
        kind = fault.kind
        if kind == "429 with Retry-After":
            return self._send(429, b"", {"retry-after": fault.wait})
        if kind == "429 without Retry-After":
            return self._send(429, b"")
        if kind == "503":
            return self._send(503, b"Service Unavailable", {"retry-after": fault.wait})
        if kind == "500 with empty body":
            return self._send(500, b"")
        if kind == "HTML 404":
            return self._send(404, PAGE, {"content-type": "text/html; charset=iso-8859-1"})
        if kind == "redirect":
            return self._send(302, b"", {"location": "http://example.org/steal"})
        content = json.dumps(self._answer(body), ensure_ascii=False).encode()
        if kind == "slow":
            time.sleep(fault.seconds)
        elif kind == "wrong encoding":
            content = content.replace(b'"loopback"', '"Sentralbyrå æøå"'.encode("latin-1"))
        elif kind == "changed metadata":
            content = content.replace(b'"index": {"', b'"index": {"X')
        elif kind == "truncated body":
            self.bank.log.append((self.command, self.path, 200, len(content) // 2))
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
            return None
        elif kind == "dripping":
            return self._drip(content, fault.seconds)
        elif kind == "huge":
            content += b" " * 3_000_000
        return self._send(200, content)

    def _drip(self, content: bytes, pause: float) -> None:
        self.bank.log.append((self.command, self.path, 200, len(content)))
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        try:
            for start in range(0, len(content), 50):
                self.wfile.write(content[start : start + 50])
                self.wfile.flush()
                time.sleep(pause)
        except OSError:
            self.close_connection = True  # the client has given up


@contextmanager
def serving(bank: Bank) -> Iterator[Bank]:
    """`bank` on a free port of this machine while the context lasts; `bank.base` is its address."""
    handler = type("Handler", (_Handler,), {"bank": bank})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    bank.base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield bank
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def requests_by_kind(bank: Bank) -> dict[str, int]:
    """Number of requests by method and status."""
    return dict(Counter(f"{method} {code}" for method, _, code, _ in bank.log))
