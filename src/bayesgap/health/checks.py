"""When may a result be believed: the checks of convergence and of the accounting.

A check is a figure, two thresholds and a plain sentence (`verdicts.py`). The thresholds of
convergence are those of Vehtari et al. (2021) for PASS; between PASS and FAIL a reader should look.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap import schema
from bayesgap.inference.diagnostics import ESS, RHAT, varying, worst
from bayesgap.runs.verdicts import Check, Health, judged

DIVERGENT = (0.0, 0.001)  # share of draws: a divergence in a thousand may already hide a funnel
BFMI = (0.3, 0.2)
IDENTITY = (1 / 64, 1 / 2)  # persons: draws are kept to 1/16, so anything seen is an error
COHERENCE = (1e-4, 1e-2)  # share of the total: the rounding of five draws
BALANCE = (0.05, 0.15)  # |log supply / demand| in the base year: unemployed less unfilled jobs
ASSUMED = (0.5, 1.0)  # more than half the groups resting on assumptions must be read as such
DRAWS = (1000.0, 200.0)


def convergence(tree: xr.DataTree) -> dict[str, float]:
    """Worst convergence figures over every parameter of one block's posterior.

    Parameters
    ----------
    tree : DataTree with groups `posterior` (chain, draw, ...) and `sample_stats` (chain, draw),
        with a dim `part` where the block is sampled in several

    Returns
    -------
    max_rhat, min_ess_bulk, min_ess_tail, divergences (number of draws), min_bfmi
    """
    found = worst(varying(tree["posterior"].to_dataset()))
    stats = tree["sample_stats"].to_dataset()
    divergent = stats["diverging"].sum() if "diverging" in stats else 0
    return {
        "max_rhat": found["rhat"],
        "min_ess_bulk": found["ess_bulk"],
        "min_ess_tail": found["ess_tail"],
        "divergences": float(divergent),
        "min_bfmi": _bfmi(stats["energy"]) if "energy" in stats else np.nan,
    }


def _bfmi(energy: xr.DataArray) -> float:
    """Smallest over chains and parts: steps of energy against its spread (Betancourt, 2016)."""
    chains = energy.transpose(..., *schema.SAMPLE_DIMS).to_numpy()
    return float(np.min((np.diff(chains) ** 2).mean(axis=-1) / chains.var(axis=-1, ddof=1)))


def block_checks(block: str, tree: xr.DataTree) -> list[Check]:
    """Convergence of one block."""
    found = convergence(tree)
    draws = tree["sample_stats"].sizes["chain"] * tree["sample_stats"].sizes["draw"]
    every = f"of every parameter of {block}"
    return [
        judged(
            f"{block}: R-hat", found["max_rhat"], RHAT, f"Largest R-hat {every} is {{value:.3f}}."
        ),
        judged(
            f"{block}: bulk ESS",
            found["min_ess_bulk"],
            ESS,
            f"Smallest bulk effective sample size {every} is {{value:.0f}}.",
        ),
        judged(
            f"{block}: tail ESS",
            found["min_ess_tail"],
            ESS,
            f"Smallest tail effective sample size {every} is {{value:.0f}}.",
        ),
        judged(
            f"{block}: divergences",
            found["divergences"] / draws,
            DIVERGENT,
            f"{found['divergences']:.0f} of {draws} draws of {block} diverged.",
        ),
        judged(
            f"{block}: BFMI", found["min_bfmi"], BFMI, f"Smallest BFMI of {block} is {{value:.2f}}."
        ),
    ]


def published_checks(quantity: str, draws: xr.DataArray) -> list[Check]:
    """Convergence of every published cell of one quantity (part, region, year, chain, draw)."""
    ordered = draws.transpose(..., *schema.SAMPLE_DIMS).to_numpy()
    found = worst(ordered.reshape(-1, *ordered.shape[-2:]))
    every = f"of every published {quantity}"
    return [
        judged(
            f"{quantity}: R-hat", found["rhat"], RHAT, f"Largest R-hat {every} is {{value:.3f}}."
        ),
        judged(
            f"{quantity}: bulk ESS",
            found["ess_bulk"],
            ESS,
            f"Smallest bulk effective sample size {every} is {{value:.0f}}.",
        ),
        judged(
            f"{quantity}: tail ESS",
            found["ess_tail"],
            ESS,
            f"Smallest tail effective sample size {every} is {{value:.0f}}.",
        ),
    ]


def accounting_checks(outlook: xr.Dataset, total: str) -> list[Check]:
    """Identity, coherence of the total region, balance of the base year, sound numbers."""
    core = outlook[["supply", "demand", "gap"]].dropna("year", how="all")
    off = np.abs(core["gap"] - (core["demand"] - core["supply"])).max()
    parts = core.sel(region=core["region"] != total).sum("region")
    whole = core.sel(region=total)
    scale = whole["demand"].sum("education")
    outside = max(float((abs(whole[n] - parts[n]).sum("education") / scale).max()) for n in core)
    base = core.isel(year=0).sum("education").mean(schema.SAMPLE_DIMS)
    tilt = float(np.abs(np.log(base["supply"] / base["demand"])).max())
    finite = all(bool(np.isfinite(core[name]).all()) for name in core.data_vars)
    lowest = float(min(core["supply"].min(), core["demand"].min())) if finite else np.nan
    checks = [judged("base ratio", *_base_ratio(outlook))] if "base_ratio" in outlook else []
    return [
        *checks,
        judged(
            "identity",
            float(off),
            IDENTITY,
            "gap and demand - supply differ by at most {value:.3g} persons in any draw.",
        ),
        judged(
            "coherence",
            outside,
            COHERENCE,
            f"{total} and the sum of its regions differ by at most {{value:.1e}} of its demand.",
        ),
        judged(
            "balance",
            tilt,
            BALANCE,
            "In the base year, supply and demand of a region differ by at most {value:.1%}.",
        ),
        judged(
            "sound numbers",
            lowest,
            (0.0, -1e-6),
            "The smallest supply or demand in any draw is {value:.3g} persons.",
        ),
    ]


def _base_ratio(outlook: xr.Dataset) -> tuple[float, tuple[float, float], str]:
    """How far residents at work and jobs disagree in the base year, before they are reconciled."""
    ratio = np.abs(np.log(outlook["base_ratio"].mean(schema.SAMPLE_DIMS)))
    sentence = "Jobs and people at work disagree by at most {value:.1%} in a region's base year."
    return float(ratio.max()), BALANCE, sentence


def draw_checks(outlook: xr.Dataset) -> list[Check]:
    """Number of draws behind every figure."""
    number = outlook.sizes["chain"] * outlook.sizes["draw"]
    sentence = f"{outlook.sizes['chain']} chains of {outlook.sizes['draw']} draws."
    return [judged("draws", number, DRAWS, sentence)]


def group_checks(groups: pd.DataFrame) -> list[Check]:
    """Share of education groups that rest on assumptions (column `assumption_driven`)."""
    number, count = int(groups["assumption_driven"].sum()), len(groups)
    sentence = f"{number} of {count} education groups are assumption-driven; tables mark them *."
    if only := int(groups["national_only"].sum()):
        sentence += f" Fields of {only} are observed for the nation only; tables mark them °."
    return [judged("assumption-driven groups", number / count, ASSUMED, sentence)]


def check_run(
    posterior: Mapping[str, xr.DataTree],
    outlook: xr.Dataset,
    published: Iterable[tuple[str, xr.DataArray]],
    groups: pd.DataFrame,
    total: str,
    more: Iterable[Check] = (),
) -> Health:
    """All checks of a run.

    Parameters
    ----------
    posterior : block -> DataTree with `posterior` and `sample_stats`
    outlook : Dataset (chain, draw, region, year, education, ...) [person]
    published : pairs of a quantity and its published draws (part, region, year, chain, draw)
    groups : one row an education group, with `education` and `assumption_driven`
    total : name of the region that is the sum of the others
    more : checks that rest on more than draws (`health_evidence`)
    """
    checks = [check for block, tree in posterior.items() for check in block_checks(block, tree)]
    checks += [check for pair in published for check in published_checks(*pair)]
    checks += accounting_checks(outlook, total) + draw_checks(outlook) + group_checks(groups)
    checks += more
    marks = groups.astype(object).where(groups.notna(), None).to_dict("records")
    return Health(tuple(checks), tuple({str(k): v for k, v in row.items()} for row in marks))
