"""From made-up regions whose rules are broken to a table: what `validate misfits` does.

Cases are kept as they are done, so that a stopped call goes on.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from bayesgap.blocks.fitting import build_panel
from bayesgap.health.versions import provenance_now
from bayesgap.present.progress import Progress
from bayesgap.runs.kept import append_rows
from bayesgap.study.study import Study
from bayesgap.validation.misspecification.cases import misfit_cases
from bayesgap.validation.misspecification.page import page as page_of
from bayesgap.validation.misspecification.rules import RULES
from bayesgap.validation.misspecification.table import finished, misfit_table
from bayesgap.validation.misspecification.version import misfit_version

CASES = "misfit_cases.csv"
TABLE = "misfits.csv"


def block_tables(
    tables: Mapping[str, pd.DataFrame],
    study: Study,
    blocks: Sequence[str],
    simulations: int,
    processes: int,
    out: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Table of every block in `blocks` (X3), from all its cases in the folder `out`.

    Parameters
    ----------
    simulations : simulations of each rule; those that are missing are added
    """
    panels = build_panel(tables, study)
    out.mkdir(parents=True, exist_ok=True)
    every = [(rule, number) for number in range(simulations) for rule in RULES]
    found = []
    for name in blocks:
        version = misfit_version(name, study)
        known = finished(out / CASES, name, version)
        done = set(known[["rule", "simulation"]].itertuples(index=False, name=None))
        missing = [one for one in every if one not in done]
        with progress.stage(f"misfits {name}") as advance:
            cases = misfit_cases(panels[name].to_dataset(), study, name, missing, processes)
            append_rows(cases, out / CASES, len(missing), advance)
        own = misfit_table(finished(out / CASES, name, version))
        found.append(own.assign(block=name, version=version))
    return pd.concat(found, ignore_index=True)


def write_table(new: pd.DataFrame, study: Study, folder: Path) -> pd.DataFrame:
    """Write the table of the blocks in `new`, and of those other blocks that the file has."""
    made = new.assign(**provenance_now(study.seed))
    folder.mkdir(parents=True, exist_ok=True)
    path, table = folder / TABLE, made
    if path.exists():
        old = pd.read_csv(path, dtype={"version": str})
        rest = old[~old["block"].isin(made["block"])]
        table = made if rest.empty else pd.concat([rest, made], ignore_index=True)
    table.to_csv(path, index=False, float_format="%.4g")
    return table


def shown(table: pd.DataFrame, study: Study) -> str:
    """The table as plain text, without how it was made."""
    hidden = list(provenance_now(study.seed))
    return table.drop(columns=hidden).round(2).to_string(index=False)


def write_page(page: Path, table: pd.DataFrame) -> None:
    """Write the page on the table, with what each rule breaks."""
    words = {name: (rule.__doc__ or "") for name, rule in RULES.items()}
    page.write_text(page_of(table, words), encoding="utf-8")
