"""The Python interface: run a study, load a run, read it as labelled arrays, tables, figures."""

import sys
from collections.abc import Sequence
from functools import cached_property
from io import StringIO
from os import PathLike
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from bayesgap import schema
from bayesgap.data.tables import read_tables
from bayesgap.errors import BayesgapError, require_one_of
from bayesgap.pipeline import run_study
from bayesgap.present import figures, show, table
from bayesgap.present.frames import rows_of
from bayesgap.present.history import employment_history
from bayesgap.present.progress import Reporter
from bayesgap.present.selection import Query, select
from bayesgap.runs import run as runs
from bayesgap.runs.run import MAIN, RUNS, open_run
from bayesgap.runs.scenarios import read_scenario
from bayesgap.runs.tables import same_tables
from bayesgap.runs.verdicts import Verdict, warn_if_failed
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.scenario_files import find_plans
from bayesgap.study.study import Study, load_study, with_overrides

Place = str | PathLike[str]


def run(
    study: Study | Place | None = None,
    *,
    out: Place = RUNS,
    draws: int | None = None,
    seed: int | None = None,
    scenarios: Sequence[str] = (),
    quiet: bool = False,
) -> "Run":
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
    progress = Reporter(StringIO() if quiet else sys.stderr)
    return load_run(run_study(wanted, resolve_data(path, wanted), Path(out), progress, plans))


