"""Parameters behind simulated scores, nation, mortality and births are found again."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap.blocks.population import model as population
from bayesgap.blocks.population.panel import build_population_panel
from bayesgap.inference.fit import fit
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import load_study

SEED = 4
FLOWS_AND_STOCKS = (
    "migration_flows",
    "population",
    "population_pooling",
    "population_national",
    "deaths_national",
    "employment_national",
)
TRUTH = {
    "score_region": 0.8,
    "score_innovation": 0.3,
    "score_persistence": 0.85,
    "score_transitory": 0.1,
    "score_shock": 0.2,
    "score_size": 0.2,
    "score_common": 0.1,
    "score_widening": 1.5,
    "national_innovation": 0.25,
    "national_cycle": 0.6,
    "mortality_drift": 0.02,
    "mortality_noise": 0.03,
    "child_innovation": 0.04,
}

# Posteriors of scales and persistences lean on their bounds; in logs and logits they are nearly
# normal, which standardised errors presuppose.
SCALES = (
    "score_region",
    "score_innovation",
    "score_transitory",
    "score_shock",
    "score_common",
    "score_widening",
    "mortality_noise",
)


def unbounded(name: str, value: Any) -> Any:
    """Logs of scales, logits of persistences, other values as they are."""
    if name in SCALES:
        return np.log(value)
    parts = ("score_persistence", "national_cycle")
    return np.log(value / (1 - value)) if name in parts else value


def population_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Only the tables of this block, so that a fault elsewhere does not show here."""
    tables = {name: pd.read_csv(folder / f"{name}.csv") for name in FLOWS_AND_STOCKS}
    both = [tables["population"], tables.pop("population_pooling")]
    return tables | {"population": pd.concat(both)}


def simulated(panel: xr.Dataset, rng: np.random.Generator) -> xr.Dataset:
    """The panel with made-up series: loops over regions and years, nothing of the model."""
    out = panel.copy(deep=True)
    shock = panel["shock"].values
    side = panel["side"].values
    widening = 1 + shock * (TRUTH["score_widening"] - 1)
    for k in range(panel.sizes["component"]):
        common = [
            rng.normal(0, TRUTH["score_common"] / np.sqrt(1 - TRUTH["score_persistence"] ** 2))
        ]
        for t in range(1, len(shock)):
            step = rng.normal(0, widening[t] * TRUTH["score_common"])
            common.append(TRUTH["score_persistence"] * common[-1] + step)
        for r in range(panel.sizes["region"]):
            scale = np.exp(-TRUTH["score_size"] * float(panel["size"][r]))
            lasting = rng.normal(0, TRUTH["score_region"])
            sd = TRUTH["score_innovation"] * scale
            wave = rng.normal(0, sd / np.sqrt(1 - TRUTH["score_persistence"] ** 2))
            for t in range(panel.sizes["transition"]):
                passing = np.hypot(TRUTH["score_transitory"], shock[t] * TRUTH["score_shock"])
                counted = np.sqrt(float(panel["score_variance"][k, r, t]))
                error = rng.normal(0, passing * scale) + rng.normal(0, counted)
                shared = side[r] * (common[t] - np.mean(common))
                out["score"][k, r, t] = lasting + wave + shared + error
                ahead = widening[min(t + 1, len(shock) - 1)]
                wave = TRUTH["score_persistence"] * wave + rng.normal(0, ahead * sd)
    rate, ratio, pace = [0.6], [-3.2], [0.0]
    years = panel["nation_year"].values[1:]
    jobs = dict(zip(years, rng.standard_normal(len(years)), strict=True))
    out = out.drop_dims("cycle_year").assign(cycle=("cycle_year", list(jobs.values())))
    out = out.assign_coords(cycle_year=list(jobs))
    part = TRUTH["national_cycle"]
    for year in years:
        surprise = part * jobs[year] + np.sqrt(1 - part**2) * rng.standard_t(4)
        jump = TRUTH["national_innovation"] * surprise
        rate.append(0.6 + 0.85 * (rate[-1] - 0.6) + jump)
        ratio.append(-3.2 + 0.9 * (ratio[-1] + 3.2) + rng.normal(0, TRUTH["child_innovation"]))
        pace.append(pace[-1] - TRUTH["mortality_drift"] + rng.normal(0, 0.01))
    out["national_rate"][:] = rate
    out["national_log_child_ratio"][:] = ratio
    out["mortality_index"][:] = pace + rng.normal(0, TRUTH["mortality_noise"], len(pace))
    out["cell_square_sum"] = panel["cell_freedom"]
    return out


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::numba.core.errors.NumbaPerformanceWarning")
def test_truth_is_recovered():
    study = load_study(default_study())
    tables = population_tables(resolve_data(default_study(), study))
    panel = simulated(build_population_panel(tables, study), np.random.default_rng(SEED))
    sampling = study.sampling.model_copy(
        update={"chains": 2, "draws": 300, "tune": 400, "target_accept": 0.85}
    )
    model = population.build(panel, dict(study.priors["population"]), study.options)
    tree = fit(model, sampling, seed=SEED)
    assert int(tree["sample_stats"]["diverging"].sum()) == 0
    posterior = tree["posterior"].to_dataset()
    scores = []
    for name, true in TRUTH.items():
        draws, truth = (unbounded(name, v) for v in (posterior[name], true))
        z = (truth - draws.mean(("chain", "draw"))) / draws.std(("chain", "draw"))
        scores.extend(np.atleast_1d(z.values))
    scores = np.array(scores)
    # 84 standardised errors: SBCs of a sound model stay within 4 and near unit square mean.
    assert np.abs(scores).max() < 4.0
    assert 0.5 < (scores**2).mean() < 1.6
