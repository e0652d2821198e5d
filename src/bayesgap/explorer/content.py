"""What the explorer's page holds: names, marks and verdict, and the packed arrays behind them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.effects import added
from bayesgap.explorer import values
from bayesgap.explorer.packing import PERSON_UNIT, Pack, in_units
from bayesgap.present.odds import scale
from bayesgap.present.parts import ALL, Part, education_parts
from bayesgap.present.table import BY, By, assumption_driven
from bayesgap.runs.verdicts import Health
from bayesgap.study.study import Study

MAIN = "main"
CHANCE_UNIT = 1e-5
FIRST_UNIT = 1e-4
DOT_UNITS = 128  # units in a cell's 95 % interval: a dot is off by 1/64 of it at most
DRAW_UNITS = 48  # rounding adds 0.02 standard deviations to a draw, far below what thinning does
SMALLEST = PERSON_UNIT
MOST_DRAWS, DRAW_SETS = 1000, 4250  # 250 paired draws with the study's 16 scenarios beside main
TILES = {  # column and row on the map, where we know how the regions lie
    "Hallingdal": (0, 0),
    "Ringeriksregionen": (1, 1),
    "Kongsbergregionen": (0, 2),
    "Drammensregionen": (1, 2),
}


@dataclass(frozen=True)
class Facts:
    """A run, apart from its draws."""

    run_id: str
    created: str
    study: Study
    summary: pd.DataFrame
    health: Health

    @property
    def regions(self) -> list[str]:
        """Targets and their total, the total last."""
        return [*self.study.targets, self.study.total]


def page_content(
    facts: Facts, main: xr.Dataset, effects: Iterable[tuple[str, xr.Dataset]]
) -> tuple[dict[str, Any], Pack]:
    """Plain values and packed arrays of a run.

    Parameters
    ----------
    facts : Facts
    main : outlook of the main projection (chain, draw, region, year, education) [person]
    effects : name and effect of each scenario, taken one at a time (they are large)
    """
    pack = Pack()
    rows = facts.summary
    years = sorted(map(int, rows.loc[rows["quantity"] == "gap", "year"].unique()))
    scenarios = [_add_scenario(pack, facts, MAIN, main, years)]
    names = [str(name) for name in rows["scenario"].unique()]
    compared = _compared(rows, names, years)
    count = min(MOST_DRAWS, DRAW_SETS // len(names), main.sizes["chain"] * main.sizes["draw"])
    if compared:
        _add_draws(pack, MAIN, values.group_draws(main, facts.study.targets, compared, count))
    for name, effect in effects:
        scenarios.append(_add_scenario(pack, facts, name, added(main[["gap"]], effect), years))
        scenarios[-1] |= _add_effect(pack, facts, name, effect, compared, count)
    content = _names(facts, years) | {
        "scenarios": scenarios,
        "compared": {"years": compared, "draws": count},
        "draws": main.sizes["chain"] * main.sizes["draw"],
        "arrays": pack.entries,
    }
    return content, pack


def _compared(rows: pd.DataFrame, names: Sequence[str], years: Sequence[int]) -> list[int]:
    """Years of the comparison: those of the scenarios, without the base year."""
    others = rows[rows["scenario"].isin([n for n in names if n != MAIN])]
    return sorted(int(y) for y in others["year"].unique() if int(y) != years[0])[-3:]


def _names(facts: Facts, years: Sequence[int]) -> dict[str, Any]:
    return {
        "run": facts.run_id,
        "created": facts.created,
        "regions": facts.regions,
        "tiles": tiles(facts.study.targets),
        "years": list(years),
        "quantiles": list(schema.QUANTILES),
        "parts": list(part_names(facts.health)),
        "health": health_content(facts.health),
        "units": {"person": PERSON_UNIT, "chance": CHANCE_UNIT, "first": FIRST_UNIT},
        "cellUnits": {"dots": DOT_UNITS, "draws": DRAW_UNITS, "smallest": SMALLEST},
        "odds": scale(),
    }


def tiles(regions: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Column and row of each region's tile: as they lie, or side by side."""
    if all(region in TILES for region in regions):
        return {region: TILES[region] for region in regions}
    across = int(np.ceil(np.sqrt(len(regions))))
    return {region: (i % across, i // across) for i, region in enumerate(regions)}


def part_names(health: Health) -> Iterator[dict[str, Any]]:
    """Key, kind, members and mark of every part; groups that rest on assumptions are marked."""
    marks = {by: assumption_driven(health, by) for by in BY}
    for part in education_parts():
        kind = part_kind(part)
        key = ALL if kind == "total" else str(getattr(part, kind))
        yield {
            "key": key,
            "kind": kind,
            "education": part.education,
            "level": part.level,
            "field": part.field,
            "members": list(part.members),
            "marked": kind != "total" and key in marks[kind],
        }


def part_kind(part: Part) -> By:
    """What a part of the summary is a part of; groups without a field are groups first."""
    if part.education != ALL:
        return "education"
    if part.level != ALL:
        return "level"
    return "total" if part.field == ALL else "field"


def health_content(health: Health) -> dict[str, Any]:
    """Verdict, counts, the checks that did not pass, and the effective number of draws."""
    sizes = [c.value for c in health.checks if c.name == "gap: bulk ESS" and np.isfinite(c.value)]
    counts = {v: sum(c.verdict == v for c in health.checks) for v in ("PASS", "REVIEW", "FAIL")}
    open_checks = [c for c in health.checks if c.verdict != "PASS"]
    return {
        "verdict": health.verdict,
        "counts": counts,
        "open": [{"verdict": c.verdict, "sentence": c.sentence} for c in open_checks],
        "effective": sizes[0] if sizes else None,
    }


def _add_scenario(
    pack: Pack, facts: Facts, name: str, outlook: xr.Dataset, years: Sequence[int]
) -> dict[str, Any]:
    """Quantiles and chances of a scenario's summary, dots and first years of all its draws."""
    rows = facts.summary[facts.summary["scenario"] == name]
    own = sorted(int(y) for y in rows["year"].unique() if int(y) in years)
    changed = [q for q in values.QUANTITIES if (rows["quantity"] == q).any()]
    outputs = [f"{p:g}" for p in schema.QUANTILES]
    for quantity in changed:
        cells = values.published_cells(rows, quantity, outputs, facts.regions, own)
        pack.add(f"{name}/{quantity}", in_units(cells, PERSON_UNIT), (2, 3))
    if "gap" in changed:
        _add_gap(pack, facts, name, rows, outlook, own)
    return {"name": name, "years": own, "changed": changed, "measures": []}


def _add_gap(
    pack: Pack,
    facts: Facts,
    name: str,
    rows: pd.DataFrame,
    outlook: xr.Dataset,
    years: Sequence[int],
) -> None:
    chances = values.published_cells(rows, "gap", [schema.SHORTAGE], facts.regions, years)
    pack.add(f"{name}/chance", in_units(chances, CHANCE_UNIT), (3,))
    draws = values.part_draws(outlook, facts.regions)
    pack.add(f"{name}/first", in_units(values.first_years(draws), FIRST_UNIT))
    draws = draws.sel(year=list(years))
    bounds = in_units(values.quantiles(draws, (0.025, 0.5, 0.975)), PERSON_UNIT) * PERSON_UNIT
    codes = _in_cells(values.quantiles(draws, values.DOT_LEVELS), bounds, DOT_UNITS, 2)
    pack.add(f"{name}/dots", codes, (2,))


def _in_cells(array: np.ndarray, bounds: np.ndarray, units: int, axis: int) -> np.ndarray:
    """Distances to a cell's median in units of its 95 % interval (`bounds`: low, median, high)."""
    low, middle, high = (np.take(bounds, [i], axis=axis) for i in range(3))
    return in_units(array - middle, np.maximum((high - low) / units, SMALLEST))


def _add_draws(pack: Pack, name: str, draws: np.ndarray) -> None:
    """Thinned draws of groups, in units of their own spread."""
    bounds = np.moveaxis(np.quantile(draws, (0.025, 0.5, 0.975), axis=-1), 0, -1)
    bounds = in_units(bounds, PERSON_UNIT)
    pack.add(f"{name}/bounds", bounds)
    pack.add(f"{name}/draws", _in_cells(draws, bounds * PERSON_UNIT, DRAW_UNITS, 3))


def _add_effect(
    pack: Pack,
    facts: Facts,
    name: str,
    effect: xr.Dataset,
    years: Sequence[int],
    count: int,
) -> Mapping[str, Any]:
    """Paired draws of an effect, its quantiles of all draws, and what its measures contribute."""
    _add_draws(pack, name, values.group_draws(effect, facts.study.targets, years, count))
    draws = values.part_draws(effect, facts.regions).sel(year=list(years))
    pack.add(
        f"{name}/effect", in_units(values.quantiles(draws, schema.QUANTILES), PERSON_UNIT), (2, 3)
    )
    measures = [str(m) for m in effect["measure"].to_numpy()] if "measure" in effect.dims else []
    if len(measures) > 1:
        shares = np.stack([_contribution(effect, m, facts.regions) for m in measures])
        pack.add(f"{name}/contributions", in_units(shares, PERSON_UNIT), (3,))
    return {"title": str(effect.attrs.get("title", name)), "measures": measures}


def _contribution(effect: xr.Dataset, measure: str, regions: Sequence[str]) -> np.ndarray:
    """Mean, then quantiles (region, part, figure) of a measure's contribution in the last year."""
    last = effect["contribution"].sel(measure=measure, drop=True)
    draws = values.part_draws(
        last.expand_dims(year=effect["year"].to_numpy()[-1:]).to_dataset(name="gap"), regions
    )
    mean = draws.mean("sample").to_numpy()[:, :, None]
    return np.concatenate([mean, values.quantiles(draws, schema.QUANTILES)], axis=2)[..., 0]
