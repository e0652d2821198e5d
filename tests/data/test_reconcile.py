"""Reconciled base tables: margins exact, spread honest, nothing left to chance or order."""

import numpy as np
import pandas as pd
import pytest

from bayesgap.data import mix_figures, reconcile, reconcile_mix
from bayesgap.data.schemas import TABLES
from bayesgap.schema import EDUCATION, SECTORS
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import load_study

TARGETS = list(load_study(default_study()).targets)
FOLDER = bundle_root() / "data" / "buskerud"


@pytest.fixture(scope="module")
def base(tables):
    return reconcile.reconcile_sector_base(tables, TARGETS)


@pytest.fixture(scope="module")
def mix(tables):
    return reconcile_mix.reconcile_skill_mix(tables)


def test_sectors_of_a_region_add_up_to_its_observed_workplaces(base, tables):
    found = base.groupby("region")["persons"].sum().loc[TARGETS]
    wanted = reconcile.workplace_totals(tables, TARGETS)
    np.testing.assert_allclose(found, wanted, atol=16 * 0.05)  # cells are rounded to 0.1


def test_the_county_leans_and_does_not_bind(base, tables):
    county = reconcile.county_sectors(tables)
    wide = base.pivot_table(index="region", columns="sector", values="persons")[list(SECTORS)]
    seed, _ = reconcile.sector_seed(tables, TARGETS)
    wanted = county / county.sum()
    before, after = (x.sum(0) / x.sum() for x in (seed, wide.to_numpy()))
    assert np.abs(np.log(after / wanted)).sum() < 0.5 * np.abs(np.log(before / wanted)).sum()
    assert np.abs(after - wanted).max() > 1e-4


def test_the_committed_tables_are_what_the_commands_make(base, mix):
    for name, made in (("employment_workplace_base", base), ("skill_mix", mix)):
        committed = pd.read_csv(FOLDER / f"{name}.csv", dtype={"sector": str})
        pd.testing.assert_frame_equal(
            made.reset_index(drop=True), committed[list(made.columns)], check_dtype=False, rtol=1e-6
        )
        assert set(made.columns) == set(TABLES[name].columns), name


def test_order_of_regions_and_rows_does_not_matter(base, tables):
    rng = np.random.default_rng(1)
    mixed = {name: frame.sample(frac=1, random_state=rng) for name, frame in tables.items()}
    other = reconcile.reconcile_sector_base(mixed, TARGETS[::-1])
    keys = ["region", "sector"]
    one, two = (frame.set_index(keys).sort_index() for frame in (base, other))
    np.testing.assert_allclose(one["persons"], two["persons"], atol=0.11)
    # regions draw other noise then: with 200 repeats a spread has an error of 5 %, a few per cent
    # more over 64 cells
    assert np.abs(np.log(one["log_sd"] / two["log_sd"])).max() < 0.35


def test_the_spread_is_that_of_perturbed_reconciliations(base, tables):
    """Done once more with other noise and another loop: the same spread within its error."""
    seed, scatter = reconcile.sector_seed(tables, TARGETS)
    rows = reconcile.workplace_totals(tables, TARGETS)
    columns = reconcile.county_sectors(tables)
    rng = np.random.default_rng(99)
    drawn = []
    for _ in range(100):
        noisy = seed * np.exp(scatter * rng.standard_normal(seed.shape))
        moved = columns * np.exp(reconcile.COUNTY_SD * rng.standard_normal(columns.size))
        drawn.append(np.log(reconcile._fit(noisy, rows, moved / moved.sum() * rows.sum())))
    wanted = np.hypot(np.std(drawn, axis=0), reconcile.FLOOR_SD)
    found = base["log_sd"].to_numpy().reshape(wanted.shape)
    # 200 and 100 repeats: relative errors of 5 and 7 %; the largest of 64 may be three times that
    assert np.abs(np.log(found / wanted)).max() < 0.3
    assert found.min() >= reconcile.FLOOR_SD


def test_what_is_better_known_is_narrower(base):
    spread = base.groupby("sector")["log_sd"].mean()
    assert spread[list(reconcile.TILTED)].mean() < spread.drop(list(reconcile.TILTED)).mean()


def test_shares_of_a_sector_add_up_to_one(mix):
    total = mix.groupby("sector")["value"].sum()
    np.testing.assert_allclose(total, 1.0, atol=21 * 5e-7)
    assert (mix["value"] > 0).all()
    assert len(mix) == len(SECTORS) * len(EDUCATION)


