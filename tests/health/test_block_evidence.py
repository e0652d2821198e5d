"""Evidence of a block is the same whether it was made while others were sampled or afterwards."""

import numpy as np
import pytest
import xarray as xr

from bayesgap.health import block_evidence as law
from bayesgap.study.study import Study

NONE = xr.Dataset(
    {
        f"vacancies_{place}": ((f"month_{place}", "group"), np.zeros((0, 14)))
        for place in ("nation", "county")
    }
)


@pytest.fixture
def tree() -> xr.DataTree:
    rng = np.random.default_rng(4)
    dims = ("chain", "draw")
    draws = xr.Dataset({"level": (dims, rng.normal(size=(4, 200)))})
    stats = xr.Dataset({"diverging": (dims, np.zeros((4, 200), dtype=bool))})
    groups = {"posterior": draws, "prior": 2.0 * draws, "sample_stats": stats}
    return xr.DataTree.from_dict(groups)


def test_what_is_known_is_not_made_again(
    tree: xr.DataTree, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = xr.DataTree.from_dict({"imbalance": xr.Dataset(), "survey": xr.Dataset()})
    known = {"imbalance": law.block_evidence("imbalance", tree, NONE, study)}
    monkeypatch.setattr(law, "block_evidence", lambda block, *_: block)
    posterior = {"survey": tree, "imbalance": tree}
    found = law.evidence_of_blocks(known, posterior, panel, study)
    assert list(found) == ["survey", "imbalance"]
    assert found == {"survey": "survey", "imbalance": known["imbalance"]}


def test_a_block_without_densities_or_tables_has_convergence_and_contraction(
    tree: xr.DataTree, study: Study
) -> None:
    found = law.block_evidence("imbalance", tree, NONE, study)
    assert found.left is None and found.distances == []
    assert [check.name for check in found.convergence][:1] == ["imbalance: R-hat"]
    assert [row["parameter"] for row in found.contraction] == ["level"]
    assert found.contraction[0]["median"] == pytest.approx(0.75)
