"""The recipe of a run, top to bottom; everything that takes time is a named stage.

What a stage has written is read again for the next: the order of values in memory decides the last
digits of sums, and a run that was stopped must end as one that was not.

Blocks are fitted apart and joined draw by draw (docs/adr/0003): they share no parameters, and
everything that population drives reads the same population draw.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from threadpoolctl import threadpool_limits

from bayesgap import schema
from bayesgap.blocks.fitting import build_panel, fit_blocks, fitters
from bayesgap.data.content.notes import data_notes
from bayesgap.data.tables import joined, read_lined, require_regions, tables_hash
from bayesgap.errors import RunError
from bayesgap.health.block_evidence import BlockEvidence, block_evidence, evidence_of_blocks
from bayesgap.health.checks import check_run
from bayesgap.health.contraction import group_contraction
from bayesgap.health.evidence import evidence_checks
from bayesgap.health.residual_correlation import residual_correlations
from bayesgap.inference.processes import Workers
from bayesgap.inference.threads import side_by_side
from bayesgap.inference.time_left import TimeReport
from bayesgap.present.history import employment_history
from bayesgap.present.progress import Progress
from bayesgap.present.summary import published, summarise, summarise_scenario
from bayesgap.projection.propagate import propagate
from bayesgap.runs import scenarios as scenario_store
from bayesgap.runs import store
from bayesgap.runs.run import Run
from bayesgap.runs.store import STAGES, stage_done
from bayesgap.runs.verdicts import Check, Health
from bayesgap.scenarios.effects import scenario_effects
from bayesgap.schema import BLOCKS
from bayesgap.study.blocks import block_seed
from bayesgap.study.scenario_files import Plan, require_apart
from bayesgap.study.study import Study, require_whole_study

CONTRACTION_DRAWS = 250  # per chain; the widths of C1 within about 3 %


def run_study(
    study: Study, data: Path, out: Path, progress: Progress, plans: Sequence[Plan] = ()
) -> Path:
    """Run `study` on the tables in `data`; finished stages of an earlier call are kept.

    Parameters
    ----------
    plans : scenarios that are added beside main, on the same draws

    Returns
    -------
    The run folder `out/<study>-<hash8>`.

    Raises
    ------
    DataError, StudyError
        Bad input; nothing is left behind.
    """
    require_whole_study(study)
    require_apart(plans)
    data_hash = tables_hash(data)
    run = store.describe_run(study, data_hash, out)
    if _finished(run, plans):
        _say(progress, run.json("provenance.json").get("data_notes", []))
        for stage in (*STAGES, *(["scenarios"] if plans else [])):
            if stage != "study":
                progress.skipped(stage)
        return run.path
    with store.locked(run, study) as damaged, _fitters(run) as pool:
        _tell(damaged, progress)
        lined = read_lined(data)
        notes = data_notes(lined, data).lines
        _say(progress, notes)
        keep_notes(run, notes)
        tables = joined(lined)
        require_regions(tables, study)
        _make(run, study, tables, progress, plans, pool)
    return run.path


def _say(progress: Progress, notes: Sequence[str]) -> None:
    for line in notes:
        progress.noted(line)


def _fitters(run: Run) -> AbstractContextManager[Workers | None]:
    """Processes that fit blocks in a folder of the run's own, if any is to be fitted."""
    return nullcontext() if stage_done(run, "posterior") else fitters(store.work_folder(run))


def _tell(damaged: Sequence[str], progress: Progress) -> None:
    for fault in damaged:
        progress.damaged(fault)


def keep_notes(run: Run, notes: Sequence[str]) -> None:
    """Keep what is odd about the tables with a run that has no notes yet."""
    if "data_notes" not in run.json("provenance.json"):
        store.write_json(run, "provenance.json", {"data_notes": list(notes)})


def _finished(run: Run, plans: Sequence[Plan]) -> bool:
    """Whether an earlier call left nothing to do."""
    done = all(stage_done(run, stage) for stage in STAGES)
    return done and all(scenario_store.is_done(run, plan) for plan in plans)


