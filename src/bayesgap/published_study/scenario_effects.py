"""Published effects of scenarios beside ours: one row a figure, on the draws of one run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.accounting.effects import added
from bayesgap.present.labels import person
from bayesgap.present.markdown import render
from bayesgap.present.table import rounded, step
from bayesgap.published_study.words import figure_name
from bayesgap.scenarios.comparison import monte_carlo_error

Read = Callable[[xr.Dataset, xr.Dataset], xr.DataArray]


@dataclass(frozen=True)
class Effect:
    """How a published figure reads off main and the effect of a scenario, both of one region.

    `published` replaces the figure's value where the report gives it in another form.
    """

    scenario: str
    read: Read
    note: str
    published: float | None = None


def _force(*levels: str) -> Read:
    """Change of the labour force in the last year, of some levels or of all."""

    def read(_main: xr.Dataset, effect: xr.Dataset) -> xr.DataArray:
        change = effect["labour_force"].isel(year=-1)
        if levels:
            change = change.isel(education=np.isin(change["level"], levels))
        return change.sum("education")

    return read


def _jobs(sector: str) -> Read:
    def read(main: xr.Dataset, effect: xr.Dataset) -> xr.DataArray:
        both = added(main[["employment"]], effect[["employment"]])["employment"]
        return both.sel(sector=sector).isel(year=-1)

    return read


def _gap_since_base(main: xr.Dataset, effect: xr.Dataset) -> xr.DataArray:
    gap = (main["gap"] + effect["gap"]).sum("education")
    return gap.isel(year=-1) - gap.isel(year=0)


def _share_closed(main: xr.Dataset, effect: xr.Dataset) -> xr.DataArray:
    """Part of the main gap that the scenario closes, in draws with a shortage."""
    gap = main["gap"].isel(year=-1).sum("education")
    closed = -effect["gap"].isel(year=-1).sum("education") / gap
    return closed.where(gap > 0)


def _force_over_gap(main: xr.Dataset, effect: xr.Dataset) -> xr.DataArray:
    gap = main["gap"].isel(year=-1).sum("education")
    return (_force()(main, effect) / gap).where(gap > 0)


OUT = "Ours follows leaving for good by age; the report's own method is not given."
OSLO = "Ours takes the cohorts of Oslo's residents, whom migration selects; so may the report."
ICT = "58-63 also holds media and telecommunications; growth beyond main is assumed."
BALANCE = "Change since 2024: the report starts from balance. Extra people also raise demand."
SHORT = "Of draws with a shortage in main."
EFFECTS: dict[str, Effect] = {
    "s_exclusion": Effect("less_exclusion", _force(), "The same three points of ages 20-65."),
    "s_outmigration": Effect("less_outmigration", _force(), OUT),
    "s_outmigration_bachelor": Effect("less_outmigration", _force("bachelor"), OUT),
    "s_outmigration_master": Effect("less_outmigration", _force("master"), OUT),
    "s_outmigration_upper_secondary": Effect("less_outmigration", _force("upper_secondary"), OUT),
    "s_immigration": Effect("high_immigration", _force(), "High alternative of 2024, by region."),
    "s_education_bachelor": Effect("oslo_education", _force("bachelor"), OSLO),
    "s_education_master": Effect("oslo_education", _force("master"), OSLO),
    "s_education_primary": Effect("oslo_education", _force("primary"), OSLO),
    "s_education_upper_secondary": Effect("oslo_education", _force("upper_secondary"), OSLO),
    "ict_2040_growth": Effect("ict_growth", _jobs("58-63"), ICT),
    "health_industry_2040_growth": Effect(
        "health_industry", _jobs("health_industry"), "New jobs only: +950 in the report.", 950
    ),
    "gap_growth": Effect("growth", _gap_since_base, BALANCE),
    "gap_growth_all_measures": Effect(
        "growth_and_three_measures", _gap_since_base, f"A surplus in the report. {BALANCE}", -350
    ),
    "productivity_effect": Effect("public_productivity", _share_closed, SHORT),
    "exclusion_share_of_gap": Effect("less_exclusion", _force_over_gap, SHORT),
}


def effect_rows(
    figures: pd.DataFrame, main: xr.Dataset, effects: Mapping[str, xr.Dataset]
) -> pd.DataFrame:
    """Published figures of scenarios that the run has, with our draws.

    Parameters
    ----------
    figures : columns id, quantity, group, region, value, unit
    main : outlook (chain, draw, region, year, ...)
    effects : differences to main by scenario

    Returns
    -------
    Columns id, scenario, quantity, unit, median, lower80, upper80, mcse (share of the 80 % width;
    for shares of a shortage, of their reciprocal: docs/adr/0035), published, percentile (share of
    draws below the published value, per cent), note
    """
    rows = []
    for figure in figures.to_dict("records"):
        counterpart = EFFECTS.get(str(figure["id"]))
        if counterpart is None or counterpart.scenario not in effects:
            continue
        where = {"region": str(figure["region"])}
        effect = effects[counterpart.scenario].sel(where)
        found = counterpart.read(main.sel(where).sel(year=effect["year"]), effect)
        draws = found.transpose("chain", "draw").to_numpy()
        known = draws[np.isfinite(draws)]
        if not known.size:  # a share of a shortage that no draw has
            continue
        value = float(figure["value"] if counterpart.published is None else counterpart.published)
        low, median, high = np.quantile(known, [0.1, 0.5, 0.9])
        share = figure["unit"] == "share"
        reciprocal = 1 / np.where(draws == 0, np.nan, draws)
        rows.append(
            {
                "id": figure["id"],
                "scenario": counterpart.scenario,
                "quantity": figure_name(figure),
                "unit": figure["unit"],
                "median": median,
                "lower80": low,
                "upper80": high,
                "mcse": monte_carlo_error(reciprocal if share else draws, with_mean=False),
                "published": value,
                "percentile": 100 * float(np.mean(known < value)),
                "note": counterpart.note,
            }
        )
    return pd.DataFrame(rows)


def effects_page(
    table: pd.DataFrame, seconds: Mapping[str, float], run_id: str, verdict: str
) -> str:
    """Markdown page of `effect_rows`, with the verdict and the time of the scenarios on top."""
    told = ", ".join(f"{name} {value:.0f} s" for name, value in seconds.items())
    return render(
        "published_study/scenario_effects",
        table=table,
        told=told,
        run_id=run_id,
        verdict=verdict,
        plain=_plain,
    )


def _plain(row: Mapping[Any, Any], name: str) -> str:
    value, low, high = (float(row[key]) for key in (name, "lower80", "upper80"))
    if row["unit"] == "share":
        return f"{value:.2f}"
    exact = name == "published"
    return person(round(value) if exact else rounded(value, step(high - low)), signed=False)
