"""Rows of surveys as the participation block observes them: what each asked, and how it errs.

A row errs by what all rows of its survey and level share (`definition_sd`), by what a cell of level
and age band has for itself (`CELL`) and drifts away by before the last year of the survey
(`DRIFT`), by what all rows of a year share, and by sampling (`sd`); all in log-odds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import logit

from bayesgap.blocks.lent import lent
from bayesgap.schema import LEVELS, WORKING_AGES

COLUMNS = ["survey", "year", "first_age", "last_age", "level", "value", "sd", "definition_sd"]
YOUNG = 24  # up to this age rows of all levels are observed; above it they are sums of others
CELL = 0.1  # a survey's age bands and levels are not quite the register's
DRIFT = 0.075  # a year, of a level and band in the labour force survey: measured by its importer
YEAR = 0.04  # what all cells of a year share: measured, from the years' mean residuals
SWING = 0.16  # the same of unemployment, over the business cycle


def participation_rows(tables: Mapping[str, pd.DataFrame], nation: xr.DataArray) -> xr.Dataset:
    """Observed log-odds of participation (survey_row), and of whom.

    Parameters
    ----------
    nation : (year, age) residents of working age on 1 January [person]

    Returns
    -------
    Dataset with survey, survey_sd, survey_definition_sd (survey_row), the places survey_source,
    survey_level, survey_time, survey_band (survey_row), survey_year (survey_time) and
    survey_weight (survey_time, survey_band, age): shares of a band's residents by age
    """
    frame = _rows(tables, "participation_national")
    frame = frame[(frame["level"] != "all") | (frame["last_age"] <= YOUNG)]
    bands = sorted(set(zip(frame["first_age"], frame["last_age"], strict=True)))
    years = sorted(set(frame["year"]))
    ends = zip(frame["first_age"], frame["last_age"], strict=True)
    found = _observed(frame, "survey")
    found["survey_time"] = ("survey_row", _places(frame["year"], years))
    found["survey_band"] = ("survey_row", _places(list(ends), bands))
    found["survey_year"] = ("survey_times", np.array(years, dtype=int))
    weight = np.zeros((len(years), len(bands), len(WORKING_AGES)))
    for t, year in enumerate(years):
        people = nation.sel(year=year, method="nearest").sel(age=list(WORKING_AGES)).values
        for b, (first, last) in enumerate(bands):
            ages = slice(first - WORKING_AGES[0], last + 1 - WORKING_AGES[0])
            weight[t, b, ages] = people[ages] / people[ages].sum()
    found["survey_weight"] = (("survey_times", "survey_bands", "age"), weight)
    return found


def unemployment_rows(tables: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Observed log-odds of unemployment: idle, idle_sd, ... (idle_row), as in the other table."""
    frame = _rows(tables, "unemployment_national")
    frame = frame[frame["level"] != "all"]
    found = _observed(frame, "idle")
    years = sorted(set(frame["year"]))
    return found.assign(idle_time=("idle_row", _places(frame["year"], years)))


def study_rows(tables: Mapping[str, pd.DataFrame]) -> xr.Dataset:
    """Those in study and outside the labour force: study_age, asked, studying (study_band).

    Fewer are counted as asked than were where the published error says that clusters of them
    answer alike. Without a table nobody was asked, at two ages.
    """
    frame = tables.get("study_national")
    if frame is None or frame.empty:
        return _asked(np.array([18.0, 40.0]), np.zeros(2), np.zeros(2))
    share, error = frame["value"].to_numpy(dtype=float), frame["sd"].to_numpy(dtype=float)
    people = frame["respondents"].to_numpy(dtype=float)
    worth = np.divide(share * (1 - share), error**2, out=people.copy(), where=error > 0)
    asked = np.round(np.minimum(worth, people))
    ages = frame[["first_age", "last_age"]].mean(axis=1).to_numpy()
    order = np.argsort(ages)
    return _asked(ages[order], asked[order], np.round(asked * share)[order])


def _asked(ages: np.ndarray, asked: np.ndarray, studying: np.ndarray) -> xr.Dataset:
    counts = {"asked": asked.astype(int), "studying": studying.astype(int)}
    values = {"study_age": ages, **counts}
    return xr.Dataset({name: ("study_band", value) for name, value in values.items()})


