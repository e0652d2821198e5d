"""Panels of the small blocks: definitions by hand on tiny tables, and labels that do not matter."""

import numpy as np
import pandas as pd
import pytensor.tensor as pt
import pytest
import xarray as xr
from pytensor import function
from scipy.special import expit

from bayesgap.blocks.commuting.panel import (
    build_commuting_panel,
    level_weights,
    printed_figures,
)
from bayesgap.blocks.imbalance.panel import NAV_GROUPS, UNSTATED, steps
from bayesgap.blocks.levels import by_age, national_levels, regional_levels
from bayesgap.blocks.participation import model as participation
from bayesgap.blocks.participation import simulate, surveys
from bayesgap.blocks.participation.panel import build_participation_panel, cells, solved
from bayesgap.blocks.participation.profile import curves
from bayesgap.blocks.registry import BLOCKS, block_of
from bayesgap.blocks.sectors import panel as panel_sectors
from bayesgap.blocks.sectors.panel import national_driver, sector_driver
from bayesgap.blocks.sectors.panel_regions import deviations
from bayesgap.blocks.skill_mix.panel import build_skill_mix_panel
from bayesgap.schema import LEVELS, SECTORS
from bayesgap.study.bundle import default_study
from bayesgap.study.study import load_study

DEFAULT = load_study(default_study())


def logit(p):
    return np.log(p / (1 - p))


def frame(columns, *rows):
    return pd.DataFrame(rows, columns=columns.split())


# --- commuting


@pytest.fixture(scope="module")
def commuting():
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
    return build_commuting_panel({"commuting": flows, "education_residents_30_66": stocks}, two)


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
    assert commuting.sizes["figure"] == 0  # no report, no figures


def test_level_weights_use_the_last_stock_and_add_up():
    residents = {"education_residents_30_66": residents_by_level(("A", 2019))}
    found = level_weights(residents, ["A"]).sel(region="A")
    np.testing.assert_allclose(found, [0.25, 0.5, *np.full(3, 0.25 / 3)])
    nation = frame(
        "region year level persons",
        *[("Norway", 2024, level, n) for level, n in zip(LEVELS, (9, 9, 7, 62, 31), strict=True)],
    )
    groups = ("primary", "upper_secondary:other", "higher_vocational", "bachelor:ict", "master:ict")
    employed = zip(groups, (50, 80, 80, 90, 80), strict=True)
    register = frame(
        "year education persons employed",
        *[(2024, group, 100, at_work) for group, at_work in employed],
        ("2024", "bachelor:other", 100, 70),
    ).astype({"year": int})
    told = {"education_residents_16plus": nation, "education_fields_national": register}
    found = level_weights(residents | told, ["A"]).sel(region="A")
    weight = np.array([100 * 0.5, 200 * 0.8, *(np.array([7, 62, 31]) * [0.8, 0.8, 0.8])])
    np.testing.assert_allclose(found, weight / weight.sum())


def test_a_range_of_several_levels_is_a_figure_of_each():
    report = frame(
        "id region group value half_width",
        ("commute_out_share", "A", "total", 0.35, 0.005),
        ("commute_out_share_low", "A", "primary+upper_secondary", 0.34, 0.005),
        ("commute_out_share_master", "A", "master", 0.66, 0.005),
        ("commute_in_share_below_master", "A", "below_master", 0.265, 0.025),
        ("commute_out_share_master", "elsewhere", "master", 0.5, 0.005),
    )
    found = printed_figures({"report_figures": report}, ("B", "A"))
    assert found["printed_level"].values.tolist() == [0, 1, 4, 0, 1, 2, 3]
    assert set(found["printed_target"].values) == {1}
    assert found["printed_group"].values.tolist() == [0, 0, 0, 1, 1, 1, 1]
    np.testing.assert_allclose(found["printed"][[0, 2]], [logit(0.34), logit(0.66)])
    np.testing.assert_allclose(found["printed"][3], np.log(0.265))
    rounding = [0.005 / np.sqrt(3) / (0.34 * 0.66), 0.025 / np.sqrt(3) / 0.265]
    np.testing.assert_allclose(found["printed_sd"][[0, 3]], rounding)


# --- participation


