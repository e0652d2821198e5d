"""Calibration in short: thirty simulations of one block (the long form: validate sbc)."""

import pandas as pd

from bayesgap.data.tables import read_tables
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study
from bayesgap.validation.calibration.panel import calibration_panel
from bayesgap.validation.calibration.runs import calibrate
from bayesgap.validation.calibration.simulation import verdicts


def test_thirty_truths_rank_uniformly() -> None:
    study = load_study(default_study())
    panel = calibration_panel(read_tables(resolve_data(default_study(), study)), study)
    found = verdicts(pd.concat(calibrate(panel, study, "participation", range(30))))
    assert found["inside"].all(), found
    assert (found["simulations"] == 30).all()
