"""What the chapters read: a finished run, its tables, its base year and the survey's posterior."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from bayesgap.accounting.base import base_table
from bayesgap.health.checks import BFMI, DIVERGENT, convergence
from bayesgap.inference.diagnostics import ESS, RHAT
from bayesgap.inference.truths import draw
from bayesgap.projection.laws import law_of
from bayesgap.projection.propagate import CHUNK
from bayesgap.published_study.survey_panel import build_survey_panel
from bayesgap.runs.verdicts import Health, judged
from bayesgap.schema import SAMPLE_DIMS
from bayesgap.study.blocks import block_seed
from bayesgap.study.priors import BlockPriors
from bayesgap.study.study import Study


@dataclass(frozen=True)
class ChapterInputs:
    """Everything that an analysis may read; nothing here is changed by one.

    `outlook` is the main scenario's draws, `base` the base year by sector and education (see
    `base_year`), `survey` and `survey_panel` the posterior and the panel of the employer survey,
    `effects` the differences to main of the scenarios that the run holds, draw by draw.
    """

    study: Study
    tables: Mapping[str, pd.DataFrame]
    outlook: xr.Dataset
    base: xr.Dataset
    survey: xr.Dataset
    survey_panel: xr.Dataset
    priors: Mapping[str, BlockPriors]
    effects: Mapping[str, xr.Dataset]

    @property
    def shape(self) -> tuple[int, int]:
        """Chains and draws of the run."""
        return self.outlook.sizes["chain"], self.outlook.sizes["draw"]

    def rng(self, name: str) -> np.random.Generator:
        """Random numbers of one analysis, the same whichever others run."""
        return np.random.default_rng(block_seed(self.study.seed + 3, name))

    def assumed(self, chapter: str, name: str) -> xr.DataArray:
        """Draws (chain, draw) of one assumed quantity from its prior."""
        values = draw(self.priors[chapter][name], self.rng(f"{chapter}.{name}"), self.shape)
        return xr.DataArray(values, dims=SAMPLE_DIMS)

    def published(self, figure: str) -> tuple[float, float]:
        """Value and rounding half-width of a published figure."""
        figures = self.tables["report_figures"].set_index("id")[["value", "half_width"]]
        value, half_width = figures.loc[figure].to_numpy(dtype=float)
        return float(value), float(half_width)

    def rounded(self, figure: str) -> xr.DataArray:
        """Draws (chain, draw) of a published figure: anywhere within its rounding."""
        value, half = self.published(figure)
        shift = self.rng(figure).uniform(-half, half, self.shape)
        return xr.DataArray(value + shift, dims=SAMPLE_DIMS)


def build_inputs(
    study: Study,
    tables: Mapping[str, pd.DataFrame],
    outlook: xr.Dataset,
    posterior: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    priors: Mapping[str, BlockPriors],
    effects: Mapping[str, xr.Dataset],
) -> tuple[ChapterInputs, xr.DataTree]:
    """Material of a run, the employer survey fitted with as many draws; and that fit."""
    from bayesgap.inference.fit import fit
    from bayesgap.published_study import survey_model as law

    base = base_year(posterior, panel, outlook, study)
    survey_panel = build_survey_panel(tables, study.targets)
    model = law.build(survey_panel, priors["survey"], study.options)
    seed = int(block_seed(study.seed, "survey").generate_state(1)[0])
    tree = fit(model, study.sampling, seed=seed)
    survey = tree["posterior"].to_dataset()
    survey = survey.assign_coords(chain=outlook["chain"], draw=outlook["draw"])
    return ChapterInputs(study, tables, outlook, base, survey, survey_panel, priors, effects), tree


def survey_health(tree: xr.DataTree) -> Health:
    """Whether the employer survey's sampling may be believed, by the thresholds of a run."""
    found = convergence(tree)
    draws = tree["posterior"].sizes["chain"] * tree["posterior"].sizes["draw"]
    ess = min(found["min_ess_bulk"], found["min_ess_tail"])
    return Health(
        (
            judged("survey R-hat", found["max_rhat"], RHAT, "largest R-hat {value:.3f}"),
            judged("survey ESS", ess, ESS, "smallest effective sample size {value:.0f}"),
            judged("survey divergences", found["divergences"] / draws, DIVERGENT, "{value:.4f}"),
            judged("survey BFMI", found["min_bfmi"], BFMI, "smallest BFMI {value:.2f}"),
        )
    )


def base_year(
    posterior: Mapping[str, xr.Dataset], panel: xr.DataTree, outlook: xr.Dataset, study: Study
) -> xr.Dataset:
    """The base year as the run saw it, draw by draw: its outlook keeps only the margins.

    Returns
    -------
    Dataset with `filled` (chain, draw, region, sector, education) and `unfilled` (chain, draw,
    region, education) [job], the total region included, and `mix` (chain, draw, sector,
    education), the nation's
    """
    start = outlook.sel(region=list(study.targets), year=study.base_year, drop=True)
    employed = start["employed_residence"] - start["out_commuters"] + start["in_commuters"]
    parts: list[xr.Dataset] = []
    for chunk, first in enumerate(range(0, study.sampling.draws, CHUNK)):
        cut = {"draw": slice(first, first + CHUNK)}
        drawn = _drawn("skill_mix", posterior, panel, study, chunk, options=study.options)
        mix, nation = drawn["base_mix"], drawn.get("national_mix", drawn["base_mix"])
        unfilled = _drawn("imbalance", posterior, panel, study, chunk)["unfilled"]
        jobs, held = start["employment"].isel(cut), employed.isel(cut)
        named = {name: jobs[name].to_numpy() for name in ("chain", "draw", "region")}
        filled, _ = base_table(
            jobs, mix.assign_coords(chain=named["chain"], draw=named["draw"]), held
        )
        parts.append(
            xr.Dataset(
                {
                    "filled": filled.assign_coords(named),
                    "mix": nation.assign_coords(chain=named["chain"], draw=named["draw"]),
                    "unfilled": unfilled.assign_coords(named),
                }
            )
        )
    base = xr.concat(parts, "draw")
    jobs = base[["filled", "unfilled"]]
    total = jobs.sum("region").expand_dims(region=[study.total])
    return xr.concat([jobs, total], "region").assign(mix=base["mix"])


def _drawn(
    block: str,
    posterior: Mapping[str, xr.Dataset],
    panel: xr.DataTree,
    study: Study,
    chunk: int,
    **given: object,
) -> xr.Dataset:
    """Rates of one block at the base year with the very seeds of the run's propagation."""
    cut = posterior[block].isel(draw=slice(chunk * CHUNK, (chunk + 1) * CHUNK))
    rng = np.random.default_rng(block_seed(study.seed + 1, block, chunk))
    own = panel[block].to_dataset()
    return law_of(block).forecast(cut, own, [study.base_year], rng, **given)
