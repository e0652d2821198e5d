"""What results of the chain from an origin depend on, and the tables that tell them."""

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd

from bayesgap.health.versions import code_version, law_version, provenance_now
from bayesgap.study.study import Study
from bayesgap.validation.backtest.results import MODEL
from bayesgap.validation.backtest.scores import relative_skill, score_slices

MODULES = (
    "validation.backtest.error_distribution",
    "validation.backtest.scores",
    "validation.transfer.score",
    "validation.cut",
    "data.reconcile",
)
SPANS = ((1, 4), (5, 8), (9, 12))  # years ahead that are told together
SLICE = ("group", "ahead", "method")


def chain_version(study: Study) -> str:
    """Eight characters that change with whatever could change a forecast of the chain."""
    text = law_version("chain", study) + code_version(MODULES, {})
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def about(study: Study, then: Study, data: str, told: Mapping[str, object]) -> dict[str, object]:
    """What one test is: date, versions, seed, machine, draws, years, and what `told` says."""
    sampling = then.sampling
    return {
        **provenance_now(study.seed),
        "study": study.name,
        "title": ", ".join(then.targets),
        "origin": then.base_year,
        "last year": then.horizon,
        "learns from": list(then.pooling),
        "draws": f"{sampling.chains} chains of {sampling.draws}, after {sampling.tune}",
        "version of the chain": chain_version(study),
        "version of data": data[:8],
        **told,
    }


def slice_table(cases: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Mean scores by group, span of years ahead and method."""
    table = score_slices(cases.assign(ahead=_spans(cases)), SLICE, seed)
    return table.drop(columns=["origins", "coverage_80_low", "coverage_80_high"])


def skill_table(cases: pd.DataFrame) -> pd.DataFrame:
    """Mean CRPS and MAPE of the model over each baseline's, by group and span."""
    cases = cases.assign(ahead=_spans(cases))
    model, rivals = cases[cases["method"] == MODEL], cases[cases["method"] != MODEL]
    parts = [
        relative_skill(model, rows, ["group", "ahead"]).assign(against=method)
        for method, rows in rivals.groupby("method")
    ]
    return pd.concat(parts, ignore_index=True)


def _spans(cases: pd.DataFrame) -> pd.Series:
    """Name of the span of each case: "1-4" and so on; what lies beyond the last is in it."""
    edges = [low for low, _ in SPANS]
    names = [f"{low}-{high}" for low, high in SPANS]
    place = np.searchsorted(edges, cases["horizon"].to_numpy(), side="right") - 1
    return pd.Series(np.array(names)[place], cases.index)
