"""Bars that the backtests were asked to clear: asked, reached, met or missed, and why.

Bars were set before these forecasts were made. A bar is judged on development and on held-out
origins apart; the held-out ones decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayesgap.blocks.education.panel import STOCK_GROUPS
from bayesgap.validation.backtest import education, official, sectors, six_levels
from bayesgap.validation.backtest.country import AGE_GROUPS, BLOCK, SHARES
from bayesgap.validation.backtest.results import ALL, BEST, MODEL

ADULTS = "20-66"
HORIZONS = (5, 10)
SECTORS, EDUCATION, SIX_LEVELS = sectors.BLOCK, education.BLOCK, six_levels.BLOCK
SHORT = {  # blocks of short series
    SECTORS: ("counties", "Telemark", sectors.RESIDENTS),
    EDUCATION: STOCK_GROUPS,
    SIX_LEVELS: (six_levels.GROUP,),
}
SHORT_HORIZONS = (1, 3, 5)
SHARES_HOLD = (0.75, 0.90)  # of their 80 % intervals, pooled and at single origins
INFLOW = 2023  # first 1 January with the refugee inflow of 2022-23
ONE_SIDED = 0.08  # distance of the mean PIT from a half that tells one-sided misses
SLICE = ["block", "group", "horizon"]
COLUMNS = (*SLICE, "part", "bar", "low", "high", "reached", "met", "why")


@dataclass(frozen=True)
class Bar:
    """What is asked of a measure of one block, group and horizon: `low` to `high`."""

    said: str
    block: str
    group: str
    horizon: int
    measure: str
    low: float = 0.0
    high: float = np.inf
    against: str = ""


def bars() -> Iterator[Bar]:
    """Every bar, in the order of the page."""
    for years, crps, mape in ((5, 0.85, 0.92), (10, 0.75, 0.85)):
        yield Bar("80 % interval holds", BLOCK, ADULTS, years, "coverage_80", 0.72, 0.90)
        yield Bar("its block interval contains 80 %", BLOCK, ADULTS, years, "interval", 0.8, 0.8)
        yield Bar("95 % interval holds", BLOCK, ADULTS, years, "coverage_95", 0.90, 0.98)
        yield Bar(
            "80 % interval of shares holds", SHARES, ADULTS, years, "coverage_80", *SHARES_HOLD
        )
        yield Bar("origins where it does", SHARES, ADULTS, years, "origins", 0.8, 1.0)
        for group in list(AGE_GROUPS)[1:]:
            yield Bar("80 % interval holds", BLOCK, group, years, "coverage_80", 0.72, 0.90)
        yield Bar("CRPS", BLOCK, ADULTS, years, "crps_ratio", high=crps, against=BEST)
        yield Bar("MAPE", BLOCK, ADULTS, years, "mape_ratio", high=mape, against="hamilton_perry")
        yield Bar("CRPS of shares", SHARES, ADULTS, years, "crps_ratio", high=1.0, against="drift")
        yield Bar("MAPE of shares", SHARES, ADULTS, years, "mape_ratio", high=1.0, against="drift")
        yield from _telemark(years)
    for block, groups in SHORT.items():
        for group in groups:
            for years in SHORT_HORIZONS:
                yield Bar("80 % interval holds", block, group, years, "coverage_80", 0.68, 0.90)
                yield Bar("CRPS", block, group, years, "crps_ratio", high=1.0, against=BEST)


def _telemark(years: int) -> Iterator[Bar]:
    block, against = official.BLOCK, official.METHOD
    yield Bar("MAPE", block, ADULTS, years, "mape_ratio", high=1.0, against=against)
    yield Bar("CRPS", block, ADULTS, years, "crps_ratio", high=0.75, against=against)


def bar_table(scores: pd.DataFrame, origins: pd.DataFrame, skill: pd.DataFrame) -> pd.DataFrame:
    """One row (`COLUMNS`) a bar and part, from the tables of `results`."""
    model = scores[(scores["method"] == MODEL) & (scores["size"] == ALL)]
    rows = []
    for bar in bars():
        tables = [_of(table, bar) for table in (model, origins, skill)]
        for part, whole in tables[0].groupby("part"):
            each = tables[1][tables[1]["part"] == part]
            ratios = tables[2][(tables[2]["part"] == part) & (tables[2]["against"] == bar.against)]
            if not bar.against or len(ratios):
                found = _judged(bar, whole.iloc[0], each, ratios)
                rows.append((bar.block, bar.group, bar.horizon, part, *found))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of(table: pd.DataFrame, bar: Bar) -> pd.DataFrame:
    same = (table["block"] == bar.block) & (table["group"] == bar.group)
    return table[same & (table["horizon"] == bar.horizon)]


def _judged(bar: Bar, whole: pd.Series, each: pd.DataFrame, ratios: pd.DataFrame) -> tuple:
    said = f"{bar.said}, of {bar.against}'s" if bar.against else bar.said
    if bar.against:
        value = float(ratios[bar.measure].iloc[0])
        why = _why_skill(bar, ratios.iloc[0])
    elif bar.measure == "interval":
        low, high = whole["coverage_80_low"], whole["coverage_80_high"]
        met, why = bool(low <= bar.low <= high), _why_coverage(whole, each)
        return said, bar.low, bar.high, f"{low:.2f}-{high:.2f}", met, why
    elif bar.measure == "origins":
        value = float(each["coverage_80"].between(*SHARES_HOLD).mean())
        why = _why_coverage(whole, each)
    else:
        value, why = float(whole[bar.measure]), _why_coverage(whole, each)
    return said, bar.low, bar.high, f"{value:.2f}", bool(bar.low <= value <= bar.high), why


def _why_coverage(whole: pd.Series, each: pd.DataFrame) -> str:
    """On which side outcomes fell, and the origins between which coverage lies."""
    tilt = whole["pit_mean"] - 0.5
    side = "outcomes fell on both sides"
    if abs(tilt) > ONE_SIDED:
        side = f"outcomes were {'above' if tilt > 0 else 'below'} the median too often"
    least, most = (each.loc[each["coverage_80"].agg(f)] for f in ("idxmin", "idxmax"))
    spread = f"{least['coverage_80']:.2f} ({least['origin']}) to {most['coverage_80']:.2f}"
    people = not each["block"].isin(list(SHORT)).any()
    inflow = people and (each["origin"] + each["horizon"] >= INFLOW).all()
    told = "; all hold the refugee inflow of 2022-23" if inflow else ""
    return f"{side} (bias {whole['bias']:+.1f} %); by origin {spread} ({most['origin']}){told}"


def _why_skill(bar: Bar, row: pd.Series) -> str:
    """What is compared, and the origins at which the baseline won."""
    score = bar.measure.removesuffix("_ratio")
    one, other = row[score], row[f"{score}_against"]
    rival = f" ({row['chosen']})" if bar.against == BEST else ""
    lost = f"loses at {row['lost']}" if isinstance(row["lost"], str) else "loses at no origin"
    return f"{one:.2f} % against {other:.2f} %{rival}; by CRPS {lost}"
