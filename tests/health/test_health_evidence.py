"""Health beyond convergence: each check can fail, and says what it found."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.block import Observed
from bayesgap.blocks.registry import BLOCKS, block_of
from bayesgap.health.evidence import (
    calibration_check,
    calibration_known,
    prior_check,
    range_check,
    replica_check,
)
from bayesgap.health.replicas import Held, traits
from bayesgap.health.versions import law_version
from bayesgap.inference.truths import truth_of
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

SEED = 3


@pytest.mark.parametrize(("beyond", "verdict"), [(0.04, "PASS"), (0.2, "REVIEW"), (0.6, "FAIL")])
def test_priors_that_say_the_impossible_are_named(beyond: float, verdict: str) -> None:
    table = pd.DataFrame({"beyond": [0.0, beyond], "reason": ["half the people", "no jobs"]})
    check = prior_check(table)
    assert check.verdict == verdict
    assert "no jobs" in check.sentence


def distances(**row: object) -> pd.DataFrame:
    whole = {"block": "sectors", "table": "deviation_data", "trait": "spread", "median": 0.0}
    return pd.DataFrame([{**whole, "seen": 0.01, "distance": 0.1}, {**whole, **row}])


def test_a_law_whose_data_look_otherwise_is_told() -> None:
    wide = replica_check(distances(seen=np.log(1.3), distance=5.0, trait="steps"))
    assert wide.verdict == "REVIEW"
    assert (
        "Observed data of sectors (deviation_data) vary 30% more from year to year" in wide.sentence
    )
    narrow = replica_check(distances(seen=np.log(0.4), distance=9.0))
    assert (narrow.verdict, "60% less" in narrow.sentence) == ("FAIL", True)


def test_what_chance_does_and_what_is_small_pass() -> None:
    assert replica_check(distances(seen=np.log(1.3), distance=2.0)).verdict == "PASS"
    assert replica_check(distances(seen=np.log(1.05), distance=5.0)).verdict == "PASS"


def test_tables_that_cannot_tell_are_left_out() -> None:
    assert traits(np.array([1.0]), Observed("x")) == traits(np.ones((3, 1)), Observed("x", 1)) == {}
    assert all(np.isnan(value) for value in traits(np.ones((3, 4)), Observed("x", 1)).values())
    assert replica_check(pd.DataFrame()).verdict == "PASS"


def test_calibration_counts_only_laws_as_they_are_now(tmp_path: Path, study: Study) -> None:
    assert calibration_check(calibration_known(tmp_path, study)).value == 0.0
    rows = pd.DataFrame(
        [{"block": block, "quantity": "a", "inside": block != "commuting"} for block in BLOCKS]
    )
    now = rows["block"].map({block: law_version(block, study) for block in BLOCKS})
    version = now.where(rows["block"] != "sectors", "00000000")
    rows.assign(version=version).to_csv(tmp_path / "sbc.csv", index=False)
    check = calibration_check(calibration_known(tmp_path, study))
    assert check.verdict == "REVIEW"
    assert "5 of 7" in check.sentence
    assert check.sentence.endswith("not shown for sectors, commuting.")
    everything = rows.assign(inside=True, current=True)
    assert calibration_check(everything).verdict == "PASS"


def test_a_region_beyond_all_that_was_seen_is_named(study: Study) -> None:
    years = range(2005, 2025)
    growth = np.linspace(0.0, 0.2, len(years))
    seen = xr.DataArray(
        np.exp([growth, -growth])[..., None] * np.ones(90),
        {"region": ["a", "b"], "year": list(years), "age": range(90)},
        ("region", "year", "age"),
    )
    ahead = [study.base_year, study.horizon]
    span = study.horizon - study.base_year
    most = 0.2 * span / (len(years) - 1)
    change = np.zeros((1, 10, len(study.targets), 2, 1))
    change[0, :4, 1, 1] = most + 0.01
    change[0, 4, 1, 1] = most - 0.01
    people = xr.DataArray(
        1000 * np.exp(change),
        {"region": list(study.targets), "year": ahead, "age_band": ["20-66"]},
        ("chain", "draw", "region", "year", "age_band"),
    )
    check = range_check(seen, people, study)
    assert check.value == pytest.approx(0.4)
    assert check.verdict == "REVIEW"
    assert study.targets[1] in check.sentence


def test_traits_find_the_axis_of_time_and_members_with_scales_of_their_own() -> None:
    rng = np.random.default_rng(SEED)
    scales = np.array([1.0, 10.0])
    series = scales[:, None, None] * rng.standard_normal((2, 50, 400))
    found = traits(series, Observed("x", time=2, apart=0))
    assert found["spread"] == pytest.approx(np.log(scales).mean(), abs=0.02)
    assert found["steps"] == pytest.approx(np.log(scales * 2**0.5).mean(), abs=0.02)
    turned = traits(np.moveaxis(series, 2, 0), Observed("x", time=0, apart=1))
    assert turned == pytest.approx(found)
    single = traits(np.array([0.0, 1.0, -1.0, 30.0]), Observed("x"))
    assert single["furthest"] == pytest.approx(np.log(29.5 / np.std([0, 1, -1, 30])))


@pytest.mark.parametrize("block", [name for name in BLOCKS if BLOCKS[name].observed])
def test_tables_are_what_the_models_observe(
    block: str, tables: dict[str, pd.DataFrame], study: Study
) -> None:
    panel = block_of(block).panel(tables, study)
    model = block_of(block).law().build(panel, block_priors(study, block), study.options)
    for table in block_of(block).observed:
        np.testing.assert_array_equal(table.seen(panel), model[table.name].get_value())


def test_simulators_draw_what_is_held() -> None:
    rng = np.random.default_rng(SEED)
    held = {"one": Held(0.3), "many": Held(np.array([1.0, 2.0]))}
    truth = truth_of(held, rng, {"many": 2})  # type: ignore[arg-type]
    assert truth["one"] == 0.3
    np.testing.assert_array_equal(truth["many"], [1.0, 2.0])
