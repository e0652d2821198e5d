"""A tiny world whose every rate is a short formula: two regions, three years, two draws.

Nothing here is random and nothing resembles a real region. Odd factors keep cells apart, so that a
mixed-up axis shows.
"""

import numpy as np
import xarray as xr

from bayesgap import schema
from bayesgap.accounting.outlook import Rates
from tests.strategies import labelled

REGIONS, TOTAL = ["North", "South"], "Both"
YEARS = [2024, 2025, 2026]
DRAWS = 2
SECTORS = ["41-43", "85", "86-88"]
LEVELS, GROUPS, AGES = list(schema.LEVELS), list(schema.EDUCATION), list(schema.WORKING_AGES)


def grid(*sizes: int) -> tuple[np.ndarray, ...]:
    """Positions 0, 1, 2 ... along (chain, draw, *sizes), without the chain."""
    return np.indices((1, DRAWS, *sizes))[1:]


def normalised(values: np.ndarray) -> np.ndarray:
    return values / values.sum(-1, keepdims=True)


def tiny_rates() -> Rates:
    """Rates of every block."""
    places, when = {"region": REGIONS}, {"region": REGIONS, "year": YEARS}
    d, r, t, a = grid(2, 4, 90)
    people = 40 + 25 * r + 3 * d + t * (a % 5 - 1) + a % 7
    everyone = {**places, "year": [*YEARS, 2027], "age": list(range(90))}
    return Rates(
        population=labelled(people * 1.0, "region", "year", "age", **everyone),
        education=education(when),
        participation=participation(when),
        commuting=commuting(when),
        sectors=sectors(places),
        skill_mix=skill_mix(),
        imbalance=imbalance(places),
    )


def education(when: dict) -> xr.Dataset:
    d, r, t, a, k = grid(2, 3, 60, 5)
    level = normalised(1 + (k + 1) * 0.3 + ((a + k) % 4) * 0.2 + 0.1 * r * k + 0.05 * t + 0.02 * d)
    d, r, t, g = grid(2, 3, 21)
    field = 1 + 0.1 * (g % 3) + 0.05 * r + 0.02 * t * (g % 2) + 0.01 * d
    of = np.array(schema.EDUCATION_LEVEL)
    for name in LEVELS:
        field[..., of == name] = normalised(field[..., of == name])
    names = ("region", "year", "age", "level")
    return xr.Dataset(
        {
            "level_share": labelled(level, *names, **when, age=AGES, level=LEVELS),
            "field_share": labelled(field, "region", "year", "education", **when, education=GROUPS),
        }
    )


def participation(when: dict) -> xr.Dataset:
    d, a, k = grid(60, 5)
    logit = 1.5 - np.abs(a - 28) / 12 + 0.2 * k + 0.03 * d
    d, r, t = grid(2, 3)
    d2, y = grid(3)
    d3, level = grid(5)
    d4, age = grid(60)
    study = np.maximum(0.6 - 0.04 * age, 0.0) + 0.01 * d4
    idle = 0.06 - 0.01 * level + 0.002 * d3
    return xr.Dataset(
        {
            "participation_logit": labelled(logit, "age", "level", age=AGES, level=LEVELS),
            "participation_shift": labelled(
                0.1 * r - 0.05 * t + 0.02 * d, "region", "year", **when
            ),
            "older_shift": labelled(0.05 * y + 0.01 * d2, "year", year=YEARS),
            "unemployment_rate": labelled(idle, "level", level=LEVELS),
            "study_share": labelled(study, "age", age=AGES),
        }
    )


def commuting(when: dict) -> xr.Dataset:
    d, r, t, k = grid(2, 3, 5)
    names = ("region", "year", "level")
    out = 0.2 + 0.1 * r + 0.02 * k + 0.01 * t + 0.005 * d
    into = 0.1 + 0.05 * r + 0.03 * k - 0.01 * t + 0.004 * d
    return xr.Dataset(
        {
            "out_commuting_share": labelled(out, *names, **when, level=LEVELS),
            "in_commuting_ratio": labelled(into, *names, **when, level=LEVELS),
        }
    )


def sectors(places: dict) -> xr.Dataset:
    d, r, s = grid(2, 3)
    base = 600 + 150 * s + 200 * r + 10 * d
    d, r, t, s = grid(2, 2, 3)
    growth = 0.01 * s - 0.004 * r + 0.003 * t + 0.002 * d
    later = {**places, "year": YEARS[1:], "sector": SECTORS}
    return xr.Dataset(
        {
            "employment_base": labelled(base * 1.0, "region", "sector", **places, sector=SECTORS),
            "employment_growth": labelled(growth, "region", "year", "sector", **later),
        }
    )


def skill_mix() -> xr.Dataset:
    kinds = {"sector": SECTORS, "education": GROUPS}
    d, s, g = grid(3, 21)
    mix = normalised(1 + 0.5 * ((g + 2 * s) % 5) + 0.1 * d)
    d, t, s, g = grid(3, 3, 21)
    drift = t * 0.01 * ((g + s) % 4 - 1) * (1 + 0.1 * d)
    return xr.Dataset(
        {
            "base_mix": labelled(mix, "sector", "education", **kinds),
            "mix_drift": labelled(drift, "year", "sector", "education", year=YEARS, **kinds),
        }
    )


def imbalance(places: dict) -> xr.Dataset:
    d, r, g = grid(2, 21)
    unfilled = 1 + g % 4 + 2 * r + 0.5 * d
    names = {**places, "education": GROUPS}
    return xr.Dataset({"unfilled": labelled(unfilled, "region", "education", **names)})
