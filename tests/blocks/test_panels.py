"""Panels of the small blocks: definitions by hand on tiny tables, and labels that do not matter."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.special import expit

from bayesgap.blocks.commuting.panel import build_commuting_panel, level_weights
from bayesgap.blocks.imbalance.panel import NAV_GROUPS, UNSTATED, steps
from bayesgap.blocks.participation.panel import MEAN_LEVELS, build_participation_panel, solved
from bayesgap.blocks.registry import BLOCKS, block_of
from bayesgap.blocks.sectors import panel as panel_sectors
from bayesgap.blocks.sectors.panel import national_driver, sector_driver
from bayesgap.blocks.sectors.panel_regions import deviations
from bayesgap.blocks.skill_mix.panel import build_skill_mix_panel
from bayesgap.schema import SECTORS
from bayesgap.study.bundle import default_study
from bayesgap.study.study import load_study

DEFAULT = load_study(default_study())


def logit(p):
    return np.log(p / (1 - p))


def frame(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split())


# --- commuting


@pytest.fixture(scope="module")
def commuting(tables):
    two = DEFAULT.model_copy(update={"targets": ("A", "B"), "pooling": ()})
    flows = frame(
        "home work year employed",
        ("A", "A", 2020, 60),
        ("A", "B", 2020, 30),
        ("A", "X", 2020, 10),
        ("B", "B", 2020, 80),
        ("B", "A", 2020, 20),
        ("X", "A", 2020, 5),
        ("X", "X", 2020, 900),
    )
    stocks = residents_by_level(("A", 2019), ("B", 2019))
    seeds = {"commuting_levels": tables["commuting_levels"]}
    return build_commuting_panel(
        {"commuting": flows, "education_residents_30_66": stocks, **seeds}, two
    )


def residents_by_level(*places):
    persons = {"none": 10, "primary": 90, "upper_secondary": 200, "tertiary": 100}
    return frame(
        "region year background level persons",
        *[(r, y, "all", level, n) for r, y in places for level, n in persons.items()],
        *[(r, y - 1, "all", level, 1) for r, y in places for level in persons],
    )


def test_commuting_shares_are_per_resident_in_work(commuting):
    out, into = commuting["out_logit"].squeeze(), commuting["in_log"].squeeze()
    np.testing.assert_allclose(out.sel(region=["A", "B"]), logit(np.array([0.4, 0.2])))
    np.testing.assert_allclose(into.sel(region=["A", "B"]), np.log([0.25, 0.3]))
    assert commuting["out_contrast"].sizes == {"level": 5}


def test_level_weights_use_the_last_stock_and_add_up():
    found = level_weights(residents_by_level(("A", 2019)), ["A"]).sel(region="A")
    weight = np.array([100 * 0.65, 200, *(100 * 1.15 * np.array([0.07, 0.62, 0.31]))])
    np.testing.assert_allclose(found, weight / weight.sum())


# --- participation


def test_a_shift_gives_back_the_observed_rate():
    people, rate = np.array([[100.0, 300.0], [50.0, 50.0]]), np.array([0.5, 0.8])
    wanted = np.array([0.6, 0.7])
    shift = solved(wanted, people, rate, idle=0.04)
    for r in range(2):
        share = people[r] / people[r].sum()
        rates = 1 / (1 + np.exp(-(logit(rate) + shift[r])))
        assert (share * rates).sum() * 0.96 == pytest.approx(wanted[r])
    np.testing.assert_allclose(
        solved(np.array([0.725 * 0.96]), people[:1], rate, 0.04), 0, atol=1e-9
    )


def test_participation_belongs_to_the_january_that_follows(tables):
    panel = build_participation_panel(tables, DEFAULT)
    region, year = "Hallingdal", 2020
    status = tables["employment_status"].query("region == @region and year == @year")
    status = status.set_index("measure")["persons"]
    people = tables["population"].query("region == @region and year == @year + 1")
    people = people.set_index("age")["persons"].loc[15:74].to_numpy(dtype=float)
    profile = (expit(panel["profile"].values) * MEAN_LEVELS).sum(-1)
    idle = (expit(panel["unemployment"].values) * MEAN_LEVELS).sum()
    shift = float(panel["shift"].sel(region=region, stock_year=year))
    rate = (people / people.sum() * expit(logit(profile) + shift)).sum() * (1 - idle)
    assert rate == pytest.approx(status["employed_by_residence"] / status["population_15_74"])


def test_the_assumed_profile_passes_through_its_rows(tables):
    panel = build_participation_panel(tables, DEFAULT)
    seed = tables["participation_profile"].set_index(["age", "level"])["value"].astype(float)
    for (age, level), value in seed.items():
        if age in panel["age"].values:
            assert expit(float(panel["profile"].sel(age=age, level=level))) == pytest.approx(value)
    assert panel["before_break"].sel(nation_year=2014) == 1
    assert panel["before_break"].sel(nation_year=2015) == 0


# --- sectors


def grown(regions, sector, years, start, rates):
    """Rows of employed that start at `start` and grow by `rates`."""
    values = start * np.exp(np.concatenate([[0.0], np.cumsum(rates)]))
    return [(regions, sector, y, v) for y, v in zip(years, values, strict=True)]


def test_deviations_are_growth_over_the_same_source():
    years = [2013, 2014, 2015, 2016]
    nation = grown("Hele landet", "85", years, 100, [0.02, 0.5, 0.03])
    county = grown("C", "85", years, 5, [0.05, 0.5, 0.01])
    accounts = frame("region sector year employed_1000", *nation, *county)
    places = grown("T", "85", [2020, 2021, 2022], 400, [0.04, -0.01])
    small = grown("T", "84", [2020, 2021, 2022], 140, [0.05, 0.05])
    national = [
        *grown("N", "85", [2020, 2021, 2022], 9e4, [0.01, 0.02]),
        *grown("N", "84", [2020, 2021, 2022], 9e4, [0.0, 0.0]),
    ]
    base = pd.DataFrame(1.0, ["A"], list(SECTORS))
    no_drivers = xr.DataArray(
        np.zeros((1, 10, 16)),
        {"region": ["A"], "year": list(range(2013, 2023)), "sector": list(SECTORS)},
        ("region", "year", "sector"),
    )
    found = deviations(
        {
            "employment_county_accounts": accounts,
            "employment_workplace_telemark": frame("region sector year employed", *places, *small),
            "employment_national": frame("region sector year employed", *national).assign(
                concept="workplace"
            ),
        },
        base,
        no_drivers,
    )
    names = [found["area"].values[i] for i in found["cell_area"].values]
    rows = sorted(zip(names, found["deviation"].values, found["cell_size"].values, strict=True))
    expected = [
        ("C", -0.02, 5000 * np.exp(0.56)),  # 2016; 2015 is the break
        ("C", 0.03, 5000 * np.exp(0.05)),  # 2014
        # the small cell first reaches 150 in 2022: no year before to compare with
        ("T", -0.03, 400 * np.exp(0.03)),
        ("T", 0.03, 400 * np.exp(0.04)),
    ]
    assert [row[0] for row in rows] == [row[0] for row in expected]
    for mine, theirs in zip(rows, expected, strict=True):
        np.testing.assert_allclose(mine[1:], theirs[1:], rtol=1e-9)
    assert {list(SECTORS)[i] for i in found["cell_sector"].values} == {"85"}
    rounding = dict(
        zip(found["cell_size"].values.round(), found["cell_rounding"].values, strict=True)
    )
    # Accounts count hundreds: two errors of 100 / sqrt(12) persons. The register counts persons.
    grown_from, grown_to = 5000.0, 5000 * np.exp(0.05)
    known = (100 / 12**0.5 / grown_from) ** 2 + (100 / 12**0.5 / grown_to) ** 2
    np.testing.assert_allclose(rounding[round(grown_to)], known, rtol=1e-9)
    assert rounding[round(400 * np.exp(0.04))] == 0


def test_drivers_follow_their_age_bands():
    bands = {name: np.log([100.0, 100.0]) for name in panel_sectors.BANDS}
    grows = {**bands, "0-18": np.log([100.0, 110.0]), "80+": np.log([100.0, 150.0])}
    growth = dict(zip(SECTORS, np.diff(sector_driver(grows), axis=0)[0], strict=True))
    assert growth["85"] == pytest.approx(np.log(1.1))
    assert growth["84"] == growth["41-43"] == growth["10-33"] == 0
    # use of care by persons of 100 a band: 45 + 20 / 0.14 + 35 / 0.05, the last grows by half
    before, after = 0.45 + 0.2 / 0.14 + 0.35 / 0.05, 0.45 + 0.2 / 0.14 + 1.5 * 0.35 / 0.05
    assert growth["86-88"] == pytest.approx(np.log(after / before))


def test_all_drivers_grow_as_one_when_all_ages_do():
    ages = pd.DataFrame({"age": range(90), "persons": 1000.0})
    nation = pd.concat(
        [ages.assign(year=2020 + t, persons=1000.0 * 1.02**t) for t in range(3)], ignore_index=True
    )
    found = national_driver(nation)
    assert list(found.index) == [2020, 2021]  # 1 January 2021 belongs to the 4th quarter of 2020
    driven = [name in panel_sectors.DRIVER for name in SECTORS]
    np.testing.assert_allclose(found.loc[:, driven], np.log(1.02))
    np.testing.assert_allclose(found.loc[:, ~np.array(driven)], 0.0)


def test_the_base_is_that_of_the_reconciliation(tables):
    panel = block_of("sectors").panel(tables, DEFAULT)
    base = tables["employment_workplace_base"].set_index(["region", "sector"])["persons"]
    found = float(np.exp(panel["base_log"].sel(target="Hallingdal", sector="55-56")))
    assert found == pytest.approx(base["Hallingdal", "55-56"])
    np.testing.assert_allclose(np.exp(panel["base_log"]).sum("sector"), panel["workplace_total"])
    assert 2015 not in panel["growth_year"].values


# --- skill mix and imbalance


def test_changes_of_levels_are_in_log_odds_against_upper_secondary(tables):
    persons = {"upper_secondary": (100, 110), "primary": (50, 44), "higher_vocational": (5, 6)}
    persons |= {"bachelor": (40, 44), "master": (10, 12)}
    rows = [("P", 2016 + t, level, n[t]) for level, n in persons.items() for t in range(2)]
    rows += [("P", 2015, level, 1) for level in persons]
    panel = build_skill_mix_panel(
        {
            "skill_mix": tables["skill_mix"],
            "education_residents_16plus": frame("region year level persons", *rows),
        },
        DEFAULT,
    )
    change = panel["change"].sel(place="P", change_year=2017)
    for level, (before, after) in persons.items():
        if level != "upper_secondary":
            wanted = np.log(after / 110) - np.log(before / 100)
            assert float(change.sel(moving=level)) == pytest.approx(wanted)
    assert panel.sizes["change_year"] == 1
    np.testing.assert_allclose(np.exp(panel["mix_log"]).sum("education"), 1.0, atol=2e-5)


def test_shortages_go_to_the_longest_known_prefix():
    survey = frame(
        "occupation_code shortage_estimate",
        ("2211", 100),
        ("2221", 50),
        ("9100", 150),
        ("2100", 50),
    )
    found = steps(survey, ["2", "22", "9"], "nation")
    assert found.tolist() == [1, 3, 3]


def test_no_job_of_the_survey_is_lost(tables):
    survey = tables["nav_shortage_2017"]
    panel = block_of("imbalance").panel(tables, DEFAULT)
    for place, step, name in (("county", 25, "buskerud"), ("nation", 50, "norge")):
        jobs = survey.loc[survey["region"] == name, "shortage_estimate"].sum()
        assert step * float(panel[f"survey_{place}"].sum()) == jobs


def test_vacancies_of_every_month_and_stated_group_are_counted(tables):
    panel, table = block_of("imbalance").panel(tables, DEFAULT), tables["vacancies_by_occupation"]
    assert set(table["occupation_group"]) == {*NAV_GROUPS, UNSTATED}
    stated = table[table["occupation_group"] != UNSTATED]
    for place, name in (("county", "buskerud"), ("nation", "norge")):
        rows = stated[stated["region"] == name]
        counts = panel[f"vacancies_{place}"]
        assert counts.shape == (8, len(NAV_GROUPS))
        assert float(counts.sum()) == rows["vacancies"].sum()
        wanted = np.log(rows["vacancies"].sum() / 8)
        assert float(panel[f"log_vacancies_{place}"]) == pytest.approx(wanted)


def test_every_occupation_lies_in_one_of_navs_groups(tables):
    panel = block_of("imbalance").panel(tables, DEFAULT)
    names = panel["group"].values[panel["group_of"].values]
    group = dict(zip(panel["occupation"].values.tolist(), names, strict=True))
    assert group["2342"] == group["531"] == "Barne- og ungdomsarbeid"
    assert group["222"] == group["532"] == "Helse, pleie og omsorg"
    assert group["741"] == group["712"] == "Bygg og anlegg"
    assert group["52"] == "Butikk- og salgsarbeid"
    assert set(group.values()) == set(NAV_GROUPS)
    np.testing.assert_allclose(panel["asked"].sum("education"), 1.0)


def test_vacancies_of_another_county_are_not_the_studys(tables):
    survey = tables["nav_shortage_2017"]
    abroad = {**tables, "nav_shortage_2017": survey[survey["region"] == "norge"]}
    panel = block_of("imbalance").panel(abroad, DEFAULT)
    assert (panel.sizes["month_nation"], panel.sizes["month_county"]) == (8, 0)
    assert float(panel["survey_county"].sum()) == 0
    without = {k: v for k, v in abroad.items() if k != "vacancies_by_occupation"}
    assert block_of("imbalance").panel(without, DEFAULT).sizes["month_nation"] == 0


# --- every block


@pytest.mark.parametrize("block", list(BLOCKS))
def test_order_of_rows_and_regions_does_not_matter(block, tables):
    rng = np.random.default_rng(5)
    mixed = {name: table.sample(frac=1, random_state=rng) for name, table in tables.items()}
    turned = DEFAULT.model_copy(
        update={"targets": DEFAULT.targets[::-1], "pooling": DEFAULT.pooling[::-1]}
    )
    one, two = block_of(block).panel(tables, DEFAULT), block_of(block).panel(mixed, turned)
    assert set(one.data_vars) == set(two.data_vars)
    labelled = [dim for dim in one.dims if dim in one.indexes]
    two = two.sel({dim: one[dim] for dim in labelled})
    for name, values in one.data_vars.items():
        if set(values.dims) <= set(labelled):
            again = two[name].transpose(*values.dims)
            np.testing.assert_allclose(again, values, rtol=1e-9, atol=1e-10, err_msg=str(name))
