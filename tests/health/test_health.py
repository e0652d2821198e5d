"""Each check can fail, and says so in words."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.health import checks as health
from bayesgap.inference import diagnostics
from bayesgap.runs.verdicts import ORDER, Check, Health, judged, read_health


def verdicts(checks: list[Check]) -> dict[str, str]:
    return {check.name: check.verdict for check in checks}


@pytest.mark.parametrize(
    ("value", "limits", "verdict"),
    [
        (1.01, diagnostics.RHAT, "PASS"),
        (1.03, diagnostics.RHAT, "REVIEW"),
        (1.06, diagnostics.RHAT, "FAIL"),
        (400, diagnostics.ESS, "PASS"),
        (399, diagnostics.ESS, "REVIEW"),
        (99, diagnostics.ESS, "FAIL"),
        (0.0, health.DIVERGENT, "PASS"),
        (1 / 4000, health.DIVERGENT, "REVIEW"),
        (0.01, health.DIVERGENT, "FAIL"),
        (float("nan"), diagnostics.RHAT, "FAIL"),
        (float("nan"), diagnostics.ESS, "FAIL"),
    ],
)
def test_thresholds(value: float, limits: tuple[float, float], verdict: str) -> None:
    assert judged("x", value, limits, "Figure {value}.").verdict == verdict


def test_a_sound_block_passes(posterior: xr.DataTree) -> None:
    checks = health.block_checks("population", posterior)
    assert set(verdicts(checks).values()) == {"PASS"}
    assert len(checks) == 5


def test_one_strayed_chain_fails(posterior: xr.DataTree) -> None:
    bad = posterior.copy(deep=True)
    bad["posterior"]["effect"][1, :, 2] += 4.0
    found = verdicts(health.block_checks("population", bad))
    assert found["population: R-hat"] == "FAIL"
    assert found["population: bulk ESS"] == "FAIL"


def test_divergences_and_low_energy_are_seen(posterior: xr.DataTree) -> None:
    bad = posterior.copy(deep=True)
    bad["sample_stats"]["diverging"][0, :40] = True
    walk = np.cumsum(np.random.default_rng(1).normal(size=(4, 1000)), axis=1)
    bad["sample_stats"]["energy"][:] = walk
    found = verdicts(health.block_checks("population", bad))
    assert found["population: divergences"] == "FAIL"
    assert found["population: BFMI"] == "FAIL"
    assert health.convergence(bad)["divergences"] == 40


def test_the_convergence_script_gets_its_columns(posterior: xr.DataTree) -> None:
    found = health.convergence(posterior)
    assert list(found) == ["max_rhat", "min_ess_bulk", "min_ess_tail", "divergences", "min_bfmi"]


def test_a_sound_outlook_passes(outlook: xr.Dataset) -> None:
    checks = health.accounting_checks(outlook, "Buskerud")
    assert set(verdicts(checks).values()) == {"PASS"}
    assert next(c.value for c in checks if c.name == "identity") == 0.0


def test_a_gap_that_is_not_demand_less_supply_fails(outlook: xr.Dataset) -> None:
    bad = outlook.copy(deep=True)
    bad["gap"][0, 0, 0, 0, 0] += 1.0
    assert verdicts(health.accounting_checks(bad, "Buskerud"))["identity"] == "FAIL"


def test_a_total_that_is_not_the_sum_fails(outlook: xr.Dataset) -> None:
    bad = outlook.copy(deep=True)
    bad["demand"].loc[{"region": "Buskerud"}] *= 1.05
    bad["gap"] = bad["demand"] - bad["supply"]
    assert verdicts(health.accounting_checks(bad, "Buskerud"))["coherence"] == "FAIL"


def test_an_unbalanced_base_year_is_reviewed(outlook: xr.Dataset) -> None:
    bad = outlook.copy(deep=True)
    bad["supply"] = bad["supply"] * 1.1
    bad["gap"] = bad["demand"] - bad["supply"]
    assert verdicts(health.accounting_checks(bad, "Buskerud"))["balance"] == "REVIEW"


@pytest.mark.parametrize("value", [-1.0, np.nan])
def test_numbers_that_cannot_be_fail(outlook: xr.Dataset, value: float) -> None:
    bad = outlook.copy(deep=True)
    bad["supply"][0, 0, 0, 0, 0] = value
    assert verdicts(health.accounting_checks(bad, "Buskerud"))["sound numbers"] == "FAIL"


def test_a_base_ratio_far_from_one_is_seen(outlook: xr.Dataset) -> None:
    dims = ("chain", "draw", "region")
    ratio = np.ones((4, 300, 5))
    ratio[:, :, 2] = 1.3
    found = verdicts(health.accounting_checks(outlook.assign(base_ratio=(dims, ratio)), "Buskerud"))
    assert found["base ratio"] == "FAIL"


def test_groups_are_counted_and_never_fail(groups: pd.DataFrame) -> None:
    few = health.group_checks(groups)[0]
    assert (few.verdict, few.value) == ("PASS", 3 / 21)
    every = health.group_checks(groups.assign(assumption_driven=True))[0]
    assert every.verdict == "REVIEW"
    ringed = health.group_checks(groups.assign(national_only=True))[0]
    assert "observed for the nation only" in ringed.sentence
    assert "nation only" not in few.sentence


def test_the_verdict_is_the_worst_and_the_exit_code_follows() -> None:
    checks = {v: Check("x", v, 1.0, 1.0, 1.0, "") for v in ORDER}
    for code, verdict in enumerate(ORDER):
        found = Health((checks["PASS"], checks[verdict]))
        assert (found.verdict, found.exit_code) == (verdict, code)


def test_health_survives_its_file(
    posterior: xr.DataTree, outlook: xr.Dataset, groups: pd.DataFrame
) -> None:
    found = health.check_run({"population": posterior}, outlook, [], groups, "Buskerud")
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert read_health(json.loads(text)) == found
    assert found.groups[1]["assumption_driven"] is True