def run_tables(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    data_hash: str,
    out: Path,
    progress: Progress,
    plans: Sequence[Plan] = (),
) -> Path:
    """`run_study` on validated `tables`, whose content `data_hash` stands for."""
    require_regions(tables, study)
    run = store.describe_run(study, data_hash, out)
    with store.locked(run, study) as damaged, _fitters(run) as pool:
        _tell(damaged, progress)
        _make(run, study, tables, progress, plans, pool)
    return run.path


def _make(
    run: Run,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    progress: Progress,
    plans: Sequence[Plan],
    pool: Workers | None,
) -> None:
    """Make every stage of the run that is not done."""
    panel = _panel(run, study, tables, progress)
    posterior, known = _posterior(run, study, panel, progress, pool)
    outlook = _outlook(run, study, panel, posterior, progress)
    summary = _summary(run, study, outlook, progress)
    health = _health(run, study, panel, posterior, outlook, known, progress)
    _figures(run, study, tables, summary, health, progress)
    _scenarios(run, study, panel, posterior, outlook, plans, progress)
    scenario_store.complete_summary(run)
    store.record_timings(run, progress.timings)


def _panel(
    run: Run, study: Study, tables: Mapping[str, pd.DataFrame], progress: Progress
) -> xr.DataTree:
    if stage_done(run, "panel"):
        progress.skipped("panel")
        return run.panel
    with progress.stage("panel"):
        panel = build_panel(tables, study)
        store.write_tree(run, "panel.nc", panel)
    return run.panel


def _posterior(
    run: Run, study: Study, panel: xr.DataTree, progress: Progress, pool: Workers | None
) -> tuple[dict[str, xr.DataTree], dict[str, BlockEvidence]]:
    """Posterior of every block, and the evidence that was worked out while others were sampled."""
    fitted, known = store.kept_blocks(run), {}
    if stage_done(run, "posterior"):
        progress.skipped("posterior")
        return fitted, known
    missing = [block for block in BLOCKS if block not in fitted]
    with progress.stage("posterior") as advance:

        def keep(block: str, tree: xr.DataTree) -> None:
            fitted[block] = store.write_block(run, block, tree)
            if len(fitted) < len(BLOCKS):
                known[block] = block_evidence(
                    block, fitted[block], panel[block].to_dataset(), study
                )

        def follow(told: TimeReport) -> None:
            advance(told.done, 100, *told[1:])

        if pool is None:
            raise RunError(f"{run.path} lost its posterior while it was written. Run it again.")
        fit_blocks(panel, study, missing, keep, pool, follow)
        store.write_posterior(run, BLOCKS)
    return {block: fitted[block] for block in BLOCKS}, known


def _outlook(
    run: Run,
    study: Study,
    panel: xr.DataTree,
    posterior: Mapping[str, xr.DataTree],
    progress: Progress,
) -> xr.Dataset:
    if stage_done(run, "outlook"):
        progress.skipped("outlook")
        return run.outlook.load()
    draws = {block: tree["posterior"].to_dataset() for block, tree in posterior.items()}
    with progress.stage("outlook") as advance:
        store.write_outlook(run, propagate(draws, panel, study, advance))
    return run.outlook.load()


def _summary(run: Run, study: Study, outlook: xr.Dataset, progress: Progress) -> pd.DataFrame:
    if stage_done(run, "summary"):
        progress.skipped("summary")
        return run.rows
    with progress.stage("summary"):
        summary = summarise(outlook, study, run.id)
        store.write_summary(run, summary)
    return run.rows


