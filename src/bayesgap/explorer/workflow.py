"""From a run folder to the page that explores it."""

from pathlib import Path

from bayesgap.explorer.content import Facts, page_content
from bayesgap.explorer.page import explorer_page
from bayesgap.runs.run import MAIN, Run
from bayesgap.runs.store import write_whole


def write_explorer(run: Run, path: Path) -> None:
    """Write the page of a run, with every scenario that its summary has."""
    facts = Facts(run.id, str(run.provenance["created"]), run.study, run.rows, run.health)
    names = [str(name) for name in run.rows["scenario"].unique() if name != MAIN]
    effects = ((name, run.effect(name)) for name in names)  # one at a time: they are large
    page = explorer_page(*page_content(facts, run.outlook.load(), effects))
    write_whole(path, lambda partial: partial.write_text(page, encoding="utf-8"))
