"""Six levels of education of Telemark's residents from 16 up: the sampled block at past years.

The study's own panel is cut at the origin, with the regions that have six levels as targets, and
the block is sampled as in a study. Higher vocational is told apart from 2016: the first origin.
Who will live in a region is not drawn: residents at the origin grow older and die as the nation's.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.blocks.education.ages import ADULT_EDGES, persons
from bayesgap.blocks.education.panel import (
    NATION,
    VOCATIONAL_FROM,
    build_education_panel,
)
from bayesgap.schema import LEVELS
from bayesgap.study.blocks import block_priors, block_seed
from bayesgap.study.study import Sampling, Study
from bayesgap.validation.backtest.education import ageing, origin_years
from bayesgap.validation.backtest.levels import model_cases, rival_cases, share_outcomes
from bayesgap.validation.cut import cut_tables

BLOCK, GROUP = "six_levels", "Telemark, 16 and over"
ORIGINS = range(VOCATIONAL_FROM, 2020)
SAMPLING = Sampling(chains=2, draws=400, tune=600, target_accept=0.95)
TABLE = "education_residents_16plus"
APART = ("upper_secondary", "higher_vocational")  # counted together before `VOCATIONAL_FROM`
Tables = Mapping[str, pd.DataFrame]


def resident_shares(tables: Tables) -> xr.DataArray:
    """Published shares (group, region, year, level) of those of known education, the nation too."""
    table = tables[TABLE].pivot_table(index=["region", "year"], columns="level", values="persons")
    known = table[list(LEVELS)].div(table[list(LEVELS)].sum(axis=1), axis=0)
    shares = known.to_xarray().to_dataarray("level")
    told = (shares["year"] >= VOCATIONAL_FROM) | ~shares["level"].isin(list(APART))
    return shares.where(told).expand_dims(group=[GROUP])


def regions_with_levels(tables: Tables, study: Study) -> tuple[str, ...]:
    """Regions of the study whose six levels are published, in order."""
    return tuple(sorted(set(tables[TABLE]["region"]) & set(study.regions)))


def origin_panel(tables: Tables, study: Study, origin: int) -> xr.Dataset:
    """Panel of the block as it was known at `origin`."""
    names = regions_with_levels(tables, study)
    pooling = tuple(region for region in study.regions if region not in names)
    change = {"targets": names, "pooling": pooling, "base_year": origin}
    then = study.model_copy(update=change)
    return build_education_panel(cut_tables(tables, origin), then, origin_years(origin))


def drawn_levels(tables: Tables, study: Study, origin: int) -> xr.DataArray:
    """Drawn shares (sample, group, region, level, horizon) from `origin`."""
    from bayesgap.blocks.education import model as education
    from bayesgap.blocks.education.residents_forecast import forecast_residents
    from bayesgap.inference.fit import fit

    panel, priors = origin_panel(tables, study, origin), block_priors(study, "education")
    seeds = block_seed(study.seed, BLOCK, origin).generate_state(2)
    model = education.build(panel, priors, study.options)
    posterior = fit(model, SAMPLING, int(seeds[0]))["posterior"].to_dataset()
    people = persons(tables["population"], regions_with_levels(tables, study))
    later = ageing(people, tables, origin).sel(age=slice(ADULT_EDGES[0], None))
    rng = np.random.default_rng(int(seeds[1]))
    drawn = forecast_residents(posterior, panel, later, rng)
    return drawn.expand_dims(group=[GROUP])


def six_level_cases(tables: Tables, study: Study, origin: int) -> pd.DataFrame:
    """Scored cases of the model from one origin: region names a level too."""
    return model_cases(drawn_levels(tables, study, origin), _came(tables, study), origin, BLOCK)


def six_level_rivals(tables: Tables, study: Study) -> pd.DataFrame:
    """Dressed baselines of the same cells; the country is Norway."""
    shares = resident_shares(tables)
    country = shares.sel(region=NATION)
    own = shares.sel(region=list(regions_with_levels(tables, study)))
    return rival_cases(own, country, _came(tables, study), ORIGINS, BLOCK)


def _came(tables: Tables, study: Study) -> pd.DataFrame:
    """Outcomes; size is that of all regions together, so that their few errors are pooled."""
    names = list(regions_with_levels(tables, study))
    people = tables["population"].query(f"year == {VOCATIONAL_FROM}")
    everybody = people.loc[people["region"].isin(names), "persons"].sum()
    shares = resident_shares(tables).sel(region=names)
    return share_outcomes(shares, dict.fromkeys(names, float(everybody)))
