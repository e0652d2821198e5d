"""Commands on forecasts from old data: validate backtest."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesgap.cli.common import Debug, embedded
from bayesgap.cli.validate import validate

if TYPE_CHECKING:
    import pandas as pd

    from bayesgap.analysis.backtest.country import Country
    from bayesgap.spec.study import Study

PAGE = "validation.md"


@validate.command()
def backtest(
    realdata: Annotated[Path, typer.Option(help="Folder of the whole country's statistics.")],
    out: Annotated[Path, typer.Option(help="Folder that gets page, tables and pictures.")] = Path(
        "validation"
    ),
    debug: Debug = False,
) -> None:
    """Forecast from old data, against what came and beside baselines; goes on where it stopped."""
    from bayesgap.analysis.backtest.country import HORIZONS, ORIGINS, build_country, outcomes
    from bayesgap.data.tables import read_tables

    data, study = embedded()
    country = build_country(realdata, read_tables(data))
    came = outcomes(country, range(2005, max(ORIGINS) + 1), HORIZONS)
    seconds, parts = [], []
    for origin in ORIGINS:
        cases, spent = _origin(country, study, came, origin, out)
        parts.append(cases)
        seconds.append({"origin": origin, "seconds": spent})
        typer.echo(f"origin {origin}: {len(cases)} cases, {spent:.0f} s of CPU", err=True)
    _write(realdata, country, study, came, parts, seconds, out)
    typer.echo(f"{out / PAGE}")


def _origin(
    country: "Country", study: "Study", came: "pd.DataFrame", origin: int, out: Path
) -> tuple["pd.DataFrame", float]:
    """Model's cases of one origin: kept from an earlier call with the same model, or made."""
    import pandas as pd

    from bayesgap.analysis.backtest.country import model_cases, model_draws
    from bayesgap.analysis.backtest.evidence import block_hash

    kept = out / "origins" / f"population-{block_hash('population', study)[:8]}-{origin}.parquet"
    if not kept.exists():
        start = time.process_time()
        drawn = model_draws(country, study, origin)
        cases = model_cases(drawn, came, origin).assign(spent=time.process_time() - start)
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".partial")
        cases.to_parquet(partial)
        partial.rename(kept)
    cases = pd.read_parquet(kept)
    return cases.drop(columns="spent"), float(cases["spent"].iloc[0])


def _write(
    realdata: Path,
    country: "Country",
    study: "Study",
    came: "pd.DataFrame",
    parts: list["pd.DataFrame"],
    seconds: list[dict[str, float]],
    out: Path,
) -> None:
    import pandas as pd

    from bayesgap.analysis.backtest.evidence import about
    from bayesgap.analysis.backtest.results import origin_table, score_table, skill_table
    from bayesgap.analysis.backtest.rivals import rival_cases
    from bayesgap.report.validation import origins_figure, validation_page

    cases = pd.concat([*parts, *rival_cases(realdata, country, came, parts)], ignore_index=True)
    scores, origins = score_table(cases, study.seed), origin_table(cases, study.seed)
    skill, facts = skill_table(cases), about(study, cases)
    results, figures = out / "results", out / "figures"
    for folder in (results, figures):
        folder.mkdir(parents=True, exist_ok=True)
    for name, table in {"scores": scores, "origins": origins, "skill": skill}.items():
        table.round(4).to_csv(results / f"backtest_{name}.csv", index=False)
    pd.Series(facts).to_json(results / "backtest_about.json", indent=1)
    origins_figure(origins).savefig(figures / "backtest_origins.png", dpi=120)
    page = validation_page(scores, origins, skill, facts, pd.DataFrame(seconds))
    (out / PAGE).write_text(page, encoding="utf-8")
