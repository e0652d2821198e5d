"""Commands that read a finished run, from the command line on the quick run, by their numbers."""

import re
from itertools import dropwhile, takewhile
from pathlib import Path

import arviz
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from page_tables import numbers

from bayesgap import schema
from bayesgap.cli import main
from bayesgap.projection.inputs import INPUTS
from bayesgap.results import Run
from bayesgap.runs.run import newest_run
from bayesgap.sensitivity.uncertainty_tables import INPUT_LABELS
from bayesgap.sensitivity.variance import CENTRAL, ORIGINS


def output(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What a command that ends well writes."""
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    assert ended.value.code in (0, None)
    return capsys.readouterr().out


def columns_below(said: str, heading: str) -> pd.DataFrame:
    """The first table below a heading that a command prints, in columns two blanks apart."""
    lines = iter(said.partition(heading)[2].splitlines())
    first = dropwhile(lambda line: "  " not in line.strip(), lines)
    head, *rows = (re.split(" {2,}", line.strip()) for line in takewhile(str.strip, first))
    return pd.DataFrame(
        [dict(zip(head, row, strict=False)) for row in rows]
    )  # last cells are empty


@pytest.fixture(scope="module")
def run(quick_runs: Path) -> Run:
    found = newest_run(quick_runs)
    return Run(found.path, found.provenance)


@pytest.fixture(scope="module")
def gap(run: Run) -> pd.DataFrame:
    """Draws of the gap in the last year, a column a region."""
    last = run.outlook["gap"].isel(year=-1).sum("education").stack(draws=("chain", "draw"))
    return last.transpose("draws", "region").to_pandas()


def test_uncertainty_shares_out_the_variance_of_the_gap(
    run: Run, gap: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    said = output(capsys, "uncertainty", run.path, "--chunks", 1)
    rows = pd.read_csv(run.path / "sensitivity" / "uncertainty.csv")
    study = run.study
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
    shown = columns_below(said, f"Regions, {study.horizon}").set_index("input")
    names = [INPUT_LABELS[name] for name in INPUTS]
    kept = last[last["game"] == "inputs"].pivot_table(
        index="input", columns="region", values="share"
    )
    for region in gap.columns:
        per_cent = numbers(shown.loc[names, region])
        assert np.allclose(per_cent, 100 * kept.loc[list(INPUTS), region].clip(lower=0), atol=0.51)
    assert (run.path / "sensitivity" / "uncertainty.svg").stat().st_size > 0


def test_the_interface_gives_what_the_command_gives(run: Run, gap: pd.DataFrame) -> None:
    found = run.uncertainty(chunks=1)
    whole = found[found["of"] == "inputs"].groupby(["region", "year", "part"])["share"].sum()
    assert np.allclose(whole, 1, atol=1e-6)


def test_arviz_reads_a_block(run: Run) -> None:
    tree = run.arviz("participation", likelihood=True)
    seen, made = tree["observed_data"], tree["posterior_predictive"]
    assert made["excess"].sizes["chain"] == 1
    assert made["excess"].shape[2:] == seen["excess"].shape
    table = arviz.psense_summary(tree, var_names=["national_mean", "cycle_part"])
    assert (table[["prior", "likelihood"]] >= 0).all(axis=None)
    # With three tables or more this version of ArviZ warns of its own doing.
    shown = ["national_shift", "excess"]
    assert arviz.plot_ppc_dist(tree, var_names=shown, num_samples=5) is not None
    plt.close("all")
