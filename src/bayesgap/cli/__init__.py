"""Command line: one module a group of commands.

Commands import what they need when they are called (the one floor where that is allowed), so that
`bayesgap --help` answers at once.
"""

from bayesgap.cli import (
    backtest,
    chance,
    chapters,
    data,
    explore,
    export,
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
)
from bayesgap.cli.common import main

__all__ = [
    "backtest",
    "chance",
    "chapters",
    "data",
    "explore",
    "export",
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
]
