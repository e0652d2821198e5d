"""Fields within levels: laws and panels by hand, what tables tell, recovery of a region's own."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.education import fields as law
from bayesgap.blocks.education import fields_model
from bayesgap.blocks.education.fields_forecast import field_shares
from bayesgap.blocks.education.fields_panel import (
    GROUP_LEVEL,
    GROUPS,
    build_fields_panel,
    contrasts,
    members,
    slopes,
)
from bayesgap.blocks.education.fields_simulate import simulate
from bayesgap.inference.fit import fit, prior_draws
from bayesgap.inference.parts import Draws
from bayesgap.schema import EDUCATION
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

NAMES = ("field_employed", "field_recent", "field_entering", "field_immigrant", "field_slope")


@pytest.fixture(scope="module")
def panel(tables: dict[str, pd.DataFrame], study: Study) -> xr.Dataset:
    return build_fields_panel(tables, study)


def built(panel: xr.Dataset, study: Study):
    import pymc as pm

    names = ("field_group", "field_level", "target")
    with pm.Model(coords={name: panel[name].values for name in names}) as model:
        fields_model.build_fields(panel, block_priors(study, "education"))
    return model


def own_registers(study: Study, counts: dict[str, np.ndarray]) -> pd.DataFrame:
    rows = [
        {
            "region": region,
            "year": 2023,
            "level": level,
            "field": group.partition(":")[2],
            "persons": n,
        }
        for region, persons in counts.items()
        for group, level, n in zip(GROUPS, GROUP_LEVEL, persons, strict=True)
    ]
    return pd.DataFrame(rows).assign(year=2023, status="observed")


def test_shares_sum_to_one_in_each_level_and_do_not_know_a_constant() -> None:
    logs = np.random.default_rng(1).normal(size=len(GROUPS))
    shares = law.shares(logs)
    levels = np.array(GROUP_LEVEL)
    for level in set(GROUP_LEVEL):
        assert shares[levels == level].sum() == pytest.approx(1.0)
    moved = logs + 3.0 * (levels == "master")
    assert law.shares(moved) == pytest.approx(shares)
    assert law.log_shares(logs) == pytest.approx(np.log(shares))


def test_a_stock_is_renewed_by_those_who_enter() -> None:
    assert float(law.replaced(np.array(0.04), 16.0)) == pytest.approx(1.0 - np.exp(-0.64))
    assert law.renewed(np.array([0.2]), np.array([0.3]), 0.5) == pytest.approx([0.25])


def test_more_immigrants_mix_their_fields_into_everybodys() -> None:
    """A tenth of everybody, and twice as common among immigrants, who are a fifth of all."""
    everybody, immigrants, mean = 0.1, 0.2, 0.2
    others = (everybody - mean * immigrants) / (1.0 - mean)
    factor = law.moved_by_immigrants(np.array(0.1), np.array(np.log(2.0)), mean)
    assert everybody * float(factor) == pytest.approx(0.3 * immigrants + 0.7 * others)


def test_contrasts_are_orthonormal_and_blind_to_growth_of_the_level() -> None:
    found = contrasts(3)
    assert found @ found.T == pytest.approx(np.eye(2), abs=1e-12)
    assert found @ np.ones(3) == pytest.approx(0.0, abs=1e-12)


def test_slopes_are_yearly_and_within_a_series() -> None:
    counts = {("a", 2000): (100, 100), ("a", 2004): (100, 200), ("b", 2005): (1, 9)}
    rows = [
        (*of, cell, n)
        for of, pair in counts.items()
        for cell, n in zip(("general", "other"), pair, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["series", "year", "cell", "employed"])
    found = slopes(frame.assign(level="upper_secondary", sd=[0.0, 0.0, 0.04, 0.04, 0.0, 0.0]))
    assert found["field_slope"].values == pytest.approx([-np.log(2.0) / np.sqrt(2.0) / 4.0])
    assert found["field_slope_rate"].values == pytest.approx([np.log(1.5) / 4.0 + 1.0 / 40.0])
    assert found["field_slope_sd"].values == pytest.approx([0.01])


def test_cells_hold_the_groups_that_a_source_does_not_tell_apart() -> None:
    technical = [GROUPS[at] for at in np.flatnonzero(members("upper_secondary", "technical"))]
    assert technical == ["upper_secondary:construction", "upper_secondary:electrical_mechanical"]
    assert members("master", "teaching").sum() == 1


def test_every_group_of_a_level_is_in_one_cell(panel: xr.Dataset) -> None:
    assert (panel["field_member"].sum("field_cell") == 1.0).all()


def test_the_nation_is_observed_as_its_register_has_it(
    panel: xr.Dataset, tables: dict[str, pd.DataFrame]
) -> None:
    frame = tables["education_fields_national"].set_index("education")
    nurses = frame.loc["bachelor:health_care", "employed"]
    level = frame[frame.index.str.startswith("bachelor")]["employed"].sum()
    at = GROUPS.index("bachelor:health_care")
    assert panel["field_employed"].values[at] == pytest.approx(np.log(nurses / level))


def test_without_tables_nothing_is_observed(study: Study) -> None:
    empty = build_fields_panel({}, study)
    assert not any(np.isfinite(empty[name].values).any() for name in (*NAMES, "field_own"))
    assert not built(empty, study).observed_RVs


def test_figures_lent_by_another_country_are_less_sure(
    tables: dict[str, pd.DataFrame], study: Study, panel: xr.Dataset
) -> None:
    name = "education_fields_national"
    lent = build_fields_panel({name: tables[name].assign(status="assumed")}, study)
    assert (lent["field_employed_sd"].values > 0.29).all()
    assert (panel["field_employed_sd"].values < 0.11).all()


def test_made_up_figures_have_the_law_of_the_model(panel: xr.Dataset, study: Study) -> None:
    """The simulator shares no code: its figures are Normal by the model's own law."""
    import pytensor

    model = built(panel, study)
    draws = prior_draws(model, 80, 3)["/"].to_dataset().isel(chain=0)
    rng, apart = np.random.default_rng(4), {name: [] for name in NAMES}
    told = {rv.name: rv for rv in model.observed_RVs}
    inputs = list(model.free_RVs)
    means = {n: told[f"{n}_told"].owner.inputs[-2:] for n in NAMES}
    law_of = pytensor.function(inputs, [x for pair in means.values() for x in pair],
                               on_unused_input="ignore")  # fmt: skip
    for at in range(draws.sizes["draw"]):
        truth = {name: draws[name].isel(draw=at).values for name in draws.data_vars}
        made = simulate(truth, panel, rng)
        found = law_of(*(truth[rv.name] for rv in inputs))
        for place, name in enumerate(NAMES):
            mean, sd = found[2 * place], found[2 * place + 1]
            apart[name].append(((made[f"{name}_seen"] - mean) / sd).ravel())
    for name, values in apart.items():
        z = np.concatenate(values)
        assert abs(z.mean()) < 4.0 / np.sqrt(z.size), name
        assert z.std() == pytest.approx(1.0, abs=4.0 / np.sqrt(2.0 * z.size)), name


