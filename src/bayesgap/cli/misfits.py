"""Commands on laws that do not hold: validate misfits."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bayesgap.cli.common import Debug, embedded
from bayesgap.cli.validate import append_rows, validate

CASES = "misfit_cases.csv"
TABLE = "misfits.csv"


@validate.command()
def misfits(
    simulations: Annotated[int, typer.Option(min=2, help="Simulations of each rule.")] = 100,
    processes: Annotated[int, typer.Option(min=1, help="Processes that fit at once.")] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder of the cases (kept, so that a stopped run goes on).")
    ] = Path("validation"),
    results: Annotated[Path | None, typer.Option(help="Folder of the table; OUT if none.")] = None,
    page: Annotated[Path | None, typer.Option(help="Markdown page to write.")] = None,
    debug: Debug = False,
) -> None:
    """Break rules of a law in made-up regions, and see what its intervals are worth then."""
    from bayesgap.analysis.blocks import build_panel
    from bayesgap.analysis.misfits import BLOCK, RULES, finished, misfit_cases, misfit_table
    from bayesgap.analysis.versions import law_version, provenance_now
    from bayesgap.data.tables import read_tables
    from bayesgap.report.misfit_page import page as page_of
    from bayesgap.report.progress import Reporter

    folder, study = embedded()
    panel = build_panel(read_tables(folder), study)[BLOCK].to_dataset()
    path = out / CASES
    out.mkdir(parents=True, exist_ok=True)
    version = law_version(BLOCK, study)
    known = finished(path, version)
    done = set(known[["rule", "simulation"]].itertuples(index=False, name=None))
    every = [(rule, number) for number in range(simulations) for rule in RULES]
    missing = [one for one in every if one not in done]
    with Reporter(sys.stderr).stage("misfits") as advance:
        append_rows(misfit_cases(panel, study, missing, processes), path, len(missing), advance)
    table = misfit_table(finished(path, version))
    told = provenance_now(study.seed)
    into = results or out
    into.mkdir(parents=True, exist_ok=True)
    table.assign(version=version, **told).to_csv(into / TABLE, index=False, float_format="%.4g")
    typer.echo(table.round(2).to_string(index=False))
    if page is not None:
        words = {name: (rule.__doc__ or "") for name, rule in RULES.items()}
        page.write_text(page_of(table, words, told), encoding="utf-8")
