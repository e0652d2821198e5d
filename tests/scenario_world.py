"""A small synthetic future: every array that scenarios touch, from plain numpy, no sampling."""

from functools import cache

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.events.apply import Future
from bayesgap.accounting.events.strengths import Drawn, draw_measure
from bayesgap.accounting.outlook import Rates, project_main
from bayesgap.accounting.population import project_population
from bayesgap.study.scenario import Scenario
from bayesgap.study.scenario_files import Measure

REGIONS = ["A", "B", "C"]
YEARS = list(range(2024, 2031))
TOTAL = "all of them"
SAMPLE = {"chain": [0, 1], "draw": [0, 1, 2]}
WORKING = list(schema.WORKING_AGES)
SHAPE = (2, 3)


def softmax(values: np.ndarray) -> np.ndarray:
    weight = np.exp(values)
    return weight / weight.sum(-1, keepdims=True)


def array(rng: np.random.Generator, low: float, high: float, **coords: list) -> xr.DataArray:
    """Uniform values (chain, draw, *coords)."""
    shape = (*SHAPE, *(len(labels) for labels in coords.values()))
    values = rng.uniform(low, high, shape).astype(np.float32)
    return xr.DataArray(values, {**SAMPLE, **coords}, tuple({**SAMPLE, **coords}))


def movement(rng: np.random.Generator) -> xr.Dataset:
    ages = list(schema.AGES)
    young = np.exp(-0.5 * ((np.arange(90) - 22) / 6) ** 2).astype(np.float32)
    return xr.Dataset(
        {
            "net_migration_rate": array(rng, -0.02, 0.03, region=REGIONS, year=YEARS, age=ages),
            "death_probability": array(rng, 0.0, 0.01, year=YEARS, age=ages),
            "child_ratio": array(rng, 0.03, 0.05, region=REGIONS, year=YEARS),
            "out_migration_rate": array(rng, 0.1, 0.15, region=REGIONS, age=ages) * young,
        }
    )


def education(rng: np.random.Generator) -> xr.Dataset:
    levels = list(schema.LEVELS)
    level = array(rng, -1, 1, region=REGIONS, year=YEARS, age=WORKING, level=levels)
    field = array(rng, 0.2, 1.0, region=REGIONS, year=YEARS, education=list(schema.EDUCATION))
    names = np.array(schema.EDUCATION_LEVEL)
    values = field.to_numpy()
    for name in levels:
        values[..., names == name] /= values[..., names == name].sum(-1, keepdims=True)
    return xr.Dataset(
        {"level_share": level.copy(data=softmax(level.to_numpy())), "field_share": field}
    )


def participation(rng: np.random.Generator) -> xr.Dataset:
    age = np.array(WORKING)
    shape = np.where(age < 60, 1.2, 1.2 - 0.25 * (age - 59)).astype(np.float32)
    level = array(rng, 0.0, 0.0, age=WORKING, level=list(schema.LEVELS))
    return xr.Dataset(
        {
            "participation_logit": level + xr.DataArray(shape, {"age": WORKING}, ("age",)),
            "participation_shift": array(rng, -0.1, 0.1, region=REGIONS, year=YEARS),
            "older_shift": array(rng, 0.0, 0.1, year=YEARS),
            "unemployment_rate": array(rng, 0.01, 0.05, level=list(schema.LEVELS)),
            "study_share": array(rng, 0.0, 0.05, age=WORKING),
        }
    )


def sectors(rng: np.random.Generator) -> tuple[xr.Dataset, xr.DataArray]:
    names = list(schema.SECTORS)
    rates = xr.Dataset(
        {
            "employment_growth": array(
                rng, -0.02, 0.03, region=REGIONS, year=YEARS[1:], sector=names
            ),
            "employment_base": array(rng, 200, 4000, region=REGIONS, sector=names),
        }
    )
    return rates, array(rng, 0.0, 0.3, sector=names)


