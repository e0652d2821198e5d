"""What each prior alone says: told where it moves or widens a statement, and not by chance."""

import numpy as np
import pandas as pd
import pytest

from bayesgap.blocks.registry import BLOCKS
from bayesgap.sensitivity.figures import effects_picture
from bayesgap.sensitivity.prior_effects import apart
from bayesgap.sensitivity.prior_text import effect_lines

STATEMENTS = [one for block in BLOCKS.values() for one in block.statements]

DRAWS, SEED = 2000, 7
JOBS = next(s for s in STATEMENTS if s.block == "sectors")


@pytest.fixture
def rng():
    return np.random.default_rng(SEED)


def row(values, draws):
    return next(apart(draws, [(JOBS, values)]))


def test_a_prior_that_shifts_a_statement_is_told_with_both_ends(rng):
    draws = rng.standard_normal(DRAWS)
    found = row(1.3 + 0.1 * draws + 0.05 * rng.standard_normal(DRAWS), draws)
    # Mean of the lowest fifth of a standard normal: -1.40.
    assert found["low"] == pytest.approx(1.3 - 0.14, abs=0.01)
    assert found["high"] == pytest.approx(1.3 + 0.14, abs=0.01)
    assert found["moves"]
    assert not found["widens"]


def test_a_prior_of_a_spread_widens_and_does_not_move(rng):
    spread = np.exp(0.5 * rng.standard_normal(DRAWS))
    found = row(1.3 + 0.1 * spread * rng.standard_normal(DRAWS), spread)
    assert found["widens"]
    # The spread's own means over its lowest and highest fifths: exp(-.70) and exp(.70), about.
    assert found["wider"] == pytest.approx(np.exp(1.4), rel=0.25)


def test_what_is_no_more_than_chance_is_said_so(rng):
    rows = []
    for number in range(400):
        draws = rng.standard_normal(DRAWS)
        found = row(rng.standard_normal(DRAWS), draws)
        rows.append({"block": "sectors", "prior": f"p{number}", "role": "assumed", **found})
    table = pd.DataFrame(rows)
    # Expected: 400 times 2 times .0027, that is 2; more than 9 in one series of 10 000.
    assert (table["moves"].sum() + table["widens"].sum()) < 10
    lines = effect_lines(table)
    assert "no more than chance" in lines[-1]
    assert "{low}" not in "\n".join(lines)


def test_a_picture_has_a_panel_for_each_statement_that_is_moved(rng):
    draws = rng.standard_normal(DRAWS)
    moved = {"block": "sectors", "prior": "growth_mean", "role": "regularising"}
    quiet = {"block": "sectors", "prior": "size_noise", "role": "regularising"}
    rows = [
        moved | row(1.3 + 0.1 * draws, draws),
        quiet | row(rng.standard_normal(DRAWS), draws),
    ]
    (axes,) = effects_picture(pd.DataFrame(rows)).axes
    assert axes.get_title(loc="left") == "jobs in the last year, relative to now"
    assert [text.get_text() for text in axes.get_yticklabels()] == ["sectors: growth_mean"]
