"""Scenarios on the main projection's draws: no refit, the same innovations, chunk by chunk.

A scenario is kept as its effect, the difference to main of each draw: what it does not touch is 0.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import xarray as xr

from bayesgap.accounting.events.apply import Future, intervene, populate
from bayesgap.accounting.events.strengths import Drawn, draw_measure
from bayesgap.accounting.outlook import assembled, project_main
from bayesgap.inference.threads import side_by_side
from bayesgap.projection.propagate import CHUNK, chunks, forecast_rates
from bayesgap.scenarios.contributions import contributions
from bayesgap.scenarios.profiles import profiles
from bayesgap.study.scenario_files import Measure, Plan
from bayesgap.study.study import Study

KEPT = (
    "supply", "demand", "labour_force", "employment", "population", "outside", "out_commuters",
    "in_commuters",
)  # fmt: skip


def foresee(cut: Mapping[str, xr.Dataset], panel: xr.DataTree, study: Study, chunk: int) -> Future:
    """Main future of one chunk of draws (already cut out), ready for scenarios."""
    found = forecast_rates(cut, panel, study, chunk)
    years = range(study.base_year, study.horizon + 1)
    population = panel["population"].to_dataset()
    return Future(
        found.rates,
        project_main(found.rates, years),
        tuple(years),
        found.movement,
        population["profile_loading"].rename("arrivals"),
        found.grow,
        profiles(cut["education"], panel["education"].to_dataset(), study, chunk),
    )


def drawn_events(
    measures: Sequence[Measure], future: Future, study: Study, chunk: int
) -> dict[str, list[Drawn]]:
    """Events of each measure with the strengths of this chunk's draws."""
    sample = {name: future.rates.population[name] for name in ("chain", "draw")}
    return {m.name: draw_measure(m, study.seed, chunk, sample) for m in measures}


def scenario_effects(
    posterior: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    study: Study,
    plans: Sequence[Plan],
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[tuple[Plan, xr.Dataset]]:
    """Each plan's effect on each chunk of draws, in the order of chunks.

    Yields
    ------
    Plan, and Dataset of differences to main [person] of `KEPT`, `moved` (place), and
    `contribution` (measure) to the gap of the last year, by education: Shapley values, which add
    up to the difference of the gap.
    """
    draws, done = study.sampling.draws, 0
    for chunk, cut in chunks(posterior, draws):
        for found in effects_of_chunk(cut, panel, study, chunk, plans):
            yield found
            done += 1
            advance(done, -(-draws // CHUNK) * len(plans))


def effects_of_chunk(
    cut: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    study: Study,
    chunk: int,
    plans: Sequence[Plan],
) -> Iterator[tuple[Plan, xr.Dataset]]:
    """Each plan's effect on one chunk of draws; only one main future is in memory at a time."""
    future = foresee(cut, panel, study, chunk)
    main = assembled(future.main.parts, future.years, study.total)

    def effect(plan: Plan) -> tuple[Plan, xr.Dataset]:
        events = drawn_events(plan.measures, future, study, chunk)
        return plan, effect_of(future, main, events, study.total)

    return side_by_side(effect, plans)


def effect_of(
    future: Future, main: xr.Dataset, events: Mapping[str, Sequence[Drawn]], total: str
) -> xr.Dataset:
    """Difference to main of one chunk, and what each measure contributes to it."""
    every = [drawn for of_measure in events.values() for drawn in of_measure]
    outlook = intervene(future, every, total, population=populate(future, every))
    known = main.reindex(sector=outlook["sector"], fill_value=0)
    effect = outlook[list(KEPT)] - known[list(KEPT)]
    effect["moved"] = outlook["moved"]
    whole = (effect["demand"] - effect["supply"]).isel(year=-1, drop=True)
    effect["contribution"] = contributions(future, events, total, whole)
    return effect
