"""Calibration: the band holds uniform ranks and shows others; evidence knows its law."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.fitting import build_panel
from bayesgap.data.tables import read_tables
from bayesgap.health import versions
from bayesgap.health.evidence import CALIBRATION, calibration_known
from bayesgap.inference import fit
from bayesgap.inference.separate import Part
from bayesgap.schema import BLOCKS
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import Sampling, Study, load_study
from bayesgap.validation.calibration import chain
from bayesgap.validation.calibration import simulation as calibration
from bayesgap.validation.calibration.page import page
from bayesgap.validation.calibration.panel import calibration_panel
from bayesgap.validation.calibration.simulation import (
    COLUMNS,
    beside,
    enough,
    finished,
    label,
    quantities_of,
    verdicts,
)

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "sbc.csv"
COUNT = len(quantities_of("imbalance"))


def rows(ranks: np.ndarray, block: str = "imbalance", version: str = "v") -> pd.DataFrame:
    """Ranks (simulation, quantity) as finished simulations."""
    names = [label(*quantity) for quantity in quantities_of(block)][: ranks.shape[1]]
    table = pd.DataFrame(ranks, columns=names).rename_axis("simulation").reset_index()
    table = table.melt("simulation", var_name="quantity", value_name="rank")
    return table.assign(block=block, version=version, ess=90.0, divergences=0, seconds=1.0)


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(3)


def test_uniform_ranks_stay_in_the_band_and_cover(generator: np.random.Generator) -> None:
    found = verdicts(rows(generator.uniform(size=(200, 5))))
    assert found["inside"].all()
    assert found["coverage_80"].between(0.68, 0.92).all()  # four standard errors of 200


@pytest.mark.parametrize("shape", [(0.4, 0.4), (2.5, 2.5), (1.0, 1.8)])
def test_too_narrow_too_wide_and_biased_draws_are_seen(
    shape: tuple[float, float], generator: np.random.Generator
) -> None:
    ranks = generator.uniform(size=(200, 5))
    ranks[:, 2] = generator.beta(*shape, size=200)
    found = verdicts(rows(ranks))
    assert np.flatnonzero(~found["inside"]).tolist() == [2]


def test_only_whole_simulations_of_the_present_law_count(
    tmp_path: Path, generator: np.random.Generator
) -> None:
    study = load_study(default_study())
    now = versions.law_version("imbalance", study)
    table = rows(generator.uniform(size=(3, COUNT)), version=now)
    old = rows(generator.uniform(size=(2, COUNT)), version="older").assign(
        simulation=[5, 6] * COUNT
    )
    path = tmp_path / "ranks.csv"
    pd.concat([table, old])[list(COLUMNS)].to_csv(path, index=False)
    text = path.read_text(encoding="utf-8")
    path.write_text(text + f"imbalance,{now},9,total,0.5,90,0,1.0\nimbal", encoding="utf-8")
    assert sorted(finished(path, study)["simulation"].unique()) == [0, 1, 2]


def test_version_follows_the_priors() -> None:
    study = load_study(default_study())
    prior = study.priors["imbalance"]["total"]
    wider = prior.model_copy(update={"sigma": 2 * prior.params()["sigma"]})
    priors = {**study.priors, "imbalance": {**study.priors["imbalance"], "total": wider}}
    changed = study.model_copy(update={"priors": priors})
    before, after = (versions.law_version("imbalance", s) for s in (study, changed))
    assert before != after
    assert versions.law_version("sectors", study) == versions.law_version("sectors", changed)


def test_committed_calibration_speaks_of_the_present_laws() -> None:
    study = load_study(default_study())
    known = pd.read_csv(RESULTS).drop_duplicates("block").set_index("block")["version"]
    stale = [b for b, v in known.items() if versions.law_version(str(b), study) != v]
    assert not stale, f"Run `bayesgap validate sbc` again for {stale}: their laws have changed."


def test_calibration_reads_stocks_of_every_second_year_and_else_what_a_run_reads(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    reduced, whole = calibration_panel(tables, study), build_panel(tables, study)
    assert list(reduced) == list(whole) == list(BLOCKS)
    for block in set(BLOCKS) - {"education"}:
        assert reduced[block].identical(whole[block])
    stocks = reduced["education"]
    for source in ("stock", "nation", "resident"):
        every = whole["education"][f"{source}_year"].values
        assert set(np.diff(every)) == {1}
        assert set(np.diff(stocks[f"{source}_year"].values)) == {2}
        assert stocks[f"{source}_year"].values[-1] == every[-1]
    assert stocks["resident_year"].values[0] == 2016
    for same in ("immigrant_logit", "immigrant_share_logit"):
        xr.testing.assert_identical(stocks[same], whole["education"][same])


def test_a_made_up_country_reaches_its_gap_from_every_block() -> None:
    """Truths of all blocks are one draw that forecast and projection take; history is retold."""
    path = default_study()
    study = load_study(path)
    panel = calibration_panel(read_tables(resolve_data(path, study)), study)
    swings = dict.fromkeys(range(1980, study.horizon + 1), 0.5)
    truths, retold = {}, {}
    for block in BLOCKS:
        data = panel[block].to_dataset()
        given = calibration._Given(data, study, block)
        made = calibration._simulated(given, 0, np.random.default_rng(7), swings)
        model = calibration._model(given)
        truth = chain.as_draw(model, made.truth)
        apart = chain.prior_pool(model, block)
        truths[block] = chain.completed(truth, apart, [3]) if apart else truth
        retold[block] = chain.retold(block, data, made.data, swings)
        assert set(retold[block].sizes.items()) == set(data.sizes.items())
    first = chain.outcome(truths, xr.DataTree.from_dict(retold), study)
    gap = first["demand"] - first["supply"]
    np.testing.assert_allclose(first["gap"].sel(region=study.total), gap, rtol=1e-3)
    np.testing.assert_allclose(first["level_gap"].sum("education"), gap, rtol=1e-3)
    assert (retold["participation"]["cycle"] == 0.5).all()
    assert (retold["population"]["cycle"] == 0.5).all()
    other = chain.outcome(truths, panel, study)
    assert not np.allclose(first["gap"], other["gap"])  # the future begins from the made-up past


def test_the_page_tells_seconds_beside_simuk_and_what_it_cannot() -> None:
    table = verdicts(rows(np.random.default_rng(3).uniform(size=(40, 5))))
    about = {"simuk": "0.3.0", "pymc": "6", "nutpie": "0.16", "date": "d", "machine": "m"}
    own = {"block": "skill_mix", "by": "bayesgap", "simulations": 10, "problem": np.nan}
    times = pd.DataFrame(
        [
            own | {"seconds": 3.0, "cpu_seconds": 2.0},
            own | {"by": "simuk", "seconds": np.nan, "cpu_seconds": np.nan, "problem": "No."},
        ]
    ).assign(**about)
    table = table.assign(block="skill_mix", bayesgap="1", date="d", seed=1, machine="m")
    text = page(table, {"skill_mix": "ranks.png"}, times)
    assert "](ranks.png)" in text
    assert "Ranked apart" not in text
    apart = table.assign(seconds=[1.0] * 4 + [0.5])
    told = page(apart, {})
    assert "Ranked apart" in told
    assert "`discrepancy_scale` (0.5 seconds" in told
    assert "| skill_mix | bayesgap | 10 | 2.0 | 3.0 |" in text
    assert "| skill_mix | simuk | 10 | cannot: `No.` | |" in text
    assert "simuk" not in page(table, {})


class Given:
    """A compiled part that takes data and keeps none."""

    def with_data(self, _: object) -> "Given":
        return self


@pytest.mark.parametrize(("diverged", "attempts"), [(0, 1), (3, 2)])
def test_a_made_up_fit_that_diverges_is_made_once_more(
    diverged: int, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sampling] = []

    def sample(_: object, sampling: Sampling, **__: object) -> xr.DataTree:
        asked.append(sampling)
        left = diverged if len(asked) == 1 else 0
        stats = xr.Dataset({"diverging": ("draw", np.arange(9) < left)})
        return xr.DataTree.from_dict({"sample_stats": stats})

    monkeypatch.setattr(fit, "sample_standardised", sample)
    part = Part(Given(), frozenset(), frozenset())
    monkeypatch.setattr(calibration, "_compiled", lambda _: (part,))
    study = load_study(default_study())
    tree = calibration.fitted_to({}, xr.Dataset(), study, "education", 1)
    assert len(asked) == attempts
    assert asked[0].thin == 10
    assert asked[-1].target_accept == (fit.STEADIER[0] if attempts == 2 else 0.85)
    assert fit.diverged(tree) == 0
    with pytest.raises(KeyError, match="no data named"):
        calibration.fitted_to({"share": 1.0}, xr.Dataset(), study, "education", 1)


def test_a_block_made_again_leaves_the_others_and_stale_ones_go(
    tmp_path: Path, generator: np.random.Generator
) -> None:
    study = load_study(default_study())
    now = {block: versions.law_version(block, study) for block in ("imbalance", "commuting")}
    old = [
        rows(generator.uniform(size=(20, COUNT)), version=now["imbalance"]),
        rows(generator.uniform(size=(20, 8)), "commuting", now["commuting"]),
        rows(generator.uniform(size=(20, 9)), "chain", "00000000"),
    ]
    first = beside(calibration_known(tmp_path, study), verdicts(pd.concat(old)))
    assert first["inside"].dtype == bool
    first.to_csv(tmp_path / CALIBRATION, index=False)
    fresh = verdicts(rows(generator.uniform(size=(30, COUNT)), version=now["imbalance"]))
    table = beside(calibration_known(tmp_path, study), fresh)
    told = table.drop_duplicates("block").set_index("block")["simulations"]
    assert told.to_dict() == {"commuting": 20, "imbalance": 30}
    assert list(told.index) == ["commuting", "imbalance"]
    assert len(table) == COUNT + 8
    assert table["inside"].dtype == bool


def test_a_few_simulations_tell_nothing(generator: np.random.Generator) -> None:
    few, many = (rows(generator.uniform(size=(n, COUNT))) for n in (19, 20))
    assert enough(few).empty
    assert len(enough(many)) == 20 * COUNT
    both = pd.concat([many, few.assign(block="commuting")])
    assert set(enough(both)["block"]) == {"imbalance"}
