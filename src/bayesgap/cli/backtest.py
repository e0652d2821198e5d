"""Commands on forecasts from old data: validate backtest."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, embedded
from bayesgap.cli.validate import validate

if TYPE_CHECKING:
    import pandas as pd

    from bayesgap.present.progress import Advance
    from bayesgap.study.study import Study
    from bayesgap.validation.backtest.country import Country

PAGE = "validation.md"
COMMAND = "bayesgap validate backtest --realdata FOLDER --docs docs"


@validate.command()
def backtest(
    realdata: Annotated[Path, typer.Option(help="Folder of the whole country's statistics.")],
    out: Annotated[
        Path, typer.Option(help="Folder of finished origins (kept, so that a stopped run goes on).")
    ] = Path("validation"),
    docs: Annotated[
        Path | None, typer.Option(help="Folder of page, tables and pictures; OUT if none.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Forecast from old data, against what came and beside baselines."""
    import pandas as pd

    from bayesgap.data.tables import read_tables
    from bayesgap.present.progress import Reporter
    from bayesgap.validation.backtest import evidence, rivals
    from bayesgap.validation.backtest.country import HORIZONS, ORIGINS, build_country, outcomes
    from bayesgap.validation.backtest.population import origin_cases

    data, study = embedded()
    progress = Reporter(sys.stderr)
    with progress.stage("outcomes"):
        country = build_country(realdata, read_tables(data))
        earlier = rivals.earlier_origins(country)
        came = outcomes(country, earlier, HORIZONS)
        seen = evidence.data_version(country.people, country.tables)
    name = f"population-{evidence.evidence_version('population', study)}-{seen}"
    with progress.stage("population") as advance:
        model = _kept(
            out, name, ORIGINS, lambda year: origin_cases(country, study, came, year), advance
        )
    name = f"baselines-{evidence.baselines_version()}-{seen}"
    with progress.stage("baselines") as advance:
        points = _kept(
            out, name, earlier, lambda year: rivals.baseline_points(country, year), advance
        )
    with progress.stage("sectors") as advance:
        jobs = _sectors(out, study, country.tables, advance)
    with progress.stage("education") as advance:
        levels = _education(out, study, country, realdata, advance)
    with progress.stage("six levels") as advance:
        residents = _six_levels(out, study, country.tables, advance)
    with progress.stage("scores"):
        people = rivals.all_cases(realdata, came, model, points)
        cases = pd.concat([people, jobs, levels, residents], ignore_index=True)
        pace = model.drop_duplicates("origin")["spent"].median()
        facts = evidence.about(study, cases, seen) | {"seconds of CPU an origin": round(pace, 1)}
        _write(cases, facts, study.seed, docs or out)
    typer.echo(f"{(docs or out) / PAGE}")


def _kept(
    folder: Path,
    name: str,
    origins: Sequence[int],
    make: "Callable[[int], pd.DataFrame]",
    advance: "Advance",
) -> "pd.DataFrame":
    """Rows of every origin, kept by an earlier call or made, with `spent` seconds of CPU.

    One thread of linear algebra, as in a run: how many there are changes the last digit of a sum,
    and draws that start a digit apart end elsewhere.
    """
    import pandas as pd
    from threadpoolctl import threadpool_limits

    from bayesgap.runs.store import write_whole

    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for count, origin in enumerate(origins, start=1):
        path = folder / f"{name}-{origin}.parquet"
        if not path.exists():
            start = time.process_time()
            with threadpool_limits(1):
                rows = make(origin)
            write_whole(path, rows.assign(spent=time.process_time() - start).to_parquet)
        parts.append(pd.read_parquet(path))
        advance(count, len(origins))
    return pd.concat(parts, ignore_index=True)


def _sectors(
    out: Path, study: "Study", tables: "Mapping[str, pd.DataFrame]", advance: "Advance"
) -> "pd.DataFrame":
    """Cases of employment by sector, of the model and of baselines."""
    import pandas as pd

    from bayesgap.validation.backtest import evidence, sectors

    parts = []
    for source in sectors.sources(tables):
        version = evidence.evidence_version("sectors", study)
        name = f"sectors-{source.group}-{version}-{evidence.data_version(source.areas, {})}"

        def make(year: int, source: sectors.Source = source) -> pd.DataFrame:
            return sectors.sector_cases(source, tables, study, year)

        parts += [_kept(out, name, source.origins, make, advance), sectors.sector_rivals(source)]
    return pd.concat(parts, ignore_index=True)


def _education(
    out: Path, study: "Study", country: "Country", folder: Path, advance: "Advance"
) -> "pd.DataFrame":
    """Cases of levels of education, of the model and of baselines."""
    import pandas as pd

    from bayesgap.validation.backtest import education, evidence

    source = education.build_source(folder, country)
    version = evidence.evidence_version(education.BLOCK, study)
    seen = evidence.data_version(source.people, {**country.tables, "stocks": source.stocks})
    model = _kept(
        out,
        f"{education.BLOCK}-{version}-{seen}",
        education.ORIGINS,
        lambda year: education.education_cases(source, country.tables, study, year),
        advance,
    )
    return pd.concat([model, education.education_rivals(source)], ignore_index=True)


def _six_levels(
    out: Path, study: "Study", tables: "Mapping[str, pd.DataFrame]", advance: "Advance"
) -> "pd.DataFrame":
    """Cases of Telemark's six levels, of the sampled block and of baselines."""
    import pandas as pd

    from bayesgap.data.tables import frames_hash
    from bayesgap.validation.backtest import evidence, results, six_levels

    version = evidence.evidence_version(six_levels.BLOCK, study)
    name = f"{six_levels.BLOCK}-{version}-{frames_hash(tables)[:8]}"
    model = _kept(
        out,
        name,
        six_levels.ORIGINS,
        lambda year: six_levels.six_level_cases(tables, study, year),
        advance,
    )
    cases = pd.concat([model, six_levels.six_level_rivals(tables, study)], ignore_index=True)
    return pd.concat([cases, results.by_level(cases)], ignore_index=True)


def _write(cases: "pd.DataFrame", facts: dict[str, object], seed: int, docs: Path) -> None:
    import json

    from bayesgap.validation.backtest import results
    from bayesgap.validation.backtest.bars import bar_table
    from bayesgap.validation.backtest.page import origins_figure, validation_page

    tables = {
        "scores": results.score_table(cases, seed),
        "origins": results.origin_table(cases, seed),
        "skill": results.skill_table(cases),
    }
    tables["bars"] = bar_table(**tables)
    for folder in (docs / "results", docs / "figures"):
        folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = docs / "results" / f"backtest_{name}.csv"
        table.to_csv(path, index=False, float_format="%.4g")
    text = json.dumps(facts, indent=1) + "\n"
    (docs / "results" / "backtest_about.json").write_text(text, encoding="utf-8")
    origins_figure(tables["origins"]).savefig(docs / "figures" / "backtest_origins.png", dpi=120)
    page = validation_page(tables, facts, COMMAND)
    (docs / PAGE).write_text(page, encoding="utf-8")
