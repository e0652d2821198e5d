"""Guarded requests to one host: https only, no redirects, bounded, throttled, retried, counted.

What a server may do wrong and what happens then: 429 and 503 are waited out as `Retry-After` says;
other 5xx, broken connections, cut-off bodies and slow answers are tried again with growing,
jittered pauses; everything else is told at once, with the server's own words where it has any.
"""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
import stamina

from bayesgap.errors import FetchError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
AGENT = "bayesgap (regional skills gaps; reads open statistics)"
logging.getLogger("stamina").addHandler(logging.NullHandler())  # `notify` tells the user instead
Notify = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """What a request may take. Times in seconds, sizes in bytes.

    `calls` in any `window` is the pace until the server's headers say otherwise; `patience` is
    the longest pause that a server may ask for.
    """

    calls: int = 30
    window: float = 60.0
    seconds: float = 90.0
    size: int = 200_000_000
    attempts: int = 6
    first_wait: float = 1.0
    patience: float = 180.0


@dataclass
class Tally:
    """What was sent and received."""

    requests: int = 0
    retries: int = 0
    bytes_received: int = 0
    cached: int = 0
    waited: float = 0.0
    by_status: dict[str, int] = field(default_factory=dict)

    def count(self, status: str) -> None:
        """One more answer of this status (or kind of failure)."""
        self.by_status[status] = self.by_status.get(status, 0) + 1


class _Again(Exception):
    """An answer worth another try; `wait` is what the server asked for, in seconds."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Throttle:
    """At most `calls` in any `window` seconds; `heed` takes over the server's own figures."""

    def __init__(self, limits: Limits) -> None:
        """Start with the pace of `limits`."""
        self.calls, self.window = limits.calls, limits.window
        self._sent: deque[float] = deque()
        self._until = 0.0

    def pause(self, now: float) -> float:
        """Seconds to wait before the next request; the request is counted as sent then."""
        while self._sent and self._sent[0] <= now - self.window:
            self._sent.popleft()
        wait = max(0.0, self._until - now)
        if len(self._sent) >= self.calls:
            wait = max(wait, self._sent[-self.calls] + self.window - now)
        self._sent.append(now + wait)
        return wait

    def heed(self, headers: Mapping[str, str], now: float) -> None:
        """Read `x-ratelimit-policy: 40;w=60s` and `x-ratelimit-remaining`.

        A limit of 0 says nothing: Statistics Norway's configuration has 0 and means it not.
        """
        calls, _, rest = headers.get("x-ratelimit-policy", "").partition(";")
        window = rest.strip().removeprefix("w=").removesuffix("s")
        if calls.strip().isdigit() and int(calls) > 0:
            self.calls = int(calls)
        if window.isdigit() and int(window) > 0:
            self.window = float(window)
        remaining = headers.get("x-ratelimit-remaining", "").strip()
        if remaining.isdigit() and int(remaining) == 0:
            self._until = max(self._until, now + self.window / max(self.calls, 1))


