"""Random worlds for property tests: people, and drawn rates of every block, in plain numpy."""

import numpy as np
import xarray as xr
from hypothesis import Phase, settings
from hypothesis import strategies as st

from bayesgap import schema
from bayesgap.accounting.outlook import Rates

FIRST = 2024
CHAINS = 2
AGES = list(range(schema.AGE_MAX + 1))
SAMPLE = ("chain", "draw")

# Worlds are small and each costs some tenths of a second: a failing one is shown as it was found.
few = settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def labelled(values: np.ndarray, *dims: str, **coords: object) -> xr.DataArray:
    """Array with sample dims in front of `dims`."""
    names = (*SAMPLE, *dims)
    sample = {"chain": range(values.shape[0]), "draw": range(values.shape[1])}
    return xr.DataArray(values, dims=names, coords={**sample, **coords})


def shares(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Positive values that sum to 1 over the last axis."""
    values = rng.gamma(2.0, size=shape) + 0.05
    return values / values.sum(-1, keepdims=True)


def build_rates(
    rng: np.random.Generator, regions: int = 2, years: int = 3, draws: int = 2, wild: float = 0.1
) -> Rates:
    """Rates of every block; `wild` is the sd of yearly log changes."""
    size, names = (CHAINS, draws), [f"R{i}" for i in range(regions)]
    places: dict[str, object] = {"region": names}
    when = {**places, "year": list(range(FIRST, FIRST + years))}
    levels, groups, sectors = list(schema.LEVELS), list(schema.EDUCATION), list(schema.SECTORS)
    working = {"age": list(schema.WORKING_AGES), "level": levels}
    people = rng.uniform(20, 400, (*size, regions, years + 1, len(AGES)))
    field = rng.gamma(2.0, size=(*size, regions, years, len(groups))) + 0.05
    level_of = np.array(schema.EDUCATION_LEVEL)
    for level in levels:
        field[..., level_of == level] /= field[..., level_of == level].sum(-1, keepdims=True)
    education = xr.Dataset(
        {
            "level_share": labelled(
                shares(rng, *size, regions, years, 60, 5),
                "region",
                "year",
                "age",
                "level",
                **when,
                **working,
            ),
            "field_share": labelled(field, "region", "year", "education", **when, education=groups),
        }
    )
    shift = rng.normal(0, 0.3, (*size, regions, years))
    participation = xr.Dataset(
        {
            "participation_logit": labelled(
                rng.normal(1.0, 1.0, (*size, 60, 5)), "age", "level", **working
            ),
            "participation_shift": labelled(shift, "region", "year", **when),
            "older_shift": labelled(rng.normal(0, 0.1, (*size, years)), "year", year=when["year"]),
            "unemployment_rate": labelled(
                rng.uniform(0.01, 0.1, (*size, 5)), "level", level=levels
            ),
            "study_share": labelled(rng.uniform(0, 0.6, (*size, 60)), "age", age=working["age"]),
        }
    )
    commuting = xr.Dataset(
        {
            name: labelled(
                rng.uniform(0.05, 0.5, (*size, regions, years, 5)),
                "region",
                "year",
                "level",
                **when,
                level=levels,
            )
            for name in ("out_commuting_share", "in_commuting_ratio")
        }
    )
    sector_sizes = (*size, regions, len(sectors))
    growth = rng.normal(0, wild, (*size, regions, years - 1, len(sectors)))
    later = {**places, "year": when["year"][1:], "sector": sectors}
    growth_of = xr.Dataset(
        {
            "employment_base": labelled(
                rng.uniform(20, 2000, sector_sizes), "region", "sector", **places, sector=sectors
            ),
            "employment_growth": labelled(growth, "region", "year", "sector", **later),
        }
    )
    drift = rng.normal(0, wild, (*size, years, len(sectors), len(groups))).cumsum(2)
    drift = drift - drift[:, :, :1]
    kinds = {"sector": sectors, "education": groups}
    skill_mix = xr.Dataset(
        {
            "base_mix": labelled(
                shares(rng, *size, len(sectors), len(groups)), "sector", "education", **kinds
            ),
            "mix_drift": labelled(drift, "year", "sector", "education", year=when["year"], **kinds),
        }
    )
    unfilled = rng.uniform(0, 80, (*size, regions, len(groups)))
    imbalance = xr.Dataset(
        {"unfilled": labelled(unfilled, "region", "education", **places, education=groups)}
    )
    ages = {**places, "year": [*when["year"], FIRST + years], "age": AGES}
    return Rates(
        population=labelled(people, "region", "year", "age", **ages),
        education=education,
        participation=participation,
        commuting=commuting,
        sectors=growth_of,
        skill_mix=skill_mix,
        imbalance=imbalance,
    )


def every(rates: Rates, change) -> Rates:
    """`rates` with `change` applied to the arrays of every block."""
    return Rates(*(change(block) for block in rates))


def years_of(rates: Rates) -> list[int]:
    """4th quarters that `rates` speak of."""
    return [int(year) for year in rates.education["year"].values]


generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)
worlds = st.builds(
    build_rates,
    generators,
    regions=st.integers(1, 3),
    years=st.integers(2, 3),
    draws=st.integers(1, 3),
    wild=st.sampled_from([0.0, 0.05, 0.3]),
)


@st.composite
def tables(draw: st.DrawFn, most: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positive seed, and row and column sums with one total."""
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    rng = draw(generators)
    spread = draw(st.sampled_from([0.1, 1.0, 3.0]))
    seed = np.exp(spread * rng.standard_normal((rows, columns)))
    across = np.exp(rng.standard_normal(rows))
    down = np.exp(rng.standard_normal(columns))
    return seed, across, down * across.sum() / down.sum()


def build_population(
    rng: np.random.Generator, regions: int = 2, years: int = 3, wild: float = 0.05
) -> tuple[xr.DataArray, xr.Dataset]:
    """Stock (region, age) and yearly rates of three draws a chain; `wild`: sd of migration."""
    names = [f"R{i}" for i in range(regions)]
    when = {"region": names, "year": list(range(FIRST, FIRST + years))}
    stock = xr.DataArray(
        rng.uniform(0, 3000, (regions, len(AGES))),
        {"region": names, "age": AGES},
        ("region", "age"),
    )
    size, ages = (CHAINS, 3), len(AGES)
    moved = rng.normal(0, wild, (*size, regions, years, ages))
    died = rng.uniform(0, 0.3, (*size, years, ages))
    born = rng.uniform(0.02, 0.06, (*size, regions, years))
    return stock, xr.Dataset(
        {
            "net_migration_rate": labelled(moved, "region", "year", "age", **when, age=AGES),
            "death_probability": labelled(died, "year", "age", year=when["year"], age=AGES),
            "child_ratio": labelled(born, "region", "year", **when),
        }
    )


populations = st.builds(
    build_population,
    generators,
    regions=st.integers(1, 3),
    years=st.integers(2, 4),
    wild=st.sampled_from([0.0, 0.05, 2.0]),
)