def _health(
    run: Run,
    study: Study,
    panel: xr.DataTree,
    posterior: Mapping[str, xr.DataTree],
    outlook: xr.Dataset,
    known: Mapping[str, BlockEvidence],
    progress: Progress,
) -> Health:
    if stage_done(run, "health"):
        progress.skipped("health")
        return run.health
    with progress.stage("health"), threadpool_limits(1), ThreadPoolExecutor(1) as beside:
        # Evidence asks little of NumPy at a time, the sorts of draws much: they share two cores.
        evidence = beside.submit(_evidence, known, posterior, panel, outlook, study)
        pairs = (
            (name, published(outlook, name)[0]) for name in schema.PUBLISHED if name in outlook
        )
        groups = assumption_marks(posterior["education"], panel, study)
        rest = check_run({}, outlook, pairs, groups, study.total)
        found, more = evidence.result()
        converged = [check for block in found.values() for check in block.convergence]
        health = Health((*converged, *rest.checks, *more), rest.groups)
        blocks = [row for block in found.values() for row in block.contraction]
        together = residual_correlations(posterior, panel)
        told = {"contraction": blocks, "residual_correlation": together}
        store.write_json(run, "health.json", health.to_dict() | told)
    return run.health


def _evidence(
    known: Mapping[str, BlockEvidence],
    posterior: Mapping[str, xr.DataTree],
    panel: xr.DataTree,
    outlook: xr.Dataset,
    study: Study,
) -> tuple[dict[str, BlockEvidence], list[Check]]:
    """Evidence of every block, and the checks that rest on more than draws."""
    found = evidence_of_blocks(known, posterior, panel, study)
    return found, evidence_checks(posterior, panel, outlook, study, found)


def assumption_marks(education: xr.DataTree, panel: xr.DataTree, study: Study) -> pd.DataFrame:
    """Prior-to-posterior contraction of every education group, and the marks that follow."""
    from bayesgap.blocks.education import model as law

    def shares(group: str) -> xr.Dataset:
        draws = education[group].to_dataset().isel(draw=slice(CONTRACTION_DRAWS))
        rng = np.random.default_rng(block_seed(study.seed + 2, group))
        years = list(range(study.base_year, study.horizon + 1))
        seen, last = panel["education"].to_dataset(), [study.horizon]
        return law.forecast(draws, seen, years, rng, last)

    before, after = (education[group].to_dataset() for group in ("prior", "posterior"))
    deviations = before["field_deviation"], after["field_deviation"]
    return group_contraction(shares("prior"), shares("posterior"), deviations)


def _figures(
    run: Run,
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    summary: pd.DataFrame,
    health: Health,
    progress: Progress,
) -> None:
    if stage_done(run, "figures"):
        progress.skipped("figures")
        return
    marked = [group["education"] for group in health.groups if group["assumption_driven"]]
    with progress.stage("figures"):
        from bayesgap.present.figures import write_figures  # Matplotlib: not before it is needed

        history = employment_history(tables, study)
        store.write_folder(
            run,
            "figures",
            lambda folder: write_figures(
                folder, summary, history, marked, str(health.verdict), run.id
            ),
        )


def _scenarios(
    run: Run,
    study: Study,
    panel: xr.DataTree,
    posterior: Mapping[str, xr.DataTree],
    outlook: xr.Dataset,
    plans: Sequence[Plan],
    progress: Progress,
) -> None:
    missing = [plan for plan in plans if not scenario_store.is_done(run, plan)]
    if not missing:
        if plans:
            progress.skipped("scenarios")
        return
    draws = {block: tree["posterior"].to_dataset() for block, tree in posterior.items()}
    with progress.stage("scenarios") as advance:
        for plan, effect in scenario_effects(draws, panel, study, missing, advance):
            scenario_store.append_effect(run, plan, effect)
    with progress.stage("scenario summaries") as advance:

        def rows(plan: Plan) -> tuple[Plan, pd.DataFrame]:
            effect = scenario_store.unfinished_effect(run, plan)
            return plan, summarise_scenario(outlook, effect, study, run.id, plan.name)

        for done, (plan, found) in enumerate(side_by_side(rows, missing), start=1):
            scenario_store.finish_scenario(run, plan, found)
            advance(done, len(missing))
        scenario_store.join_summary(run)
