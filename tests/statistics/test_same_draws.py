"""A seed gives the same draws where code is compiled anew and where it is read from the cache."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLING = """
import hashlib
from bayesgap.blocks.fitting import build_panel, fit_block
from bayesgap.study.blocks import block_priors
from bayesgap.data.tables import read_tables
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import Sampling, load_study
study = load_study(default_study())
panel = build_panel(read_tables(bundle_root() / study.data), study)["imbalance"].to_dataset()
sampling = Sampling(chains=1, draws=50, tune=100, thin=1)
priors = block_priors(study, "imbalance")
draws = fit_block("imbalance", panel, priors, study.options, sampling, seed=1)["posterior"]
print(hashlib.sha256(draws["total"].values.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_compiled_anew_or_kept(tmp_path: Path) -> None:
    flags = f"{os.environ.get('PYTENSOR_FLAGS', '')},base_compiledir={tmp_path}".lstrip(",")
    environment = {**os.environ, "PYTENSOR_FLAGS": flags}
    command = [sys.executable, "-c", SAMPLING]
    first, second = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert any(tmp_path.iterdir())
    assert first == second
