"""Limits of content are what the official tables need, with a margin, and no more."""

import content_limits
import pandas as pd
import pytest

from bayesgap.data.content.registry import content_findings

Frames = dict[str, pd.DataFrame]
# Limits that another study made wider than the embedded tables need: Linköping's by Swedish tables.
MARGIN, FLOOR, STEP = 1.25, 0.05, 0.011
WIDER = {
    "commuting.employed by year, home elsewhere",
    "employment_residence_by_municipality.employed by year",
    "employment_workplace_telemark.employed by year",
    "migration_flows.out_migration by age",
    "population.persons by cohort",
}


def test_no_false_alarm_on_the_embedded_tables(lined: Frames) -> None:
    assert [str(finding.problem) for finding in content_findings(lined)] == []


def test_every_limit_has_the_margin_that_its_module_states(lined: Frames) -> None:
    found = list(content_limits.limits(lined))
    assert len(found) > 150
    for name, needs, limit in found:
        if name.endswith(", low"):
            assert limit <= needs, name
        elif name.endswith(", high"):
            assert limit >= needs, name
        elif name != "migration_flows balance":
            assert limit >= MARGIN * needs - 1e-9, name


def test_limits_of_series_are_no_wider_than_they_must_be(lined: Frames) -> None:
    for name, needs, limit in content_limits.limits(lined):
        if name.endswith((", inner", ", ends")) and name.rpartition(",")[0] not in WIDER:
            assert limit <= max(FLOOR, MARGIN * needs) + STEP, name


def test_a_narrower_limit_gives_an_alarm(lined: Frames, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables reach what was measured: a limit below it is passed."""
    monkeypatch.setattr("bayesgap.data.content.accounts.LIMIT", 4.0)
    assert any("Sandefjord" in str(one.problem) for one in content_findings(lined))
