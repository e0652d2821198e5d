"""Calibration in short: thirty simulations of one block (the long form: validate sbc)."""

import pandas as pd

from bayesgap.analysis.calibration import verdicts
from bayesgap.analysis.calibration_panel import calibration_panel
from bayesgap.analysis.calibration_runs import calibrate
from bayesgap.data.tables import read_tables
from bayesgap.spec.bundle import default_study, resolve_data
from bayesgap.spec.study import load_study


def test_thirty_truths_rank_uniformly() -> None:
    study = load_study(default_study())
    panel = calibration_panel(read_tables(resolve_data(default_study(), study)), study)
    found = verdicts(pd.concat(calibrate(panel, study, "participation", range(30))))
    assert found["inside"].all(), found
    assert (found["simulations"] == 30).all()
