"""Chapter 7.2.2: who moves for work, by age.

Equations
---------
W1  share[r,b] ~ Dirichlet(moves into region r at ages of band b + 1/2), observed regions
W2  log share[r,b] ~ Normal(mean[b], v[b]); v[b] and the mean follow their posterior given W1's
    draws (conjugate: inverse gamma, then normal), so a region without figures is a new draw of it
W3  for work: shares times the labour-force rate of their ages (labour force survey), renormalised
"""

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.participation.surveys import reference
from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.result import Result
from bayesgap.schema import LEVELS, SAMPLE_DIMS
from bayesgap.study.priors import Gamma

BANDS = {
    "16-19": (16, 19),
    "20-24": (20, 24),
    "25-29": (25, 29),
    "30-34": (30, 34),
    "35-39": (35, 39),
    "40-44": (40, 44),
    "45-49": (45, 49),
    "50-54": (50, 54),
    "55-59": (55, 59),
    "60-66": (60, 66),
}
LIKE_EMPLOYED = "upper_secondary"  # movers' participation: the middle level's profile


def moves_by_band(table: pd.DataFrame, value: str = "in_migration") -> pd.DataFrame:
    """Moves into each region by age band, all years together (region, band)."""
    ends = [low for low, _ in BANDS.values()] + [67]
    rows = table[(table["age"] >= ends[0]) & (table["age"] < ends[-1])].dropna(subset=[value])
    band = pd.cut(rows["age"], ends, right=False, labels=list(BANDS))
    return rows.groupby(["region", band], observed=False)[value].sum().unstack()


def movers_by_age(material: ChapterInputs) -> Result:
    """Figure 7-1: ages of those who move between regions for work; a region without figures."""
    own = material.tables.get("movers_by_age")
    if own is not None:
        counts = moves_by_band(own.assign(region="own"), "movers").to_numpy(dtype=float)[0]
        share = material.rng("movers").dirichlet(counts + 0.5, material.shape)
        return _result(share, "observed", "Counts from movers_by_age.csv.")
    counts = moves_by_band(material.tables["migration_flows"]).to_numpy(dtype=float)
    share = new_region(counts, material)
    rate = labour_force_rate(material)
    weighted = share * rate
    note = (
        "Moves over municipal borders for any reason (Telemark 2016-2024, Vestfold 2016-2020), "
        "weighted by the labour force survey's rate; the report has those hired by manufacturers."
    )
    return _result(weighted / weighted.sum(-1, keepdims=True), "observed", note)


def _result(share: np.ndarray, standing: str, note: str) -> Result:
    coords = {"age": list(BANDS)}
    draws = xr.DataArray(share, dims=(*SAMPLE_DIMS, "age"), coords=coords, name="share of movers")
    return Result(draws, "share", standing, note)


def new_region(counts: np.ndarray, material: ChapterInputs) -> np.ndarray:
    """Shares (chain, draw, band) of a region without figures (W1, W2)."""
    rng, shape = material.rng("movers"), material.shape
    prior = material.priors["movers"]["region_spread"]
    if not isinstance(prior, Gamma):
        raise TypeError(f"movers.region_spread must be gamma; found {prior.dist}")
    drawn = np.stack([rng.dirichlet(row + 0.5, shape) for row in counts], axis=2)
    log = np.log(drawn)  # chain, draw, region, band
    mean, n = log.mean(axis=2), len(counts)
    squares = ((log - mean[:, :, None]) ** 2).sum(axis=2)
    # a Gamma(a, b) variance of mean m = a / b, as an inverse gamma with the same mean and weight a
    a, m = prior.alpha, prior.alpha / prior.beta
    variance = (squares / 2 + (a - 1) * m) / rng.gamma(a + (n - 1) / 2, size=mean.shape)
    new = rng.normal(mean, np.sqrt(variance * (1 + 1 / n)))
    size = np.exp(new)
    return size / size.sum(-1, keepdims=True)


def labour_force_rate(material: ChapterInputs) -> np.ndarray:
    """Labour-force rate of the survey (chain, draw, band), common error on the logit scale (W3)."""
    ages = np.array([(low + high) / 2 for low, high in BANDS.values()])
    rate = reference(material.tables, ages)[:, LEVELS.index(LIKE_EMPLOYED)]
    error = material.assumed("movers", "profile_error").to_numpy()
    sign = material.rng("movers.sign").choice([-1.0, 1.0], error.shape)
    return 1.0 / (1.0 + np.exp(-(rate + (sign * error)[..., None])))
