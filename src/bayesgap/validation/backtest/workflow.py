"""Forecasts of every block from old data to tables and a page: what `validate backtest` does.

Origins are kept as they are done, so that a stopped call goes on.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from bayesgap.data.tables import frames_hash
from bayesgap.present.progress import Advance, Progress
from bayesgap.runs.kept import Kept
from bayesgap.study.study import Study
from bayesgap.validation.backtest import (
    country,
    education,
    evidence,
    population,
    results,
    rivals,
    sectors,
    six_levels,
)
from bayesgap.validation.backtest.acceptance import bar_table
from bayesgap.validation.backtest.page import origins_figure, validation_page

PAGE = "validation.md"
COMMAND = "bayesgap validate backtest --realdata FOLDER --docs docs"
Tables = Mapping[str, pd.DataFrame]


def backtest(
    realdata: Path, tables: Tables, study: Study, out: Path, progress: Progress
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Cases of every block, and what they are: sizes, versions, seconds.

    Parameters
    ----------
    realdata : folder of the whole country's statistics
    tables : of the study
    out : folder of finished origins
    """
    with progress.stage("outcomes"):
        whole = country.build_country(realdata, tables)
        earlier = rivals.earlier_origins(whole)
        came = country.outcomes(whole, earlier, country.HORIZONS)
        seen = evidence.data_version(whole.people, whole.tables)
    name = f"population-{evidence.evidence_version('population', study)}-{seen}"
    with progress.stage("population") as advance:
        make = partial(population.origin_cases, whole, study, came)
        model = kept_origins(out, name, country.ORIGINS, make, advance)
    name = f"baselines-{evidence.baselines_version()}-{seen}"
    with progress.stage("baselines") as advance:
        make = partial(rivals.baseline_points, whole)
        points = kept_origins(out, name, earlier, make, advance)
    with progress.stage("sectors") as advance:
        jobs = _sectors(out, study, whole.tables, advance)
    with progress.stage("education") as advance:
        levels = _education(out, study, whole, realdata, advance)
    with progress.stage("six levels") as advance:
        residents = _six_levels(out, study, whole.tables, advance)
    people = rivals.all_cases(realdata, came, model, points)
    cases = pd.concat([people, jobs, levels, residents], ignore_index=True)
    pace = model.drop_duplicates("origin")["spent"].median()
    facts = evidence.about(study, cases, seen) | {"seconds of CPU an origin": round(pace, 1)}
    return cases, facts


def kept_origins(
    folder: Path,
    name: str,
    origins: Sequence[int],
    make: Callable[[int], pd.DataFrame],
    advance: Advance,
) -> pd.DataFrame:
    """Rows of every origin, kept by an earlier call or made, with `spent` seconds of CPU.

    One thread of linear algebra, as in a run: how many there are changes the last digit of a sum,
    and draws that start a digit apart end elsewhere.
    """
    kept, parts = Kept(folder), []
    for count, origin in enumerate(origins, start=1):
        rows = kept.read(f"{name}-{origin}")
        if rows is None:
            start = time.process_time()
            with threadpool_limits(1):
                rows = make(origin)
            rows = rows.assign(spent=time.process_time() - start)
            kept.write(f"{name}-{origin}", rows)
        parts.append(rows)
        advance(count, len(origins))
    return pd.concat(parts, ignore_index=True)


def _sectors(out: Path, study: Study, tables: Tables, advance: Advance) -> pd.DataFrame:
    """Cases of employment by sector, of the model and of baselines."""
    parts = []
    for source in sectors.sources(tables):
        version = evidence.evidence_version("sectors", study)
        name = f"sectors-{source.group}-{version}-{evidence.data_version(source.areas, {})}"
        make = partial(sectors.sector_cases, source, tables, study)
        parts.append(kept_origins(out, name, source.origins, make, advance))
        parts.append(sectors.sector_rivals(source))
    return pd.concat(parts, ignore_index=True)


def _education(
    out: Path, study: Study, whole: country.Country, folder: Path, advance: Advance
) -> pd.DataFrame:
    """Cases of levels of education, of the model and of baselines."""
    source = education.build_source(folder, whole)
    version = evidence.evidence_version(education.BLOCK, study)
    seen = evidence.data_version(source.people, {**whole.tables, "stocks": source.stocks})
    make = partial(education.education_cases, source, whole.tables, study)
    name = f"{education.BLOCK}-{version}-{seen}"
    model = kept_origins(out, name, education.ORIGINS, make, advance)
    return pd.concat([model, education.education_rivals(source)], ignore_index=True)


def _six_levels(out: Path, study: Study, tables: Tables, advance: Advance) -> pd.DataFrame:
    """Cases of Telemark's six levels, of the sampled block and of baselines."""
    version = evidence.evidence_version(six_levels.BLOCK, study)
    name = f"{six_levels.BLOCK}-{version}-{frames_hash(tables)[:8]}"
    make = partial(six_levels.six_level_cases, tables, study)
    model = kept_origins(out, name, six_levels.ORIGINS, make, advance)
    cases = pd.concat([model, six_levels.six_level_rivals(tables, study)], ignore_index=True)
    return pd.concat([cases, results.by_level(cases)], ignore_index=True)


def write_results(cases: pd.DataFrame, facts: dict[str, object], seed: int, docs: Path) -> Path:
    """Write the tables of scores, the picture and the page in `docs`."""
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
    return docs / PAGE
