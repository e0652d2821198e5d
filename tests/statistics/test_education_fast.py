"""The Gibbs form of education beside the sampled block: the same stocks ahead."""

import numpy as np
import pandas as pd
import pytest

from bayesgap.blocks.education import model as education
from bayesgap.blocks.education.fast import fit_stocks
from bayesgap.blocks.education.stocks_forecast import forecast_stocks
from bayesgap.inference.fit import fit
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Sampling, Study
from bayesgap.validation.backtest import education as backtest

ORIGIN = 2018  # an even shift to 2019 is none of the years at which definitions change
SAMPLING = Sampling(chains=2, draws=500, tune=500, target_accept=0.9)


@pytest.mark.slow
def test_stocks_of_the_gibbs_form_are_those_of_the_sampled_block(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    own = tables["population"][tables["population"]["region"].isin(study.regions)]
    whole = own.groupby(["region", "year", "age"])["persons"].sum()
    people = whole.to_xarray().astype(float)
    stocks = tables["education_residents_30_66"]
    known = stocks[(stocks["status"] != "assumed") & stocks["region"].isin(study.regions)]
    source = backtest.Source(known, people, dict.fromkeys(known["region"].unique(), 1e4))
    panel = backtest.origin_panel(source, tables, study, ORIGIN)
    priors = block_priors(study, "education")
    later = backtest.ageing(people.sel(region=list(source.regions)), tables, ORIGIN)
    later = later.sel(age=slice(*backtest.AGES))
    sampled = fit(education.build(panel, priors, study.options), SAMPLING, seed=3)["posterior"]
    gibbs = fit_stocks(panel, priors, 1000, seed=4)
    one, two = (
        forecast_stocks(posterior, panel, later, np.random.default_rng(5))
        for posterior in (gibbs, sampled.to_dataset())
    )
    low, middle, high = (
        [draws.quantile(part, "sample") for draws in (one, two)] for part in (0.1, 0.5, 0.9)
    )
    widths = [above - below for above, below in zip(high, low, strict=True)]
    ratio = (widths[0] / widths[1]).mean(["region", "level"])
    apart = (abs(middle[0] - middle[1]) / widths[1]).mean(["region", "level"])
    told = f"widths {ratio.values.round(2)}, medians apart {apart.values.round(2)} widths"
    assert ratio.min() > 0.85, told
    assert ratio.max() < 1.2, told
    assert apart.max() < 0.15, told
