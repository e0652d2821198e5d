"""Cases of broken rules, read back and summed up: coverage, bias, width (X3)."""

from pathlib import Path

import numpy as np
import pandas as pd

from bayesgap.validation.misspecification.cases import COLUMNS
from bayesgap.validation.misspecification.rules import RULES

CASE = ["rule", "simulation"]
CELL = ["path", "region", "horizon"]
LEAST = 0.1  # widths of the 80 % interval: less is no move that a forecast could miss


def finished(path: Path, block: str, version: str) -> pd.DataFrame:
    """Rows in the file `path` of whole cases of a block whose law is `version`."""
    if not path.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    rows = pd.read_csv(path, on_bad_lines="skip", dtype={"version": str})  # a kill leaves half
    rows = rows.reindex(columns=list(COLUMNS))  # files of before know no blocks
    rows = rows[(rows["block"] == block) & (rows["version"] == version)].dropna()
    rows = rows.drop_duplicates([*CASE, *CELL], keep="last")
    size = rows.groupby(CASE)["truth"].transform("size")
    return rows[size == len(rows.drop_duplicates(CELL))]


def misfit_table(cases: pd.DataFrame) -> pd.DataFrame:
    """X3 of one block: a row a rule and horizon, width against that where no rule is broken.

    `behind` is the bias of what a broken rule has moved, against the side to which it moved.
    """
    held = {
        f"coverage_{p}": (cases["truth"] >= cases[f"low_{p}"])
        & (cases["truth"] <= cases[f"high_{p}"])
        for p in (80, 95)
    }
    wide = cases["high_80"] - cases["low_80"]
    each = cases.assign(
        **held, width=np.log(wide), bias=(cases["median"] - cases["truth"]) / wide,
        error=np.abs(cases["median"] - cases["truth"]) / wide,
    )  # fmt: skip
    side = _side(cases, wide)
    each["behind"] = (-each["bias"] * side).where(side != 0)
    each["rule"] = pd.Categorical(each["rule"], list(RULES))  # in their order
    whole = each.groupby(["rule", "horizon"], observed=True)
    out = whole[["coverage_80", "coverage_95", "bias", "behind", "error", "width"]].mean()
    simulated = each.groupby(["rule", "horizon", "simulation"], observed=True)["coverage_80"].mean()
    by_rule = simulated.groupby(["rule", "horizon"], observed=True)
    out.insert(0, "simulations", by_rule.size())
    out.insert(2, "coverage_80_error", by_rule.std() / np.sqrt(by_rule.size()))
    plain = out["width"].xs("none")
    out["width"] = np.exp(out["width"] - plain.reindex(out.index, level="horizon"))
    return out.reset_index().astype({"rule": str})


def _side(cases: pd.DataFrame, wide: pd.Series) -> pd.Series:
    """Side to which the broken rule has moved each truth: 1, -1, or 0 if by less than `LEAST`."""
    same = ["simulation", *CELL]
    unbroken = cases[cases["rule"] == "none"].set_index(same)["truth"]
    before = unbroken.reindex(pd.MultiIndex.from_frame(cases[same])).to_numpy()
    moved = cases["truth"] - before
    return np.sign(moved).where(moved.abs() >= LEAST * wide, 0.0)
