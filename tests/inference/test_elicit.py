"""Statements turned into priors, and priors shown."""

import pytest
from scipy import stats

from bayesgap.cli import main
from bayesgap.errors import StudyError
from bayesgap.inference.elicit import elicited

LAWS = {
    "normal": lambda p: stats.norm(p["mu"], p["sigma"]),
    "log_normal": lambda p: stats.lognorm(s=p["sigma"], scale=2.718281828 ** p["mu"]),
    "beta": lambda p: stats.beta(p["alpha"], p["beta"]),
    "gamma": lambda p: stats.gamma(p["alpha"], scale=1 / p["beta"]),
    "half_normal": lambda p: stats.halfnorm(scale=p["sigma"]),
}


@pytest.mark.parametrize("family", LAWS)
def test_an_elicited_prior_has_the_stated_probability(family: str) -> None:
    low = 0.0 if family == "half_normal" else 0.18
    law = LAWS[family](elicited(family, low, 0.22, 0.9))
    assert law.cdf(0.22) - law.cdf(low) == pytest.approx(0.9, abs=0.005)


@pytest.mark.parametrize(
    ("family", "low", "high", "sure"),
    [
        ("beta", 18, 22, 0.9),
        ("log_normal", -1, 1, 0.9),
        ("normal", 2, 1, 0.9),
        ("normal", 1, 2, 1.5),
        ("half_normal", 1, 2, 0.9),
    ],
)
def test_impossible_statements_are_refused(family, low, high, sure) -> None:
    with pytest.raises(StudyError):
        elicited(family, low, high, sure)


def test_elicit_writes_a_prior_for_a_study(capsys: pytest.CaptureFixture[str]) -> None:
    words = "priors elicit 18 22 --percent --dist beta --name participation.cycle_part"
    with pytest.raises(SystemExit):
        main(words.split())
    out = capsys.readouterr().out
    assert out.startswith('[priors.participation.cycle_part]\ndist = "beta"\nalpha = 21')
    assert 'why = "Between 18 and 22 per cent, 90 per cent sure."' in out


def test_show_gives_every_prior_and_its_reason(study, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["priors", "show"])
    out = capsys.readouterr().out
    for named in study.priors.values():
        for name, spec in named.items():
            assert f"  {name}" in out
            assert spec.why in out
