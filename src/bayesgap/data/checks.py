"""Totals that must add up, within a table and between tables.

Tolerances are what the official figures themselves keep to, with some room: each constant says
what was measured on the 2024 edition. Declared exceptions stand in `manifest.toml` (`totals`).
A sum with an unknown part (a faulty or empty cell) is not compared.
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bayesgap.data.checks_assumed import ASSUMED_CHECKS
from bayesgap.data.compare import Check, Frames, apart, first_lines, off, paired, total
from bayesgap.data.manifest import Manifest
from bayesgap.errors import Problem

STOCK_30_66 = 0.006  # education stock to population of 1 January t+1: 0.0044, border changes apart
STOCK_16 = 0.01  # the same for ages 16+: 0.0071
STATUS_15_74 = 0.01  # population of employment status to 1 January t+1: 0.0087
HOME = 0.02  # commuting rows of a home to employed residents: 0.0142 (small flows left out)
WORK = 0.001  # commuting rows of a place of work to employed there: 0.0001
WORKPLACE = 0.025  # employed by sector to employed at workplace: 0.0221
MUNICIPALITIES = 0.02  # employed of a region's municipalities to the region: 0.0136 above
COUNTIES = 2.0  # thousand employed, counties to nation: 1.6
NET_FLOW = 0.0025  # net migration to the change of cohorts under 60, by exposure: 0.0018
PROJECTION = 0.03  # first projected to last observed population: 0.0207


def cross_checks(frames: Frames, manifest: Manifest, reference: Path) -> list[Problem]:
    """Problems of every check whose tables are there with the columns that it reads."""
    problems: list[Problem] = []
    for needs, check in (*CHECKS, *ASSUMED_CHECKS):
        readable = all(
            table in frames and set(columns.split()) <= set(frames[table].columns)
            for table, columns in needs.items()
        )
        if readable:
            problems += check(frames, manifest)
    problems += _municipalities(frames, reference)
    return problems


def _population(frames: Frames) -> pd.DataFrame:
    parts = [frames[n] for n in ("population", "population_pooling") if n in frames]
    return pd.concat(parts)[["region", "year", "age", "persons"]]


def _next_january(population: pd.DataFrame, low: int, high: int) -> "pd.Series[float]":
    """Count residents aged low-high on 1 January t+1 by region and year t."""
    aged = population[population["age"].between(low, high)]
    return total(aged.assign(year=aged["year"] - 1), ["region", "year"])


def _education_levels(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "education_residents_30_66", ["region", "year", "background"]
    frame = frames[file]
    whole = frame[frame["level"] == "all"]
    pair = paired(total(frame[frame["level"] != "all"], by), total(whole, by))
    says = "the levels add up to {here}, but `all` says {there}"
    wrong = apart(pair, 0.0)
    yield from off(file, "levels", manifest, pair, wrong, first_lines(whole, by), "persons", says)


def _education_backgrounds(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "education_residents_30_66", ["region", "year", "level"]
    frame = frames[file]
    whole = frame[frame["background"] == "all"]
    pair = paired(total(frame[frame["background"] != "all"], by), total(whole, by))
    says = "the backgrounds add up to {here}, but `all` says {there}"
    wrong = apart(pair, 0.0)
    yield from off(
        file, "backgrounds", manifest, pair, wrong, first_lines(whole, by), "persons", says
    )


def _education_population(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "education_residents_30_66", ["region", "year"]
    frame = frames[file]
    whole = frame[(frame["level"] == "all") & (frame["background"] == "all")]
    pair = paired(total(whole, by), _next_january(_population(frames), 30, 66))
    says = "{here} persons of all levels, but {there} residents aged 30-66 on 1 January after"
    wrong = apart(pair, STOCK_30_66)
    yield from off(
        file, "population", manifest, pair, wrong, first_lines(whole, by), "persons", says
    )


def _education_16plus(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "education_residents_16plus", ["region", "year"]
    frame = frames[file]
    nation = frames["population_national"].assign(region="Norway")
    people = _next_january(pd.concat([_population(frames), nation]), 16, 200)
    pair = paired(total(frame, by), people)
    says = "the levels add up to {here}, but {there} residents are 16+ on 1 January after"
    wrong = apart(pair, STOCK_16)
    yield from off(
        file, "population", manifest, pair, wrong, first_lines(frame, by), "persons", says
    )


def _status_population(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, frame = "employment_status", frames["employment_status"]
    people = frame[frame["measure"] == "population_15_74"]
    lines, by = first_lines(people, ["region", "year"]), ["region", "year"]
    pair = paired(total(people, by), _next_january(_population(frames), 15, 74))
    says = "population_15_74 is {here}, but {there} residents are 15-74 on 1 January after"
    wrong = apart(pair, STATUS_15_74)
    yield from off(file, "population", manifest, pair, wrong, lines, "persons", says)
    work = frame[frame["measure"] == "employed_by_residence"]
    pair = paired(total(work, by), total(people, by))
    says = "employed_by_residence is {here}, more than the {there} of population_15_74"
    wrong = pair["here"] > pair["there"]
    yield from off(file, "employed", manifest, pair, wrong, first_lines(work, by), "persons", says)


def _commuting(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, frame = "commuting", frames["commuting"]
    sides = (
        ("home", "employed_by_residence", HOME, "live there"),
        ("work", "employed_by_workplace", WORK, "work there"),
    )
    for column, measure, tolerance, what in sides:
        status = frames["employment_status"]
        there = total(status[status["measure"] == measure], ["region", "year"])
        here = total(frame, [column, "year"], "employed").rename_axis(["region", "year"])
        pair = paired(here, there)
        wrong = apart(pair, tolerance)
        lines = first_lines(frame, [column, "year"])
        says = f"{{here}} employed by the rows that {what}, but {measure} says {{there}}"
        says += " (a wrong row, or home and work are swapped)"
        yield from off(file, column, manifest, pair, wrong, lines, "employed", says)


def _national_employment(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, frame = "employment_national", frames["employment_national"]
    parts = {c: total(g, ["year"], "employed") for c, g in frame.groupby("concept")}
    if {"residence", "workplace"} <= set(parts):
        pair = paired(parts["residence"], parts["workplace"])
        says = "sectors add up to {here} by residence, but to {there} by workplace"
        wrong, lines = apart(pair, 0.0), first_lines(frame, ["year"])
        yield from off(file, "concepts", manifest, pair, wrong, lines, "employed", says)


def _workplace_sectors(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "employment_workplace_telemark", ["region", "year"]
    frame, status = frames[file], frames["employment_status"]
    there = total(status[status["measure"] == "employed_by_workplace"], by)
    pair = paired(total(frame, by, "employed"), there)
    says = "sectors add up to {here}, but employed_by_workplace says {there}"
    wrong = apart(pair, WORKPLACE)
    yield from off(
        file, "workplace", manifest, pair, wrong, first_lines(frame, by), "employed", says
    )


def _residence_sectors(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "employment_residence_by_municipality", ["municipality", "year"]
    frame, status = frames[file], frames["employment_status"]
    whole = frame[frame["sector"] == "00-99"]
    pair = paired(
        total(frame[frame["sector"] != "00-99"], by, "employed"), total(whole, by, "employed")
    )
    says = "five sectors add up to {here}, more than the {there} of all (00-99)"
    wrong, lines = pair["here"] > pair["there"], first_lines(whole, by)
    yield from off(file, "sectors", manifest, pair, wrong, lines, "employed", says)
    by = ["region", "year"]
    there = total(status[status["measure"] == "employed_by_residence"], by)
    pair = paired(total(whole, by, "employed"), there)
    says = "municipalities add up to {here}, more than employed_by_residence, {there}"
    wrong, lines = pair["here"] > (1 + MUNICIPALITIES) * pair["there"], first_lines(whole, by)
    yield from off(file, "region", manifest, pair, wrong, lines, "employed", says)


def _counties(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "employment_county_accounts", ["year", "sector"]
    frame = frames[file]
    nation = frame["region"] == "Hele landet"
    parts = frame[~nation].groupby(by)["employed_1000"].sum()  # empty cells are small: 05-09
    pair = paired(parts, total(frame[nation], by, "employed_1000"))
    wrong = (pair["here"] - pair["there"]).abs() > COUNTIES
    says = "the counties add up to {here} thousand, but Hele landet says {there}"
    lines = first_lines(frame[nation], by)
    yield from off(file, "counties", manifest, pair, wrong, lines, "employed_1000", says)


def _deaths(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "deaths_national", ["year", "age"]
    frame = frames[file]
    pair = paired(total(frame, by, "deaths"), total(frames["population_national"], by))
    says = "{here} deaths, but {there} persons (or the columns are swapped)"
    wrong = pair["here"] > 0.5 * pair["there"]
    yield from off(
        file, "population", manifest, pair, wrong, first_lines(frame, by), "deaths", says
    )


def _nation(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file, by = "population_national", ["year", "age"]
    frame = frames[file]
    pair = paired(total(frame, by), total(_population(frames), by))
    says = "{here} persons in the nation, fewer than the {there} of the regions together"
    wrong = pair["here"] < pair["there"]
    yield from off(file, "regions", manifest, pair, wrong, first_lines(frame, by), "persons", says)


def _flows(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    """Net migration under 60 against cohorts one year older, less national deaths."""
    file, by = "migration_flows", ["region", "year", "age"]
    frame = frames[file]
    people = _population(frames)
    older = people.assign(age=people["age"] - 1, year=people["year"] - 1)
    deaths = frames["deaths_national"].merge(frames["population_national"], on=["year", "age"])
    deaths["alive"] = 1 - deaths["deaths"] / deaths["persons"]
    cells = people.merge(older, on=by, suffixes=("", "_next"))
    cells = cells.merge(deaths[["year", "age", "alive"]], on=["year", "age"]).merge(frame, on=by)
    cells = cells[cells["age"] < 60]
    cells["there"] = cells["persons_next"] - cells["persons"] * cells["alive"]
    cells["here"] = cells["in_migration"] - cells["out_migration"]
    columns = ["here", "there", "persons"]
    sums = cells.groupby(["region", "year"])[columns].sum(skipna=False).dropna()
    wrong = (sums["here"] - sums["there"]).abs() > NET_FLOW * sums["persons"]
    pair, lines = sums[["here", "there"]], first_lines(frame, ["region", "year"])
    says = "net migration under 60 is {here}, but cohorts changed by {there}"
    says += " (a wrong row, or in- and out-migration are swapped)"
    column = "out_migration and in_migration"
    yield from off(file, "stocks", manifest, pair, wrong, lines, column, says)


def _projection(frames: Frames, manifest: Manifest) -> Iterator[Problem]:
    file = "official_projection_total"
    frame, people = frames[file], _population(frames)
    last = people["year"].max()
    start = frame[frame["year"] == last + 1]
    now = people[people["year"] == last]
    pair = paired(total(start, ["region"], "population"), total(now, ["region"]))
    says = "{here} projected for the first year, but {there} residents the year before"
    wrong, lines = apart(pair, PROJECTION), first_lines(start, ["region"])
    yield from off(file, "population", manifest, pair, wrong, lines, "population", says)


def _shares(frames: Frames, _manifest: Manifest) -> Iterator[Problem]:
    for file, unit, top in (
        ("report_figures", "share", 1.0),
        ("upper_secondary_completion_county", "Prosent", 100.0),
    ):
        if file in frames:
            rows = frames[file]
            rows = rows[(rows["unit"] == unit) & ~rows["value"].between(0, top)]
            for line, value in rows["value"].dropna().items():
                found, fix = f"{value:g} is no {unit}", f"Write a number from 0 to {top:g}."
                yield Problem(f"{file}.csv", int(str(line)), "value", found, fix)


def _municipalities(frames: Frames, reference: Path) -> Iterator[Problem]:
    """Each municipality stands in its region of `municipalities.csv`."""
    file, path = "employment_residence_by_municipality", reference / "municipalities.csv"
    if file not in frames or not path.is_file():
        return
    listed = pd.read_csv(path, dtype=str)
    known = set(zip(listed["municipality"], listed["region"], strict=True))
    frame = frames[file].dropna(subset=["municipality", "region"])
    first = frame.drop_duplicates(["municipality", "region"])
    places = zip(first["municipality"], first["region"], strict=True)
    for line, place in zip(first.index, places, strict=True):
        if place not in known:
            found = f"{place[0]} in {place[1]} is not in reference/municipalities.csv"
            fix = "Correct the name or the region, or add the municipality there."
            yield Problem(f"{file}.csv", int(line), "municipality", found, fix)


_PEOPLE = {"population": "region year age persons"}
_STATUS = {"employment_status": "region year measure persons"}
_NATION = {"population_national": "year age persons"}
_DEATHS = {"deaths_national": "year age deaths"}
_STOCK = {"education_residents_30_66": "region year background level persons"}
_SECTORS = "region year sector employed"
CHECKS: tuple[tuple[dict[str, str], Check], ...] = (
    (_STOCK, _education_levels),
    (_STOCK, _education_backgrounds),
    ({**_STOCK, **_PEOPLE}, _education_population),
    (
        {"education_residents_16plus": "region year level persons", **_PEOPLE, **_NATION},
        _education_16plus,
    ),
    ({**_STATUS, **_PEOPLE}, _status_population),
    ({"commuting": "home work year employed", **_STATUS}, _commuting),
    (
        {"employment_national": "year sector concept employed"},
        _national_employment,
    ),
    ({"employment_workplace_telemark": _SECTORS, **_STATUS}, _workplace_sectors),
    (
        {"employment_residence_by_municipality": _SECTORS + " municipality", **_STATUS},
        _residence_sectors,
    ),
    ({"employment_county_accounts": "region year sector employed_1000"}, _counties),
    ({**_DEATHS, **_NATION}, _deaths),
    ({**_NATION, **_PEOPLE}, _nation),
    (
        {
            "migration_flows": "region year age out_migration in_migration",
            **_DEATHS,
            **_NATION,
            **_PEOPLE,
        },
        _flows,
    ),
    (
        {"official_projection_total": "region year population", **_PEOPLE},
        _projection,
    ),
    ({}, _shares),
)
