"""The summary's rows as data frames, for the Python interface, figures and documents."""

import pandas as pd

from bayesgap import schema
from bayesgap.present import selection
from bayesgap.present.selection import Query
from bayesgap.runs.rows import NUMBERS, Rows


def select(summary: pd.DataFrame, query: Query) -> pd.DataFrame:
    """`selection.select` as a frame, from the summary as a frame."""
    return pd.DataFrame(selection.select(rows_of(summary), query))


def rows_of(summary: pd.DataFrame) -> Rows:
    """Columns of the summary."""
    texts = {
        name: pd.factorize(summary[name]) for name in schema.SUMMARY_COLUMNS if name not in NUMBERS
    }
    return Rows(
        {name: summary[name].to_numpy() for name in NUMBERS},
        {name: codes for name, (codes, _) in texts.items()},
        {name: [str(known) for known in names] for name, (_, names) in texts.items()},
    )