def test_a_shift_gives_back_the_observed_rate():
    people = np.array([[100.0, 300.0], [50.0, 50.0]])
    mix, rate = np.array([[1.0, 0.0], [0.4, 0.6]]), np.array([[0.5, 0.5], [0.7, 0.9]])
    wanted, idle = np.array([0.6, 0.7]), np.array([0.08, 0.02])
    shift = solved(wanted, cells(people, mix) * (1 - idle), logit(rate))
    for r in range(2):
        found = sum(
            people[r, a] / people[r].sum() * mix[a, e] * (1 - idle[e])
            / (1 + np.exp(-(logit(rate[a, e]) + shift[r])))
            for a in range(2) for e in range(2)
        )  # fmt: skip
        assert found == pytest.approx(wanted[r])


def test_shifts_of_profiles_far_from_the_rate_are_found():
    weight = np.full((3, 2, 2), 0.25)
    profile = np.array([-12.0, 0.0, 12.0])[:, None, None] * np.ones((3, 2, 2))
    found = solved(np.full(3, 0.7), weight, profile)
    np.testing.assert_allclose(found, logit(0.7) - profile[:, 0, 0], atol=1e-9)


def test_participation_belongs_to_the_january_that_follows(tables):
    panel = build_participation_panel(tables, DEFAULT)
    region, year = "Hallingdal", 2020
    status = tables["employment_status"].query("region == @region and year == @year")
    status = status.set_index("measure")["persons"]
    people = tables["population"].query("region == @region and year == @year + 1")
    people = people.set_index("age")["persons"].loc[15:74].to_numpy(dtype=float)
    ages = panel["age"].values
    nation = national_levels(tables)[2:]
    mix = by_age(regional_levels(tables["education_residents_30_66"], [region], nation), ages)[0]
    shift = float(panel["shift"].sel(region=region, stock_year=year))
    active = expit(surveys.reference(tables, ages) + shift) * (1 - surveys.reference_idle(tables))
    rate = ((people / people.sum())[:, None] * mix * active).sum()
    assert rate == pytest.approx(status["employed_by_residence"] / status["population_15_74"])
    assert panel["before_break"].sel(nation_year=2014) == 1
    assert panel["before_break"].sel(nation_year=2015) == 0


def test_nobody_has_a_level_before_the_age_of_it():
    found = by_age(np.array([0.2, 0.4, 0.1, 0.2, 0.1]), np.array([16, 19, 22, 40]))
    np.testing.assert_allclose(found[0], [1, 0, 0, 0, 0])
    np.testing.assert_allclose(found[1], [1 / 3, 2 / 3, 0, 0, 0])
    np.testing.assert_allclose(found[2], np.array([2, 4, 1, 2, 0]) / 9)
    np.testing.assert_allclose(found[3], [0.2, 0.4, 0.1, 0.2, 0.1])


def test_a_study_without_surveys_has_a_panel_of_the_same_kind(tables):
    bare = {name: table for name, table in tables.items() if not name.endswith("_national")}
    kept = ("population_national", "employment_national")
    bare |= {name: tables[name] for name in kept}
    found, usual = (build_participation_panel(each, DEFAULT) for each in (bare, tables))
    assert set(found) == set(usual)
    assert found.sizes["survey_row"] == found.sizes["idle_row"] == 0
    assert not found["asked"].any()
    assert np.isfinite(found["shift"]).all()
    model = participation.build(found, DEFAULT.priors["participation"], DEFAULT.options)
    assert np.isfinite(model.compile_logp()(model.initial_point()))


def test_the_reference_is_the_mean_of_the_survey():
    rows = [("lfs", y, 25, 34, e, v) for y, v in ((2014, 0.5), (2015, 0.8)) for e in LEVELS]
    rows += [("lfs", 2014, 35, 44, e, 0.9) for e in LEVELS]
    rows += [("lfs", 2014, 15, 24, "all", 0.4), ("piaac", 2012, 35, 44, "master", 0.1)]
    table = frame("survey year first_age last_age level value", *rows)
    found = surveys.reference({"participation_national": table}, np.array([19.5, 29.5, 34.5, 44.5]))
    middle, late = logit(0.8) / 2, logit(0.9)
    np.testing.assert_allclose(found[0], logit(0.4))
    np.testing.assert_allclose(found[1], middle)
    np.testing.assert_allclose(found[2], (middle + late) / 2)
    np.testing.assert_allclose(found[3], late + (late - middle) / 2)  # on as between the last two


