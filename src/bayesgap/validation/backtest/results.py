"""Cases to tables: mean scores by slice, the best baseline chosen elsewhere, skill against it."""

import pandas as pd

from bayesgap.validation.backtest.country import MODEL, held_out
from bayesgap.validation.backtest.population_baselines import size_class
from bayesgap.validation.backtest.scores import relative_skill, score_slices

ALL = "all"
BEST = "best baseline"
EACH = "_each"  # ends the name of a block whose levels are scored one by one
PARTS = {True: "held out", False: "development"}
SLICE = ("block", "part", "group", "horizon", "method")


def _held(cases: pd.DataFrame) -> pd.Series:
    """Held-out cases: origins are held out of the population's choices only."""
    return held_out(cases) & cases["block"].str.startswith("population")


def by_level(cases: pd.DataFrame) -> pd.DataFrame:
    """Cases of `region: level` once more, in a block of their own whose groups are the levels."""
    levels = cases["region"].str.split(": ").str[1].str.replace("_", " ")
    return cases.assign(block=cases["block"] + EACH, group=levels)


def score_table(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean scores by block, part (development or held out), group, horizon, size and method."""
    marked = cases.assign(part=_held(cases).map(PARTS))
    whole = score_slices(marked, SLICE, seed).assign(size=ALL)
    sized = marked.assign(sized=size_class(marked["size"]))
    by_size = score_slices(sized, (*SLICE, "sized"), seed).rename(columns={"sized": "size"})
    return pd.concat([whole, by_size], ignore_index=True)


def origin_table(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean scores of the model by block, part, group, horizon and origin."""
    marked = cases.assign(part=_held(cases).map(PARTS))
    model = marked[marked["method"] == MODEL]
    table = score_slices(model, (*SLICE[:-1], "origin"), seed)
    return table.drop(columns=["origins", "coverage_80_low", "coverage_80_high"])


def best_baselines(cases: pd.DataFrame) -> pd.DataFrame:
    """Baseline of least mean CRPS per block, group, horizon and origin, chosen without the origin.

    A held-out origin's is chosen on the development origins alone; so is one of the development
    origins, without itself. Where one origin alone is scored, it has to choose for itself.
    """
    rivals = cases[cases["method"] != MODEL]
    rivals = rivals.assign(held=_held(rivals))
    rows = []
    for (block, group, horizon), part in rivals.groupby(["block", "group", "horizon"]):
        means = part.groupby(["origin", "held", "method"])["crps"].mean().reset_index()
        for origin in sorted(part["origin"].unique()):
            others = means[~means["held"] & (means["origin"] != origin)]
            here = means[means["origin"] == origin]
            usable = others[others["method"].isin(here["method"])]
            chosen = (usable if len(usable) else here).groupby("method")["crps"].mean().idxmin()
            rows.append((block, group, horizon, origin, chosen))
    return pd.DataFrame(rows, columns=["block", "group", "horizon", "origin", "method"])


def skill_table(cases: pd.DataFrame) -> pd.DataFrame:
    """Model's mean CRPS and MAPE relative to the best baseline's and to each baseline's.

    `lost` names the origins at which the baseline's mean CRPS is the lower one, `chosen` the
    baselines that the best one was.
    """
    marked = cases.assign(part=_held(cases).map(PARTS))
    model = marked[marked["method"] == MODEL]
    rivals = marked[marked["method"] != MODEL]
    keys = ["block", "group", "horizon", "origin", "method"]
    best = rivals.merge(best_baselines(cases), on=keys)
    tables = [_skill(model, best).assign(against=BEST)]
    for method, rows in rivals.groupby("method"):
        tables.append(_skill(model, rows).assign(against=method))
    return pd.concat(tables, ignore_index=True)


def _skill(model: pd.DataFrame, against: pd.DataFrame) -> pd.DataFrame:
    by = ["block", "part", "group", "horizon"]
    table = relative_skill(model, against, by)
    origins = relative_skill(model, against, [*by, "origin"])
    lost = origins[origins["crps_ratio"] > 1].groupby(by)["origin"].agg(_listed)
    chosen = against.groupby(by)["method"].agg(_listed)
    return table.merge(lost.rename("lost"), "left", on=by).merge(
        chosen.rename("chosen"), "left", on=by
    )


def _listed(values: pd.Series) -> str:
    return ", ".join(sorted(values.astype(str).unique()))
