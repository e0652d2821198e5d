"""What intervals are worth when the world does not keep the model's law.

Equations
---------
X1  truth ~ prior;  paths ~ law(truth) over the years seen and `AHEAD` more;  then one rule broken
X2  draws ~ posterior(paths of the years seen);  forecast by the block;  held against the paths
X3  coverage, bias in widths, and width over that where no rule is broken, by rule and horizon

Blocks are those whose data and forecasts are paths of regions (`misfit_worlds`). Skill mix is none:
its data are changes with heavy tails by law, and what it forecasts is mostly assumed. Sizes of the
breaks are in yearly standard deviations of a region's own path and were fixed before anything was
run.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.analysis.blocks import block_seed
from bayesgap.analysis.calibration import fitted_to
from bayesgap.analysis.misfit_worlds import WORLDS, Law, Paths, forecast_of
from bayesgap.analysis.processes import each_of
from bayesgap.analysis.versions import law_version
from bayesgap.spec.study import Study

AHEAD = 10
HORIZONS = (1, 5, 10)
STEP = 4.0  # own yearly standard deviations
OFTEN = 0.05  # of regions and years
LEVELS = (0.8, 0.95)
COLUMNS = ("block", "version", "rule", "simulation", "path", "region", "horizon", "truth", "median",
           "low_80", "high_80", "low_95", "high_95")  # fmt: skip

Rule = Callable[[Paths, int, Law, np.random.Generator], Paths]


def kept(paths: Paths, *_: object) -> Paths:
    """No rule is broken."""
    return paths


def level_break(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """In a third of regions the level moves for good in the middle of the years seen."""
    moved = rng.random(law.sd.size) < 1 / 3
    side = rng.choice([-1.0, 1.0], law.sd.size)
    later = np.arange(paths.shape[1]) >= seen // 2
    return paths + STEP * (law.sd * moved * side)[:, None] * later


def shock_year(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """One year seen is off to one side everywhere, and the next as if it had not been."""
    year = np.arange(paths.shape[1]) == rng.integers(1, seen - 1)
    return paths + STEP * rng.choice([-1.0, 1.0]) * law.sd[:, None] * year


def heavy_tails(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """Now and then a region jumps, and comes back as slowly as from any other change."""
    size = STEP * law.sd[:, None] * rng.choice([-1.0, 1.0], paths.shape)
    jump = size * (rng.random(paths.shape) < OFTEN)
    away, out = np.zeros(law.sd.size), paths.copy()
    for year in range(paths.shape[1]):
        away = law.persistence * away + jump[:, year]
        out[:, year] += away
    return out


def two_kinds(paths: Paths, seen: int, law: Law, rng: np.random.Generator) -> Paths:
    """Regions are of two kinds, far apart, and not spread about one mean."""
    return paths + 2 * law.spread * rng.choice([-1.0, 1.0], law.sd.size)[:, None]


RULES: dict[str, Rule] = {
    "none": kept,
    "level break": level_break,
    "shock year": shock_year,
    "heavy tails": heavy_tails,
    "two kinds of regions": two_kinds,
}


def misfit_cases(
    panel: xr.Dataset,
    study: Study,
    block: str,
    wanted: Sequence[tuple[str, int]],
    processes: int = 1,
) -> Iterator[pd.DataFrame]:
    """Rows (`COLUMNS`) of each rule and simulation of `wanted` as it is done."""
    yield from each_of(partial(one_case, panel, study, block), wanted, processes)


def one_case(panel: xr.Dataset, study: Study, block: str, rule: str, number: int) -> pd.DataFrame:
    """X1 and X2 once; every rule breaks the same world."""
    entropy, sampler = map(int, block_seed(study.seed + number, block, 1).generate_state(2))
    rng = np.random.default_rng(entropy)
    places, seen = list(panel["region"].values), panel.sizes["stock_year"]
    made = WORLDS[block](panel, study, AHEAD, rng)
    paths = {
        name: RULES[rule](path, seen, made.laws[name], rng) for name, path in made.paths.items()
    }
    given, told = made.told(paths)
    posterior = fitted_to(given, panel, study, block, sampler)["posterior"].to_dataset()
    years = [int(panel["stock_year"].values[-1]) + h for h in HORIZONS]
    later = [seen - 1 + h for h in HORIZONS]
    version, rows = law_version(block, study), []
    for name, regions in forecast_of(block, posterior, told, years, rng).items():
        for region, draws in regions.items():
            truths = (paths[name][places.index(region)] + made.besides)[later]
            rows += [
                (block, version, rule, number, name, region, h, value, *_summary(one))
                for h, value, one in zip(HORIZONS, truths, draws, strict=True)
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _summary(draws: np.ndarray) -> tuple[float, ...]:
    """Median, and the ends of the intervals of `LEVELS`."""
    ends = [(1 - level) / 2 + side * level for level in LEVELS for side in (0, 1)]
    return tuple(float(v) for v in np.quantile(draws, [0.5, *ends]))


def finished(path: Path, block: str, version: str) -> pd.DataFrame:
    """Rows in the file `path` of whole cases of a block whose law is `version`."""
    if not path.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    rows = pd.read_csv(path, on_bad_lines="skip", dtype={"version": str})  # a kill leaves half
    rows = rows.reindex(columns=list(COLUMNS))  # files of before know no blocks
    rows = rows[(rows["block"] == block) & (rows["version"] == version)].dropna()
    whole = rows.groupby(["rule", "simulation"])["truth"].transform("size")
    return rows[whole == whole.max()]


def misfit_table(cases: pd.DataFrame) -> pd.DataFrame:
    """X3 of one block: a row a rule and horizon, width against that where no rule is broken."""
    held = {
        f"coverage_{p}": (cases["truth"] >= cases[f"low_{p}"])
        & (cases["truth"] <= cases[f"high_{p}"])
        for p in (80, 95)
    }
    wide = cases["high_80"] - cases["low_80"]
    each = cases.assign(
        **held, width=np.log(wide), bias=(cases["median"] - cases["truth"]) / wide,
        error=np.abs(cases["median"] - cases["truth"]) / wide,
    )  # fmt: skip
    each["rule"] = pd.Categorical(each["rule"], list(RULES))  # in their order
    whole = each.groupby(["rule", "horizon"], observed=True)
    out = whole[["coverage_80", "coverage_95", "bias", "error", "width"]].mean()
    simulated = each.groupby(["rule", "horizon", "simulation"], observed=True)["coverage_80"].mean()
    by_rule = simulated.groupby(["rule", "horizon"], observed=True)
    out.insert(0, "simulations", by_rule.size())
    out.insert(2, "coverage_80_error", by_rule.std() / np.sqrt(by_rule.size()))
    plain = out["width"].xs("none")
    out["width"] = np.exp(out["width"] - plain.reindex(out.index, level="horizon"))
    return out.reset_index().astype({"rule": str})
