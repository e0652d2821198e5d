"""How much regions differ in what people of a level work as: evidence for the prior of fields.

Usage: python scripts/field_spread.py OCCUPATIONS.parquet
The file has employed by region, occupation and level (Vestfold and Telemark 2015-2020, SSB). It
prints the standard deviation, over regions, of the log share of each kind of occupation within a
level, less that of counting alone.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

YEAR = 2020
LEVELS = {"Videregående skole": "upper secondary", "Universitets- og høgskoleutdanning": "tertiary"}
KINDS = {  # heads of occupation codes
    "upper secondary": {
        "health_care": ("532",),
        "construction": ("711", "712", "713"),
        "electrical_mechanical": ("720", "730", "741", "742", "810", "820"),
    },
    "tertiary": {
        "teaching": ("231", "232", "233", "234", "235"),
        "health_care": ("221", "222", "226", "320"),
        "social_humanities": ("260",),
        "business_admin": ("240", "330", "100"),
        "science_engineering": ("210", "310"),
        "ict": ("250", "350"),
    },
}


def spreads(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows (level, kind): spread over regions in logs, and that which counting alone would give."""
    frame = frame[frame["year"] == YEAR]
    rows = []
    for name, level in LEVELS.items():
        own = frame[frame["education"] == name]
        code = own["occupation"].str.slice(0, 3)
        total = own.groupby("region")["employed"].sum()
        for kind, heads in KINDS[level].items():
            count = own[code.isin(heads)].groupby("region")["employed"].sum().reindex(total.index)
            log = np.log(count / total)
            rows.append((level, kind, log.std(), np.sqrt((1.0 / count).mean())))
    table = pd.DataFrame(rows, columns=["level", "kind", "spread", "counting"])
    beyond = np.sqrt(np.maximum(table["spread"] ** 2 - table["counting"] ** 2, 0.0))
    return table.assign(beyond=beyond)


if __name__ == "__main__":
    found = spreads(pd.read_parquet(Path(sys.argv[1])))
    sys.stdout.write(found.round(3).to_string(index=False) + "\n")
    sys.stdout.write(f"median {found['beyond'].median():.3f}\n")
