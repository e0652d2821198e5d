"""Influence: what moves a gap is found, what does not passes, what weights cannot tell is said."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from bayesgap import schema
from bayesgap.health import influence as law
from bayesgap.present.health_text import health_table
from bayesgap.present.table import influence_table
from bayesgap.runs.verdicts import Health, read_health
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.study import Study

SEED = 5
PLACES, YEARS, MOVING = 6, 8, 2
GRID = np.linspace(-3, 3, 6001)
ODD = 3  # the year that may be unlike the others


def made_up(lift: float) -> np.ndarray:
    """Changes (place, year, moving) about 0, those of one year lifted."""
    rng = np.random.default_rng(SEED)
    change = stats.t(4).ppf(rng.permuted((np.arange(48) + 0.5) / 48)).reshape(PLACES, YEARS)
    change = change - change.mean(0) - change.mean(1, keepdims=True)  # none tells on its own
    change[:, ODD] += lift
    return np.stack([change, rng.standard_t(4, change.shape)], axis=-1)


def pace(change: np.ndarray) -> np.ndarray:
    """Posterior (grid) of the first level's pace, scale 1, no effects of places, by a grid."""
    log = stats.t(4).logpdf(change[..., 0].ravel()[:, None] - GRID).sum(0)
    log += stats.norm(0, 1).logpdf(GRID)
    density = np.exp(log - log.max())
    return density / density.sum()


def panel_of(change: np.ndarray) -> xr.Dataset:
    names = {"place": list("abcdef")[: len(change)], "change_year": range(2017, 2017 + YEARS)}
    return xr.Dataset({"change": (("place", "change_year", "moving"), change)}, coords=names)


def world(
    change: np.ndarray, study: Study
) -> tuple[dict[str, xr.DataTree], xr.DataTree, xr.Dataset]:
    """Posterior, panel and outlook: the first region's gap is a thousand times the pace."""
    rng = np.random.default_rng(SEED)
    shape = (4, 300)
    drawn = rng.choice(GRID, shape, p=pace(change))
    both = np.stack([drawn, rng.normal(0, 0.2, shape)], axis=-1)
    parameters = xr.Dataset(
        {
            "change_mean": ((*SAMPLE_DIMS, "moving"), both),
            "change_region": (SAMPLE_DIMS, np.full(shape, 1e-3)),
            "change_scale": ((*SAMPLE_DIMS, "moving"), np.ones_like(both)),
        }
    )
    panel = panel_of(change)
    gap = np.zeros((*shape, len(study.targets), 1, len(schema.EDUCATION)))
    gap[:, :, 0, 0, 0] = 1000 * drawn
    gap[:, :, 1:, 0, 0] = rng.normal(0, 1000, (*shape, len(study.targets) - 1))
    outlook = xr.Dataset(
        {"gap": ((*SAMPLE_DIMS, "region", "year", "education"), gap)},
        coords={"region": list(study.targets), "year": [study.horizon]},
    )
    tree = xr.DataTree.from_dict({"posterior": parameters})
    return {"skill_mix": tree}, xr.DataTree.from_dict({"skill_mix": panel}), outlook


def of_year(found: law.Influence, year: int) -> pd.Series:
    rows = found.rows[(found.rows["kind"] == "year") & (found.rows["name"] == str(year))]
    return rows.iloc[0]


def test_a_year_that_moves_the_gap_is_found_and_by_how_much(study: Study) -> None:
    change = made_up(1.4)
    found = law.influence(*world(change, study), study)
    row = of_year(found, 2017 + ODD)
    density, without = pace(change), pace(np.delete(change, ODD, axis=1))
    medians = [GRID[np.searchsorted(d.cumsum(), 0.5)] for d in (density, without)]
    sd = np.sqrt(density @ GRID**2 - (density @ GRID) ** 2)
    assert row["told"]
    assert row["shift_sd"] == pytest.approx(np.diff(medians)[0] / sd, abs=4 * row["error"])
    assert row["shift"] == pytest.approx(1000 * np.diff(medians)[0], rel=0.2)
    check = law.influence_check(found)
    assert check.verdict == "REVIEW" and check.value == pytest.approx(abs(row["shift_sd"]))
    assert f"year 2020 of skill_mix moves a gap most: that of {study.targets[0]}" in check.sentence


def test_where_no_year_is_odd_it_passes(study: Study) -> None:
    check = law.influence_check(law.influence(*world(made_up(0.0), study), study))
    assert check.verdict == "PASS"
    assert 0.0 < check.value < law.MOVED[0]
    assert "14 regions and years" in check.sentence and "cannot" not in check.sentence


def rows(**changed: object) -> pd.DataFrame:
    first = dict(
        zip(law.COLUMNS, ("a", "year", "2020", 0.2, True, "X", 5.0, -0.3, 0.1), strict=True)
    )
    return pd.DataFrame([first, first | {"name": "2021"} | changed], columns=list(law.COLUMNS))


def test_what_weights_cannot_tell_asks_for_a_look() -> None:
    odd = rows(k=1.4, told=False, shift_sd=2.0)
    check = law.influence_check(law.Influence(odd, ("education",)))
    assert (check.verdict, check.value) == ("REVIEW", 0.3)
    assert "Pareto k is too high for year 2021 of a: refit without each to know." in check.sentence
    assert check.sentence.endswith("Not checked: education.")
    assert "12% of the width of its 80 % interval" in check.sentence
    text = influence_table(law.strongest(odd).to_dict("records"))
    assert text.splitlines()[1].split() == ["a", "year", "2020", "X", "+5", "-0.30", "0.10", "0.20"]
    assert text.splitlines()[2].split() == [
        "a",
        "year",
        "2021",
        "weights",
        "cannot",
        "tell",
        "1.40",
    ]


def test_it_never_fails_and_survives_its_file() -> None:
    check = law.influence_check(law.Influence(rows(shift_sd=9.0), ()))
    assert check.verdict == "REVIEW"
    assert read_health(Health((check,)).to_dict()).checks == (check,)
    assert "influence" in health_table(Health((check,)))


def test_runs_that_cannot_be_looked_at_say_so(study: Study) -> None:
    posterior, panel, outlook = world(made_up(0.0), study)
    old = {"skill_mix": posterior["skill_mix"].copy(deep=True), "imbalance": xr.DataTree()}
    old["skill_mix"]["posterior"] = xr.DataTree(xr.Dataset({"x": (SAMPLE_DIMS, np.ones((4, 300)))}))
    old["imbalance"]["posterior"] = old["skill_mix"]["posterior"].copy()
    check = law.influence_check(law.influence(old, panel, outlook, study))
    assert check.verdict == "PASS" and check.value == 0.0
    assert check.sentence.endswith("Not checked: skill_mix, imbalance.")


def test_the_only_region_cannot_be_left_out(study: Study) -> None:
    posterior, panel, outlook = world(made_up(0.0)[:1], study)
    found = law.influence(posterior, panel, outlook, study)
    assert set(found.rows["kind"]) == {"year"}


def test_numbers_that_are_none_are_not_told(study: Study) -> None:
    posterior, _, outlook = world(made_up(0.0), study)
    change = made_up(0.0)
    change[0, 0, 0] = np.nan
    panel = xr.DataTree.from_dict({"skill_mix": panel_of(change)})
    found = law.influence(posterior, panel, outlook, study)
    untold = set(found.rows.loc[~found.rows["told"].astype(bool), "name"])
    assert {"a", "2017"} <= untold and "b" not in untold
    assert law.influence_check(found).verdict == "REVIEW"
