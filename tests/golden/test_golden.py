"""Outlook of a tiny world to six digits: from plain loops to a committed table to the program."""

import csv

import pytest

from bayesgap.accounting.outlook import project
from tests.golden.regenerate import COLUMNS, GOLDEN, table
from tests.golden.tiny import TOTAL, YEARS, tiny_rates

MEMBER_DIM = {"employment": "sector", "population": "age_band"}


def committed() -> list[list[str]]:
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_committed_table_is_what_the_loops_say():
    for mine, theirs in zip(table(), committed(), strict=True):
        assert mine[:3] == theirs[:3]
        for a, b in zip(mine[3:], theirs[3:], strict=True):
            # the last digit may turn between machines
            assert a == b or float(a) == pytest.approx(float(b), rel=2e-6)


def test_the_program_says_the_same():
    outlook = project(tiny_rates(), YEARS, TOTAL)
    header, *rows = committed()
    assert len(header) == 3 + len(COLUMNS)
    for quantity, region, member, *values in rows:
        array = outlook[quantity].sel(region=region)
        if quantity != "outside":
            array = array.sel({MEMBER_DIM.get(quantity, "education"): member})
        for (year, draw), value in zip(COLUMNS, values, strict=True):
            found = float(array.sel(year=year).isel(chain=0, draw=draw))
            # six digits of the sides; the gap is a small difference of them, so 1e-5 of its side
            side = max(abs(float(value)), 100.0 if quantity == "gap" else 0.0)
            assert found == pytest.approx(float(value), abs=6e-6 * side), (quantity, region, member)
