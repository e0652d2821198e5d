"""Verdicts on priors, variants, and the page on sensitivity from synthetic tables."""

import numpy as np
import pandas as pd
import pytest

from bayesgap import schema
from bayesgap.errors import StudyError
from bayesgap.present.labels import part_label
from bayesgap.sensitivity.conditioned import ASSUMED
from bayesgap.sensitivity.page import Findings, largest_moves, write_page
from bayesgap.sensitivity.prior_shifts import paired_error
from bayesgap.sensitivity.shapley import Sums
from bayesgap.sensitivity.sweep import TOGETHER, on_cluster, tasks
from bayesgap.sensitivity.tables import decisions, flipped, measured, ranked
from bayesgap.sensitivity.variance import columns, effects_table
from bayesgap.sensitivity.variants import FACTORS, SAMPLING, SETS, variants_of
from bayesgap.study.study import Study

INPUTS = ("population", "sectors", "cycle")


def moved(names: pd.MultiIndex, label: str, factor: float, shift: float, **more) -> pd.DataFrame:
    """Rows of one variant: base 80 % interval -100 to 100, sd 78; the median moves by `shift`."""
    held = {"label": label, "factor": factor, "base_lower": -100.0, "base_median": 0.0}
    held |= {"base_upper": 100.0, "base_sd": 78.0, "lower": shift - 100, "median": shift}
    held |= {"upper": shift + 100, "base_chance": 0.5, "chance": 0.5, "method": "weights"}
    held |= {"reached": True, "k": 0.2, "error": 0.01, "rhat": np.nan}
    held |= {"refit_seconds": np.nan, "seconds": 0.1, **more}
    return names.to_frame(index=False).assign(**held)


@pytest.fixture
def names(study: Study) -> pd.MultiIndex:
    return columns([*study.targets, study.total], [study.horizon])


@pytest.mark.parametrize(
    ("shift", "more", "verdict"),
    [
        (3.0, {}, "robust"),
        (12.0, {}, "matters"),
        (12.0, {"error": 0.06}, "robust"),
        (12.0, {"error": 0.2}, "unknown"),
        (60.0, {}, "decides"),
        (0.0, {"upper": 400.0}, "decides"),
        (60.0, {"reached": False}, "unknown"),
    ],
)
def test_verdicts_follow_shift_width_and_error(names, shift, more, verdict) -> None:
    rows = measured(moved(names, "sectors.elasticity", 4.0, shift, **more))
    assert set(rows["verdict"]) == {verdict}


def test_ranking_shows_the_worse_of_two_scales(names, study) -> None:
    rows = [moved(names, "a.b", 0.25, 2.0), moved(names, "a.b", 4.0, 20.0)]
    rows.append(moved(names, "c.d", 4.0, 90.0))
    order = ranked(measured(pd.concat(rows)), study.total)
    assert order["label"].tolist() == ["c.d", "a.b"]
    assert order["shift"].tolist() == [90.0, 20.0]


def test_all_variants_are_each_prior_twice_and_the_sets(study: Study) -> None:
    every = variants_of(study.priors, ["all"])
    number = sum(map(len, study.priors.values()))
    assert len(every) == len(FACTORS) * number + len(SETS)
    assert len({variant.key for variant in every}) == len(every)
    grouped = list(tasks(every))
    assert sum(map(len, grouped)) == len(every)
    assert max(map(len, grouped)) <= TOGETHER


def test_unknown_priors_are_refused(study: Study) -> None:
    with pytest.raises(StudyError, match="nonsense"):
        variants_of(study.priors, ["sectors.nonsense"])
    with pytest.raises(StudyError, match="wide"):
        variants_of(study.priors, ["no_such_set"])


def split(names: pd.MultiIndex, inputs: tuple[str, ...]) -> pd.DataFrame:
    sums = Sums(inputs)
    sums.add(np.random.default_rng(0).gamma(2.0, 1e4, (len(inputs), 200, len(names))))
    return effects_table(sums, names)


