"""How `./dev test` runs: which tests share a worker, and what was left out, said at the end.

With CI set in the environment, a skip is a failure unless `ALLOWED` names its reason.
"""

import os
from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Reasons of skips that are no failure with CI set.
ALLOWED: tuple[str, ...] = ("JAX is not installed: ./dev bench brings it",)
# Modules that read one quick run, whose models take a minute to compile.
TOGETHER = {
    f"tests/statistics/test_{name}.py" for name in ("quick_run", "analyses", "notebooks", "sweeps")
}
# Begun first, the longest first, so that no worker ends long after the others.
FIRST = (*sorted(TOGETHER), "tests/statistics/", "tests/contracts/", "tests/browser/")
REST = "./dev test-all runs them too"
LEFT_OUT = pytest.StashKey[int]()


class Modules(LoadScopeScheduling):
    """Workers get whole modules, and those that read the quick run as one.

    Otherwise every worker would make the run, and each module's fixtures.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return "the quick run" if module in TOGETHER else module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Modules:
    return Modules(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    strangers = {
        item.nodeid.partition("::")[0]
        for item in items
        if "quick_runs" in getattr(item, "fixturenames", ())
    } - TOGETHER
    if strangers:
        raise pytest.UsageError(
            f"gate.TOGETHER must name {sorted(strangers)}: each uses quick_runs."
        )
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    found = (place for place, start in enumerate(FIRST) if nodeid.startswith(start))
    return next(found, len(FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        reason = reason_of(report)
        if reason not in ALLOWED:
            report.outcome = "failed"
            report.longrepr = f"Skipped where CI is set, and gate.ALLOWED has it not: {reason}"
    return report


def reason_of(report: Any) -> str:
    """Why a test was skipped."""
    return str(report.longrepr[2]).removeprefix("Skipped: ")


def pytest_deselected(items: list[pytest.Item]) -> None:
    slow = sum(item.get_closest_marker("slow") is not None for item in items)
    stash = items[0].config.stash
    stash[LEFT_OUT] = stash.get(LEFT_OUT, 0) + slow


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if slow := getattr(node, "workeroutput", {}).get("left_out", 0):
        node.config.stash[LEFT_OUT] = slow


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    slow = config.stash.get(LEFT_OUT, 0)
    lines = [f"{slow} slow tests left out: {REST}"] if slow else []
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(reason_of(report) for report in skipped)
    lines += [f"{number} skipped: {reason}" for reason, number in reasons.items()]
    if lines:
        terminalreporter.section("not run")
        terminalreporter.write_line("\n".join(lines))
