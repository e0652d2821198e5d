"""Pictures of priors: what they say about people, and one that was elicited."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bayesgap.blocks.commuting import model as commuting
from bayesgap.blocks.registry import BLOCKS
from bayesgap.cli import main
from bayesgap.sensitivity.densities import density
from bayesgap.sensitivity.figures import predictive_picture, save

STATEMENTS = [one for block in BLOCKS.values() for one in block.statements]


@pytest.fixture
def table() -> pd.DataFrame:
    """Every statement within its bounds but the first, which says the impossible."""
    rows = []
    for place, said in enumerate(STATEMENTS):
        least, most = said.impossible
        high = most * 1.4 if place == 0 else most * 0.8
        held = {"low": least + 0.3 * (most - least), "median": (least + most) / 2, "high": high}
        held |= {"least": least, "most": most, "percent": said.percent, "reason": said.reason}
        beyond = 0.12 if place == 0 else 0.0
        rows.append(
            {"block": said.block, "words": said.words, "beyond": beyond, "flagged": place == 0}
            | held
        )
    return pd.DataFrame(rows)


def test_the_impossible_is_hatched_and_flagged(table: pd.DataFrame, tmp_path: Path) -> None:
    figure = predictive_picture(table)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert len(titles) == len(STATEMENTS)
    assert titles[0].startswith("FLAGGED: population: residents in the last year")
    assert not any(title.startswith("FLAGGED") for title in titles[1:])
    assert titles[-1].startswith("imbalance: unfilled jobs per 100 jobs; impossible: ")
    assert not any("{" in title for title in titles)
    assert all(len(axes.patches) == 2 for axes in figure.axes)
    save(tmp_path / "priors.svg", lambda: figure)
    assert "impossible: 12 % of draws" in (tmp_path / "priors.svg").read_text()


def test_a_density_is_that_of_the_prior() -> None:
    grid, values = density("beta", {"alpha": 3.0, "beta": 5.0})
    np.testing.assert_allclose(values, stats.beta(3, 5).pdf(grid))
    assert np.trapezoid(values, grid) == pytest.approx(0.998, abs=1e-3)


def test_elicit_draws_what_it_found(tmp_path: Path) -> None:
    path = tmp_path / "mine.svg"
    words = ["18", "22", "--percent", "--dist", "beta", "--name", "education.completion"]
    with pytest.raises(SystemExit) as ended:
        main(["priors", "elicit", *words, "--picture", str(path)])
    assert ended.value.code in (0, None)
    assert "from 0.18 to 0.22, 90 % of the probability" in path.read_text()


def test_show_draws_every_prior_of_a_block(tmp_path: Path) -> None:
    path = tmp_path / "priors.svg"
    with pytest.raises(SystemExit) as ended:
        main(["priors", "show", "--block", "commuting", "--picture", str(path)])
    assert ended.value.code in (0, None)
    text = path.read_text()
    assert all(f">{name}<" in text or f"{name} -->" in text for name in commuting.PRIORS)
