"""Commands on laws that do not hold: validate misfits."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, embedded
from bayesgap.cli.validate import append_rows, validate
from bayesgap.errors import StudyError

if TYPE_CHECKING:
    import pandas as pd

CASES = "misfit_cases.csv"
TABLE = "misfits.csv"


@validate.command()
def misfits(
    block: Annotated[
        list[str] | None, typer.Option(help="Blocks whose rules to break; all that can if none.")
    ] = None,
    simulations: Annotated[int, typer.Option(min=2, help="Simulations of each rule.")] = 100,
    processes: Annotated[int, typer.Option(min=1, help="Processes that fit at once.")] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder of the cases (kept, so that a stopped run goes on).")
    ] = Path("validation"),
    results: Annotated[
        Path | None,
        typer.Option(help="Folder of the table, whose other blocks stay; OUT if none."),
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Markdown page to write.")] = None,
    debug: Debug = False,
) -> None:
    """Break rules of a law in made-up regions, and see what its intervals are worth then."""
    from bayesgap.validation.misspecification import MADE_UP

    chosen = block or list(MADE_UP)
    if unknown := sorted(set(chosen) - set(MADE_UP)):
        raise StudyError(f"--block must be of {sorted(MADE_UP)}; found {unknown}.")

    from bayesgap.blocks.fitting import build_panel
    from bayesgap.data.tables import read_tables
    from bayesgap.health.versions import provenance_now
    from bayesgap.present.progress import Reporter
    from bayesgap.validation.misspecification.cases import misfit_cases
    from bayesgap.validation.misspecification.page import page as page_of
    from bayesgap.validation.misspecification.rules import RULES
    from bayesgap.validation.misspecification.table import finished, misfit_table
    from bayesgap.validation.misspecification.version import misfit_version

    folder, study = embedded()
    made = provenance_now(study.seed)
    panels = build_panel(read_tables(folder), study)
    path, tables = out / CASES, []
    out.mkdir(parents=True, exist_ok=True)
    every = [(rule, number) for number in range(simulations) for rule in RULES]
    for name in chosen:
        version = misfit_version(name, study)
        known = finished(path, name, version)
        done = set(known[["rule", "simulation"]].itertuples(index=False, name=None))
        missing = [one for one in every if one not in done]
        with Reporter(sys.stderr).stage(f"misfits {name}") as advance:
            cases = misfit_cases(panels[name].to_dataset(), study, name, missing, processes)
            append_rows(cases, path, len(missing), advance)
        own = misfit_table(finished(path, name, version))
        tables.append(own.assign(block=name, version=version, **made))
    into = results or out
    into.mkdir(parents=True, exist_ok=True)
    table = _with_others(into / TABLE, tables)
    table.to_csv(into / TABLE, index=False, float_format="%.4g")
    typer.echo(table.drop(columns=list(made)).round(2).to_string(index=False))
    if page is not None:
        words = {name: (rule.__doc__ or "") for name, rule in RULES.items()}
        page.write_text(page_of(table, words), encoding="utf-8")


def _with_others(path: Path, new: "list[pd.DataFrame]") -> "pd.DataFrame":
    """New tables, and those of other blocks in the file."""
    import pandas as pd

    made = pd.concat(new, ignore_index=True)
    if not path.exists():
        return made
    old = pd.read_csv(path, dtype={"version": str})
    rest = old[~old["block"].isin(made["block"])]
    return made if rest.empty else pd.concat([rest, made], ignore_index=True)
