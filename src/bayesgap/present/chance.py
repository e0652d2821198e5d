"""The chance that a region lacks people, in two sentences, from the draws of one region."""

import numpy as np

from bayesgap.errors import known_as, require_one_of
from bayesgap.present import table
from bayesgap.present.labels import part_label, person
from bayesgap.present.odds import odds
from bayesgap.runs.draws import Floats, open_draws, require_sound
from bayesgap.runs.run import MAIN, Run
from bayesgap.study.education_words import Occupation
from bayesgap.study.study import Study

REGIONAL = 0.2  # log-odds: how far a region's share of an occupation may differ; judged


def gap_draws(
    run: Run, study: Study, region: str, year: int, education: str | None, scenario: str
) -> Floats:
    """Gap (chain, draw) [person] of one region and year, of one group or all.

    Raises
    ------
    RunError
        The run has no such scenario, region, year or group.
    """
    main = open_draws(run)
    effect = None if scenario == MAIN else open_draws(run, scenario)
    years = range(study.base_year, study.horizon + 1)
    region = known_as("region", region, main.labels("region"))
    require_one_of("year", year, [y for y in main.labels("year") if y in years])

    def read(name: str) -> Floats:
        values = main.read(name, "education", region=region, year=year)
        if effect is None:
            return values
        return values + effect.read(name, "education", region=region, year=year)

    gap = read("gap")
    require_sound(gap, read("demand"), read("supply"), f"{region} in {year}")
    groups = main.labels("education")
    return gap.sum(axis=-1) if education is None else gap[..., groups.index(education)]


def chance_lines(draws: np.ndarray, at_least: int, region: str, of: str, year: int) -> list[str]:
    """The chance of lacking `at_least` people (any, if 0) in words, and the gap's 80 % interval.

    Parameters
    ----------
    draws : gaps [person]
    of : which people, after the word; may be empty
    """
    probability = float((draws >= at_least if at_least else draws > 0).mean())
    low, median, high = np.quantile(draws, [0.1, 0.5, 0.9])
    unit = table.step(high - low)
    said = [person(table.rounded(value, unit), signed=True) for value in (median, low, high)]
    people = f"at least {person(at_least, False)} workers{of}" if at_least else f"workers{of}"
    return [
        f"Chance that {region} is short of {people} in {year}: {odds(probability, 'en')}.",
        f"Gap: {said[0]} persons; in 4 cases of 5 from {said[1]} to {said[2]}.",
    ]


def occupation_lines(draws: Floats, occupation: Occupation, seed: int) -> list[str]:
    """The group that an occupation belongs to, and its part of the group's gap where known.

    The register counts the nation. A region's share differs by an assumed spread in log-odds,
    drawn beside each draw of the gap.
    """
    word, code = occupation.word, occupation.styrk08
    head = f"{word.capitalize()} (STYRK-08 {code}) belongs to {part_label(occupation.education)}."
    if occupation.share is None:
        return [head, "The register does not say which part of that group it is."]
    middle = occupation.share / (1 - occupation.share)
    ratio = middle * np.exp(np.random.default_rng(seed).normal(0.0, REGIONAL, draws.shape))
    low, median, high = np.quantile(draws * ratio / (1 + ratio), [0.1, 0.5, 0.9])
    unit = table.step(high - low)
    said = [person(table.rounded(value, unit), signed=True) for value in (median, low, high)]
    return [
        head,
        f"In the nation's register of 2024, {occupation.share:.0%} of that group's employed work "
        "in this occupation.",
        f"If the gap is shared out likewise: {said[0]} persons; in 4 cases of 5 from {said[1]} to "
        f"{said[2]}. How far a region's share differs is assumed, as spread.",
    ]
