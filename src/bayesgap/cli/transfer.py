"""Command on the whole chain from a past year: validate transfer."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayesgap.cli.common import Debug
from bayesgap.cli.validate import validate

if TYPE_CHECKING:
    import pandas as pd

    from bayesgap.runs.run import Run

PAGE = "transfer.md"
COMMAND = "bayesgap validate transfer STUDY.toml --origin YEAR --docs docs"
REMARKS = "transfer.md"


@validate.command()
def transfer(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study.")],
    origin: Annotated[int, typer.Option(help="The year after which nothing is known.")],
    own: Annotated[
        Path | None, typer.Option(help="Folder of optional tables: employed_by_education.csv.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder of the run (kept, so that a stopped one goes on).")
    ] = Path("validation"),
    docs: Annotated[
        Path | None, typer.Option(help="Folder of page, tables and pictures; OUT if none.")
    ] = None,
    draws: Annotated[int | None, typer.Option(min=4, help="Draws per chain.")] = None,
    tune: Annotated[int | None, typer.Option(min=4, help="Steps before them.")] = None,
    debug: Debug = False,
) -> None:
    """Run a study as of a past year, and score what has been counted since."""
    from bayesgap.study.bundle import resolve_data
    from bayesgap.study.study import load_study, with_overrides

    wanted = with_overrides(load_study(study), draws, None)
    folder = resolve_data(study, wanted)

    from bayesgap.data.tables import frames_hash, read_tables
    from bayesgap.pipeline import run_tables
    from bayesgap.present.progress import Reporter
    from bayesgap.published_study.optional import read_optional
    from bayesgap.runs.run import open_run
    from bayesgap.validation.cut import cut_study, cut_tables, with_base
    from bayesgap.validation.transfer import score as chain
    from bayesgap.validation.transfer.evidence import about

    if tune is not None:
        sampling = wanted.sampling.model_copy(update={"tune": tune})
        wanted = wanted.model_copy(update={"sampling": sampling})
    tables = read_tables(folder)
    came = chain.counted(tables, read_optional(own) if own else {}, wanted.targets)
    known = cut_tables(tables, origin)
    then = cut_study(wanted, known, origin, int(came["year"].max()))
    known = with_base(known, then)
    data, progress = frames_hash(known), Reporter(sys.stderr)
    run = open_run(run_tables(then, known, data, out, progress))
    where = docs or out
    with progress.stage("scores"):
        drawn = chain.drawn(run.outlook.load(), then.targets)
        cases = chain.scored(drawn, came, origin)
        facts = about(wanted, then, data, _told(run, study.parent / REMARKS))
        _write(f"transfer_{then.name}", cases, chain.paths(drawn, came, origin), facts, where)
        (where / PAGE).write_text(_page(where), encoding="utf-8")
    typer.echo(f"{where / PAGE}")


def _told(run: "Run", remarks: Path) -> dict[str, Any]:
    """Verdict of the run, how long it took, and what the study's author has to say."""
    health = run.health
    seconds = sum(s["seconds"] for s in run.json("timings.json")["stages"].values())
    short = [{"verdict": c.verdict, "sentence": c.sentence} for c in health.checks]
    return {
        "verdict": health.verdict,
        "checks": [check for check in short if check["verdict"] != "PASS"],
        "seconds": round(seconds),
        "remarks": remarks.read_text(encoding="utf-8").strip() if remarks.is_file() else "",
    }


def _write(
    name: str, cases: "pd.DataFrame", paths: "pd.DataFrame", facts: dict[str, Any], docs: Path
) -> None:
    from bayesgap.validation.transfer.page import paths_figure

    for folder in (docs / "results", docs / "figures"):
        folder.mkdir(parents=True, exist_ok=True)
    cases.to_csv(docs / "results" / f"{name}.csv", index=False, float_format="%.4g")
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    (docs / "results" / f"{name}.json").write_text(text, encoding="utf-8")
    paths_figure(paths, facts["origin"]).savefig(docs / "figures" / f"{name}.png", dpi=100)


def _page(docs: Path) -> str:
    """The page, with every test whose tables lie in `docs`."""
    import pandas as pd

    from bayesgap.validation.transfer.evidence import skill_table, slice_table
    from bayesgap.validation.transfer.page import Evidence, transfer_page

    tests = []
    for path in sorted((docs / "results").glob("transfer_*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        cases = pd.read_csv(path.with_suffix(".csv"))
        slices = slice_table(cases, facts["seed"])
        tests.append(Evidence(facts, slices, skill_table(cases), f"figures/{path.stem}.png"))
    return transfer_page(tests, COMMAND)
