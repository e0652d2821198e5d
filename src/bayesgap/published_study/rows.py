"""Every published figure beside ours: which figure of the report, which function, which draws.

Figures that the main outlook answers are read as in `comparison`, those of scenarios as in
`scenario_page`; the others from the results of the chapters. A figure that an analysis reads as
input agrees with it by construction, and the row says so.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.published_study.chapters import CHAPTERS, Chapter
from bayesgap.published_study.comparison import COUNTERPARTS, beside
from bayesgap.published_study.labour_market import TOTAL
from bayesgap.published_study.result import Missing, Result
from bayesgap.published_study.scenario_effects import EFFECTS
from bayesgap.published_study.words import figure_name

Read = Callable[[xr.DataArray], xr.DataArray]
LOW = "low"
ROOTS, MOVED, LEFT = "roots", "in_movers", "leavers"

# Figure that shows what each scenario does.
OF_SCENARIO = {
    "less_exclusion": "4-4",
    "less_outmigration": "4-5",
    "high_immigration": "4-6",
    "oslo_education": "4-9",
    "ict_growth": "5-3",
    "health_industry": "5-4",
    "growth": "6-1",
    "growth_and_three_measures": "6-1",
    "public_productivity": "7.2",
}


@dataclass(frozen=True)
class Reading:
    """How a published figure reads off the result of a figure of the report."""

    figure: str
    read: Read
    note: str = ""


def _at(**cell: object) -> Read:
    return lambda draws: draws.sel(cell)


def _sum(dim: str, **cell: object) -> Read:
    return lambda draws: draws.sel(cell).sum(dim)


def _origin(over: str, *under: str, group: str | None = None) -> Read:
    """One origin's part of several, in one group of levels or in all."""

    def read(draws: xr.DataArray) -> xr.DataArray:
        persons = draws.sel(group=group) if group else draws.sum("group")
        return persons.sel(origin=over) / persons.sel(origin=list(under)).sum("origin")

    return read


def _years(first: int, last: int) -> Read:
    return lambda draws: 100 * (draws.sel(year=last) - draws.sel(year=first))


def _grown(field: str) -> Read:
    """Growth of students in ten years; of the user's table, over the years that it has."""

    def read(draws: xr.DataArray) -> xr.DataArray:
        names = draws["education"].to_numpy().tolist()
        own = [n for n in names if n == field or n.endswith(f":{field}")]
        persons = draws.sel(education=own or names).sum("education").sel(year=slice(2014, 2024))
        return persons.isel(year=-1) / persons.isel(year=0) - 1

    return read


def _of(part: str, whole: str) -> Read:
    return lambda draws: draws.sel(part=part) / draws.sel(part=whole)


READINGS: dict[str, Reading] = {
    "share_private": Reading("2.1", lambda draws: 1 - draws),
    "primary_dev_pp": Reading(
        "2-2", _at(education="primary", cause=TOTAL), "Jobs at workplaces; the report's residents."
    ),
    "roots_share": Reading("2-3", _origin(ROOTS, ROOTS, MOVED)),
    "inmover_share": Reading("2-3", _origin(MOVED, ROOTS, MOVED)),
    "leavers_employed": Reading("2-3", _sum("group", origin=LEFT)),
    "inmover_share_master": Reading("2-3", _origin(MOVED, ROOTS, MOVED, group="master")),
    "inmover_share_bachelor": Reading(
        "2-3",
        _origin(MOVED, ROOTS, MOVED, group="bachelor"),
        "The report's totals speak for reading 41 % as roots.",
    ),
    "roots_share_low": Reading("2-3", _origin(ROOTS, ROOTS, MOVED, group=LOW)),
    "leave_rate_master": Reading("2-3", _origin(LEFT, ROOTS, LEFT, group="master")),
    "leave_rate_bachelor": Reading("2-3", _origin(LEFT, ROOTS, LEFT, group="bachelor")),
    "leave_rate_low": Reading("2-3", _origin(LEFT, ROOTS, LEFT, group=LOW)),
    "worker_origin_commuter": Reading("2-6", _at(origin="commuters"), "Observed: SSB 03321."),
    "worker_origin_raised": Reading("2-6", _at(origin="raised")),
    "vocational_share_2024": Reading("2-7", _at(year=2024)),
    "vocational_share_national": Reading("2-7", _at(year=2024)),
    "vocational_share_hallingdal": Reading("2-7", _at(year=2024)),
    "vocational_share_kongsberg": Reading("2-7", _at(year=2024)),
    "vocational_share_ringerike": Reading("2-7", _at(year=2024)),
    "vocational_change_2015_2024": Reading("2-7", _years(2015, 2024)),
    "shortage_nav_buskerud": Reading(
        "3.1", _at(part="all"), "The survey's county; ours the four regions, which reach beyond it."
    ),
    "shortage_nav_public": Reading("3.1", _at(part="public")),
    "nav_public_health_part": Reading("3.1", _of("public health and care", "public")),
    "students_growth_total": Reading("4-8", _grown("all")),
    "students_growth_business": Reading("4-8", _grown("business_admin")),
    "survey_unmet_need_low": Reading("3-1", lambda draws: draws.isel(answer=0)),
    **{
        f"survey_{name}": Reading(figure, _at(question=name))
        for figure, names in {
            "3-2": ("hired_long_absence", "hired_weak_norwegian", "hired_over_55"),
            "5-6": ("more_master", "more_bachelor"),
            "5-7": ("need_technology", "need_digitalisation", "need_sustainability"),
        }.items()
        for name in names
    },
    **{f"survey_ai_{k}": Reading("5-8", _at(answer=str(k))) for k in range(1, 7)},
    "survey_tech_productivity": Reading("5-9", _at(answer="raises productivity")),
    "survey_tech_replace": Reading("5-9", _at(answer="replaces labour")),
    "survey_error_min": Reading("App. A", _at(share=0.05)),
    "survey_error_max": Reading("App. A", _at(share=0.5)),
    "survey_n_region": Reading("8-2", lambda draws: draws.sum("size")),
    "survey_n_total": Reading("8-2", lambda draws: draws.sum(["region", "size"])),
    **{
        f"survey_share_{name}": Reading(
            "8-2", lambda draws: draws.sum("size") / draws.attrs["total"]
        )
        for name in ("drammen", "hallingdal", "ringerike", "kongsberg")
    },
}
NOWHERE = {
    "net_immigration_2024": "Net moves are modelled together, without a split by border crossed."
}