@pytest.fixture(scope="module")
def jobs(mix, tables):
    wide = mix.pivot_table(index="sector", columns="education", values="value")
    cells = wide.loc[list(SECTORS), list(EDUCATION)].to_numpy()
    return cells * reconcile_mix.sector_totals(tables)[:, None]


def test_levels_of_a_sum_of_sectors_are_those_of_the_survey(jobs, tables):
    frame = tables["sector_levels_national"]
    mean = frame[frame["year"] > 2020].groupby(["industry", "level"])["employed"].mean()
    for industry in ("10-33", "45-56", "86-88"):
        parts = mix_figures.SECTOR_SUMS[industry]
        found = [
            jobs[mix_figures.cells(parts, levels)].sum()
            for levels in mix_figures.LEVEL_SUMS.values()
        ]
        wanted = mean[industry][list(mix_figures.LEVEL_SUMS)].to_numpy()
        away = np.log(found / np.sum(found)) - np.log(wanted / wanted.sum())
        assert np.abs(away).max() < 0.06  # concept 0.05, and what the other figures say


def test_groups_of_the_nation_are_those_of_the_register(jobs, tables):
    known = mix_figures.employed_groups(tables)
    for level in ("upper_secondary", "bachelor", "master"):
        part = mix_figures.cells(levels=(level,)).any(0)
        found, wanted = jobs.sum(0)[part], known[part].to_numpy()
        away = np.log(found / found.sum()) - np.log(wanted / wanted.sum())
        assert np.abs(away).max() < 0.1


def test_most_health_educated_work_in_health(jobs):
    health = mix_figures.cells(fields=("health_care",))
    inside = jobs[health & mix_figures.cells(("86-88",))].sum() / jobs[health].sum()
    assert inside == pytest.approx(0.78, abs=0.04)


def test_what_is_better_known_in_the_mix_is_narrower(mix):
    found = mix.set_index(["sector", "education"])
    sd, level = found["sd"], found["level_sd"]
    assert sd["86-88", "bachelor:health_care"] < 0.1 < 0.5 < sd["01-03", "master:ict"]
    assert level["85", "primary"] < level["35-39", "primary"]
    assert (sd[[":" not in group for group in sd.index.get_level_values(1)]] < 0.05).all()


def test_every_cell_says_what_it_rests_on(mix):
    source = mix.set_index(["sector", "education"])["source"]
    assert "PIAAC of 10-33" in source["35-39", "bachelor:ict"]
    assert "SSB health counts" in source["86-88", "upper_secondary:health_care"]
    assert "PIAAC tertiary (" in source["55-56", "master:other"]
    assert source.str.contains("labour force survey 2021-23").all()


def test_noise_of_the_survey_is_found(tables):
    """Made-up counts with a known sampling variance about straight lines."""
    frame = tables["sector_levels_national"].sort_values(["industry", "level", "year"])
    rng = np.random.default_rng(2)
    size = frame.groupby(["industry", "level"])["employed"].transform("mean").clip(lower=5e3)
    noisy = size * np.exp(np.sqrt(40.0 / size) * rng.standard_normal(len(size)))
    found = mix_figures.survey_noise(frame.assign(employed=noisy))
    assert found == pytest.approx(40.0, rel=0.25)


def test_a_study_without_the_nations_figures_has_a_wide_mix(tables):
    names = ("sector_levels_national", "sector_levels_piaac", "sector_fields_piaac")
    names += ("education_fields_national", "health_educated_national")
    less = {name: frame for name, frame in tables.items() if name not in names}
    mix = reconcile_mix.reconcile_skill_mix(less)
    np.testing.assert_allclose(mix["value"], 1 / len(EDUCATION), atol=1e-5)
    fields = mix[mix["education"].str.contains(":")]
    assert fields["sd"].min() > 0.9 and mix["level_sd"].min() > 0.7


def test_nothing_half_written_stays(tmp_path, tables, monkeypatch):
    monkeypatch.setattr(reconcile, "reconcile_sector_base", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reconcile.write_reconciled(tmp_path, tables, TARGETS)
    assert not (tmp_path / "employment_workplace_base.csv").exists()


def test_commands_write_whole_tables(tmp_path, tables, base):
    path = reconcile.write_reconciled(tmp_path, tables, TARGETS)
    other = reconcile_mix.write_skill_mix(tmp_path, tables)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([path.name, other.name])
    assert len(pd.read_csv(path)) == len(base)
