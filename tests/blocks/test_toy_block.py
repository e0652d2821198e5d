"""A block is its record: a made-up one is sampled, checked, calibrated; no list is edited."""

from collections.abc import Sequence
from types import ModuleType

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr

from bayesgap.blocks.block import Block, Calibration, Observed, Readers
from bayesgap.blocks.fitting import build_panel, fit_block, residuals_of
from bayesgap.blocks.registry import BLOCKS
from bayesgap.health.influence import left_out
from bayesgap.health.replicas import block_distances
from bayesgap.inference.left_out_laws import LeftOut
from bayesgap.inference.parts import prior
from bayesgap.inference.time_left import Cost
from bayesgap.inference.truths import Simulated, truth_of
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.sensitivity.densities import log_prior
from bayesgap.study.priors import BlockPriors, HalfNormal, Normal
from bayesgap.study.study import Options, Sampling, Study
from bayesgap.validation.calibration.simulation import ranks, simulated_fit

YEARS = range(2000, 2030)
PRIORS = {
    "level": Normal(dist="normal", mu=0.0, sigma=3.0, why="Made up for this test alone."),
    "noise": HalfNormal(dist="half_normal", sigma=1.0, why="Made up for this test alone."),
}
FEW = Sampling(chains=2, draws=200, tune=200, thin=1, target_accept=0.9)


def panel_of(tables: dict[str, pd.DataFrame], study: Study) -> xr.Dataset:
    values = np.random.default_rng(study.seed).normal(2.0, 0.5, len(YEARS))
    return xr.Dataset({"path": ("year", values)}, {"year": list(YEARS)})


def build(panel: xr.Dataset, priors: BlockPriors, options: Options) -> pm.Model:
    with pm.Model() as model:
        level, noise = prior("level", priors["level"]), prior("noise", priors["noise"])
        pm.Normal("seen", level, noise, observed=pm.Data("path", panel["path"].values))
    return model


def simulate(priors: BlockPriors, panel: xr.Dataset, rng: np.random.Generator) -> Simulated:
    truth = truth_of(priors, rng, {})
    return Simulated(truth, {"path": rng.normal(truth["level"], truth["noise"], len(YEARS))})


def residuals(posterior: xr.Dataset, panel: xr.Dataset) -> dict[str, xr.DataArray]:
    return {"toys": panel["path"] - posterior["level"]}


def every_year(posterior: xr.Dataset, panel: xr.Dataset) -> Sequence[LeftOut]:
    away = (panel["path"] - posterior["level"]) / posterior["noise"]
    log = (-0.5 * away**2 - np.log(posterior["noise"])).stack(sample=SAMPLE_DIMS)
    return [LeftOut("year", str(year), log.sel(year=year).values) for year in YEARS]


def law() -> ModuleType:
    module = ModuleType("toy")
    module.build = build
    return module


TOY = Block(
    name="toy",
    panel=panel_of,
    law=law,
    cost=Cost(1, 1, 1, 1),
    simulate=simulate,
    observed=(Observed("path", 0),),
    readers=lambda: Readers(every_year, residuals),
    calibration=Calibration(quantities=(("level", ()), ("noise", ()))),
)


@pytest.fixture
def toy(study: Study, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A study whose only block is the toy."""
    for name in list(BLOCKS):
        monkeypatch.delitem(BLOCKS, name)
    monkeypatch.setitem(BLOCKS, "toy", TOY)
    return study.model_copy(update={"priors": {"toy": PRIORS}})


def test_a_new_block_needs_its_record_and_nothing_else(toy: Study) -> None:
    panel = build_panel({}, toy)
    assert list(panel.children) == ["toy"]
    data = panel["toy"].to_dataset()
    tree = fit_block("toy", data, PRIORS, toy.options, FEW, seed=1)
    draws = tree["posterior"].to_dataset()
    assert float(draws["level"].mean()) == pytest.approx(float(data["path"].mean()), abs=0.1)
    assert tree["prior"].to_dataset()["noise"].min() >= 0

    found = pd.DataFrame(block_distances("toy", tree, data, toy))
    assert set(found["table"]) == {"path"}
    assert (found["distance"] < 4).all()  # the law is that of the data
    assert residuals_of({"toy": tree}, panel)["toys"].dims == (*SAMPLE_DIMS, "year")
    assert len(left_out("toy", tree, data)) == len(YEARS)
    assert log_prior("toy", "level", PRIORS["level"], draws).dims == SAMPLE_DIMS


def test_a_new_block_is_calibrated_by_its_record(toy: Study) -> None:
    data = build_panel({}, toy)["toy"].to_dataset()
    fitted = simulated_fit(data, toy, "toy", 0)
    rows = ranks("toy", fitted.simulated.truth, fitted.posterior, fitted.seed)
    assert [name for name, _, _ in rows] == ["level", "noise"]
    assert all(0 < rank < 1 for _, rank, _ in rows)