class Line:
    """A connection to one server.

    Parameters
    ----------
    base
        `https://host/path`; plain http is taken for this very machine only (tests, rehearsals).
    limits
        Pace, time, size and number of attempts.
    notify
        Is told, in a sentence, of every pause and every new attempt.

    Raises
    ------
    FetchError
        An address that is not https.
    """

    def __init__(
        self, base: str, limits: Limits | None = None, notify: Notify = lambda _text: None
    ) -> None:
        """Check the address; nothing is sent yet."""
        self.base, self.limits, self.notify = base.rstrip("/"), limits or Limits(), notify
        parts = urlsplit(self.base)
        local = parts.hostname in LOOPBACK
        allowed = ("https", "http") if local else ("https",)
        if not parts.hostname or parts.scheme not in allowed:
            raise FetchError(f"A statistics bank must be reached by https; found {base!r}.")
        self.host = parts.hostname
        self.tally = Tally()
        self._throttle = Throttle(self.limits)
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(self.limits.seconds, connect=min(15.0, self.limits.seconds)),
            follow_redirects=False,
            headers={"user-agent": AGENT, "accept": "application/json"},
            trust_env=not local,
        )

    def __enter__(self) -> "Line":
        """Use as a context that closes the connection."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the connection."""
        self._client.close()

    def url(self, path: str, query: Mapping[str, str]) -> str:
        """Full address of a request."""
        address = httpx2.URL(f"{self.base}/{path.lstrip('/')}", params=dict(query))
        return str(address)

    def send(self, path: str, query: Mapping[str, str], body: object = None) -> bytes:
        """Answer to GET, or to POST of `body` as JSON.

        Raises
        ------
        FetchError
            The server refuses, keeps failing, redirects, or answers too slowly or too much.
        """
        url, limits = self.url(path, query), self.limits
        text = None if body is None else json.dumps(body, ensure_ascii=False, sort_keys=True)
        try:
            for attempt in stamina.retry_context(
                on=self._again,
                attempts=limits.attempts,
                timeout=None,
                wait_initial=limits.first_wait,
                wait_jitter=limits.first_wait,
                wait_max=60.0,
            ):
                with attempt:
                    self.tally.retries += attempt.num > 1
                    return self._once(url, text)
        except _Again as error:
            tries = f"{limits.attempts} attempts"
            raise FetchError(
                f"{self.host} did not answer {_short(url)} in {tries}: {error}. "
                "Try again later; what has come so far is kept."
            ) from None
        raise FetchError(f"{self.host} gave no answer to {_short(url)}.")  # pragma: no cover

    def _again(self, error: Exception) -> bool | float:
        if not isinstance(error, _Again):
            return False
        pause = "a moment" if error.wait is None else f"{error.wait:.0f} s, as it asks"
        self.notify(f"{self.host}: {error}; waiting {pause}, then trying again")
        return True if error.wait is None else error.wait

    def _once(self, url: str, text: str | None) -> bytes:
        wait = self._throttle.pause(time.monotonic())
        if wait > 0:
            if wait >= 1:
                self.notify(f"{self.host}: waiting {wait:.0f} s to keep its pace")
            self.tally.waited += wait
            time.sleep(wait)
        self.tally.requests += 1
        kind = {"content-type": "application/json"} if text is not None else {}
        try:
            with self._client.stream(
                "GET" if text is None else "POST",
                url,
                content=None if text is None else text.encode(),
                headers=kind,
            ) as response:
                content = self._bounded(response)
        except httpx2.TransportError as error:
            self.tally.count(type(error).__name__)
            raise _Again(f"{_NAMES.get(type(error).__name__, 'the connection broke')}") from None
        except httpx2.HTTPError as error:
            self.tally.count(type(error).__name__)
            raise FetchError(f"{self.host} answered what is not HTTP: {error}.") from None
        self.tally.count(str(response.status_code))
        self._throttle.heed(response.headers, time.monotonic())
        if response.status_code == 200:
            return content
        raise self._refusal(response, content, url)

    def _bounded(self, response: httpx2.Response) -> bytes:
        """Read the body, but no longer and no more than the limits allow."""
        parts, size, start = [], 0, time.monotonic()
        for part in response.iter_bytes():
            size += len(part)
            if size > self.limits.size:
                raise FetchError(
                    f"{self.host} sends more than {self.limits.size / 1e6:.0f} MB: refused."
                )
            if time.monotonic() - start > self.limits.seconds:
                self.tally.count("slow")
                raise _Again(f"the answer took more than {self.limits.seconds:.0f} s")
            parts.append(part)
        self.tally.bytes_received += size
        return b"".join(parts)

    def _refusal(self, response: httpx2.Response, content: bytes, url: str) -> Exception:
        code, said = response.status_code, _words(content)
        if code in (429, 503):
            wait = retry_after(response.headers.get("retry-after"))
            what = "too many requests" if code == 429 else "not available just now"
            if wait is not None and wait > self.limits.patience:
                return FetchError(
                    f"{self.host}: {what} (HTTP {code}); it asks to come back in {wait:.0f} s. "
                    "Start the same command again then; what has come so far is kept."
                )
            return _Again(f"{what} (HTTP {code})", wait)
        if code >= 500:
            empty = " with an empty body" if not content.strip() else ""
            return _Again(f"an error of the server (HTTP {code}{empty})")
        if 300 <= code < 400:
            to = urlsplit(response.headers.get("location", "")).hostname or "elsewhere"
            return FetchError(f"{self.host} redirects to {to}: refused (HTTP {code}).")
        if code == 404 and content.lstrip()[:1] == b"<":
            return FetchError(
                f"{self.host} has no page {_short(url)} (HTTP 404, a web page instead of data): "
                "the table does not exist, or the address is too long."
            )
        return FetchError(
            f"{self.host} refuses {_short(url)}: {said or 'no reason given'} ({code})."
        )


_NAMES = {
    "ConnectError": "no connection",
    "ConnectTimeout": "no connection in time",
    "ReadTimeout": "no answer in time",
    "RemoteProtocolError": "the answer was cut off",
}


def retry_after(value: str | None) -> float | None:
    """Seconds that a `Retry-After` header (a number, or a date) asks for; None if it says none."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _words(content: bytes) -> str:
    """The server's own words: `title` of a problem document, `error` of the old interface."""
    try:
        found = json.loads(content[:20_000])
    except (ValueError, RecursionError):
        return ""
    for name in ("title", "error", "detail") if isinstance(found, dict) else ():
        if isinstance(found.get(name), str):
            return "".join(c for c in found[name][:200] if c.isprintable())
    return ""


def _short(url: str) -> str:
    return url if len(url) <= 160 else f"{url[:157]}..."
