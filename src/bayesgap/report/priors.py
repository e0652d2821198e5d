"""Priors for people: each with its reason, what they say together, and one from a statement."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bayesgap.report.labels import chance


def show_lines(table: pd.DataFrame) -> list[str]:
    """Priors block by block, from rows of `analysis.sensitivity.densities.catalogue`."""
    out: list[str] = []
    for block, rows in table.groupby("block", sort=False):
        out += ["", f"[{block}]"]
        for row in rows.to_dict("records"):
            mark = " (assumed)" if row["role"] == "assumed" else ""
            out.append(
                f"  {row['prior']}{mark}: {row['distribution']}; 90 % between {row['q05']:.3g} and "
                f"{row['q95']:.3g}"
            )
            out.append(f"      {row['why']}")
    return out[1:]


def written(value: float, percent: bool) -> str:
    """A share in per cent, or a ratio."""
    return f"{100 * value:.3g} %" if percent else f"{value:.2f}"


def check_lines(table: pd.DataFrame) -> list[str]:
    """What prior draws say about people, flagged where they say the impossible too often."""
    out = []
    for row in table.to_dict("records"):
        low, high = (written(row[k], row["percent"]) for k in ("low", "high"))
        mark = "FLAGGED" if row["flagged"] else "ok"
        out.append(
            f"{mark:8}{row['block']}: {row['words'].format(low=low, high=high)} (80 % of prior "
            f"draws); {row['reason']}: {chance(row['beyond'])}"
        )
    return out


def toml_text(name: str, family: str, values: Mapping[str, Any], why: str) -> str:
    """A prior as it stands in a study."""
    block, _, single = name.partition(".")
    numbers = "\n".join(f"{key} = {value:.6g}" for key, value in values.items())
    return f'[priors.{block}.{single}]\ndist = "{family}"\n{numbers}\nwhy = "{why}"'