def reference(tables: Mapping[str, pd.DataFrame], ages: np.ndarray) -> np.ndarray:
    """Log-odds (age, level) that shifts are measured from: the labour force survey's mean.

    Linear between the middles of bands, and beyond them; bands that lack a level have that of all.
    Without a table every age takes part alike.
    """
    frame = _rows(tables, "participation_national")
    frame = frame[frame["survey"] == "lfs"]
    if frame.empty:
        return np.zeros((len(ages), len(LEVELS)))
    middle = frame[["first_age", "last_age"]].mean(axis=1)
    table = frame.assign(y=logit(frame["value"]), middle=middle)
    wide = table.pivot_table(index="middle", columns="level", values="y")
    whole = wide.reindex(columns=list(LEVELS))
    whole.loc[wide.index <= YOUNG] = np.nan
    whole = whole.apply(lambda column: column.fillna(wide["all"]))
    return np.stack([_line(ages, whole.index.to_numpy(), y) for y in whole.to_numpy().T], axis=-1)


def reference_idle(tables: Mapping[str, pd.DataFrame]) -> np.ndarray:
    """Unemployed in the labour force (level) that goes with it: mean of log-odds over years."""
    frame = _rows(tables, "unemployment_national")
    frame = frame[frame["survey"] == "lfs"]
    if frame.empty:
        return np.zeros(len(LEVELS))
    odds = np.exp(frame.assign(y=logit(frame["value"])).groupby("level")["y"].mean())
    return (odds / (1 + odds))[list(LEVELS)].to_numpy()


def covariance(panel: xr.Dataset, name: str, cell: float, drift: float, year: float) -> np.ndarray:
    """Covariance (row, row) of the errors of the rows `name` (see above)."""
    get = lambda part: panel[f"{name}_{part}"].values  # noqa: E731
    source, level, when = get("source"), get("level"), get("time")
    sd, definition = get("sd"), get("definition_sd")
    band = get("band") if f"{name}_band" in panel else np.zeros(len(sd))
    alike = lambda *keys: np.logical_and.reduce([k[:, None] == k for k in keys])  # noqa: E731
    before = years_before_last(panel, name)
    found = np.diag(sd**2) + alike(source, when) * year**2
    found = found + alike(source, level) * definition[:, None] * definition
    away = cell**2 + drift**2 * np.minimum(before[:, None], before)
    return found + alike(source, level, band) * away


def years_before_last(panel: xr.Dataset, name: str) -> np.ndarray:
    """Years of each row before the last of its survey (row); rows of neighbouring years if told."""
    when, source = panel[f"{name}_time"].values, panel[f"{name}_source"].values
    year = panel[f"{name}_year"].values[when] if f"{name}_year" in panel else when
    last = {s: year[source == s].max() for s in np.unique(source)}
    return np.array([last[s] - y for s, y in zip(source, year, strict=True)], dtype=float)


def _observed(frame: pd.DataFrame, name: str) -> xr.Dataset:
    """Log-odds, errors and places of survey and level of rows, under `name`."""
    values = {
        name: logit(frame["value"].to_numpy(dtype=float)),
        f"{name}_sd": frame["sd"].to_numpy(dtype=float),
        f"{name}_definition_sd": frame["definition_sd"].to_numpy(dtype=float),
        f"{name}_source": _places(frame["survey"], sorted(set(frame["survey"]))),
        f"{name}_level": _places(frame["level"], [*LEVELS, "all"]),
    }
    return xr.Dataset({key: (f"{name}_row", value) for key, value in values.items()})


def _rows(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """Rows of a table of shares, none where a study lacks it."""
    frame = tables.get(name)
    if frame is None:
        return pd.DataFrame(columns=COLUMNS)
    if "definition_sd" not in frame or "status" not in frame:
        return frame
    return frame.assign(definition_sd=np.hypot(frame["definition_sd"], lent(frame)))


def _places(values: Sequence[object] | pd.Series, among: Sequence[object]) -> np.ndarray:
    return np.array([among.index(value) for value in values], dtype=int)


def _line(x: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Linear between points, and beyond the first and last as between the nearest two."""
    inner = np.interp(x, at, values)
    low = values[0] + (x - at[0]) * (values[1] - values[0]) / (at[1] - at[0])
    high = values[-1] + (x - at[-1]) * (values[-1] - values[-2]) / (at[-1] - at[-2])
    return np.where(x < at[0], low, np.where(x > at[-1], high, inner))
