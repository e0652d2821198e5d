"""Commands that test the intervals, from the command line to tables and page: sbc and misfits."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from page_tables import numbers, section, table

from bayesgap.cli import main
from bayesgap.health.evidence import CALIBRATION
from bayesgap.validation.calibration.simulation import label, quantities_of
from bayesgap.validation.misspecification.cases import HORIZONS
from bayesgap.validation.misspecification.rules import RULES

SIMULATIONS = 20  # the fewest of which a verdict is given
BLOCK = "imbalance"  # compiled soonest
NAMES = [label(*quantity) for quantity in quantities_of(BLOCK)]


def ended(*words: object) -> int:
    """Exit code of a command."""
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    return int(stopped.value.code or 0)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sbc")
    words = ("--simulations", SIMULATIONS, "--processes", 1, "--out", folder)
    assert ended("validate", "sbc", "--block", BLOCK, *words, "--page", folder / "page.md") == 0
    return folder


def ranks_in(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "sbc_ranks.csv")


def test_sbc_keeps_a_rank_of_every_quantity_and_simulation(calibrated: Path) -> None:
    ranks = ranks_in(calibrated)
    assert len(ranks) == SIMULATIONS * len(NAMES)
    assert set(ranks["quantity"]) == set(NAMES) and ranks["block"].eq(BLOCK).all()
    assert set(ranks["simulation"]) == set(range(SIMULATIONS))
    assert ranks["rank"].between(0, 1, inclusive="neither").all()
    assert ranks["ess"].gt(0).all()


def test_sbc_says_of_every_quantity_how_often_intervals_hold(calibrated: Path) -> None:
    verdicts = pd.read_csv(calibrated / CALIBRATION).set_index("quantity")
    verdicts = verdicts[verdicts["block"] == BLOCK]
    assert list(verdicts.index) == NAMES and verdicts["simulations"].eq(SIMULATIONS).all()
    away = (ranks_in(calibrated).set_index("quantity")["rank"] - 0.5).abs()
    for percent in (50, 80, 95):
        held = (away < percent / 200).groupby("quantity").mean()
        assert np.allclose(verdicts[f"coverage_{percent}"], held[NAMES], atol=1e-4)
    assert verdicts["inside"].eq(verdicts["outside"] == 0).all()


def test_the_page_of_sbc_has_the_figures_of_its_table(calibrated: Path) -> None:
    page = (calibrated / "page.md").read_text(encoding="utf-8")
    blocks, quantities = (table(page, place) for place in (0, 1))
    verdicts = pd.read_csv(calibrated / CALIBRATION)
    verdicts = verdicts[verdicts["block"] == BLOCK]
    row = blocks[blocks["block"] == BLOCK]
    assert numbers(row["simulations"]).tolist() == [SIMULATIONS]
    assert numbers(row["80 %"]).to_numpy() == pytest.approx(
        verdicts["coverage_80"].mean(), abs=0.006
    )
    assert quantities["quantity"].tolist() == NAMES
    for percent in (50, 80, 95):
        shown, kept = numbers(quantities[f"{percent} %"]), verdicts[f"coverage_{percent}"]
        assert np.allclose(shown, kept, atol=0.006)
    assert (calibrated / f"sbc_{BLOCK}.png").stat().st_size > 0


def test_a_second_sbc_makes_no_simulation_again(calibrated: Path) -> None:
    before = ranks_in(calibrated)
    words = ("--simulations", SIMULATIONS, "--processes", 1, "--out", calibrated)
    assert ended("validate", "sbc", "--block", BLOCK, *words) == 0
    pd.testing.assert_frame_equal(before, ranks_in(calibrated))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("misfits")
    words = ("--simulations", 2, "--processes", 1, "--out", folder, "--page", folder / "page.md")
    assert ended("validate", "misfits", "--block", "commuting", *words) == 0
    return folder


def test_misfits_keep_a_case_of_every_rule_place_and_horizon(broken: Path) -> None:
    cases = pd.read_csv(broken / "misfit_cases.csv")
    cell = ["path", "region", "horizon"]
    assert set(cases["rule"]) == set(RULES) and set(cases["horizon"]) == set(HORIZONS)
    assert cases.groupby(["rule", "simulation"]).size().eq(len(cases[cell].drop_duplicates())).all()
    ends = cases[["low_95", "low_80", "median", "high_80", "high_95"]].to_numpy()
    assert (np.diff(ends, axis=1) >= 0).all()


def test_the_table_of_misfits_is_that_of_its_cases(broken: Path) -> None:
    cases, found = (pd.read_csv(broken / f"{n}.csv") for n in ("misfit_cases", "misfits"))
    assert len(found) == len(RULES) * len(HORIZONS) and found["block"].eq("commuting").all()
    found = found.set_index(["rule", "horizon"]).sort_index()
    for percent in (80, 95):
        inside = cases["truth"].between(cases[f"low_{percent}"], cases[f"high_{percent}"])
        held = inside.groupby([cases["rule"], cases["horizon"]]).mean()
        assert found[f"coverage_{percent}"].between(0, 1).all()
        assert np.allclose(found[f"coverage_{percent}"], held.sort_index(), atol=1e-4)
    assert found.loc["none", "width"].eq(1).all() and found["width"].gt(0).all()


def test_the_page_of_misfits_has_the_figures_of_its_table(broken: Path) -> None:
    page = (broken / "page.md").read_text(encoding="utf-8")
    shown, kept = table(section(page, "## Commuting")), pd.read_csv(broken / "misfits.csv")
    assert shown["broken"].tolist() == kept["rule"].tolist()
    assert numbers(shown["years ahead"]).tolist() == kept["horizon"].tolist()
    assert np.allclose(numbers(shown["by 95 %"]), 100 * kept["coverage_95"], atol=0.51)
    assert np.allclose(numbers(shown["width"]), kept["width"], atol=0.006)