@cache
def future(seed: int = 0) -> Future:
    """Main future of six draws of three regions."""
    rng = np.random.default_rng(seed)
    moves = movement(rng)
    ages = list(schema.AGES)
    stock = xr.DataArray(
        rng.uniform(150, 400, (3, 90)), {"region": REGIONS, "age": ages}, ("region", "age")
    )
    people = project_population(stock, moves)
    grown, elastic = sectors(rng)
    mix = array(rng, -1, 1, sector=list(schema.SECTORS), education=list(schema.EDUCATION))
    drift = array(
        rng, -0.1, 0.1, year=YEARS, sector=list(schema.SECTORS), education=list(schema.EDUCATION)
    )
    schooling = education(rng)
    rates = Rates(
        population=people,
        education=schooling,
        participation=participation(rng),
        commuting=xr.Dataset(
            {
                name: array(rng, 0.2, 0.4, region=REGIONS, year=YEARS, level=list(schema.LEVELS))
                for name in ("out_commuting_share", "in_commuting_ratio")
            }
        ),
        sectors=grown,
        skill_mix=xr.Dataset(
            {"base_mix": mix.copy(data=softmax(mix.to_numpy())), "mix_drift": drift}
        ),
        imbalance=xr.Dataset(
            {"unfilled": array(rng, 1, 30, region=REGIONS, education=list(schema.EDUCATION))}
        ),
    )

    def grow(other: xr.DataArray) -> xr.Dataset:
        """Sectors that follow the number of people, as the drivers do."""
        change = np.log(other.sum("age") / people.sum("age")).sel(year=[y + 1 for y in YEARS])
        step = change.diff("year").assign_coords(year=YEARS[1:])
        return grown.assign(employment_growth=grown["employment_growth"] + elastic * step)

    other = schooling["level_share"].isel(region=0, drop=True)[..., ::-1]
    other = other.assign_coords(level=list(schema.LEVELS))

    def profile(name: str) -> xr.DataArray:
        return schooling["level_share"] if name == "immigrants" else other

    arrivals = xr.DataArray(np.ones(90, np.float32), {"age": ages}, ("age",))
    main = project_main(rates, YEARS)
    return Future(rates, main, tuple(YEARS), moves, arrivals, grow, profile)


WHY = "A reason that is long enough to be one."
PATH = {"start": 2024, "full": 2030, "why": WHY}
LEAVING = {
    "primary": 0.26,
    "upper_secondary": 0.26,
    "higher_vocational": 0.26,
    "bachelor": 0.4,
    "master": 0.55,
}
EVENTS: dict[str, dict] = {
    "outside": {"points": 0.03},
    "retirement": {"years": 1.0},
    "out_migration": {"share": 0.25, "cumulative": 0.36, "within": 0.2, "leaving": LEAVING},
    "immigration": {"arrivals": 2.0, "regional": 1.0, "participation": 0.9},
    "education_profile": {"like": "B", "share": 1.0},
    "completion": {"share": 0.5},
    "reskilling": {"share": 0.05, "taken": ["primary"], "to": "upper_secondary:health_care"},
    "out_commuting": {"share": 0.1, "within": 0.2},
    "sector_growth": {"sector": "58-63", "part": 0.7, "growth": 0.04},
    "opening": {"jobs": 300.0, "sector": "health_industry", "like": {"10-33": 1.0, "58-63": 1.0}},
    "productivity": {"growth": 0.005, "public": {"84": 1.0, "86-88": 0.8}},
    "market_response": {
        "adjusting": 0.4, "supply": 0.2, "demand": 0.5, "mobility": 0.5, "within": 0.2,
        "shared": 0.5,
    },
}  # fmt: skip


def measure(kind: str, name: str | None = None, **changes: object) -> Measure:
    """Measure of one event of `kind`, with the strengths of `EVENTS` unless changed."""
    event = {"kind": kind, **PATH, **EVENTS[kind], **changes}
    named = name or kind
    scenario = Scenario.model_validate(
        {"name": named, "title": named, "why": WHY, "events": [event]}
    )
    return Measure(named, named, scenario.events)


def drawn(*measures: Measure) -> list[Drawn]:
    """Events of measures with their strengths."""
    sample = {name: future().rates.population[name] for name in ("chain", "draw")}
    return [event for m in measures for event in draw_measure(m, 1, 0, sample)]