def load_run(path: Place | None = None) -> "Run":
    """Open a finished run; the newest in `runs/` if None.

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


class Run(runs.Run):
    """A finished run: draws as lazily opened arrays, the published table, health and figures.

    Draws have dims chain, draw, region, year and education (or sector) [person]. Sum and subtract
    draws first, and take quantiles last: `run.gap.sel(region="Hallingdal").sum("education")`.
    """

    @cached_property
    def health(self) -> show.RunHealth:
        """Whether the run may be believed; it prints its verdict and checks."""
        return show.RunHealth(**vars(super().health))

    @property
    def verdict(self) -> Verdict:
        """PASS, REVIEW or FAIL."""
        return self.health.verdict

    @property
    def scenarios(self) -> list[str]:
        """Scenarios of the run, `main` first."""
        return [MAIN, *self.scenario_names]

    @property
    def contraction(self) -> pd.DataFrame:
        """How much the data narrowed each parameter: block, parameter, cells, median, least."""
        return pd.DataFrame(self.json("health.json")["contraction"])

    @property
    def residual_correlation(self) -> pd.DataFrame:
        """Whether blocks err together: correlation of national residuals, pair by pair."""
        return pd.DataFrame(self.json("health.json")["residual_correlation"])

    def _draws(self, quantity: str) -> xr.DataArray:
        years = slice(self.study.base_year, self.study.horizon)
        array = self.outlook[quantity].sel(year=years)
        about = {"units": schema.UNITS[quantity], "run_id": self.id, "health": self.verdict}
        return array.assign_attrs(about)

    @property
    def gap(self) -> xr.DataArray:
        """Demand less supply (chain, draw, region, year, education) [person]; + is a shortage."""
        return self._draws("gap")

    @property
    def supply(self) -> xr.DataArray:
        """Labour supply at the workplace (chain, draw, region, year, education) [person]."""
        return self._draws("supply")

    @property
    def demand(self) -> xr.DataArray:
        """Jobs, filled and unfilled (chain, draw, region, year, education) [person]."""
        return self._draws("demand")

    @property
    def employment(self) -> xr.DataArray:
        """Jobs filled by sector (chain, draw, region, year, sector) [person]."""
        return self._draws("employment")

    def scenario(self, name: str) -> xr.Dataset:
        """Draws of a scenario, paired with those of main: differences are of draws.

        Raises
        ------
        RunError
            The run does not have it.
        """
        return read_scenario(self, name)

    def summary(
        self,
        region: str | None = None,
        year: int | None = None,
        by: table.By = "total",
        quantity: str | None = None,
        scenario: str = "main",
    ) -> pd.DataFrame:
        """Median and equal-tailed 50, 80, 95 % intervals, rounded to what is known.

        Parameters
        ----------
        region : all regions if None
        year : the last year if None
        by : split of a region: total, level, field, education or sector
        quantity : the gap if None, filled jobs where split by sector

        Returns
        -------
        One row a region and part; the verdict and the run's id are in its `attrs`.

        Raises
        ------
        RunError
            The run has no such region, year, split, quantity or scenario.
        """
        wide = select(rows_of(self.rows), Query(region, year, by, quantity, scenario))
        marked = table.assumption_driven(self.health, by)
        frame = pd.DataFrame(table.as_records(wide, by, marked))
        frame.attrs = {"run_id": self.id, "health": self.verdict, "scenario": scenario}
        return frame

    def chance(
        self,
        at_least: float = 0.0,
        *,
        region: str,
        education: str | Sequence[str] | None = None,
        year: int | None = None,
        scenario: str = "main",
    ) -> float:
        """Probability of a gap of more than 0, or of `at_least` persons where that is more.

        Parameters are those of `gap_draws`, which also says what it raises.
        """
        gap = self.gap_draws(region=region, education=education, year=year, scenario=scenario)
        return float((gap >= at_least if at_least > 0 else gap > 0).mean())

    def gap_draws(
        self,
        *,
        region: str,
        education: str | Sequence[str] | None = None,
        year: int | None = None,
        scenario: str = "main",
    ) -> xr.DataArray:
        """Gap (chain, draw) [person] of one region, year and education.

        Parameters
        ----------
        education : a group, or groups whose gaps are summed draw by draw; all if None
        year : the last year if None

        Raises
        ------
        RunError
            The run has no such region, group, year or scenario.
        """
        draws = self.gap if scenario == "main" else self.scenario(scenario)["gap"]
        when = self.study.horizon if year is None else year
        groups = list(schema.EDUCATION) if education is None else education
        wanted = [groups] if isinstance(groups, str) else list(groups)
        require_one_of("region", region, draws["region"].to_numpy().tolist())
        require_one_of("year", when, draws["year"].to_numpy().tolist())
        for group in wanted:
            require_one_of("education group", group, schema.EDUCATION)
        return draws.sel(region=region, year=when, education=wanted).sum("education")

    def plot_fan(self, region: str | None = None) -> Figure:
        """Supply, demand and gap over time with 50, 80, 95 % bands; the total if no region."""
        name = self._known(region)
        with mpl.rc_context(figures.STYLE):
            return figures.fan_chart(self.rows, self._history, name, self.verdict)

    def plot_groups(self, region: str | None = None, year: int | None = None) -> Figure:
        """Gap of every education group in one year, assumption-driven groups hatched."""
        name, when = self._known(region), self.study.horizon if year is None else year
        marked = table.assumption_driven(self.health, "education")
        with mpl.rc_context(figures.STYLE):
            return figures.groups_chart(self.rows, name, when, marked, self.verdict)

    def _known(self, region: str | None) -> str:
        name = self.study.total if region is None else region
        require_one_of("region", name, self.rows["region"].unique().tolist())
        return name

    @cached_property
    def _history(self) -> pd.DataFrame:
        """Observed employment; empty where the tables of the run are gone or have changed."""
        none = pd.DataFrame(columns=["region", "year", "series", "persons"])
        folder = same_tables(self)
        try:
            return none if folder is None else employment_history(read_tables(folder), self.study)
        except BayesgapError:
            return none

    def __repr__(self) -> str:
        """Verdict, and the gap of every region in the last year."""
        wide = select(rows_of(self.rows), Query())
        return show.run_text(self.id, self.study.title, self.health, wide)

    def _repr_html_(self) -> str:
        wide = select(rows_of(self.rows), Query())
        return show.run_html(self.id, self.study.title, self.health, wide)
