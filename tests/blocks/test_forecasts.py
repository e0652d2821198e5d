"""Forecasts of the small blocks: the law continues what was seen, and spreads with the horizon."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from bayesgap.blocks.commuting import model as commuting
from bayesgap.blocks.imbalance import model as imbalance
from bayesgap.blocks.participation import model as participation
from bayesgap.blocks.participation.profile import SEGMENTS
from bayesgap.blocks.sectors import model as sectors
from bayesgap.blocks.sectors.panel import BANDS
from bayesgap.blocks.skill_mix import model as skill_mix
from bayesgap.errors import StudyError
from bayesgap.schema import SECTORS
from bayesgap.study.bundle import default_study
from bayesgap.study.study import Options, load_study
from tests.simulators import commuting as commuting_world
from tests.simulators import imbalance as imbalance_world
from tests.simulators import participation as participation_world
from tests.simulators import skill_mix as skill_mix_world
from tests.strategies import generators

SEED = 12
CHAINS, DRAWS = 2, 400
YEARS = list(range(2024, 2041))
# The sd of 800 draws has an error of 2.5 %: a ratio of two, 3.5 %; heavy tails make it twice that.
WIDER = 1.15


def posterior(**values) -> xr.Dataset:
    """The same value in every draw; arrays keep their dims."""
    out = {}
    for name, value in values.items():
        array = np.asarray(value, float)
        dims = ("chain", "draw", *(f"{name}_{i}" for i in range(array.ndim)))
        out[name] = (dims, np.broadcast_to(array, (CHAINS, DRAWS, *array.shape)))
    return xr.Dataset(out, coords={"chain": range(CHAINS), "draw": range(DRAWS)})


def generator(seed=SEED):
    return np.random.default_rng(seed)


def sd(values: xr.DataArray) -> xr.DataArray:
    return values.astype(float).std(("chain", "draw"))


# --- sectors


def yearly_noise(persons, growth):
    """Spread of yearly growth (year, sector) where the size of cells is all that makes noise."""
    zero = np.zeros(len(SECTORS))
    persons = np.concatenate([persons, np.full(zero.size - len(persons), 1000.0)])
    growth = np.concatenate([growth, np.zeros(zero.size - len(growth))])
    draws = posterior(
        elasticity=zero,
        growth=growth,
        target_growth=zero[None],
        deviation_scale=zero,
        innovation=zero,
        cycle_load=zero,
        base_log=np.log(persons)[None],
        size_noise=1.0,
        persistence=0.0,
        common_scale=0.0,
    )
    none = np.empty((0, 1, zero.size))
    panel = xr.Dataset(
        {
            "last_growth": ("sector", growth),
            "national_driver": (("growth_year", "sector"), zero[None]),
            "known_growth": (("known_year", "sector"), none[:, 0]),
            "known_driver": (("known_year", "target", "sector"), none),
            "workplace_total": ("target", [persons.sum()]),
        },
        coords={"target": ["a"], "sector": list(SECTORS)},
    )
    found = sectors.forecast(draws, panel, YEARS, generator(), nobody_moves(), swings(0.0))
    return sd(found["employment_growth"].sel(region="a"))


def nobody_moves():
    """Drivers of sectors that stand still (chain, draw, region, year, driver)."""
    shape = (CHAINS, DRAWS, 1, len(YEARS) + 1, len(BANDS))
    coords = {"region": ["a"], "year": [*YEARS, YEARS[-1] + 1], "driver": list(BANDS)}
    dims = ("chain", "draw", "region", "year", "driver")
    return xr.Dataset({"log_driver": (dims, np.zeros(shape))}, coords=coords)


def test_a_cell_that_has_grown_is_calmer():
    found = yearly_noise([100.0, 100.0], growth=[1.0])
    first, third = found.sel(year=YEARS[0]), found.sel(year=YEARS[2])
    # Two years of growth by e: the noise of exp(2) times the persons is 1 / e of the first year's.
    assert float(third[0] / first[0]) == pytest.approx(np.exp(-1.0), rel=0.15)
    assert float(third[1] / first[1]) == pytest.approx(1.0, rel=0.15)


def test_the_smallest_cells_are_all_as_noisy_as_a_small_one():
    tiny, small, large = yearly_noise([2.0, sectors.SMALL, 2500.0], growth=[0.0])[0, :3]
    assert float(tiny / small) == pytest.approx(1.0, rel=0.15)
    assert float(large / small) == pytest.approx(0.1, rel=0.15)


# --- commuting


@pytest.fixture(scope="module")
def commuting_panel():
    return commuting_world.simulate(commuting_world.TRUTH, generator())[0]


def commuting_draws(panel):
    contrast = np.array([[-0.25, 0.0, 0.1, 0.2, 0.5], [-0.2, 0.0, 0.1, 0.2, 0.4]])
    contrasts = {"contrast": contrast, "contrast_away": np.zeros((2, panel.sizes["target"], 5))}
    laws = {f"{d}_region": 0.7 for d in ("out", "in")} | {"out_mean": -0.7, "in_mean": -1.4}
    paths = {"persistence": [0.8, 0.7], "innovation": [0.04, 0.05]}
    shared = {"common": [0.02, 0.03], "size": [0.2, 0.2]}
    return posterior(**laws, **paths, **shared, **contrasts)


def mean_over_levels(found, panel, name):
    weight = panel["level_weight"].sel(region=found["region"].values)
    return (found[name].astype(float) * weight).sum("level")


def test_commuting_of_seen_years_is_what_was_seen(commuting_panel):
    draws = commuting_draws(commuting_panel)
    found = commuting.forecast(draws, commuting_panel, [2020, 2021, 2022, 2023], generator())
    seen = commuting_panel.sel(region=found["region"].values, stock_year=[2020, 2021, 2022])
    share = mean_over_levels(found, commuting_panel, "out_commuting_share").sel(
        year=seen_years(seen)
    )
    wanted = 1 / (1 + np.exp(-seen["out_logit"].values))
    np.testing.assert_allclose(
        share.mean(("chain", "draw")).transpose("region", "year"), wanted, rtol=1e-5
    )
    assert float(sd(share).max()) < 1e-6
    ratio = mean_over_levels(found, commuting_panel, "in_commuting_ratio").sel(
        year=seen_years(seen)
    )
    wanted = np.exp(seen["in_log"].values)
    np.testing.assert_allclose(
        ratio.mean(("chain", "draw")).transpose("region", "year"), wanted, rtol=1e-5
    )


def seen_years(panel):
    return panel["stock_year"].values.tolist()


def test_commuting_spreads_with_the_horizon(commuting_panel):
    draws = commuting_draws(commuting_panel)
    found = commuting.forecast(draws, commuting_panel, YEARS, generator())
    for name in found.data_vars:
        spread = sd(np.log(found[name])).mean(("region", "level"))
        # six years of shocks against two, with a persistence of 0.7 at least: theory says 1.13
        assert float(spread.sel(year=2028)) > 1.05 * float(spread.sel(year=2024)) > 0, name


@settings(max_examples=40, deadline=None)
@given(generators, st.floats(0.01, 0.95), st.floats(0.0, 1.5))
def test_shares_by_level_average_to_the_total(rng, total, spread):
    contrast = spread * rng.standard_normal((3, 1, 1, 5))
    weight = rng.dirichlet(np.ones(5), (1, 4))[:, :, None]
    share = commuting.split_share(np.full((3, 4, 2), total), contrast, weight)
    np.testing.assert_allclose((weight * share).sum(-1), total, rtol=1e-9)
    assert ((share > 0) & (share < 1)).all()
    logit = np.log(share / (1 - share))
    apart = logit - logit[..., :1]
    np.testing.assert_allclose(
        apart, np.broadcast_to(contrast - contrast[..., :1], apart.shape), atol=1e-6
    )


# --- participation


@pytest.fixture(scope="module")
def participation_panel():
    return participation_world.simulate(participation_world.TRUTH, generator())[0]


def participation_draws(**changed):
    values = {
        "national_mean": 0.1,
        "national_persistence": 0.8,
        "national_innovation": 0.05,
        "cycle_part": 0.6,
        "break_step": 0.02,
        "region_scale": 0.15,
        "region_persistence": 0.7,
        "region_innovation": 0.03,
        "region_size": 0.0,
        "older_drift": 0.01,
        "profile_middle": np.linspace(1.0, 3.0, 5),
        "profile_turn": np.zeros(SEGMENTS),
        "profile_step": np.zeros((SEGMENTS, 5)),
        "unemployment": np.array([-2.4, -3.4, -3.3, -4.0, -3.8]),
        "study": np.array([0.2, -1.5, -3.5]),
        "study_error": 0.0,
    }
    return posterior(**{**values, **changed})


def swings(value=None):
    """Business cycle of every year: one value, or standard normal draws."""
    drawn = generator(3).standard_normal((CHAINS, DRAWS, len(YEARS)))
    values = drawn if value is None else np.full(drawn.shape, float(value))
    return xr.DataArray(values, dims=("chain", "draw", "year"), coords={"year": YEARS})


def test_participation_of_seen_years_is_what_was_seen(participation_panel):
    years = [2020, 2021, 2022, 2023]
    found = participation.forecast(
        participation_draws(), participation_panel, years, generator(), swings()
    )
    shift = found["participation_shift"].sel(year=years[:3])
    wanted = participation_panel["shift"].sel(region=found["region"].values, stock_year=years[:3])
    np.testing.assert_allclose(shift.mean(("chain", "draw")), wanted, atol=1e-5)
    assert float(sd(shift).max()) < 1e-5
    # 2023 is seen for the nation only: regions spread by their own shocks, and by what their
    # lasting part is
    spread = sd(found["participation_shift"].sel(year=2023))
    assert float(spread.min()) > 0.025 and float(spread.max()) < 0.05


def test_participation_spreads_with_the_horizon(participation_panel):
    found = participation.forecast(
        participation_draws(), participation_panel, YEARS, generator(), swings()
    )
    spread = sd(found["participation_shift"]).mean("region")
    assert float(spread.sel(year=2030)) > WIDER * float(spread.sel(year=2025))
    # one national shock moves all regions of a draw together
    flat = found["participation_shift"].sel(year=2030).stack(sample=("chain", "draw")).values
    assert np.corrcoef(flat)[np.triu_indices(4, 1)].min() > 0.3
    older = found["older_shift"].isel(chain=0, draw=0)
    since = np.array(YEARS) - int(participation_panel["base_year"])
    np.testing.assert_allclose(older, 0.01 * since, atol=1e-7)


def test_a_good_year_of_jobs_lifts_participation_at_once(participation_panel):
    flat, good = (
        participation.forecast(
            participation_draws(), participation_panel, YEARS, generator(), swings(value)
        )["participation_shift"]
        for value in (0.0, 1.0)
    )
    more = (good - flat).isel(chain=0, draw=0, region=0).values
    # every year swings by one: 0.05 * 0.6 at once, and 0.8 of it stays each year
    np.testing.assert_allclose(more, 0.03 * (1 - 0.8 ** np.arange(1, 18)) / 0.2, atol=1e-5)


def test_study_and_unemployment_are_shares(participation_panel):
    draws = participation_draws(study_error=0.5)
    found = participation.forecast(draws, participation_panel, YEARS[:2], generator(), swings())
    study = found["study_share"].isel(chain=0, draw=0)
    odds = study / (1 - study)
    wanted = np.exp(np.array([0.2, 0.2 - 1.7 * 3.5 / 4.5, -3.5]) + 0.5)  # first, between, last
    np.testing.assert_allclose(odds.sel(age=[15, 20, 74]), wanted, rtol=1e-5)
    idle = found["unemployment_rate"].isel(chain=0, draw=0)
    wanted = np.exp([-2.4, -3.4, -3.3, -4.0, -3.8])
    np.testing.assert_allclose(idle / (1 - idle), wanted, rtol=1e-5)


def test_the_nations_employment_sets_the_level_of_every_profile(participation_panel):
    rng = generator()
    middle = rng.normal(2.0, 1.0, (CHAINS, DRAWS, 5))
    draws = participation_draws().assign(profile_middle=(("chain", "draw", "level"), middle))
    found = participation.forecast(draws, participation_panel, YEARS[:1], rng, swings())
    last = float(participation_panel["national_shift"][-1])
    logit = found["participation_logit"].astype(float)
    at_work = (1 - found["unemployment_rate"]) / (1 + np.exp(-(logit + last)))
    total = (at_work * participation_panel["nation_cells"]).sum(("age", "level"))
    np.testing.assert_allclose(total, float(participation_panel["nation_rate"]), rtol=1e-5)
    apart = logit.isel(age=0) - logit.isel(age=0, level=0)
    np.testing.assert_allclose(apart, middle - middle[..., :1], atol=1e-5)


# --- skill mix


@pytest.fixture(scope="module")
def mix_panel():
    return skill_mix_world.simulate(skill_mix_world.TRUTH, generator())[0]


def mix_draws(panel, lean=0.0, step=0.0, common=0.0):
    rng = generator()
    both = {name: np.full(2, value) for name, value in (("lean", lean), ("step", step))}
    draws = posterior(
        change_mean=[0.01, 0.03],
        carried=0.5,
        pace=[0.02, -0.03],
        **both,
        common=np.full(2, common),
        persistence=0.5,
        shift=np.zeros((2, 2)),
        shift_scatter=np.full(2, 0.1),
        noise=0.25,
        mix_region=0.3,
        z_common=np.zeros((panel.sizes["history_year"], 2)),
    )
    error = rng.standard_normal((CHAINS, DRAWS, *panel["mix_log"].shape))
    level = rng.standard_normal((CHAINS, DRAWS, *panel["mix_level"].shape))
    dims = ("chain", "draw", "s")
    return draws.assign(mix_error=((*dims, "e"), error), level_error=((*dims, "l"), level))


def test_logits_within_sectors_go_on_at_their_pace(mix_panel):
    found = skill_mix.forecast(mix_draws(mix_panel), mix_panel, YEARS, generator(), Options())
    mix = found["base_mix"] * np.exp(found["mix_drift"])
    level = [g.partition(":")[0] for g in mix_panel["education"].values]
    by = mix.assign_coords(education=level).groupby("education").sum()
    low, middle = by.sel(education="primary"), by.sel(education="upper_secondary")
    tertiary = by.sel(education=["higher_vocational", "bachelor", "master"]).sum("education")
    ahead = xr.DataArray(np.array(YEARS) - YEARS[0], {"year": YEARS}, "year")
    for logit, pace in ((np.log(tertiary / (low + middle)), 0.02), (np.log(low / middle), -0.03)):
        moved = logit - logit.isel(year=0)
        gone = moved - pace * ahead
        np.testing.assert_allclose(gone, 0.0, atol=1e-5)
    longer = np.log(by.sel(education="master") / by.sel(education="bachelor"))
    np.testing.assert_allclose(longer - longer.isel(year=0) - 0.5 * 0.03 * ahead, 0.0, atol=1e-5)


def test_a_fixed_mix_drifts_nowhere_on_the_same_draws(mix_panel):
    draws = mix_draws(mix_panel, 0.01, 0.01)
    loose = skill_mix.forecast(draws, mix_panel, YEARS, generator(), Options())
    fixed = skill_mix.forecast(draws, mix_panel, YEARS, generator(), Options(skill_mix="fixed"))
    assert not fixed["mix_drift"].any()
    assert loose["mix_drift"].any()
    xr.testing.assert_identical(fixed["base_mix"], loose["base_mix"])


def test_fixing_the_mix_leaves_the_generator_where_it_was(mix_panel):
    draws, ends = mix_draws(mix_panel, 0.01, 0.01), []
    for choice in ("drift", "fixed"):
        rng = generator()
        skill_mix.forecast(draws, mix_panel, YEARS, rng, Options(skill_mix=choice))
        ends.append(rng.standard_normal())
    assert ends[0] == ends[1]


def test_the_base_mix_is_the_reconciled_one_with_its_spread(mix_panel):
    found = skill_mix.forecast(mix_draws(mix_panel), mix_panel, YEARS[:2], generator(), Options())
    mix = found["base_mix"]
    np.testing.assert_allclose(mix.sum("education"), 1.0, rtol=1e-6)
    wanted = np.exp(mix_panel["mix_log"])
    np.testing.assert_allclose(mix.median(("chain", "draw")), wanted, rtol=0.04)


def test_drift_spreads_with_the_horizon(mix_panel):
    panel = mix_panel.isel(industry=[], history_year=[])  # no survey: spreads are the priors' own
    draws = mix_draws(panel, 0.01, 0.01).drop_vars("z_common")
    found = skill_mix.forecast(draws, panel, YEARS, generator(), Options())
    spread = sd(found["mix_drift"].sel(education="primary")).mean("sector").values
    assert spread[0] == 0
    assert (np.diff(spread) > 0).all()
    # lean t and walk sqrt(t): sd 0.01 sqrt(t^2 + t)
    ahead = np.arange(1, len(YEARS))
    np.testing.assert_allclose(spread[1:], 0.01 * np.sqrt(ahead**2 + ahead), rtol=0.1)


def test_two_sectors_of_one_sum_lie_about_it(mix_panel):
    panel = mix_panel.isel(sector=[0, 0, 1]).assign_coords(sector=["35-39", "41-43", "85"])
    spread, lean = np.ones((4000, 2)), np.full((4000, 3, 2), 5.0)
    found = skill_mix.of_sectors(lean, spread, panel, generator())
    np.testing.assert_allclose(found[:, :2].mean(1), 5.0)
    assert (found[:, 0] - found[:, 1]).std() == pytest.approx(2**0.5, rel=0.05)
    assert (found[:, 2] == 5.0).all()


def with_registers(panel, known):
    dims = ("register_region", "sector", "education")
    variance = np.full(known.shape, 0.05**2)
    data = {"register": (dims, known), "register_variance": (dims, variance)}
    return panel.assign(data).assign_coords(register_region=panel["target"].values[: len(known)])


def test_a_register_narrows_the_mix_of_its_region(mix_panel):
    rng = np.random.default_rng(3)
    truth = mix_panel["mix_log"].values + 0.3 * rng.standard_normal(mix_panel["mix_log"].shape)
    truth -= np.log(np.exp(truth).sum(-1, keepdims=True))
    panel = with_registers(mix_panel, truth[None])
    draws = mix_draws(panel, 0.01, 0.01)
    mix = skill_mix.forecast(draws, panel, YEARS[:2], generator(), Options())["base_mix"]
    assert mix.dims == ("chain", "draw", "region", "sector", "education")
    np.testing.assert_allclose(mix.sum("education"), 1.0, rtol=1e-5)
    known, unknown = np.log(mix.sel(region="R0")), np.log(mix.sel(region="R1"))
    assert float(np.abs(known.mean(("chain", "draw")) - truth).max()) < 0.08
    assert float(sd(known).median()) < 0.6 * float(sd(unknown).median())


# --- imbalance


@pytest.fixture(scope="module")
def survey():
    return imbalance_world.simulate(imbalance_world.TRUTH, generator())[0]


def survey_draws(panel, lean=0.0, likeness=40.0, **known):
    zero = np.zeros(panel.sizes["group"])
    values = {
        "total": 7.0, "need": np.zeros(panel.sizes["occupation"]), "lean": zero,
        "discrepancy": zero, "discrepancy_scale": 0.0, "moved": 0.5, "asking": 1e9,
        "region_lean": np.full(4, lean), "likeness": likeness,
    }  # fmt: skip
    return posterior(**{**values, **known})


def test_regions_split_the_total_by_their_jobs(survey):
    found = imbalance.forecast(survey_draws(survey), survey, YEARS, generator())["unfilled"]
    wanted = np.exp(7.0) * survey["region_share"].values
    total = found.sum("education")
    np.testing.assert_allclose(total, np.broadcast_to(wanted, total.shape), rtol=1e-4)
    assert float(found.min()) >= 0


def test_a_common_lean_of_all_regions_changes_nothing(survey):
    one, two = (
        imbalance.forecast(survey_draws(survey, lean), survey, YEARS, generator())["unfilled"]
        for lean in (0.0, 0.4)
    )
    np.testing.assert_allclose(one, two, rtol=1e-5)


def test_likeness_leads_to_the_counties_composition(survey):
    known = survey.assign(asked_count=survey["asked_count"] * 0 + 1e9)
    wanted = np.exp(survey["log_jobs"].values) @ survey["asked"].values
    apart = []
    for likeness in (5.0, 50.0, 5e6):
        draws = survey_draws(survey, likeness=likeness)
        found = imbalance.forecast(draws, known, YEARS, generator())["unfilled"]
        share = found / found.sum("education")
        # Dirichlet: variance share (1 - share) / (likeness + 1)
        spread = np.sqrt(wanted * (1 - wanted) / (likeness + 1)).mean()
        assert float(sd(share).mean()) == pytest.approx(spread, rel=0.1)
        np.testing.assert_allclose(share.mean(("chain", "draw", "region")), wanted, atol=0.02)
        apart.append(float(sd(share).mean()))
    assert apart[0] > apart[1] > apart[2]


def asked_spread(panel, asking):
    draws = survey_draws(panel, asking=asking, likeness=1e9)
    found = imbalance.forecast(draws, panel, YEARS, generator())["unfilled"]
    return found.isel(region=0) / found.isel(region=0).sum("education")


def test_what_employers_ask_for_is_drawn_about_who_holds_the_job(survey):
    weight = np.exp(survey["log_jobs"].values)
    share, held = asked_spread(survey, 30.0), survey["asked"].values
    count = 1 / (1 / 200.0 + 1 / 30.0)
    wanted = np.sqrt((weight[:, None] ** 2 * held * (1 - held)).sum(0) / (count + 1))
    np.testing.assert_allclose(sd(share).values, wanted, rtol=0.1, atol=1e-3)
    assert float(sd(asked_spread(survey, 1e9)).sum()) < float(sd(share).sum())


@pytest.mark.parametrize("moved", [0.0, 0.3, 1.0])
def test_the_composition_moves_by_the_part_of_the_discrepancy_that_is_time(survey, moved):
    apart = np.array([1.0, 0.0, -1.0])
    draws = survey_draws(survey, discrepancy=apart, moved=moved)
    p = imbalance.Draws(draws)
    found = imbalance.composition(p, survey, generator())[0]
    weight = np.exp(survey["log_jobs"].values + moved * apart[survey["group_of"].values])
    np.testing.assert_allclose(found, weight / weight.sum())


# --- all


@pytest.mark.parametrize("block", [commuting, participation, sectors, skill_mix, imbalance])
def test_missing_and_unknown_priors_are_named(block):
    study = load_study(default_study())
    priors = dict(study.priors[block.NAME])
    first = block.PRIORS[0]
    priors["surprise"] = priors.pop(first)
    with pytest.raises(StudyError, match=rf"\['{first}'\].*\['surprise'\]"):
        block.build(xr.Dataset(), priors, study.options)


@pytest.mark.parametrize("block", [commuting, participation, skill_mix, imbalance])
def test_a_forecast_repeats_with_its_seed(
    block, commuting_panel, participation_panel, mix_panel, survey
):
    cases = {
        "commuting": (commuting_draws(commuting_panel), commuting_panel),
        "participation": (participation_draws(), participation_panel),
        "skill_mix": (mix_draws(mix_panel, 0.01, 0.01), mix_panel),
        "imbalance": (survey_draws(survey), survey),
    }
    draws, panel = cases[block.NAME]
    given = {"skill_mix": (Options(),), "participation": (swings(),)}.get(block.NAME, ())
    one, two, other = (
        block.forecast(draws, panel, YEARS, generator(seed), *given) for seed in (1, 1, 2)
    )
    xr.testing.assert_identical(one, two)
    assert not one.equals(other)
