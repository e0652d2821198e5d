"""Commands that read a finished run, from the command line on the quick run, by their numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from page_tables import numbers, section, table

from bayesgap import schema
from bayesgap.cli import main
from bayesgap.projection.inputs import INPUTS
from bayesgap.runs import store
from bayesgap.sensitivity.uncertainty_tables import INPUT_LABELS
from bayesgap.sensitivity.variance import CENTRAL, ORIGINS


def output(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What a command that ends well writes."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert ended.value.code in (0, None)
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def run(quick_runs: Path) -> store.Run:
    return store.newest_run(quick_runs)


@pytest.fixture(scope="module")
def gap(run: store.Run) -> pd.DataFrame:
    """Draws of the gap in the last year, a column a region."""
    outlook = store.read_outlook(run)
    last = outlook["gap"].isel(year=-1).sum("education").stack(draws=("chain", "draw"))
    return last.transpose("draws", "region").to_pandas()


def test_uncertainty_shares_out_the_variance_of_the_gap(
    run: store.Run, gap: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    said = output(capsys, "uncertainty", run.path, "--chunks", 1)
    rows = pd.read_csv(run.path / "sensitivity" / "uncertainty.csv")
    study = store.run_study_spec(run)
    assert set(rows["region"]) == {*study.targets, study.total}
    assert set(rows["part"]) == set(schema.GAP_PARTS)
    for game, inputs in (("inputs", INPUTS), ("origins", ORIGINS)):
        own = rows[rows["game"] == game]
        assert set(own["input"]) == set(inputs)
        whole = own.groupby(["region", "year", "part"])["share"].sum()
        assert np.allclose(whole, 1, atol=1e-6)
    last = rows[(rows["year"] == study.horizon) & (rows["part"] == "all")]
    spread = last.groupby("region")["sd"].first()
    ends = gap.quantile(list(CENTRAL))
    cut = gap.clip(lower=ends.iloc[0], upper=ends.iloc[1], axis=1)
    # Half of the mean square difference of swapped pairs is the variance but for few draws.
    assert np.allclose(spread[gap.columns], cut.std(), rtol=0.15)
    shown = table(section(said, f"### Regions, {study.horizon}")).set_index("input")
    names = [INPUT_LABELS[name] for name in INPUTS]
    kept = last[last["game"] == "inputs"].pivot_table(
        index="input", columns="region", values="share"
    )
    for region in gap.columns:
        per_cent = numbers(shown.loc[names, region])
        assert np.allclose(per_cent, 100 * kept.loc[list(INPUTS), region].clip(lower=0), atol=0.51)
    assert (run.path / "sensitivity" / "uncertainty.svg").stat().st_size > 0
