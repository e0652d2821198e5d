"""The page on sensitivity: uncertainty by input, other priors, decisions, what to measure next."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bayesgap import schema
from bayesgap.errors import StudyError
from bayesgap.present.labels import part_label, person
from bayesgap.projection.propagate import CHUNK
from bayesgap.sensitivity import tables as report
from bayesgap.sensitivity import uncertainty_tables as uncertainty
from bayesgap.sensitivity.figures import moves_picture, save
from bayesgap.sensitivity.told import ASSUMED
from bayesgap.study.study import Study


class Findings(NamedTuple):
    """What the page is made of; tables are those of `analysis.sensitivity`."""

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
    return [
        "# Where the uncertainty comes from, and what the priors do",
        "",
        f"Run `{found.run}`, health: **{found.verdict}**. Made by `bayesgap sensitivity --page "
        f"docs/sensitivity.md` in {found.seconds:.0f} s (what an earlier call had finished not "
        f"counted). The gap is demand − supply in persons in {horizon}, positive for a shortage; "
        "intervals are equal-tailed 80 % credible intervals.",
        "",
        *deciding(found),
        "",
        "## Where the uncertainty comes from",
        "",
        f"From {found.draws:,} draws.".replace(",", " "),
        *uncertainty.section(found.inputs, found.origins, region, horizon, groups),
        "",
        "![Share of the variance by input and region](figures/uncertainty.svg)",
        "",
        *assumed_lines(found),
        "",
        *move_lines(found),
        "",
        *power_lines(found.power, found.region),
        "",
        *decision_lines(found),
        "",
        *gain_lines(found),
        "",
        *check_lines(found.agreement, found.times, found.region),
    ]


def deciding(found: Findings) -> list[str]:
    """The three priors that move the whole gap most, in plain words."""
    ranked = report.ranked(found.moves, found.region)
    single = ranked[ranked["factor"].notna() & ranked["reached"]]
    out = ["## The three priors that move the gap most", ""]
    for row in single.head(3).to_dict("records"):
        block, _, name = str(row["label"]).partition(".")
        why = found.study.priors[block][name].why
        unit = report.step(row["base_upper"] - row["base_lower"])
        shift = person(report.rounded(row["shift"], unit), True)
        out.append(
            f"- **{block}: {name.replace('_', ' ')}** ({row['verdict']}). The study says: "
            f"“{why}” With {row['factor']:g} times that spread the median of the gap moves by "
            f"{shift} persons and its interval is {row['width']:.2f} times as wide."
        )
    return out


def assumed_lines(found: Findings) -> list[str]:
    """Share of the variance due to assumed inputs."""
    rows = found.assumed
    whole = rows[rows["part"] == "all"]
    levels = rows[(rows["region"] == found.region) & rows["part"].isin(schema.LEVELS)]
    out = [
        "## What assumed inputs bear",
        "",
        "1 − E[Var(gap | assumed)] / Var(gap), from the regression of the gap's draws on the draws "
        "of every assumed prior's parameter and every assumed table: linear, so a lower bound; "
        "within about one per cent.",
        "",
        "| gap of | share due to assumed inputs |",
        "|---|---:|",
    ]
    out += [f"| {r['region']} | {report.part(r['share'])} |" for r in whole.to_dict("records")]
    out += [
        f"| {found.region}: {part_label(str(r['part']))} | {report.part(r['share'])} |"
        for r in levels.to_dict("records")
    ]
    return [*out, *told_lines(found)]


def told_lines(found: Findings) -> list[str]:
    """The same by refits, and looks at single inputs by refits on simulated observations."""
    if found.told is None:
        return ["", "By refits: `--refits 20` was not asked for."]
    draws = found.study.sampling.chains * CHUNK
    rows = found.told[found.told["part"] == "all"]  # looks are chosen by the whole gap
    known, looks = rows[rows["look"] == ASSUMED], rows[rows["look"] != ASSUMED]
    out = [
        "",
        f"By refits: the assumed inputs told at {int(known['refits'].iloc[0])} draws of the run, "
        "in every block whose assumed inputs the whole gap follows, the rest of the run as it is "
        f"(largest R-hat {known['rhat'].max():.2f}). Errors are those over the draws told; the "
        f"variance before, of {draws} draws, adds up to {100 * np.sqrt(2 / draws):.0f} points "
        "that all rows of a region share.",
        "",
        "| gap of | share due to assumed inputs, by refits (± its error) |",
        "|---|---:|",
        *(f"| {row['region']} | {_gone(row)} |" for row in known.to_dict("records")),
        "",
        "One more look at what is most worth it, by refits to simulated observations:",
        "",
        f"| look at | {found.region}: variance gone, expected below | by refits (± its error) |",
        "|---|---:|---:|",
    ]
    for row in looks[looks["region"] == found.region].to_dict("records"):
        gains = found.gains[found.gains["region"] == found.region]
        same = gains["block"] + "." + gains["input"] == row["look"]
        expected = report.part(gains.loc[same, "gain"].iloc[0])
        out.append(f"| `{row['look']}` | {expected} | {_gone(row)} |")
    return out


def _gone(row: Mapping[Hashable, Any]) -> str:
    return f"{100 * row['gone']:.0f} ± {100 * row['error']:.0f} %"


def move_lines(found: Findings) -> list[str]:
    """Verdicts on priors and sets."""
    ranked = report.ranked(found.moves, found.region)
    sets, single = ranked[ranked["factor"].isna()], ranked[ranked["factor"].notna()]
    shown = single[single["verdict"] != "robust"]
    return [
        f"## Other priors and the gap of {found.region}",
        "",
        "Each prior alone at a quarter and at four times its scale (the worse of the two is shown) "
        "and named sets (`models/priors/`). Weights on the run's draws answer where their Pareto k "
        "allows; else the block is drawn or fitted again. Large blocks (population, education, "
        "sectors) are fitted again with `--large` only; until then the verdict is *unknown*, and "
        "the figures of sets leave such blocks as they were. Robust: the median moves under "
        f"{report.MATTERS[0]} posterior sds and the width by under {report.MATTERS[1]:.0%}, or "
        f"within three Monte Carlo errors; decides: over {report.DECIDES[0]} sds or "
        f"{np.exp(report.DECIDES[1]) - 1:.0%} of the width; unknown: nothing answered, chains of a "
        "refit disagree, or a deciding move could hide in the error (docs/adr/0031).",
        "",
        f"Of {len(single)} priors: {report.counted(single)}.",
        "",
        *_table(sets),
        *_table(shown.head(25)),
        "![How sets and priors move the gap](figures/sensitivity.svg)",
    ]


def _table(rows: pd.DataFrame) -> list[str]:
    return [] if rows.empty else [*report.moves_table(rows), ""]


def power_lines(power: pd.DataFrame, region: str) -> list[str]:
    """Power-scaling of priors, tables and likelihoods."""
    rows = power[(power["region"] == region) & (power["part"] == "all")]
    bad = rows[rows["k"] > rows["k_limit"]]
    fitted = int(bad["reached"].sum())
    return [
        "## Power-scaling",
        "",
        "Index of ArviZ's `psense` (over 0.05 is worth a look), and what the component to the "
        f"power of two does. Of {len(rows)} components weights answer {len(rows) - len(bad)}; of "
        f"{len(bad)} the Pareto k is too high for that power, and {fitted} of these are drawn or "
        "fitted again: a prior to a power is another prior of its family, and a likelihood's "
        "power is data of the block's compiled model. What neither answers, or chains of a refit "
        "that disagree (R-hat over 1.1), is *unknown*. Large blocks are fitted again, and their "
        "likelihoods looked at, with `--large` only. Likelihoods and refits are on the first "
        "chunk of draws; a star means all priors of a block at once. Regions, levels and groups "
        "are in `sensitivity/power.csv` of the run.",
        "",
        *report.power_table(rows),
    ]


def decision_lines(found: Findings) -> list[str]:
    """Whether conclusions change within the variants."""
    return [
        "## Do conclusions change within these priors?",
        "",
        "Over every prior alone and every set that was answered.",
        "",
        *report.decisions(found.moves, schema.EDUCATION),
        "",
        f"Levels and groups of {found.region} of which the median changes its sign:",
        "",
        *report.flipped(found.moves, found.region),
    ]


def gain_lines(found: Findings) -> list[str]:
    """Value of information."""
    rows = found.gains[found.gains["region"] == found.region]
    twice = found.twice[found.twice["region"] == found.region]
    twice = twice.sort_values("gain", ascending=False)
    out = [
        "## Measure this next",
        "",
        "Expected, from regressions on the posterior's own draws (straight lines, normal laws): "
        "one more look is an observation as sharp as the prior for assumed inputs, and the data "
        "twice for estimated ones. Refits on simulated observations are above, if asked for.",
        "",
        *report.gain_table(rows),
        "",
        "| block, all its data twice | variance borne | gone | interval narrower by |",
        "|---|---:|---:|---:|",
    ]
    for row in twice.to_dict("records"):
        narrower = 1 - np.sqrt(max(1 - row["gain"], 0.0))
        out.append(
            f"| {row['block']} | {report.part(row['known'])} | "
            f"{report.part(row['gain'])} | {report.part(narrower)} |"
        )
    return out


def check_lines(agreement: pd.DataFrame, times: pd.DataFrame, region: str) -> list[str]:
    """Weights against refits, and seconds."""
    rows = agreement[(agreement["region"] == region) & (agreement["part"] == "all")]
    out = [
        "## Do power-scaling and refits agree, and how long do refits take?",
        "",
        "Where k is good: the prior of each block that moves the gap most, and likelihoods, to the "
        f"power of two. The same move by weights and by a refit; {report.agreed(rows)}.",
        "",
        "| component to the power of two | answered by | Pareto k | median moves, sds (± error) "
        "| width, ratio |",
        "|---|---|---:|---:|---:|",
    ]
    for row in rows.to_dict("records"):
        k = f"{row['k']:.2f}" if np.isfinite(row["k"]) else ""
        out.append(
            f"| `{row['label']}` | {row['method']} | {k} | {row['shift_sd']:+.2f} ± "
            f"{row['error']:.2f} | {row['width']:.2f} |"
        )
    return [*out, "", *report.time_lines(times)]