def test_a_regions_own_register_is_recovered_and_narrows_it(
    tables: dict[str, pd.DataFrame], study: Study
) -> None:
    truth = np.random.default_rng(7).normal(0.0, 0.25, len(GROUPS))
    national = tables["education_fields_national"].set_index("education").loc[list(GROUPS)]
    residents = law.shares(np.log(national["persons"].to_numpy(dtype=float)) + truth)
    own = own_registers(study, {study.targets[1]: np.round(5000.0 * residents)})
    panel = build_fields_panel(tables | {"education_fields": own}, study)
    sampling = study.sampling.model_copy(update={"chains": 2, "draws": 300, "tune": 300})
    draws = fit(built(panel, study), sampling, 5)["posterior"].to_dataset()
    p = Draws(draws)
    part = np.full((p.size, len(study.targets), 1), 0.27)
    counted = np.where(np.arange(len(study.targets)) == 1, 0.27, 0.2)  # its register counts its own
    counted = np.broadcast_to(counted, part.shape[:2])
    found = field_shares(p, panel, part, counted, [2024], np.random.default_rng(1))
    found = np.log(found[:, :, 0, [EDUCATION.index(group) for group in GROUPS]])
    employed = law.log_shares(np.log(national["employed"].to_numpy(dtype=float)) + truth)
    spread = found[:, 1].std(0)
    assert (spread < 0.5 * found[:, 0].std(0)).all()
    off = (found[:, 1].mean(0) - employed) / spread
    assert np.sqrt(np.mean(off**2)) < 1.6
