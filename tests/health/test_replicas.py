"""Replicas of a block whose data call for fewer parameters than its priors name."""

import numpy as np
import pandas as pd

from bayesgap.blocks.registry import block_of
from bayesgap.health.replicas import replicated
from bayesgap.inference.fit import prior_draws
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study


def test_commuting_without_a_reports_figures_is_replicated(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    short = {name: frame for name, frame in tables.items() if name != "report_figures"}
    block, priors = block_of("commuting"), block_priors(study, "commuting")
    panel = block.panel(short, study)
    model = block.law().build(panel, priors, study.options)
    posterior = prior_draws(model, 20, 3)["/"].to_dataset()
    assert "printed_level" in priors and "printed_level" not in posterior
    made = next(iter(replicated("commuting", posterior, panel, study)))
    assert made["printed"].size == 0
    assert np.isfinite(made["out_observed"]).all()
