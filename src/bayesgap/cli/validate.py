"""Commands that test the intervals: validate sbc."""

import sys
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap import schema
from bayesgap.cli.common import Debug, app
from bayesgap.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from bayesgap.present.progress import Advance, Progress
    from bayesgap.study.study import Study

RANKS = "sbc_ranks.csv"
TIMES = "simuk.csv"

validate = typer.Typer(help="Test the intervals: calibration, broken rules, backtests, transfers.")
app.add_typer(validate, name="validate")


@validate.command()
def sbc(
    study: Annotated[
        Path | None, typer.Argument(metavar="STUDY.toml", help="A study; the embedded one if none.")
    ] = None,
    block: Annotated[
        list[str] | None, typer.Option(help="Blocks to calibrate, or `chain`; all if none.")
    ] = None,
    simulations: Annotated[int, typer.Option(min=20, help="Simulations of each block.")] = 200,
    processes: Annotated[int, typer.Option(min=1, help="Processes that fit at once.")] = 2,
    out: Annotated[
        Path, typer.Option(help="Folder of the ranks (kept, so that a stopped run goes on).")
    ] = Path("validation"),
    results: Annotated[
        Path | None, typer.Option(help="Folder of the table and the picture; OUT if none.")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Markdown page to write.")] = None,
    debug: Debug = False,
) -> None:
    """Draw truths from the priors, fit the data that they make, and see where the truths rank."""
    from bayesgap.study.bundle import default_study, resolve_data
    from bayesgap.study.study import load_study

    every = ["chain", *schema.BLOCKS]  # the chain answers for its blocks too
    chosen = block or every
    if unknown := sorted(set(chosen) - set(every)):
        raise StudyError(f"--block must be of {sorted(every)}; found {unknown}.")
    path = study or default_study()
    wanted = load_study(path)
    data = resolve_data(path, wanted)

    from bayesgap.data.tables import read_tables
    from bayesgap.present.progress import Reporter
    from bayesgap.validation.calibration.panel import calibration_panel
    from bayesgap.validation.calibration.runs import calibrate
    from bayesgap.validation.calibration.simulation import enough, finished

    panel = calibration_panel(read_tables(data), wanted)
    out.mkdir(parents=True, exist_ok=True)
    progress = Reporter(sys.stderr)
    for name in chosen:
        known = finished(out / RANKS, wanted)
        done = set(known.loc[known["block"] == name, "simulation"])
        missing = [n for n in range(simulations) if n not in done]
        if not missing:
            progress.skipped(f"sbc {name}")
            continue
        with progress.stage(f"sbc {name}") as advance:
            found = calibrate(panel, wanted, name, missing, processes)
            append_rows(found, out / RANKS, len(missing), advance)
    rows = enough(finished(out / RANKS, wanted))
    _report(rows, wanted, results or out, page, progress)


def append_rows(
    found: "Iterable[pd.DataFrame]", path: Path, total: int, advance: "Advance"
) -> None:
    """Add the rows of each simulation to the file `path` as soon as they are there."""
    for count, rows in enumerate(found, start=1):
        with path.open("a", encoding="utf-8") as file:
            rows.to_csv(file, index=False, header=file.tell() == 0)
        advance(count, total)


def _report(
    rows: "pd.DataFrame", study: "Study", out: Path, page: Path | None, progress: "Progress"
) -> None:
    """Verdicts and pictures of the blocks in `rows`; what `out` tells of other blocks stays."""
    import pandas as pd

    from bayesgap.health.evidence import CALIBRATION, calibration_known
    from bayesgap.health.versions import provenance_now
    from bayesgap.runs.store import write_whole
    from bayesgap.validation.calibration.page import page as page_of
    from bayesgap.validation.calibration.page import rank_figure
    from bayesgap.validation.calibration.simulation import band, beside, quantities_of, verdicts

    told = out / CALIBRATION
    with progress.stage("bands"):
        out.mkdir(parents=True, exist_ok=True)
        found = verdicts(rows).assign(**provenance_now(study.seed))
        table = beside(calibration_known(out, study), found)
        write_whole(told, lambda path: table.to_csv(path, index=False, float_format="%.4g"))
        for block, part in rows.groupby("block", sort=False):
            number = len(quantities_of(str(block)))
            ranks = part.groupby("quantity", sort=False)["rank"]
            curves = {str(name): band(values, number) for name, values in ranks}
            rank_figure(curves).savefig(picture(out, str(block)), dpi=110)
    for row in table[~table["inside"]].to_dict("records"):
        typer.echo(f"FAIL  {row['block']}: ranks of {row['quantity']} leave their band.")
    inside = int(table["inside"].sum())
    typer.echo(f"{inside} of {len(table)} quantities inside their band: {told}")
    if page is not None:
        times = pd.read_csv(out / TIMES) if (out / TIMES).exists() else None
        pictures = {block: picture(out, block) for block in table["block"].unique()}
        shown = {b: relpath(path, page.parent) for b, path in pictures.items() if path.exists()}
        page.write_text(page_of(table, shown, times), encoding="utf-8")


def picture(folder: Path, block: str) -> Path:
    """Where the picture of a block's ranks lies."""
    return folder / f"sbc_{block}.png"
