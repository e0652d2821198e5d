# pyright: basic, reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportIndexIssue=false, reportOperatorIssue=false, reportOptionalSubscript=false
# pyright: reportPrivateImportUsage=false
"""Answers of employers pooled over regions: ordered or unordered, whole or in coarse cells.

Equations
---------
A1  pooled[q,k] ~ Dirichlet(1): every split of question q's answers is equally likely beforehand
A2  ordered answers:  P(answer <= k | q, r) = expit(logit(sum_{j<=k} pooled[q,j]) - lean[q,r])
    lean[q,r] = region_spread z[q,r],  z ~ Normal(0, 1)
A3  unordered answers:  share[q,r,k] proportional to pooled[q,k] exp(answer_spread z[q,r,k])
A4  counts of the observed cells (a cell is a run of answers) ~ Multinomial(n, sum of shares)
A5  where rounding leaves several counts possible, the likelihood is the sum over them

A region without answers has its shares from A1 to A3 alone: the pooled split, as far away as
regions are from each other. The spreads are shared by the questions of a kind.
"""

from collections.abc import Iterator

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from bayesgap.inference.parts import prior, require_priors
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Options

NAME = "survey"
PRIORS = ("region_spread", "answer_spread")
ORDERED, UNORDERED = "ordered", "unordered"
TINY = 1e-9


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    """Pooled splits, regional departures and the likelihood of coarse, rounded counts.

    Parameters
    ----------
    panel : Dataset
        `kind`, `answers` (question); `cell_question`, `cell_region`, `low`, `high` (cell);
        `count` (row, variant, cell), `log_weight` (row, variant): -inf where a row has fewer
        variants
    """
    require_priors(NAME, priors, PRIORS)
    regions = panel["region"].values
    with pm.Model(coords={"region": regions}) as model:
        spread = {
            ORDERED: prior("region_spread", priors["region_spread"]),
            UNORDERED: prior("answer_spread", priors["answer_spread"]),
        }
        shares = []
        for name, kind, questions, answers in groups(panel):
            model.add_coords({f"q_{name}": panel["question"].values[questions]})
            model.add_coords({f"a_{name}": np.arange(1, answers + 1)})
            dims = (f"q_{name}", "region", f"a_{name}")
            pooled = pm.Dirichlet(
                f"pooled_{name}", np.ones((len(questions), answers)), dims=(dims[0], dims[2])
            )
            if kind == ORDERED:
                z = pm.Normal(f"z_{name}", dims=dims[:2])
                share = ordered_shares(pooled, spread[kind] * z)
            else:
                z = pm.Normal(f"z_{name}", dims=dims)
                share = pm.math.softmax(pm.math.log(pooled)[:, None, :] + spread[kind] * z, axis=-1)
            shares.append(pm.Deterministic(f"share_{name}", share, dims=dims))
        cells = pt.dot(membership(panel), pt.concatenate([share.ravel() for share in shares]))
        fit = pt.tensordot(panel["count"].values, pm.math.log(cells + TINY), axes=1)
        pm.Potential("answered", pt.logsumexp(fit + panel["log_weight"].values, axis=1).sum())
    return model


def groups(panel: xr.Dataset) -> Iterator[tuple[str, str, list[int], int]]:
    """Questions that share an array: name, kind, positions, number of answers."""
    pairs = list(zip(panel["kind"].values, panel["answers"].values, strict=True))
    for kind, answers in dict.fromkeys(pairs):
        places = [place for place, pair in enumerate(pairs) if pair == (kind, answers)]
        yield f"{kind}_{answers}", str(kind), places, int(answers)


def ordered_shares(pooled: pt.TensorVariable, lean: pt.TensorVariable) -> pt.TensorVariable:
    """Shares (question, region, answer) of A2 from `pooled` (question, answer)."""
    below = pt.clip(pt.cumsum(pooled, axis=-1)[:, None, :-1], TINY, 1 - TINY)
    cut = pt.log(below) - pt.log1p(-below)
    cumulated = pm.math.invlogit(cut - lean[..., None])
    zero, one = pt.zeros_like(lean)[..., None], pt.ones_like(lean)[..., None]
    return pt.diff(pt.concatenate([zero, cumulated, one], axis=-1), axis=-1)


def membership(panel: xr.Dataset) -> np.ndarray:
    """Which entries of the flat shares an observed cell sums: (cell, entry), 0 or 1."""
    regions, entries = panel.sizes["region"], []
    for _, _, questions, answers in groups(panel):
        entries += [
            (q, r, k + 1) for q in questions for r in range(regions) for k in range(answers)
        ]
    question, region, answer = np.array(entries).T
    own = (panel["cell_question"].values[:, None] == question) & (
        panel["cell_region"].values[:, None] == region
    )
    within = (panel["low"].values[:, None] <= answer) & (answer <= panel["high"].values[:, None])
    return (own & within).astype(float)
