"""The accounting of a tiny world once more, in plain loops: the golden numbers come from here.

It shares no line with `bayesgap.accounting`: one number after the other, as on paper, so that the
committed figures are no copy of what the program said one day.
"""

import math

from bayesgap import schema
from tests.golden.tiny import DRAWS, GROUPS, LEVELS, REGIONS, SECTORS, TOTAL, YEARS

SWEEPS = 400


def outlook_of(rates) -> dict[tuple[str, str, str, int, int], float]:
    """Value by (quantity, region, member, year, draw); members are groups, sectors or bands."""
    found = {}
    for d in range(DRAWS):
        for r, region in enumerate(REGIONS):
            for key, value in one_region(rates, d, r).items():
                quantity, member, year = key
                found[quantity, region, member, year, d] = value
    for (quantity, _, member, year, d), value in list(found.items()):
        key = (quantity, TOTAL, member, year, d)
        found[key] = found.get(key, 0.0) + value
    return found


def one_region(rates, d: int, r: int) -> dict[tuple[str, str, int], float]:
    home = [residents(rates, d, r, t) for t in range(len(YEARS))]
    start = home[0]["employed_workplace"]
    jobs = [float(rates.sectors["employment_base"][0, d, r, s]) for s in range(len(SECTORS))]
    ratio = sum(start) / sum(jobs)
    mix = rates.skill_mix["base_mix"].values[0, d]
    filled = [[jobs[s] * float(mix[s, g]) for g in range(21)] for s in range(len(SECTORS))]
    filled = fitted(filled, jobs, [value / ratio for value in start])
    group = [sum(filled[s][g] for s in range(len(SECTORS))) for g in range(21)]
    out = {}
    for t, year in enumerate(YEARS):
        if t > 0:
            growth = rates.sectors["employment_growth"].values[0, d, r, t - 1]
            jobs = [jobs[s] * math.exp(growth[s]) for s in range(len(SECTORS))]
        drift = rates.skill_mix["mix_drift"].values[0, d, t]
        wanted = [0.0] * 21
        for s in range(len(SECTORS)):
            moved = [filled[s][g] * math.exp(drift[s, g]) for g in range(21)]
            for g in range(21):
                wanted[g] += jobs[s] * moved[g] / sum(moved)
            out["employment", SECTORS[s], year] = jobs[s]
        for g, name in enumerate(GROUPS):
            unfilled = float(rates.imbalance["unfilled"][0, d, r, g])
            demand = wanted[g] * (1 + unfilled / group[g])
            supply = home[t]["employed_workplace"][g] / ratio + home[t]["unemployed"][g]
            out["demand", name, year] = demand
            out["supply", name, year] = supply
            out["gap", name, year] = demand - supply
            out["labour_force", name, year] = home[t]["labour_force"][g]
        out["outside", "all", year] = home[t]["outside"]
        people = rates.population.values[0, d, r, t]
        for band, low, high in (("all", 0, 89), ("20-66", 20, 66), ("80+", 80, 89)):
            out["population", band, year] = sum(people[a] for a in range(low, high + 1))
    return out


def residents(rates, d: int, r: int, t: int) -> dict:
    """Residents of the January that follows: in the labour force, at the workplace, outside."""
    people = rates.population.values[0, d, r, t + 1]
    level_share = rates.education["level_share"].values[0, d, r, t]
    part = {name: array.values[0, d] for name, array in rates.participation.items()}
    moved = {name: array.values[0, d, r, t] for name, array in rates.commuting.items()}
    field = rates.education["field_share"].values[0, d, r, t]
    force, outside = [0.0] * len(LEVELS), 0.0
    for a in range(60):
        age, active = 15 + a, 0.0
        for k in range(len(LEVELS)):
            logit = part["participation_logit"][a, k]
            logit += part["participation_shift"][r, t]
            logit += part["older_shift"][t] if age >= 62 else 0.0
            members = people[age] * level_share[a, k] / (1 + math.exp(-logit))
            force[k] += members
            active += members
        if 20 <= age <= 65:
            study = people[age] * part["study_share"][a]
            outside += max(people[age] - active - study, 0.0)
    out = {"labour_force": [], "unemployed": [], "employed_workplace": [], "outside": outside}
    for g, name in enumerate(schema.EDUCATION_LEVEL):
        k = LEVELS.index(name)
        share = field[g]
        idle = force[k] * part["unemployment_rate"][k]
        leaving, coming = (moved[way][k] for way in ("out_commuting_share", "in_commuting_ratio"))
        out["labour_force"].append(share * force[k])
        out["unemployed"].append(share * idle)
        out["employed_workplace"].append(share * (force[k] - idle) * (1 - leaving + coming))
    return out


def fitted(cells: list[list[float]], rows: list[float], columns: list[float]) -> list[list[float]]:
    """Proportional fitting, a fixed number of sweeps: columns, then rows."""
    for _ in range(SWEEPS):
        for g, wanted in enumerate(columns):
            now = sum(row[g] for row in cells)
            for row in cells:
                row[g] *= wanted / now
        cells = [[c * rows[s] / sum(row) for c in row] for s, row in enumerate(cells)]
    return cells
