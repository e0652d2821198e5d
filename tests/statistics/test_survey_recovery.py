"""The employer survey's model: shares by hand, recovery, and pooling between none and complete."""

import numpy as np
import pytensor.tensor as pt
import pytest

from bayesgap.health.checks import convergence
from bayesgap.inference import fit
from bayesgap.published_study import survey_model as survey
from bayesgap.published_study.survey_panel import QUESTIONS, Row, panel_of_rows
from bayesgap.study.chapters import chapter_priors
from bayesgap.study.study import Options, Sampling

REGIONS = ("Drammensregionen", "Kongsbergregionen", "Ringeriksregionen", "Hallingdal")
SIZES = (92, 30, 50, 28)
YES = {"more_master": (46, 15, 25, 14), "hired_over_55": (18, 18, 10, 5)}  # second: 20 %, one 60 %


def test_ordered_shares_by_hand() -> None:
    """Lean 0 gives the pooled split; a lean of log 3 turns even odds into 1 to 3."""
    pooled = pt.as_tensor_variable(np.array([[0.5, 0.5], [0.2, 0.8]]))
    lean = pt.as_tensor_variable(np.array([[0.0, np.log(3.0)], [0.0, 0.0]]))
    share = survey.ordered_shares(pooled, lean).eval()
    np.testing.assert_allclose(share[0, 0], [0.5, 0.5], atol=1e-8)
    np.testing.assert_allclose(share[0, 1], [0.25, 0.75], atol=1e-8)
    np.testing.assert_allclose(share.sum(-1), 1.0)


@pytest.mark.slow
def test_four_regions_are_pooled() -> None:
    rows = [
        Row(name, region, ((2, 2), (1, 1)), ((yes, n - yes),))
        for name, counts in YES.items()
        for region, yes, n in zip(REGIONS, counts, SIZES, strict=True)
    ]
    panel = panel_of_rows(rows, {name: QUESTIONS[name] for name in YES}, REGIONS)
    model = survey.build(panel, chapter_priors()["survey"], Options())
    tree = fit.fit(model, Sampling(draws=1000, tune=1000, target_accept=0.95), seed=5, cores=1)
    found = convergence(tree)
    assert found["max_rhat"] <= 1.01 and found["divergences"] == 0
    share = tree["posterior"]["share_ordered_2"].sel(a_ordered_2=2)
    even = share.sel(q_ordered_2="more_master")
    raw = dict(zip(REGIONS, np.array(YES["hired_over_55"]) / SIZES, strict=True))
    pooled = sum(YES["hired_over_55"]) / 200
    far = float(share.sel(q_ordered_2="hired_over_55", region="Kongsbergregionen").mean())
    assert pooled < far < raw["Kongsbergregionen"]
    spread = even.std(("chain", "draw"))
    assert float(spread.sel(region="Hallingdal")) > float(spread.sel(region="Drammensregionen"))
    alone = np.sqrt(0.25 / 28)
    assert float(spread.sel(region="Hallingdal")) < alone  # it borrows from the other 172
    county = (even * (np.array(SIZES) / 200)).sum("region").to_numpy().ravel()
    low, high = np.quantile(county, [0.025, 0.975])
    assert 0.9 < 100 * (high - low) / 2 / 6.9 < 1.15  # the report's half width at n = 200
