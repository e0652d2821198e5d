"""No NaN and no infinity enters a model, and what bounds cut of a distribution is told."""

from pathlib import Path

import numpy as np
import pytest

from bayesgap.accounting.events.strengths import sampled
from bayesgap.cli import main
from bayesgap.errors import RunError, StudyError
from bayesgap.study.bundle import default_study
from bayesgap.study.cut import cut_share
from bayesgap.study.priors import Beta, Gamma, HalfNormal, LogNormal, Normal
from bayesgap.study.scenario_files import costs_of, cut_notes, embedded_folder, find_plans
from bayesgap.study.scenario_files import load_scenario as load
from bayesgap.study.study import load_study

WHY = "A distribution that a test looks at."
HEAD = 'name = "mine"\ntitle = "Mine"\nwhy = "A scenario of a test, with one event."\n'
EVENT = """
[[events]]
kind = "outside"
start = 2024
full = 2040
why = "Points that a test writes in many ways."
points = {}
"""
CHOICE = f'{{ dist = "choice", values = %s, weights = %s, why = "{WHY}" }}'


def scenario(folder: Path, *points: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(HEAD + "".join(EVENT.format(one) for one in points), encoding="utf-8")
    return path


def declared(dist: str, **numbers: object) -> str:
    told = ", ".join(f"{name} = {value}" for name, value in numbers.items())
    return f'{{ dist = "{dist}", {told}, why = "{WHY}" }}'


@pytest.mark.parametrize(
    ("points", "told"),
    [
        ("nan", "events[0].points: must be a finite number"),
        ("inf", "events[0].points: must be a finite number"),
        (declared("normal", mu="nan", sigma=0.01), "events[0].points.mu: must be a finite number"),
        (
            declared("normal", mu=0.03, sigma="inf"),
            "events[0].points.sigma: must be a finite number",
        ),
        (declared("beta", alpha="inf", beta=2), "events[0].points.alpha: must be a finite number"),
        (CHOICE % ("[0.1, nan]", "[1, 1]"), "events[0].points.values[1]: must be a finite number"),
        (
            CHOICE % ("[0.1, 0.2]", "[inf, 1]"),
            "events[0].points.weights[0]: must be a finite number",
        ),
        (CHOICE % ("[0.1, 0.2]", "[1e308, 1e308]"), "`weights` must have a finite sum"),
        (CHOICE % ("[0.1, 0.7]", "[1000, 1]"), "points must lie between 0 and 0.5; found 0.7"),
        (declared("normal", mu=0.03, sigma=0.03), "found 16 % of a normal outside (1 % at most)"),
        (declared("log_normal", mu=0, sigma=1), "found 76 % of a log_normal outside"),
        (declared("half_normal", sigma=0.5), "found 32 % of a half_normal outside"),
        (declared("beta", alpha=2, beta=2), "found 50 % of a beta outside"),
        (declared("gamma", alpha=1, beta=2), "found 37 % of a gamma outside"),
    ],
)
def test_nonsense_strengths_are_refused(tmp_path: Path, points: str, told: str) -> None:
    path = scenario(tmp_path, points)
    with pytest.raises(StudyError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path} is not a valid scenario:")
    assert told in str(caught.value)


def test_all_are_told_at_once(tmp_path: Path) -> None:
    path = scenario(tmp_path, "nan", declared("normal", mu=0.03, sigma=0.03), "0.7")
    with pytest.raises(StudyError) as caught:
        load(path)
    assert [f"events[{place}]" in str(caught.value) for place in range(3)] == [True] * 3


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("mu", "nan", "mu"),
        ("mu", "-inf", "mu"),
        ("sigma", "inf", "sigma"),
        ("sigma", "nan", "sigma"),
    ],
)
def test_priors_must_be_finite(tmp_path: Path, old: str, new: str, key: str) -> None:
    numbers = {"mu": "0.0", "sigma": "1.0", old: new}
    told = "".join(f"{name} = {value}\n" for name, value in numbers.items())
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "{default_study().name}"\n[priors.sectors.mine]\n'
                    f'dist = "normal"\nwhy = "{WHY}"\n{told}', encoding="utf-8")  # fmt: skip
    with pytest.raises(StudyError, match=rf"priors\.sectors\.mine.*{key}.*finite"):
        load_study(path)


@pytest.mark.parametrize("line", ["target_accept = nan", "assumed_scale = inf"])
def test_settings_must_be_finite(tmp_path: Path, line: str) -> None:
    path = tmp_path / "mine.toml"
    table = "sampling" if "accept" in line else "options"
    path.write_text(f'extends = "{default_study().name}"\n[{table}]\n{line}\n', encoding="utf-8")
    with pytest.raises(StudyError, match=line.split()[0]):
        load_study(path)


@pytest.mark.parametrize(
    "spread",
    [
        Normal(dist="normal", mu=0.1, sigma=0.1, why=WHY),
        HalfNormal(dist="half_normal", sigma=0.3, why=WHY),
        LogNormal(dist="log_normal", mu=-1, sigma=0.5, why=WHY),
        Beta(dist="beta", alpha=2, beta=3, why=WHY),
        Gamma(dist="gamma", alpha=2, beta=5, why=WHY),
    ],
    ids=lambda spread: spread.dist,
)
@pytest.mark.parametrize(("low", "high"), [(0.0, 0.5), (-0.2, 0.2), (0.0, 1.0)])
def test_what_is_cut_is_the_share_of_draws_outside(spread, low: float, high: float) -> None:
    drawn = sampled(spread, (100_000,), np.random.default_rng(7))
    outside = float(((drawn < low) | (drawn > high)).mean())
    assert cut_share(spread, low, high) == pytest.approx(outside, abs=0.006)


def test_numbers_have_nothing_cut() -> None:
    assert cut_share(0.3, 0.0, 0.5) == 0.0
    assert cut_share(Beta(dist="beta", alpha=0.5, beta=0.5, why=WHY), 0.0, 1.0) == 0.0


def test_a_little_that_is_cut_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = load_study(default_study())
    plans = find_plans([str(scenario(tmp_path, declared("normal", mu=0.05, sigma=0.02)))], study)
    told = "mine: events[0].points: 0.62 % of it lies outside 0 to 0.5, and is cut to that"
    assert cut_notes(plans) == [told]
    assert cut_notes(find_plans(["less_exclusion"], study)) == []
    path = str(tmp_path / "mine.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text('extends = "buskerud.toml"\ndata = "nowhere"\n', encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["run", str(broken), "--scenarios", path, "--out", str(tmp_path / "runs")])
    assert f"bayesgap: note: {told}." in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted(embedded_folder().glob("*.toml")), ids=lambda p: p.stem)
def test_embedded_scenarios_lose_less_than_a_thousandth(path: Path) -> None:
    for event in load(path).events:
        assert all(event.cut(name) < 1e-3 for name in type(event).bounds())


@pytest.mark.parametrize("text", ["a=inf,b=1", "a=nan,b=1"])
def test_costs_must_be_finite(text: str) -> None:
    with pytest.raises(RunError, match="above 0 and finite"):
        costs_of(text)
