"""Priors for people: each with its reason, what they say together, and one from a statement."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from bayesgap.present.odds import chance

if TYPE_CHECKING:  # a command that shows priors needs no frames
    import pandas as pd


def show_lines(table: Iterable[Mapping[str, Any]]) -> list[str]:
    """Priors block by block, from rows of `sensitivity.catalogue`."""
    out: list[str] = []
    for block, rows in groupby(table, key=lambda row: row["block"]):
        out += ["", f"[{block}]"]
        for row in rows:
            out.append(
                f"{_named(row)}: {row['distribution']}; 90 % between {row['q05']:.3g} and "
                f"{row['q95']:.3g}"
            )
            out.append(f"      {row['why']}")
    return out[1:]


def _named(row: Mapping[Any, Any]) -> str:
    return f"  {row['prior']}{' (assumed)' if row['role'] == 'assumed' else ''}"


def written(value: float, percent: bool) -> str:
    """A share in per cent, or a ratio."""
    return f"{100 * value:.3g} %" if percent else f"{value:.2f}"


def check_lines(table: "pd.DataFrame") -> list[str]:
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


def effect_lines(table: "pd.DataFrame") -> list[str]:
    """What each prior says about people, from rows of `sensitivity.prior_effects`."""
    out = [
        "Each prior alone: means of prior draws, from the fifth where it is lowest to the fifth "
        "where it is highest."
    ]
    for block, rows in table.groupby("block", sort=False):
        out += ["", f"[{block}]"]
        heard = rows[rows["moves"] | rows["widens"]]
        out += [_effect_line(row) for row in heard.to_dict("records")]
        quiet = [name for name in rows["prior"].unique() if name not in set(heard["prior"])]
        if quiet:
            out.append(f"  no more than chance: {', '.join(quiet)}")
    return out


def _effect_line(row: Mapping[Any, Any]) -> str:
    wide = f"80 % interval {row['wider']:.2g} times as wide" if row["widens"] else ""
    if not row["moves"]:
        return f"{_named(row)}: {plain(row['words'])}: {wide}"
    low, high = (written(row[k], row["percent"]) for k in ("low", "high"))
    said = row["words"].format(low=low, high=high)
    return f"{_named(row)}: {said}{wide and '; '}{wide}"


def plain(words: str) -> str:
    """A statement without its two values."""
    before, _, after = words.partition(":")
    short = before if "{" in after else words.replace(" {low} to {high}", "").replace(" by", "")
    return short.removesuffix(", times")


def toml_text(name: str, family: str, values: Mapping[str, Any], why: str) -> str:
    """A prior as it stands in a study."""
    block, _, single = name.partition(".")
    numbers = "\n".join(f"{key} = {value:.6g}" for key, value in values.items())
    return f'[priors.{block}.{single}]\ndist = "{family}"\n{numbers}\nwhy = "{why}"'
