"""Health beyond convergence: what priors say, what the law makes, what is known, how far it goes.

Each check looks at something that good chains cannot show: a prior that says the impossible, a law
whose data do not look like the data seen, a law that was never calibrated, a forecast beyond what
any region has gone through, a result that hangs on one region or one year.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.accounting.population import DRIVERS
from bayesgap.health.block_evidence import BlockEvidence
from bayesgap.health.influence import influence_check, influence_of
from bayesgap.health.prior_predictive import FLAGGED, predictive_table
from bayesgap.health.versions import law_version
from bayesgap.runs.verdicts import Check, judged
from bayesgap.schema import BLOCKS
from bayesgap.study.bundle import evidence_folder
from bayesgap.study.study import Study

CALIBRATION = "sbc.csv"
BAND = "20-66"

IMPOSSIBLE = (FLAGGED, 0.5)
MISFIT = (0.1, 0.5)  # a tenth more or less spread is within what intervals are read to
TRAITS = {"steps": "from year to year", "spread": "overall", "furthest": "at their extremes"}
CHANCE = 3.0  # standard deviations of replicas: of some forty traits, one in eight runs by chance
CALIBRATED = (1.0, 0.0)
BEYOND = (0.2, 0.5)  # FAIL: even the median lies beyond; PASS: the 80 % interval does not


def evidence_checks(
    posterior: Mapping[str, xr.DataTree],
    panel: xr.DataTree,
    outlook: xr.Dataset,
    study: Study,
    found: Mapping[str, BlockEvidence],
) -> list[Check]:
    """Every check of this file; `found` is the evidence of each block."""
    prior = {name: tree["prior"].to_dataset() for name, tree in posterior.items()}
    people = panel["population"].to_dataset()["population"]
    distances = [row for block in BLOCKS if block in found for row in found[block].distances]
    left = {block: evidence.left for block, evidence in found.items()}
    return [
        prior_check(predictive_table(prior, panel, study)),
        replica_check(pd.DataFrame(distances)),
        calibration_check(calibration_known(evidence_folder(), study)),
        range_check(people, outlook["population"], study),
        influence_check(influence_of(left, outlook, study)),
    ]


def prior_check(table: pd.DataFrame) -> Check:
    """Whether priors alone say the impossible (rows of `predictive_table`)."""
    worst = table.iloc[int(table["beyond"].argmax())]
    said = "Priors alone say the impossible in at most {value:.0%} of draws"
    sentence = f"{said}: {worst['reason']}."
    return judged("prior predictive", worst["beyond"], IMPOSSIBLE, sentence)


def replica_check(table: pd.DataFrame) -> Check:
    """Whether data made by the fitted laws look like those seen (rows of `block_distances`)."""
    if table.empty:
        return judged(
            "posterior predictive", 0.0, MISFIT, "No table has enough cells for this check."
        )
    off = np.abs(np.exp((table["seen"] - table["median"]).to_numpy()) - 1.0)
    off = np.where(table["distance"] > CHANCE, off, 0.0)
    worst = table.iloc[int(off.argmax())]
    sentence = "Data simulated from the model vary as the observed data do."
    if off.max() > 0:
        side = "more" if worst["seen"] > worst["median"] else "less"
        sentence = (
            f"Observed data of {worst['block']} ({worst['table']}) vary {{value:.0%}} {side} "
            f"{TRAITS.get(str(worst['trait']), worst['trait'])} than data simulated from the model."
        )
    return judged("posterior predictive", off.max(), MISFIT, sentence)


def calibration_known(folder: Path, study: Study) -> pd.DataFrame:
    """Rows of `validate sbc` in `folder`, with `current`: whether the law is still the same."""
    if not (folder / CALIBRATION).is_file():
        return pd.DataFrame({"block": [], "inside": [], "current": []})
    rows = pd.read_csv(folder / CALIBRATION, dtype={"version": str})
    now = {block: law_version(block, study) for block in rows["block"].unique()}
    return rows.assign(current=rows["version"] == rows["block"].map(now))


def calibration_check(rows: pd.DataFrame) -> Check:
    """How many blocks' intervals were shown to be calibrated by simulation, as the laws are now."""
    good = rows.assign(good=rows["inside"] & rows["current"]).groupby("block")["good"].all()
    shown = [block for block in BLOCKS if good.get(block, default=False)]
    missing = [block for block in BLOCKS if block not in shown]
    sentence = f"{len(shown)} of {len(BLOCKS)} blocks are calibrated by simulation as they are now"
    sentence += f"; not shown for {', '.join(missing)}." if missing else "."
    return judged("calibration", len(shown) / len(BLOCKS), CALIBRATED, sentence)


def range_check(seen: xr.DataArray, people: xr.DataArray, study: Study) -> Check:
    """Share of draws in which a region changes more than any region has over as many years.

    Parameters
    ----------
    seen : (region, year, age) [person], what was observed
    people : (chain, draw, region, year, age_band) [person]
    """
    whole = np.log(
        seen.sel(age=slice(*DRIVERS[BAND])).sum("age").transpose("region", "year").to_numpy()
    )
    span = min(study.horizon - study.base_year, whole.shape[1] - 1)
    past = whole[:, span:] - whole[:, :-span]
    ahead = people.sel(age_band=BAND, region=list(study.targets))
    end = study.base_year + span
    growth = np.log(ahead.sel(year=end) / ahead.sel(year=study.base_year))
    outside = (growth < past.min()) | (growth > past.max())
    share = outside.mean(["chain", "draw"])
    region = str(share["region"].values[int(share.values.argmax())])
    sentence = (
        f"In {{value:.0%}} of draws people of {BAND} in {region} grow or fall more by {end} than "
        f"any of {len(past)} regions has in {span} years; in other regions rarer."
    )
    return judged("range of the past", float(share.max()), BEYOND, sentence)
