"""The Python interface: run a study, load a run; `results.py` has what a run answers."""

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from bayesgap.pipeline import run_study
from bayesgap.present.progress import Reporter
from bayesgap.results import Place, Run
from bayesgap.runs.found import RUNS
from bayesgap.runs.run import open_run
from bayesgap.runs.verdicts import warn_if_failed
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.scenario_files import cut_notes, find_plans
from bayesgap.study.study import Study, load_study, with_overrides


def run(
    study: Study | Place | None = None,
    *,
    out: Place = RUNS,
    draws: int | None = None,
    seed: int | None = None,
    scenarios: Sequence[str] = (),
    quiet: bool = False,
) -> Run:
    """Fit the models of a study and project to its horizon; finished stages are kept.

    Parameters
    ----------
    study : a study, or a TOML file of one; the embedded default study if None
    out : folder that holds run folders
    draws : draws per chain instead of the study's
    seed : seed of all randomness instead of the study's
    scenarios : names or TOML files of scenarios to add on the same draws; "all" for all
    quiet : write no progress to standard error

    Returns
    -------
    The finished run. A script must call it under the usual guard of the main module, since the
    blocks are fitted in processes of their own.

    Raises
    ------
    StudyError, DataError
        Bad input; nothing is left behind.
    """
    path = default_study() if study is None or isinstance(study, Study) else Path(study)
    declared = study if isinstance(study, Study) else load_study(path)
    wanted = with_overrides(declared, draws, seed)
    plans = find_plans(list(scenarios), wanted) if scenarios else []
    stream = StringIO() if quiet else sys.stderr
    stream.writelines(f"{line}.\n" for line in cut_notes(plans))
    progress = Reporter(stream)
    return load_run(run_study(wanted, resolve_data(path, wanted), Path(out), progress, plans))


def load_run(path: Place | None = None) -> Run:
    """Open a finished run; the newest in `runs/` that did not fail, if None.

    Raises
    ------
    RunError
        Not a run folder, or an unfinished one.

    Warns
    -----
    UserWarning
        The health verdict is FAIL: its numbers are not to be used.
    """
    found = open_run(None if path is None else Path(path))
    loaded = Run(found.path, found.provenance)
    warn_if_failed(loaded.id, loaded.health)
    return loaded
