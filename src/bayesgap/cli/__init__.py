"""Command line: one module a group of commands.

Commands import what they need when they are called (the one floor where that is allowed): what
checks their words first, what computes after that. So `bayesgap --help`, a table of a run and the
answer to a mistyped word come at once; `tests/contracts/test_reading_commands.py` holds them to it.
"""

from bayesgap.cli import (
    backtest,
    chance,
    chapters,
    data,
    explore,
    export,
    found,
    misfits,
    priors,
    report,
    report_mode,
    runs,
    scenarios,
    sensitivity,
    study,
    transfer,
    uncertainty,
    validate,
    verify,
)
from bayesgap.cli.common import main

__all__ = [
    "backtest",
    "chance",
    "chapters",
    "data",
    "explore",
    "export",
    "found",
    "main",
    "misfits",
    "priors",
    "report",
    "report_mode",
    "runs",
    "scenarios",
    "sensitivity",
    "study",
    "transfer",
    "uncertainty",
    "validate",
    "verify",
]