def test_rows_err_alike_where_they_share_a_level_a_year_or_a_cell():
    rows = {
        "source": [0, 0, 0, 1], "level": [0, 0, 1, 0], "time": [0, 1, 1, 0], "band": [0, 0, 0, 0],
        "sd": [0.3, 0.3, 0.3, 0.3], "definition_sd": [0.2, 0.2, 0.1, 0.4],
    }  # fmt: skip
    panel = xr.Dataset({f"survey_{name}": ("row", np.array(v)) for name, v in rows.items()})
    panel["survey_year"] = ("times", [2014, 2016])
    found = surveys.covariance(panel, "survey", cell=0.1, drift=0.05, year=0.04)
    assert found[0, 0] == pytest.approx(0.09 + 0.04 + 0.01 + 2 * 0.0025 + 0.0016)
    assert found[1, 1] == pytest.approx(0.09 + 0.04 + 0.01 + 0.0016)
    assert found[0, 1] == pytest.approx(0.04 + 0.01)  # level and cell; the last year has no drift
    assert found[1, 2] == pytest.approx(0.0016)  # a year
    assert found[0, 2] == found[0, 3] == 0


def test_made_up_surveys_err_as_the_model_believes(tables):
    panel = build_participation_panel(tables, DEFAULT)
    priors = DEFAULT.priors["participation"]
    bent, stepped = curves()
    profile, drift = pt.dmatrix(), pt.dscalar()
    means = function([profile, drift], participation.survey_means(panel, profile, drift))
    errors = surveys.covariance(panel, "survey", surveys.CELL, surveys.DRIFT, surveys.YEAR)
    root = np.linalg.inv(np.linalg.cholesky(errors))
    away = []
    for seed in range(40):
        truth, data = simulate(priors, panel, np.random.default_rng(seed))
        drawn = truth["profile_middle"] + (bent @ truth["profile_turn"])[:, None]
        seen = means(drawn + stepped @ truth["profile_step"], truth["older_drift"])
        away.append(root @ (data["survey"] - seen))
    assert np.std(away) == pytest.approx(1.0, abs=0.03)  # 12 320 standard normals


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


def test_changes_of_levels_are_in_log_odds_against_bachelor(tables):
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
    for level in ("higher_vocational", "master"):
        before, after = persons[level]
        wanted = np.log(after / 44) - np.log(before / 40)
        assert float(change.sel(moving=level)) == pytest.approx(wanted)
    assert panel.sizes["change_year"] == 1
    np.testing.assert_allclose(np.exp(panel["mix_log"]).sum("education"), 1.0, atol=2e-5)
    assert panel.sizes["history_year"] == 0 and "register" not in panel


def test_history_is_in_nested_logits_of_the_survey(tables):
    panel = build_skill_mix_panel(tables, DEFAULT)
    assert panel["history"].shape == (13, 2, 15)
    frame = tables["sector_levels_national"].query("industry == '86-88' and 2020 <= year <= 2021")
    counts = frame.pivot_table(index="year", columns="level", values="employed") / 1000
    low, middle, high = (
        counts[level].to_numpy() for level in ("primary", "upper_secondary", "tertiary")
    )
    own = panel.sel(industry="86-88")
    found = own["history"].sel(history_year=2021).values
    np.testing.assert_allclose(found[0], np.diff(np.log(high / (low + middle)))[0])
    np.testing.assert_allclose(found[1], np.diff(np.log(low / middle))[0])
    inverse = own["history_inverse"].sel(survey_year=2021).values
    np.testing.assert_allclose(
        inverse, [1 / high[1] + 1 / (low + middle)[1], (1 / low + 1 / middle)[1]]
    )
    falls = panel["break_falls"]
    assert falls["history_year"].values[falls.sum("break") > 0].tolist() == [2014, 2021]


def test_a_register_is_in_shares_of_its_last_year(tables):
    name = DEFAULT.targets[1]
    rows = [
        (name, 2023, "85", "primary", "all", 30),
        (name, 2023, "85", "bachelor", "teaching", 70),
        (name, 2022, "85", "primary", "all", 999),
        ("Grenland", 2023, "85", "primary", "all", 999),
    ]
    register = frame("region year sector level field employed", *rows)
    panel = build_skill_mix_panel({**tables, "employed_sector_education": register}, DEFAULT)
    assert panel["register_region"].values.tolist() == [name]
    own = panel.sel(register_region=name, sector="85")
    persons = 100 + 19 * 0.5  # half a person in each of the other groups
    known = np.exp(own["register"].sel(education=["primary", "bachelor:teaching"]))
    np.testing.assert_allclose(known, [30 / persons, 70 / persons])
    assert float(own["register_variance"].sel(education="primary")) == pytest.approx(
        1 / 30 + 0.05**2
    )


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