def test_the_page_says_what_the_tables_hold(names, study, tmp_path) -> None:
    years = columns([*study.targets, study.total], [study.base_year + 1, study.horizon])
    rows = [
        moved(names, "sectors.elasticity", 4.0, 60.0),
        moved(names, "sectors.growth_mean", 0.25, 12.0, refit_seconds=0.4),
        moved(names, "population.national_mean", 4.0, 0.0, reached=False, k=2.0),
        moved(names, "wide", np.nan, 9.0, k=-np.inf),
    ]
    moves = measured(pd.concat(rows, ignore_index=True))
    plain = names.to_frame(index=False)
    scaled = moves[moves["label"] == "wide"].assign(
        block="sectors", component="elasticity", kind="assumed", index=0.2, k_limit=0.7
    )
    times = pd.DataFrame(
        [
            {"block": "sectors", "parameters": 550, "refits": 9, "median": 8.4, "p95": 11.0},
            {"block": "imbalance", "parameters": 23, "refits": 8, "median": 0.4, "p95": 0.6},
        ]
    ).assign(pymc=[np.nan, 9.2])
    pair = measured(pd.concat([moved(names, "a.b", 0.7, 12.0), moved(names, "a.b", 0.7, 12.5)]))
    gains = plain.assign(
        block="sectors", input="elasticity", assumed=True, known=0.3, contraction=0.1, gain=0.15
    )
    found = Findings(
        run="run", verdict="REVIEW", study=study, region=study.total, draws=1000,
        inputs=split(years, INPUTS), origins=split(years, ("parameters", "shocks")), moves=moves,
        power=scaled, assumed=plain.assign(share=0.25), gains=gains,
        twice=plain.assign(block="sectors", known=0.4, gain=0.1), agreement=pair, times=times,
        seconds=12.0,
    )  # fmt: skip
    write_page(tmp_path / "page.md", found)
    assert "`--refits 20` estimates it by refits" in (tmp_path / "page.md").read_text()
    told = plain.assign(refits=20, rhat=1.02, gone=0.123, error=0.02)
    looks = pd.concat([told.assign(look=ASSUMED), told.assign(look="sectors.elasticity")])
    write_page(tmp_path / "page.md", found._replace(told=looks))
    text = (tmp_path / "page.md").read_text()
    assert "fixed at 20 draws of the run" in text and "largest R-hat 1.02" in text
    assert text.count("| 12 ± 2 % |") == len(study.targets) + 2  # regions, their sum, one look
    assert "| `sectors.elasticity` | 15.0% | 12 ± 2 % |" in text
    assert "health: **REVIEW**" in text
    assert "Of 3 priors: 1 decides, 1 matters, 1 unknown." in text
    assert study.priors["sectors"]["elasticity"].why in text
    assert "1 of 1 pairs agree within 3 of their Monte Carlo errors" in text
    assert "| sectors | 550 | 9 | 8.4 | 11.0 | not run |" in text
    assert "| imbalance | 23 | 8 | 0.4 | 0.6 | 9 |" in text
    assert "| sector growth |" in text
    for picture in ("uncertainty.svg", "sensitivity.svg"):
        assert (tmp_path / "figures" / picture).stat().st_size > 5000
    assert set(schema.GAP_PARTS) >= set(schema.LEVELS)


def test_the_page_leads_with_the_largest_move_of_the_median(names, study) -> None:
    small = moved(names, "sectors.elasticity", 0.9, 0.0).assign(shift=2000.0, reached=True)
    large = moved(names, "no_pooling", np.nan, 0.0).assign(shift=-15000.0, reached=True)
    rows = measured(pd.concat([small, large])).assign(shift=lambda r: np.where(
        r["label"] == "no_pooling", -15000.0, 2000.0))  # fmt: skip
    first, second = largest_moves(rows, study.total, study)
    assert first["name"] == "the set of priors `no_pooling`" and first["moved"].startswith("−15")
    assert "tell nothing about each other" in first["said"]
    assert second["name"] == "sectors: elasticity"
    assert study.priors["sectors"]["elasticity"].why in second["said"]


def test_decisions_look_at_both_scales_of_a_prior_and_at_every_measure(names, study) -> None:
    base = moved(names, "a.b", 0.25, 0.0).assign(base_median=5.0, median=5.0)
    other = moved(names, "a.b", 4.0, 0.0).assign(base_median=5.0, median=5.0)
    group = next(g for g in schema.EDUCATION if g not in schema.LEVELS)
    here = (other["part"] == group) & (other["region"] == study.total)
    base.loc[base["part"] == schema.LEVELS[0], ["base_median", "median"]] = 50.0
    other.loc[other["part"] == schema.LEVELS[0], ["base_median", "median"]] = 50.0
    other.loc[here, "median"] = 90.0
    rows = pd.concat([base, other])
    told = decisions(rows, schema.EDUCATION)[-1]
    assert "under 1 of 2 variants" in told and part_label(group) in told
    assert flipped(rows, study.total) == [
        "No level or group turns from shortage to surplus or back."
    ]
    other.loc[here, "median"] = -90.0
    lines = flipped(pd.concat([base, other]), study.total)
    assert len(lines) == 3 and lines[-1].startswith(f"| {part_label(group)} |")
    assert "`a.b`" in lines[-1]


def test_the_error_of_a_paired_median_is_that_of_repetitions() -> None:
    rng = np.random.default_rng(3)
    fold = SAMPLING.chains * SAMPLING.draws

    def once() -> tuple[float, float]:
        rest, old = rng.standard_normal((2, 2 * fold))
        new = np.tile(rng.standard_normal(fold), 2)  # a short refit, gone round twice
        base, gap = (rest + 0.4 * part for part in (old, new))
        shift = np.median(gap) - np.median(base)
        return shift, paired_error(base[:, None], gap[:, None])[0] * base.std()

    shifts, errors = np.array([once() for _ in range(200)]).T
    assert errors.mean() == pytest.approx(shifts.std(), rel=0.2)
    same = rng.standard_normal((100, 2))
    assert paired_error(same, same).tolist() == [0.0, 0.0]
    assert paired_error(same, same.copy()).tolist() == [0.0, 0.0]


def test_a_scheduler_that_is_none_is_said_to_be() -> None:
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    with pytest.raises(StudyError, match="nonsense does not answer"), on_cluster("nonsense"):
        pass
