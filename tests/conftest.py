"""Synthetic results for everything above the models: plain numpy, no sampling, the real names."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayesgap import schema
from bayesgap.data import tables as data_tables
from bayesgap.data.tables import read_tables
from bayesgap.health.checks import check_run
from bayesgap.present.summary import published, summarise
from bayesgap.runs import store
from bayesgap.study.bundle import bundle_root, default_study
from bayesgap.study.study import Study, load_study

mpl.use("Agg")
pytest_plugins = ["gate"]
SEED = 7
YEARS = tuple(range(2024, 2031))
MARKED = ("upper_secondary:general", "bachelor:ict", "master:ict")


@pytest.fixture(scope="session")
def tables() -> dict[str, pd.DataFrame]:
    """The embedded tables; nothing may write into them."""
    return read_tables(bundle_root() / "data" / "buskerud")


@pytest.fixture(scope="session")
def examined() -> Any:
    """`examine`, which looks once at files with the same name and content."""
    examine, seen = data_tables.examine, {}

    def looked(path: Path, table: Any, entry: Any, regions: Any) -> data_tables.Examined:
        key = (path.name, path.read_bytes(), repr(table), repr(entry), repr(regions))
        if key not in seen:
            seen[key] = examine(path, table, entry, regions)
        found = seen[key]
        frame = None if found.frame is None else found.frame.copy()
        return found._replace(frame=frame, problems=list(found.problems))

    return looked


@pytest.fixture
def copies_are_cheap(examined: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a damaged copy of the tables, only what differs from other copies is examined."""
    monkeypatch.setattr(data_tables, "examine", examined)


@pytest.fixture(scope="session")
def study() -> Study:
    default = load_study(default_study())
    sampling = default.sampling.model_copy(update={"draws": 300})
    return default.model_copy(update={"sampling": sampling, "horizon": YEARS[-1]})


def quantity(
    rng: np.random.Generator, sizes: np.ndarray, members: int, trend: float, years: int
) -> np.ndarray:
    """Draws (chain, draw, region, year, member) [person]: a random walk about a trend."""
    steps = rng.normal(trend, 0.02, (4, 300, sizes.size, years, members))
    steps[:, :, :, 0] *= 0.1
    return (sizes[:, None, None] / members * np.exp(np.cumsum(steps, axis=3))).astype(np.float32)


@pytest.fixture(scope="session")
def outlook(study: Study) -> xr.Dataset:
    rng = np.random.default_rng(SEED)
    sizes = np.array([80_000.0, 27_000.0, 25_000.0, 11_000.0])
    groups, sectors, bands = list(schema.EDUCATION), list(schema.SECTORS), ["all", "20-66"]
    dims = ("chain", "draw", "region", "year")
    values = {
        "supply": ((*dims, "education"), quantity(rng, sizes, len(groups), -0.004, len(YEARS))),
        "demand": ((*dims, "education"), quantity(rng, sizes, len(groups), 0.002, len(YEARS))),
        "labour_force": ((*dims, "education"), quantity(rng, sizes * 1.1, 21, 0.0, len(YEARS))),
        "employment": ((*dims, "sector"), quantity(rng, sizes, len(sectors), 0.0, len(YEARS))),
    }
    people = quantity(rng, sizes * 2, len(bands), 0.005, len(YEARS) + 1)
    education = {
        "level": ("education", list(schema.EDUCATION_LEVEL)),
        "field": ("education", list(schema.EDUCATION_FIELD)),
    }
    coords = {"region": list(study.targets), "year": list(YEARS)}
    dataset = xr.Dataset(
        values, coords={**coords, "education": groups, "sector": sectors, **education}
    )
    population = xr.DataArray(
        people,
        dims=(*dims, "age_band"),
        coords={"region": coords["region"], "year": [*YEARS, YEARS[-1] + 1], "age_band": bands},
    )
    dataset = xr.merge([dataset, population.rename("population")], join="outer")
    total = dataset.sum("region", min_count=4).expand_dims(region=[study.total])
    dataset = xr.concat([dataset, total], "region")
    return store.on_grid(dataset.assign(gap=dataset["demand"] - dataset["supply"]))


@pytest.fixture(scope="session")
def posterior() -> xr.DataTree:
    """A block whose four chains agree."""
    rng = np.random.default_rng(SEED)
    dims = ("chain", "draw")
    parameters = xr.Dataset(
        {
            "sigma": (dims, np.exp(rng.normal(size=(4, 1000)))),
            "effect": ((*dims, "region"), rng.normal(size=(4, 1000, 3))),
            "fixed": (dims, np.ones((4, 1000))),
        }
    )
    stats = xr.Dataset(
        {
            "diverging": (dims, np.zeros((4, 1000), dtype=bool)),
            "energy": (dims, rng.normal(size=(4, 1000))),
        }
    )
    return xr.DataTree.from_dict({"posterior": parameters, "sample_stats": stats})


@pytest.fixture(scope="session")
def groups() -> pd.DataFrame:
    share = [np.nan if ":" not in group else 0.5 for group in schema.EDUCATION]
    marks = [group in MARKED for group in schema.EDUCATION]
    return pd.DataFrame(
        {
            "education": schema.EDUCATION,
            "within_level": share,
            "assumption_driven": marks,
            "national_only": False,
        }
    )


@pytest.fixture(scope="session")
def summary(outlook: xr.Dataset, study: Study) -> pd.DataFrame:
    return summarise(outlook, study, "buskerud-00000000")


@pytest.fixture(scope="session")
def run_folder(
    tmp_path_factory: pytest.TempPathFactory,
    study: Study,
    outlook: xr.Dataset,
    summary: pd.DataFrame,
    posterior: xr.DataTree,
    groups: pd.DataFrame,
) -> Path:
    """A finished run of the synthetic results, in `<tmp>/runs/`."""
    run = store.describe_run(study, "data", tmp_path_factory.mktemp("work") / "runs")
    gap = ("gap", published(outlook, "gap")[0])
    health = check_run({"population": posterior}, outlook, [gap], groups, study.total)
    with store.locked(run, study):
        store.write_block(run, "population", posterior)
        store.write_posterior(run, ["population"])
        store.write_outlook(run, outlook)
        store.write_summary(run, summary)
        store.write_json(run, "health.json", health.to_dict())
    return run.path
