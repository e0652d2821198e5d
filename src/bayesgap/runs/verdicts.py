"""Verdicts of checks, PASS, REVIEW or FAIL, and the record of them that a run keeps.

The checks themselves are in `health/`. This module imports no library, so that a command which
only reads `health.json` answers at once.
"""

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["PASS", "REVIEW", "FAIL"]
ORDER: tuple[Verdict, ...] = ("PASS", "REVIEW", "FAIL")


@dataclass(frozen=True)
class Check:
    """One figure held against its thresholds (`good` for PASS, `bad` beyond which FAIL)."""

    name: str
    verdict: Verdict
    value: float
    good: float
    bad: float
    sentence: str


@dataclass(frozen=True)
class Health:
    """All checks of a run."""

    checks: tuple[Check, ...]
    groups: tuple[dict[str, Any], ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of the checks."""
        return ORDER[max((ORDER.index(check.verdict) for check in self.checks), default=0)]

    @property
    def exit_code(self) -> int:
        """0 for PASS, 1 for REVIEW, 2 for FAIL."""
        return ORDER.index(self.verdict)

    def to_dict(self) -> dict[str, Any]:
        """What `health.json` holds; figures that are not finite become None."""
        rows = [
            {
                k: None if isinstance(v, float) and not math.isfinite(v) else v
                for k, v in row.items()
            }
            for row in map(asdict, self.checks)
        ]
        return {"verdict": self.verdict, "checks": rows, "groups": list(self.groups)}


def read_health(content: Mapping[str, Any]) -> Health:
    """Health as `Health.to_dict` wrote it."""
    rows = [
        {**row, "value": math.nan if row["value"] is None else row["value"]}
        for row in content["checks"]
    ]
    return Health(tuple(Check(**row) for row in rows), tuple(content["groups"]))


def warn_if_failed(run_id: str, health: Health, stacklevel: int = 2) -> None:
    """Warn where the verdict is FAIL; `stacklevel` counts from the caller."""
    if health.verdict == "FAIL":
        told = f"{run_id} says FAIL: its numbers are not to be used. See `.health`."
        warnings.warn(told, UserWarning, stacklevel=stacklevel + 1)


def judged(name: str, value: float, limits: tuple[float, float], sentence: str) -> Check:
    """Check of `value`; whether more is better follows from the order of the limits.

    `sentence` may hold `{value}`; a value that is not a number fails.
    """
    good, bad = limits
    sign = 1.0 if good >= bad else -1.0
    verdict: Verdict = "FAIL"
    if sign * value >= sign * good:
        verdict = "PASS"
    elif sign * value >= sign * bad:
        verdict = "REVIEW"
    return Check(name, verdict, float(value), good, bad, sentence.format(value=value))
