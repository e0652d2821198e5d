"""The employer survey: chapters 3.1, 3.2, 5.4 and appendix A.

Equations
---------
E1  share of answer k in region r: posterior of `published_study/survey_model.py`
E2  share in Buskerud = sum_r (respondents[r] / respondents) share[r], the design's weights
E3  respondents by sector ~ Multinomial(n[r], private jobs by sector and region), since the design
    follows the size of industries; by number of employees ~ Multinomial(n[r], assumed sizes)
E4  half width of a share's interval at n answers: Beta(y + 1/2, n - y + 1/2), Jeffreys' prior
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import beta

from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.labour_market import sector_shares
from bayesgap.published_study.result import Result
from bayesgap.published_study.survey_panel import TOTAL_SHARE
from bayesgap.schema import SAMPLE_DIMS, SECTORS

HIRED = ("hired_long_absence", "hired_weak_norwegian", "hired_over_55")
MORE = ("more_master", "more_bachelor")
NEEDS = ("need_technology", "need_digitalisation", "need_sustainability")
PUBLIC_SECTORS = ("84", "85", "86-88")
POOLED = (
    "Published for Drammensregionen (92 of 200 answers); the other regions are pooled with it and "
    "carry the spread between regions that the prior assumes, until employer_survey.csv is given."
)


def answers(material: ChapterInputs, question: str) -> xr.DataArray:
    """Shares (chain, draw, region, answer) of one question, Buskerud included (E1, E2)."""
    name = next(
        str(name)
        for name in material.survey.data_vars
        if str(name).startswith("share_")
        and question in material.survey[f"q_{str(name)[6:]}"].to_numpy()
    )
    share = material.survey[name].sel({f"q_{name[6:]}": question}, drop=True)
    share = share.rename({f"a_{name[6:]}": "answer"})
    labels = material.survey_panel["label"].sel(question=question).to_numpy()
    share = share.assign_coords(answer=[str(text) for text in labels[: share.sizes["answer"]]])
    size = material.survey_panel["respondents"]
    total = (share * (size / size.sum())).sum("region")
    return xr.concat([share, total.expand_dims(region=[material.study.total])], "region")


def _whole(material: ChapterInputs, question: str, name: str, inputs: Sequence[str]) -> Result:
    share = answers(material, question).rename(name)
    return Result(share, "share", "published", POOLED, tuple(inputs))


def _last(
    material: ChapterInputs, questions: Sequence[str], name: str, inputs: Sequence[str]
) -> Result:
    """Share of the top answer (yes, or 5 and 6) of several questions."""
    parts = [_top(answers(material, question)) for question in questions]
    share = xr.concat(parts, pd.Index(list(questions), name="question")).rename(name)
    return Result(share, "share", "published", POOLED, tuple(inputs))


def _top(share: xr.DataArray) -> xr.DataArray:
    """Yes, or the answers 5 and 6 together."""
    picked = [a for a in share["answer"].to_numpy() if str(a)[0] in "56" or a == "yes"]
    return share.sel(answer=picked).sum("answer")


def unmet_need(material: ChapterInputs) -> Result:
    """Figure 3-1: to what degree employers have an unmet need for skills, 1 to 6."""
    return _whole(material, "unmet_need", "share of employers", ["survey_unmet_need_low"])


def hired(material: ChapterInputs) -> Result:
    """Figure 3-2: employers that hired people at the edge of the labour market in a year."""
    return _last(material, HIRED, "share of employers", [f"survey_{name}" for name in HIRED])


def more_education(material: ChapterInputs) -> Result:
    """Figure 5-6: employers that expect a larger share with a level of education."""
    return _last(material, MORE, "share of employers", [f"survey_{name}" for name in MORE])


def future_needs(material: ChapterInputs) -> Result:
    """Figure 5-7: employers that answer 5 or 6 on future need for kinds of skills."""
    return _last(material, NEEDS, "share of employers", [f"survey_{name}" for name in NEEDS])


def digital_change(material: ChapterInputs) -> Result:
    """Figure 5-8: to what degree digitalisation changes the need for skills, 1 to 6."""
    inputs = [f"survey_ai_{k}" for k in range(1, 7)]
    return _whole(material, "digital_change", "share of employers", inputs)


def technology_effect(material: ChapterInputs) -> Result:
    """Figure 5-9: whether technology replaces labour or raises its productivity."""
    inputs = ["survey_tech_productivity", "survey_tech_replace"]
    return _whole(material, "technology_effect", "share of employers", inputs)


def respondents_by_sector(material: ChapterInputs) -> Result:
    """Figure 8-1: respondents by region and private sector, as the design promises (E3)."""
    private = [sector for sector in SECTORS if sector not in PUBLIC_SECTORS]
    regions = list(material.study.targets)
    share = sector_shares(material).draws.sel(region=regions, sector=private)
    share = share / share.sum("sector")
    counts = _multinomial(material, share.transpose(*SAMPLE_DIMS, "region", "sector"), "8-1")
    note = "Not published by sector: what a design in proportion to private jobs would give."
    return Result(counts.rename("respondents"), "count", "assumed", note)


def respondents_by_size(material: ChapterInputs) -> Result:
    """Figure 8-2: respondents by region and number of employees, from assumed size classes (E3)."""
    sizes = list(material.priors["size"])
    weight = xr.concat(
        [material.assumed("size", size) for size in sizes], pd.Index(sizes, name="size")
    )
    regions = pd.Index(material.study.targets, name="region")
    share = (weight / weight.sum("size")).expand_dims(region=regions)
    counts = _multinomial(material, share.transpose(*SAMPLE_DIMS, "region", "size"), "8-2")
    counts.attrs["total"] = int(material.survey_panel["respondents"].sum())
    note = "Not published by size: national size classes of employers with five or more, assumed."
    inputs = ("survey_n_total", "survey_n_region", *TOTAL_SHARE.values())
    return Result(counts.rename("respondents"), "count", "assumed", note, inputs)


def _multinomial(material: ChapterInputs, share: xr.DataArray, figure: str) -> xr.DataArray:
    size = material.survey_panel["respondents"].sel(region=share["region"]).to_numpy()
    probability = share.to_numpy().astype(np.float64)
    probability /= probability.sum(-1, keepdims=True)
    n = np.broadcast_to(size, probability.shape[:-1])
    return share.copy(data=material.rng(figure).multinomial(n, probability))


def half_width(share: float, n: int, level: float = 0.95) -> float:
    """Half of the equal-tailed credible interval of a share seen in `n` answers (E4)."""
    y = share * n
    low, high = beta.ppf([(1 - level) / 2, (1 + level) / 2], y + 0.5, n - y + 0.5)
    return float(high - low) / 2


def survey_error(material: ChapterInputs) -> Result:
    """Appendix A: half width [pp] of a 95 % interval at 5 and at 50 % of all respondents (E4)."""
    n = int(material.survey_panel["respondents"].sum())
    ends = [100 * half_width(share, n) for share in (0.05, 0.5)]
    values = np.broadcast_to(np.array(ends), (*material.shape, 2))
    draws = xr.DataArray(
        values, dims=(*SAMPLE_DIMS, "share"), coords={"share": [0.05, 0.5]}, name="half width"
    )
    return Result(draws, "pp", "published", "A formula: it has no uncertainty of its own.")