def figure_of(name: str) -> str:
    """Number of the report's figure, or chapter, that holds a published figure."""
    for registry in (COUNTERPARTS, READINGS):
        if name in registry:
            return registry[name].figure
    return OF_SCENARIO[EFFECTS[name].scenario] if name in EFFECTS else "4.4.3"


def chapter_of(figure: str) -> Chapter | None:
    """Registry entry of a figure number."""
    return next((chapter for chapter in CHAPTERS if chapter.figure == figure), None)


def report_rows(
    results: Mapping[str, Result | Missing],
    outlook: xr.Dataset,
    effects: Mapping[str, xr.Dataset],
    figures: pd.DataFrame,
) -> pd.DataFrame:
    """One row a published figure; our columns are NaN where nothing answers it, with a reason.

    Columns: figure, function, file, id, quantity, region, unit, published, median, lower80,
    upper80, percentile (share of draws below the published value, in percent), input, note.
    """
    rows = []
    for figure in figures.to_dict("records"):
        name = str(figure["id"])
        number = figure_of(name)
        chapter = chapter_of(number)
        place = {
            "figure": number,
            "function": chapter.function if chapter else "",
            "file": f"{chapter.stem}.png" if chapter else "",
            "region": figure["region"],
        }
        rows.append({**place, **_answer(figure, results, outlook, effects)})
    order = {chapter.figure: place for place, chapter in enumerate(CHAPTERS)}
    table = pd.DataFrame(rows)
    return table.sort_values(
        "figure", key=lambda column: column.map(order).fillna(99), kind="stable", ignore_index=True
    )


def _answer(
    figure: Mapping[Hashable, Any],
    results: Mapping[str, Result | Missing],
    outlook: xr.Dataset,
    effects: Mapping[str, xr.Dataset],
) -> dict[str, object]:
    name, region = str(figure["id"]), str(figure["region"])
    if name in COUNTERPARTS:
        counterpart = COUNTERPARTS[name]
        draws = counterpart.read(outlook.sel(region=region))
        return {**beside(figure, draws), "input": False, "note": counterpart.note}
    if name in EFFECTS:
        return _effect(figure, outlook, effects)
    if name in NOWHERE:
        return {**_blank(figure), "note": NOWHERE[name]}
    reading = READINGS[name]
    result = results[reading.figure]
    if isinstance(result, Missing):
        return {**_blank(figure), "note": result.note}
    draws = result.draws
    if "region" in draws.dims and name != "survey_n_total":
        draws = draws.sel(region=region)
    row = beside(figure, reading.read(draws))
    if row["lower80"] == row["upper80"]:
        row["percentile"] = np.nan  # a figure without spread has no distribution to lie in
    return {**row, "input": name in result.published_input, "note": reading.note}


def _effect(
    figure: Mapping[Hashable, Any], outlook: xr.Dataset, effects: Mapping[str, xr.Dataset]
) -> dict[str, object]:
    """Row of a scenario's published effect, read as on the page of scenarios."""
    wanted = EFFECTS[str(figure["id"])]
    where = {"region": str(figure["region"])}
    if wanted.scenario not in effects:
        note = f"Add it with `bayesgap run --scenarios {wanted.scenario}`."
        return {**_blank(figure), "note": note}
    draws = wanted.read(outlook.sel(where), effects[wanted.scenario].sel(where))
    value = figure["value"] if wanted.published is None else wanted.published
    return {**beside({**figure, "value": value}, draws), "input": False, "note": wanted.note}


def _blank(figure: Mapping[Hashable, Any]) -> dict[str, object]:
    empty = dict.fromkeys(("median", "lower80", "upper80", "percentile"), np.nan)
    known = {"id": figure["id"], "quantity": figure_name(figure), "unit": figure["unit"]}
    return {**known, **empty, "published": figure["value"], "input": False}
