"""From truths drawn from the priors to verdicts, pictures and a page: what `validate sbc` does.

Simulations are kept as they are done, so that a stopped call goes on.
"""

from collections.abc import Mapping, Sequence
from os.path import relpath
from pathlib import Path

import pandas as pd

from bayesgap.health.evidence import CALIBRATION, calibration_known
from bayesgap.health.versions import provenance_now
from bayesgap.present.progress import Progress
from bayesgap.runs.kept import append_rows
from bayesgap.runs.store import write_whole
from bayesgap.study.study import Study
from bayesgap.validation.calibration.page import page as page_of
from bayesgap.validation.calibration.page import rank_figure
from bayesgap.validation.calibration.panel import calibration_panel
from bayesgap.validation.calibration.runs import calibrate
from bayesgap.validation.calibration.simulation import (
    band,
    beside,
    enough,
    finished,
    quantities_of,
    verdicts,
)

RANKS = "sbc_ranks.csv"
TIMES = "simuk.csv"


def rank_rows(
    tables: Mapping[str, pd.DataFrame],
    study: Study,
    blocks: Sequence[str],
    simulations: int,
    processes: int,
    out: Path,
    progress: Progress,
) -> pd.DataFrame:
    """Ranks of truths of all simulations in the folder `out`, those missing of `blocks` added.

    Parameters
    ----------
    blocks : blocks of the study, or `chain` for all at once
    simulations : simulations of each
    """
    panel = calibration_panel(tables, study)
    out.mkdir(parents=True, exist_ok=True)
    for name in blocks:
        known = finished(out / RANKS, study)
        done = set(known.loc[known["block"] == name, "simulation"])
        missing = [n for n in range(simulations) if n not in done]
        if not missing:
            progress.skipped(f"sbc {name}")
            continue
        with progress.stage(f"sbc {name}") as advance:
            found = calibrate(panel, study, name, missing, processes)
            append_rows(found, out / RANKS, len(missing), advance)
    return enough(finished(out / RANKS, study))


def write_verdicts(rows: pd.DataFrame, study: Study, out: Path) -> pd.DataFrame:
    """Write verdicts and pictures of the blocks in `rows`; those of other blocks stay.

    Returns
    -------
    One row a quantity, of every block
    """
    out.mkdir(parents=True, exist_ok=True)
    found = verdicts(rows).assign(**provenance_now(study.seed))
    table = beside(calibration_known(out, study), found)
    write_whole(
        out / CALIBRATION, lambda path: table.to_csv(path, index=False, float_format="%.4g")
    )
    for block, part in rows.groupby("block", sort=False):
        number = len(quantities_of(str(block)))
        ranks = part.groupby("quantity", sort=False)["rank"]
        curves = {str(name): band(values, number) for name, values in ranks}
        rank_figure(curves).savefig(_picture(out, str(block)), dpi=110)
    return table


def write_page(page: Path, table: pd.DataFrame, out: Path) -> None:
    """Write the page on the verdicts in `table`, with the pictures in the folder `out`."""
    times = pd.read_csv(out / TIMES) if (out / TIMES).exists() else None
    pictures = {block: _picture(out, block) for block in table["block"].unique()}
    shown = {b: relpath(path, page.parent) for b, path in pictures.items() if path.exists()}
    page.write_text(page_of(table, shown, times), encoding="utf-8")


def _picture(folder: Path, block: str) -> Path:
    """Where the picture of a block's ranks lies."""
    return folder / f"sbc_{block}.png"
