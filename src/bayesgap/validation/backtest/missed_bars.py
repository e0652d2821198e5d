"""What it would take to clear bars that were missed: judgement, hence without figures."""

import pandas as pd

FEW_OFFICIAL = (
    "Held out at five years are one origin and six regions, and the official main path was near "
    "then: too few to say what it takes. At ten years ours is nearer."
)
NEEDED = {
    ("population", "20-66", "its block interval contains 80 %"): "It misses by less than a "
    "percentage point, on the narrow side at five years and on the wide side at ten. Origins share "
    "years, so it takes more decades or countries rather than another law.",
    ("population", "20-66", "MAPE, of hamilton_perry's"): "Cohort changes went on as they were at "
    "the last origin held out. Perhaps a mean of both methods; not tried.",
    ("population", "20-66", "CRPS, of best baseline's"): "The baseline that is hardest to beat has "
    "no migration at all: what regions gain in ten years was hardly told by their history. Perhaps "
    "plans of building, of which we have no data.",
    ("population", "41-65", "80 % interval holds"): "At five years, held out: outcomes hold the "
    "inflow of refugees of 2022-23 and lie above the median. Perhaps heavier tails of the nation's "
    "flows at these ages, chosen without these origins. At ten years the same inflow is held.",
    ("population_shares", "20-66", "origins where it does"): "Intervals between regions are a "
    "little narrow in the fast form. The sampled form is somewhat wider; it takes hours an origin "
    "for all regions and was not run for them.",
    ("population_shares", "20-66", "80 % interval of shares holds"): "By less than a case in a "
    "hundred; another processor's draws have met it. Intervals between regions are a little narrow "
    "in the fast form.",
    ("population_shares", "20-66", "MAPE of shares, of drift's"): "A region's drift is as near as "
    "the law at ten years, whose waves fade. Perhaps waves that fade more slowly; not tried.",
    ("population_telemark", "20-66", "MAPE, of official's"): FEW_OFFICIAL,
    ("population_telemark", "20-66", "CRPS, of official's"): FEW_OFFICIAL,
    ("sectors", "Telemark", "80 % interval holds"): "Too wide, at one origin: too few to say.",
    ("sectors", "Telemark", "CRPS, of best baseline's"): "In one county and a few years no change "
    "is hard to beat. Perhaps such areas of the whole country, which the register holds: spreads "
    "would be learnt and not taken from priors.",
    ("sectors", "Buskerud, residents", "80 % interval holds"): "Too wide: five sectors of four "
    "regions hardly tell how regions and years differ, so spreads are the priors'. A run learns "
    "them from counties too; here each source is fitted by itself. Perhaps all together; not "
    "tried.",
    ("sectors", "Buskerud, residents", "CRPS, of best baseline's"): "Wide intervals cost, and in "
    "these years a region's sector stayed near what it was or near the nation's growth.",
    ("six_levels", "Telemark, 16 and over", "80 % interval holds"): "Too narrow at five years, "
    "where each level goes to its own side (by level, below). Regions that drift more in higher "
    "vocational education and in master's degrees would meet it, and be too wide at one year.",
    ("six_levels", "Telemark, 16 and over", "CRPS, of best baseline's"): "Higher vocational "
    "education grew faster in Telemark's regions than in the country, at every origin; after 2021 "
    "master's degrees left the country's cohorts' path. Of no help where tried: a trend in higher "
    "vocational education, a late gain shaped as mortality, smoother cohorts "
    "([tried](adr/0041-every-year-of-a-stock.md)). Perhaps the country's levels by age, which tell "
    "a period from a cohort; the study's tables do not hold them.",
}
UNKNOWN = "Not looked into."


def missed_bars(bars: pd.DataFrame) -> str:
    """What the missed of `bars` would take, a line each; one sentence if none is missed."""
    missed = bars[~bars["met"].astype(bool)].drop_duplicates(["block", "group", "bar"])
    told = missed[["block", "group", "bar"]].itertuples(index=False, name=None)
    lines = [
        f"- **{_words(block.removeprefix('population_'))}, {group}: {_words(bar)}**. "
        + NEEDED.get((block, group, bar), UNKNOWN)
        for block, group, bar in told
    ]
    return "\n".join(["Judgement, not results.", "", *lines]) if lines else "No bar was missed."


def _words(name: str) -> str:
    return name.replace("_", " ")
