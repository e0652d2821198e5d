"""What it would take to clear bars that were missed: judgement, hence without figures."""

import tomllib
from pathlib import Path

import pandas as pd

JUDGEMENT = Path(__file__).with_name("missed_bars.toml")
UNKNOWN = "Not looked into."


def missed_bars(bars: pd.DataFrame) -> str:
    """What the missed of `bars` would take, a line each; one sentence if none is missed."""
    entries = tomllib.loads(JUDGEMENT.read_text(encoding="utf-8"))["needed"]
    needed = {(one["block"], one["group"], one["bar"]): one["told"] for one in entries}
    missed = bars[~bars["met"].astype(bool)].drop_duplicates(["block", "group", "bar"])
    told = missed[["block", "group", "bar"]].itertuples(index=False, name=None)
    lines = [
        f"- **{_words(block.removeprefix('population_'))}, {group}: {_words(bar)}**. "
        + needed.get((block, group, bar), UNKNOWN)
        for block, group, bar in told
    ]
    return "\n".join(["Judgement, not results.", "", *lines]) if lines else "No bar was missed."


def _words(name: str) -> str:
    return name.replace("_", " ")
