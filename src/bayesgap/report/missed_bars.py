"""What it would take to clear bars that were missed, by block and group: judgement, not results."""

import pandas as pd

NEEDED = {
    ("population", "20-66"): "Five years: one origin (2010, before some years of record "
    "immigration) decides, and two share no year; a law that had seen such swings, or scenarios of "
    "immigration from outside it, would have been wider. Ten years: the baseline that is hardest "
    "to beat has no migration at all, and what regions gain in ten years hangs on housing and "
    "employers that no history of migration holds; plans of building by region are the data to "
    "try first.",
    ("population", "41-65"): "Held out only: the inflow of refugees of 2022-23 was beyond what "
    "these ages had seen. It takes heavier tails of the nation's flows at these ages, chosen "
    "without these origins, or a scenario.",
    ("population_shares", "20-66"): "Origins lie at .71 to .78 where .75 is asked: intervals "
    "between regions are slightly too narrow in the fast form. The sampled form is wider at ten "
    "years, and would take hours an origin for all regions.",
    ("population_telemark", "20-66"): "At the two held-out origins the official path of 2018 and "
    "2019 was nearly right. It takes what the office has and we have not: migrants one by one, "
    "by country of origin.",
    ("sectors", "Telemark"): "One county and six to eight years tell growth from scatter badly, "
    "and no change wins by a few per cent. The register holds such areas for the whole country; "
    "with them spreads would be learnt and not taken from priors.",
    ("six_levels", "Telemark, 16 and over"): "A law in which adults of a period take short "
    "vocational courses, and in which mortality follows education; both change every result of "
    "education.",
}  # fmt: skip


def missed_bars(bars: pd.DataFrame) -> str:
    """What the missed of `bars` would take, a line a block and group; one sentence if none is."""
    missed = bars[~bars["met"].astype(bool)]
    pairs = missed[["block", "group"]].drop_duplicates().itertuples(index=False, name=None)
    lines = [
        f"- **{block.removeprefix('population_').replace('_', ' ')}, {group}**: "
        + NEEDED.get((block, group), "Nothing is known yet.")
        for block, group in pairs
    ]
    if not lines:
        return "No bar was missed."
    said = "Judgement, for the next version; nothing here was tried unless the page says so."
    return "\n".join([said, "", *lines])
