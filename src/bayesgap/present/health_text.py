"""A run's verdict in one line, and its checks in sentences, the most severe first."""

from textwrap import fill

from bayesgap.present.words import Words
from bayesgap.runs.verdicts import ORDER, Check, Health

WIDTH = 100


def verdict_line(health: Health) -> str:
    """Verdict in one sentence, and where the rest stands."""
    open_checks = sum(check.verdict != "PASS" for check in health.checks)
    rest = f" {open_checks} of {len(health.checks)} checks did not pass: `bayesgap health`."
    return f"Health: {Words('en')(f'verdict.{health.verdict}')}{rest if open_checks else ''}"


def health_lines(health: Health) -> list[str]:
    """Verdict, then every check that did not pass."""
    return [verdict_line(health), *(_told(c) for c in by_severity(health) if c.verdict != "PASS")]


def by_severity(health: Health) -> list[Check]:
    """Checks that failed, those to review, those that passed."""
    return sorted(health.checks, key=lambda check: -ORDER.index(check.verdict))


def health_table(health: Health) -> str:
    """Every check: its sentence, its value and the threshold of PASS."""
    return "\n".join(_told(check, with_value=True) for check in by_severity(health))


def _told(check: Check, with_value: bool = False) -> str:
    figures = f" [{check.name}: {check.value:.4g}, PASS at {check.good:.4g}]" if with_value else ""
    text = f"{check.verdict:8}{check.sentence}{figures}"
    return fill(text, WIDTH, initial_indent="  ", subsequent_indent=" " * 10)
