"""Participation: a nation with a break in its register, regions about it, surveys (L2-L8)."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import xarray as xr

from bayesgap.blocks.participation.profile import ANCHOR, KNOTS
from bayesgap.blocks.participation.surveys import CELL, DRIFT, SWING, YEAR
from bayesgap.inference.truths import NONE, Simulated, Swings, Truth, stationary, swing, truth_of
from bayesgap.study.priors import BlockPriors

TAIL, OLDER = 4, 62


def simulate(
    priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator, swings: Swings = NONE
) -> Simulated:
    """Truth, national shifts (nation_year), regional excess (region, stock_year) and surveys."""
    levels, turns = panel.sizes["level"], len(KNOTS) - 1
    sizes = {
        "profile_middle": levels,
        "profile_turn": turns,
        "profile_step": (turns, levels),
        "unemployment": levels,
        "study": panel.sizes["study_band"],
    }
    truth = truth_of(priors, rng, sizes)
    before = panel["before_break"].values
    later = panel["nation_year"].values[1:]
    known = np.isin(later, panel["cycle_year"].values)
    rho, sigma, part = (
        truth[n] for n in ("national_persistence", "national_innovation", "cycle_part")
    )
    level = truth["national_mean"] - truth["break_step"] * before
    # The law is given the first year: it is as observed, whatever the truth.
    away, cycle = [panel["national_shift"].values[0] - level[0]], []
    for year, seen in zip(later, known, strict=True):
        jobs = swing(swings, int(year), rng) if seen else 0.0
        own = np.sqrt(1 - seen * part**2) * rng.standard_t(TAIL)
        away.append(rho * away[-1] + sigma * (part * jobs + own))
        cycle.append(jobs)
    nation = level + np.array(away)
    regions, years = panel.sizes["region"], panel.sizes["stock_year"]
    own = truth["region_innovation"] * np.exp(-truth["region_size"] * panel["size"].values)
    excess = rng.normal(0.0, truth["region_scale"], (regions, 1))
    excess = excess + stationary(truth["region_persistence"], own, years, rng, (regions,))
    data = {
        "national_shift": nation,
        "excess": excess,
        "cycle": np.array(cycle),
        "cycle_known": known.astype(float),
    }
    return Simulated(truth, data | _surveys(truth, panel, rng))


def _surveys(truth: Truth, panel: xr.Dataset, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Rows of the surveys (L7, L8), each with every error of its kind drawn by itself."""
    usual = truth["unemployment"][panel["idle_level"].values]
    studying = rng.binomial(panel["asked"].values, 1 / (1 + np.exp(-truth["study"])))
    survey = _band_logits(truth, panel) + _errors(panel, "survey", CELL, DRIFT, YEAR, rng)
    idle = usual + _errors(panel, "idle", 0.0, 0.0, SWING, rng)
    return {"survey": survey, "idle": idle, "studying": studying}


def profile_at(truth: Truth, age: int, level: int) -> float:
    """Log-odds at one age, walked out from 40: the line turns, and levels step, at every knot."""
    value, slope, at = truth["profile_middle"][level], truth["profile_turn"][ANCHOR], KNOTS[ANCHOR]
    way = 1 if age >= at else -1
    knots = KNOTS[ANCHOR:] if way > 0 else KNOTS[ANCHOR::-1]
    for low, high in pairwise(knots):
        segment = KNOTS.index(low if way > 0 else high)
        if segment != ANCHOR:
            slope = slope + truth["profile_turn"][segment]
        width = abs(high - low)
        part = min(1.0, abs(age - low) / width)
        step = way * np.sqrt(width) * truth["profile_step"][segment][level]
        value = value + part * (way * width * slope + step)
        if part < 1.0:
            break
    return float(value)


def _band_logits(truth: Truth, panel: xr.Dataset) -> np.ndarray:
    """Log-odds of the mean share of each row's band, age by age."""
    levels, ages = range(panel.sizes["level"]), panel["age"].values
    table = np.array([[profile_at(truth, int(age), level) for level in levels] for age in ages])
    mix = panel["nation_cells"].values
    out = []
    for row in range(panel.sizes["survey_row"]):
        get = {name: int(panel[f"survey_{name}"].values[row]) for name in ("time", "band", "level")}
        ahead = panel["survey_year"].values[get["time"]] - int(panel["base_year"])
        older = truth["older_drift"] * ahead * (ages >= OLDER)
        share = 1 / (1 + np.exp(-(table + older[:, None])))
        if get["level"] < len(levels):
            rate = share[:, get["level"]]
        else:
            rate = np.average(share, axis=1, weights=mix)
        mean = float(panel["survey_weight"].values[get["time"], get["band"]] @ rate)
        out.append(np.log(mean / (1 - mean)))
    return np.array(out)


def _errors(
    panel: xr.Dataset, name: str, cell: float, drift: float, year: float, rng: np.random.Generator
) -> np.ndarray:
    """Errors of rows: of a survey's level, of a cell and its drift, of a year, of sampling."""
    parts = {part: panel[f"{name}_{part}"].values for part in ("source", "level", "time")}
    rows = range(len(parts["level"]))
    band = panel[f"{name}_band"].values if drift else np.zeros(len(rows), dtype=int)
    years = panel[f"{name}_year"].values if drift else np.arange(len(rows) + 1)
    drawn: dict[tuple[object, ...], float] = {}

    def once(*key: object, sd: float = 1.0) -> float:
        return drawn.setdefault(key, sd * rng.standard_normal())

    out = np.empty(len(rows))
    for row in rows:
        source, level, time = (int(parts[part][row]) for part in ("source", "level", "time"))
        last = max(int(years[t]) for t in parts["time"][parts["source"] == source])
        here = (source, level, int(band[row]))
        away = [once("walk", *here, y, sd=drift) for y in range(int(years[time]), last)]
        shared = once("definition", source, level) * panel[f"{name}_definition_sd"].values[row]
        own = panel[f"{name}_sd"].values[row] * rng.standard_normal()
        whole = once("cell", *here, sd=cell) + once("year", source, time, sd=year)
        out[row] = shared + whole + sum(away) + own
    return out


def retell(panel: xr.Dataset, data: Mapping[str, np.ndarray]) -> xr.Dataset:
    """The panel with made-up data wherever a forecast begins from them."""
    nation = xr.DataArray(data["national_shift"], {"nation_year": panel["nation_year"]})
    shift = data["excess"] + nation.sel(nation_year=panel["stock_year"].values).values
    return panel.assign(national_shift=nation, shift=(("region", "stock_year"), shift))
