"""Made-up places and sectors whose levels move: a national pace, members about it."""

import numpy as np
import xarray as xr

from bayesgap.schema import LEVELS

MOVING = ["higher_vocational", "master"]
SECTORS = ["41-43", "85", "86-88"]
INDUSTRIES = ["35-43", "85", "86-88"]
EDUCATION = [
    "primary",
    "upper_secondary:general",
    "higher_vocational",
    "bachelor:teaching",
    "master:teaching",
]
TRUTH = {
    "change_mean": [0.02, 0.045],
    "change_region": 0.008,
    "change_scale": [0.03, 0.012],
    "pace": [0.03, -0.02],
    "lean": [0.01, 0.02],
    "step": [0.02, 0.03],
    "common": [0.01, 0.02],
    "persistence": 0.5,
    "shift": [[0.1, 0.0], [0.05, 0.2]],
    "shift_scatter": [0.05, 0.1],
    "noise": 0.25,
}


def simulate(truth: dict, rng: np.random.Generator, places: int = 6, years: int = 8):
    """Panel of changes among residents and within sectors, and everything drawn on the way."""
    lean = rng.standard_normal((places, len(MOVING)))
    change = np.zeros((places, years, len(MOVING)))
    for c in range(places):
        for m in range(len(MOVING)):
            pace = truth["change_mean"][m] + truth["change_region"] * lean[c, m]
            for t in range(years):
                change[c, t, m] = pace + truth["change_scale"][m] * rng.standard_t(4)
    mix = rng.dirichlet(np.full(len(EDUCATION), 3.0), len(SECTORS))
    survey = np.arange(2008, 2024)
    falls = np.equal.outer([2014, 2021], survey[1:]).astype(float)
    inverse = 1.0 / rng.uniform(5, 100, (len(INDUSTRIES), 2, survey.size))
    panel = xr.Dataset(
        {
            "change": (("place", "change_year", "moving"), change),
            "mix_log": (("sector", "education"), np.log(mix)),
            "mix_sd": (("sector", "education"), np.full(mix.shape, 0.15)),
            "mix_level": (("sector", "level"), np.log(of_levels(mix))),
            "mix_level_sd": (("sector", "level"), np.full((len(SECTORS), len(LEVELS)), 0.1)),
            "history": (
                ("industry", "contrast", "history_year"),
                surveyed(truth, inverse, falls, rng),
            ),
            "history_inverse": (("industry", "contrast", "survey_year"), inverse),
            "break_falls": (("break", "history_year"), falls),
        },
        coords={
            "place": [f"P{i}" for i in range(places)],
            "change_year": [2017 + t for t in range(years)],
            "moving": MOVING,
            "sector": SECTORS,
            "education": EDUCATION,
            "level": list(LEVELS),
            "target": [f"R{i}" for i in range(4)],
            "industry": INDUSTRIES,
            "contrast": ["tertiary", "primary"],
            "survey_year": survey,
            "history_year": survey[1:],
            "break": [2014, 2021],
        },
    )
    return panel, {**truth, "z_place": lean}


def of_levels(mix: np.ndarray) -> np.ndarray:
    """Shares of levels (sector, level)."""
    heads = [str(group).partition(":")[0] for group in EDUCATION]
    return np.stack([mix[:, [h == level for h in heads]].sum(1) for level in LEVELS], axis=1)


def surveyed(
    truth: dict, inverse: np.ndarray, falls: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Changes (industry, contrast, year): what is lasting, common, random, broken and misread."""
    industries, contrasts, years = inverse.shape
    seen = truth["noise"] * np.sqrt(inverse) * rng.standard_normal(inverse.shape)
    out = np.diff(seen)
    for k in range(contrasts):
        scale = truth["common"][k]
        now = scale * rng.standard_normal() / np.sqrt(1 - truth["persistence"] ** 2)
        for t in range(years - 1):
            if t > 0:
                now = truth["persistence"] * now + scale * rng.standard_normal()
            out[:, k, t] += truth["pace"][k] + now
        out[:, k] += (truth["lean"][k] * rng.standard_normal(industries))[:, None]
        out[:, k] += truth["step"][k] * rng.standard_normal((industries, years - 1))
        for j, row in enumerate(falls):
            own = truth["shift_scatter"][k] * rng.standard_normal(industries)
            out[:, k] += (truth["shift"][j][k] + own)[:, None] * row
    return out
