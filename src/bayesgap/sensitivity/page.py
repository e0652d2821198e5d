"""The page on sensitivity: uncertainty by input, other priors, decisions, what to measure next."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bayesgap import schema
from bayesgap.errors import StudyError
from bayesgap.present.labels import person
from bayesgap.present.markdown import render
from bayesgap.projection.propagate import CHUNK
from bayesgap.sensitivity import tables as report
from bayesgap.sensitivity import uncertainty_tables as uncertainty
from bayesgap.sensitivity.conditioned import ASSUMED
from bayesgap.sensitivity.figures import moves_picture, save
from bayesgap.sensitivity.variants import SETS
from bayesgap.study.prior_sets import find_prior_set
from bayesgap.study.study import Study


class Findings(NamedTuple):
    """What the page is made of; tables are those of this package."""

    run: str
    verdict: str
    study: Study
    region: str
    draws: int
    inputs: pd.DataFrame
    origins: pd.DataFrame
    moves: pd.DataFrame
    power: pd.DataFrame
    assumed: pd.DataFrame
    gains: pd.DataFrame
    twice: pd.DataFrame
    agreement: pd.DataFrame
    times: pd.DataFrame
    seconds: float
    told: pd.DataFrame | None = None


def write_page(path: Path, found: Findings) -> None:
    """Write the page, and its pictures into `figures/` beside it."""
    folder, year = path.parent / "figures", found.study.horizon
    ranked = report.ranked(found.moves, found.region)
    save(folder / "uncertainty.svg", lambda: uncertainty.regions_picture(found.inputs, year))
    save(folder / "sensitivity.svg", lambda: moves_picture(ranked, found.region, year))
    path.write_text("\n".join(lines(found)) + "\n", encoding="utf-8")


def replace_section(path: Path, lines: Sequence[str]) -> None:
    """Put a section, its heading first, in the place of the one that a page has of that name.

    Raises
    ------
    StudyError
        A page without that section.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, heading, rest = f"\n{text}".partition(f"\n{lines[0]}\n")
    if not heading:
        raise StudyError(
            f"{path} must be a page with the section {lines[0]!r}; found none. Make the page "
            "first: the same command without --only."
        )
    _, following, after = rest.partition("\n## ")
    whole = "\n".join([before, *lines]) + "\n" + following + after
    path.write_text(whole.removeprefix("\n"), encoding="utf-8")


def lines(found: Findings) -> list[str]:
    """The page as Markdown lines."""
    horizon, region = found.study.horizon, found.region
    groups = uncertainty.widest(found.inputs, region, horizon)
    split = uncertainty.section(found.inputs, found.origins, region, horizon, groups)
    ranked = report.ranked(found.moves, region)
    single = ranked[ranked["factor"].notna()]
    assumed, gains, twice = (
        rows[rows["region"] == region] for rows in (found.assumed, found.gains, found.twice)
    )
    return render(
        "sensitivity/page",
        found=found,
        region=region,
        draws=f"{found.draws:,}".replace(",", " "),
        largest=list(largest_moves(found.moves, region, found.study)),
        uncertainty="\n".join(split),
        whole=found.assumed[found.assumed["part"] == "all"],
        levels=assumed[assumed["part"].isin(schema.LEVELS)],
        told=_told(found),
        matters=report.MATTERS,
        decides=report.DECIDES,
        wider=np.exp(report.DECIDES[1]) - 1,
        single=single,
        sets=ranked[ranked["factor"].isna()],
        shown=single[single["verdict"] != "robust"].head(25),
        power="\n".join(power_lines(found.power, region)),
        decisions="\n".join(report.decisions(found.moves, schema.EDUCATION)),
        flipped="\n".join(report.flipped(found.moves, region)),
        gains=_narrower(gains).head(10),
        twice=_narrower(twice).sort_values("gain", ascending=False),
        checks="\n".join(check_lines(found.agreement, found.times, region)),
        share=report.part,
        gone=_gone,
        counted=report.counted,
        moves_table=report.moves_table,
    ).splitlines()


def largest_moves(
    moves: pd.DataFrame, region: str, study: Study, number: int = 3
) -> Iterator[dict[Hashable, Any]]:
    """What moves the median of the whole gap most, priors and sets of priors alike."""
    whole = moves[(moves["region"] == region) & (moves["part"] == "all") & moves["reached"]]
    order = whole.sort_values("shift", key=np.abs, ascending=False).drop_duplicates("label")
    for row in order.head(number).to_dict("records"):
        unit = report.step(row["base_upper"] - row["base_lower"])
        moved = person(report.rounded(row["shift"], unit), True)
        yield row | dict(zip(("name", "said"), _named(row, study), strict=True)) | {"moved": moved}


def _named(row: Mapping[Hashable, Any], study: Study) -> tuple[str, str]:
    """Name of a prior or set, and what is changed with its reason."""
    label = str(row["label"])
    if np.isnan(row["factor"]):
        why = f"“{find_prior_set(label).why}”" if label in SETS else ""
        return f"the set of priors `{label}`", why
    block, _, name = label.partition(".")
    why = study.priors[block][name].why
    return (
        f"{block}: {name.replace('_', ' ')}",
        f"The study says: “{why}” Here its spread is {row['factor']:g} times that.",
    )


def _told(found: Findings) -> dict[str, Any] | None:
    """What refits say of the assumed inputs, and single looks beside what was expected."""
    if found.told is None:
        return None
    draws = found.study.sampling.chains * CHUNK
    rows = found.told[found.told["part"] == "all"]  # looks are chosen by the whole gap
    known, looks = rows[rows["look"] == ASSUMED], rows[rows["look"] != ASSUMED]
    gains = found.gains[found.gains["region"] == found.region]
    expected = gains.assign(look=gains["block"] + "." + gains["input"]).drop_duplicates("look")
    here = looks[looks["region"] == found.region]
    return {
        "refits": int(known["refits"].iloc[0]),
        "rhat": known["rhat"].max(),
        "draws": draws,
        "points": 100 * np.sqrt(2 / draws),
        "known": known,
        "looks": here.merge(expected[["look", "gain"]], on="look", how="left"),
    }


def _gone(row: Mapping[Hashable, Any]) -> str:
    return f"{100 * row['gone']:.0f} ± {100 * row['error']:.0f} %"


def _narrower(gains: pd.DataFrame) -> pd.DataFrame:
    """With the part by which an interval gets narrower."""
    return gains.assign(narrower=1 - np.sqrt((1 - gains["gain"]).clip(lower=0.0)))


def power_lines(power: pd.DataFrame, region: str) -> list[str]:
    """Section on power-scaling of priors, tables and likelihoods."""
    rows = power[(power["region"] == region) & (power["part"] == "all")]
    bad = rows[rows["k"] > rows["k_limit"]]
    return render(
        "sensitivity/power",
        every=len(rows),
        bad=len(bad),
        fitted=int(bad["reached"].sum()),
        table="\n".join(report.power_table(rows)),
    ).splitlines()


def check_lines(agreement: pd.DataFrame, times: pd.DataFrame, region: str) -> list[str]:
    """Section on weights against refits, and seconds."""
    rows = agreement[(agreement["region"] == region) & (agreement["part"] == "all")]
    agreed = report.agreed(rows)
    return render(
        "sensitivity/checks", agreed=agreed, rows=rows, times=times, pareto=report.pareto
    ).splitlines()
