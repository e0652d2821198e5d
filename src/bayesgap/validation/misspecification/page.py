"""The page of misspecification: what intervals are worth when a rule of the law is broken."""

from collections.abc import Mapping

import pandas as pd

from bayesgap.present.markdown import render
from bayesgap.validation.misspecification.rules import OFTEN, STEP
from bayesgap.validation.misspecification.table import LEAST

MADE = ("bayesgap", "date", "seed", "machine")


def page(table: pd.DataFrame, rules: Mapping[str, str]) -> str:
    """Markdown page of `misfit_table` of every block; `rules` says in words what is broken."""
    return render(
        "validation/misspecification/page",
        rules=rules,
        blocks=table.groupby("block", sort=False),
        made=_made,
        step=STEP,
        often=OFTEN,
        least=LEAST,
    )


def _made(part: pd.DataFrame) -> str:
    return ", ".join(f"{key} {part[key].iloc[0]}" for key in MADE)
