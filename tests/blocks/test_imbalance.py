"""The laws of the imbalance block, by hand."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import dirichlet_multinomial, multinomial, norm

from bayesgap.blocks.imbalance import model as imbalance
from bayesgap.blocks.imbalance.simulate import simulate
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study
from tests.simulators import imbalance as world

MONTHLY = {"ratio", "vacancies", "months_of_nation", "months_of_county"}


@pytest.fixture(scope="module")
def panel() -> xr.Dataset:
    return world.simulate(world.TRUTH, np.random.default_rng(3))[0]


def test_survey_and_vacancies_weigh_as_their_laws_say(panel: xr.Dataset, study: Study) -> None:
    priors = block_priors(study, "imbalance")
    rng = np.random.default_rng(4)
    free = {name: float(np.exp(rng.normal(0.0, 0.1))) for name in imbalance.PRIORS}
    free |= {"total": 7.0, "moved": 0.4, "months_nation": 300.0, "months_county": 80.0}
    need, lean, apart = rng.normal(size=6), rng.normal(size=3), rng.normal(size=3)
    values = free | {"need": need, "lean": lean, "discrepancy": apart, "region_lean": np.zeros(4)}
    model = imbalance.build(panel, priors, study.options)
    point = {}
    for variable in model.free_RVs:
        transform = model.rvs_to_transforms[variable]
        value = np.asarray(values[variable.name], dtype=float)
        name = model.rvs_to_values[variable].name
        point[name] = (
            transform.forward(value, *variable.owner.inputs).eval() if transform else value
        )
    told = model.compile_fn(
        model.logp(model.observed_RVs, sum=False), inputs=model.value_vars, on_unused_input="ignore"
    )
    found = dict(
        zip(
            [v.name for v in model.observed_RVs],
            told(point),
            strict=True,
        )
    )
    group = panel["group_of"].values
    jobs = np.exp(panel["log_jobs"].values + need)
    here = jobs * np.exp(lean[group])
    groups = np.bincount(group, weights=jobs) * np.exp(apart)
    inside = free["total"] - free["coverage"]
    wanted = {
        "survey": norm.logpdf(panel["log_unfilled"], inside, free["survey_error"]),
        "ratio": norm.logpdf(panel["advertised_ratio"], free["advertised"], free["change"]),
        "vacancies": norm.logpdf(
            panel["log_vacancies_county"], inside + free["advertised"], free["county_error"]
        ),
    }
    for place, own, gather in (
        ("nation", jobs, groups),
        ("county", here, groups * np.exp(lean)),
    ):
        count = panel[f"survey_{place}"].values
        wanted[f"counted_{place}"] = multinomial.logpmf(count, int(count.sum()), own / own.sum())
        months = panel[f"vacancies_{place}"].values.astype(int)
        alpha = free[f"months_{place}"] * gather / gather.sum()
        wanted[f"months_of_{place}"] = sum(
            dirichlet_multinomial.logpmf(month, alpha, int(month.sum())) for month in months
        )
    assert {name: float(np.sum(value)) for name, value in found.items()} == pytest.approx(
        {name: float(value) for name, value in wanted.items()}, rel=1e-6
    )


def test_without_vacancies_the_survey_stands_alone(panel: xr.Dataset, study: Study) -> None:
    priors = block_priors(study, "imbalance")
    none = panel.isel(month_nation=slice(0), month_county=slice(0))
    nation = panel.isel(month_county=slice(0))
    every, alone, abroad = (
        {v.name for v in imbalance.build(of, priors, study.options).observed_RVs}
        for of in (panel, none, nation)
    )
    assert every - alone == MONTHLY
    assert every - abroad == {"vacancies", "months_of_county"}
    data = simulate(priors, none, np.random.default_rng(1)).data
    names = set(imbalance.build(none, priors, study.options).named_vars)
    assert set(data) <= names


def test_simulated_data_are_those_of_the_model(panel: xr.Dataset, study: Study) -> None:
    priors = block_priors(study, "imbalance")
    data = simulate(priors, panel, np.random.default_rng(1)).data
    model = imbalance.build(panel, priors, study.options)
    assert set(data) == {name for name in model.named_vars if name.endswith("_observed")}
    for place in ("nation", "county"):
        made, seen = data[f"vacancies_{place}_observed"], panel[f"vacancies_{place}"].values
        np.testing.assert_array_equal(made.sum(1), seen.sum(1))
