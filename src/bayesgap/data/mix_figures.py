"""What is known about education within sectors, as figures with errors (`log_fit.Figure`).

X1  levels within a sum of sectors: labour force survey, mean of the last three years; sampling
    variance noise / persons, noise from the survey's own scatter about straight lines; concept .05
X2  fields within levels, and the parts of tertiary education, of the nation: register groups
X3  levels and fields within sectors, relative to the nation: interviews, leaning on the nation as
    the sectors' own scatter says (Dirichlet); 25 per cent for definitions and the years since 2012
X4  two fields that share the survey's classes are split as follows: the first is like the nearer
    class, the second like a mix of both that the nation's groups imply, with 50 per cent; a sector
    without interviews is like its nearest, with 50 per cent more
X5  health education in 86-88: of 2020, and its parts in 2008 with 30 per cent for the years since;
    these counts have no kindergartens, so that others in 86-88 are not read from them
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd
from scipy.special import digamma, gammaln, polygamma

from bayesgap.data.log_fit import Figure, composition, ratio
from bayesgap.data.sector_sums import LEVEL_SUMS, SECTOR_SUMS
from bayesgap.schema import EDUCATION, EDUCATION_FIELD, EDUCATION_LEVEL, LEVELS, SECTORS

Tables = Mapping[str, pd.DataFrame]
SHAPE = (len(SECTORS), len(EDUCATION))
RECENT = 3  # last years of the labour force survey
INDEPENDENT = 2.0  # persons answer for two years, so that three years count as about two
CONCEPT_SD = 0.05
REGISTER_SD, LOOSE_SD = 0.03, 0.09
LOOSE = ("other", "ict")  # fields whose borders are drawn differently
TERTIARY_SD = 0.05  # the register's post-secondary courses are in higher vocational
DEFINITION_SD, NEAREST_SD = 0.25, 0.5
OLD_SD, COUNT_SD = 0.3, 0.05
EXACT_SD = 0.002
HEALTH = "86-88"
NEAREST = {"35-39": "10-33"}  # sector without fields: the nearest in techniques
TECHNICAL = "engineering_manufacturing_construction"
CLASSES = {  # level: our fields, and the survey's classes
    "upper_secondary": (
        (("general",), ("general",)),
        (("health_care",), ("health_welfare",)),
        (("construction", "electrical_mechanical"), (TECHNICAL,)),
        (
            ("other",),
            (
                "teaching",
                "humanities_languages_arts",
                "social_business_law",
                "science_maths_computing",
                "agriculture_veterinary",
                "services",
            ),
        ),
    ),
    "tertiary": (
        (("teaching",), ("teaching",)),
        (("health_care",), ("health_welfare",)),
        (
            ("social_humanities", "business_admin"),
            ("social_business_law", "humanities_languages_arts"),
        ),
        (("science_engineering", "ict"), (TECHNICAL, "science_maths_computing")),
        (("other",), ("general", "agriculture_veterinary", "services")),
    ),
}
SPLITS = (  # our two fields, and the two classes that they are nearest to
    ("business_admin", "social_humanities", "social_business_law", "humanities_languages_arts"),
    ("ict", "science_engineering", "science_maths_computing", TECHNICAL),
)


def cells(
    sectors: Iterable[str] = SECTORS,
    levels: Iterable[str] = LEVELS,
    fields: Iterable[str] | None = None,
) -> np.ndarray:
    """Part of the table (sector, education)."""
    rows = np.isin(list(SECTORS), list(sectors))
    level = np.isin(EDUCATION_LEVEL, list(levels))
    field = True if fields is None else np.isin(EDUCATION_FIELD, list(fields))
    return rows[:, None] & (level & field)[None, :]


def figures(tables: Tables) -> list[Figure]:
    """All figures that `tables` have; a table that a study lacks adds none."""
    sources = {
        "sector_levels_national": survey_levels,
        "education_fields_national": register_groups,
        "sector_levels_piaac": interview_levels,
        "sector_fields_piaac": interview_fields,
        "health_educated_national": health_counts,
    }
    found = [make for name, make in sources.items() if len(tables.get(name, ()))]
    return [figure for make in found for figure in make(tables)]


def survey_noise(frame: pd.DataFrame) -> float:
    """Sampling variance of a log count, times persons: from second differences (X1).

    White noise of variance v has second differences of variance 6 v. The median is that of a
    chi-squared variable of one degree of freedom, 0.455 of its mean.
    """
    wide = frame.pivot_table(index="year", columns=["industry", "level"], values="employed")
    bend = np.log(wide).diff().diff() ** 2 / 6.0
    size = wide.shift(1)
    return float(np.nanmedian((bend * size).to_numpy()) / 0.455)


def survey_levels(tables: Tables) -> Iterator[Figure]:
    """X1: log odds of levels against upper secondary within each sum of sectors."""
    frame = tables["sector_levels_national"]
    noise = survey_noise(frame)
    recent = frame[frame["year"] > frame["year"].max() - RECENT]
    mean = recent.groupby(["industry", "level"])["employed"].mean()
    for industry, sectors in SECTOR_SUMS.items():
        base = mean[industry, "upper_secondary"]
        for level in ("primary", "tertiary"):
            count = mean[industry, level]
            sampling = noise / INDEPENDENT * (1.0 / count + 1.0 / base)
            yield ratio(
                (cells(sectors, LEVEL_SUMS[level]),),
                (cells(sectors, ("upper_secondary",)),),
                float(np.log(count / base)),
                float(np.sqrt(sampling + CONCEPT_SD**2)),
            )


def employed_groups(tables: Tables) -> "pd.Series[float]":
    """The nation's employed by education, or equal groups where nobody counted them [person]."""
    frame = tables.get("education_fields_national")
    if frame is None or frame.empty:
        return pd.Series(1.0, index=list(EDUCATION))
    return frame.set_index("education")["employed"].loc[list(EDUCATION)].astype(float)


def register_groups(tables: Tables) -> Iterator[Figure]:
    """X2: fields within levels, and higher vocational and master against bachelor."""
    known = employed_groups(tables)
    level = known.groupby(list(known.index.str.partition(":").get_level_values(0))).sum()
    for whole in LEVELS:
        fields = [
            ratio((cells(levels=(own,), fields=(field,)),), (), float(np.log(known[group])), sd)
            for group, own, field in zip(EDUCATION, EDUCATION_LEVEL, EDUCATION_FIELD, strict=True)
            if own == whole and field != "all"
            for sd in (LOOSE_SD if field in LOOSE else REGISTER_SD,)
        ]
        yield from composition(fields) if fields else ()
    for own in ("higher_vocational", "master"):
        value = float(np.log(level[own] / level["bachelor"]))
        yield ratio((cells(levels=(own,)),), (cells(levels=("bachelor",)),), value, TERTIARY_SD)


def concentration(shares: np.ndarray, persons: np.ndarray, nation: np.ndarray) -> float:
    """Persons that the nation counts as in a sector's shares: most likely Dirichlet total.

    Parameters
    ----------
    shares : (sector, class), persons : (sector), nation : (class)
    """
    grid = np.exp(np.linspace(np.log(0.5), np.log(200.0), 60))
    counts = shares * persons[:, None]
    a = grid[:, None, None] * nation
    cell = (gammaln(counts + a) - gammaln(a)).sum((1, 2))
    row = (gammaln(grid[:, None]) - gammaln(grid[:, None] + persons)).sum(1)
    return float(grid[np.argmax(cell + row)])


class Interviews:
    """Shares of classes within sectors, leaning on the nation (X3)."""

    def __init__(self, wide: pd.DataFrame, persons: "pd.Series[float]") -> None:
        """Keep shares (sector with `all`, class) and persons interviewed by sector."""
        self.nation = wide.loc["all"] / wide.loc["all"].sum()
        own = wide.drop(index="all")
        self.own, self.persons = own, persons
        classes = self.nation > 0
        self.weight = concentration(
            own.loc[:, classes].to_numpy(),
            persons[own.index].to_numpy(dtype=float),
            self.nation[classes].to_numpy(),
        )

    def relative(self, sector: str, classes: Iterable[str]) -> tuple[float, float]:
        """Log of the share of `classes` over the nation's, up to a constant, and its sd.

        Shares of a Dirichlet law are independent Gamma variables over their sum.
        """
        names = list(classes)
        q, n = float(self.nation[names].sum()), float(self.persons[sector])
        counted = n * float(self.own.loc[sector, names].sum()) + self.weight * q
        return float(digamma(counted) - np.log(q)), float(np.sqrt(polygamma(1, counted)))


def _interviews(frame: pd.DataFrame, by: str) -> Interviews:
    wide = frame.pivot_table(index="sector", columns=by, values="share").fillna(0.0)
    persons = frame.groupby("sector")["respondents"].sum().astype(float)
    return Interviews(wide, persons)


def interview_levels(tables: Tables) -> Iterator[Figure]:
    """X3 of levels: each sum of levels, and higher vocational and master against bachelor."""
    told = _interviews(tables["sector_levels_piaac"], "level")
    tertiary = tuple((level,) for level in LEVEL_SUMS["tertiary"])
    for sector in told.own.index:
        for parts in (tuple(LEVEL_SUMS.values()), tertiary):
            ours = [(cells(levels=levels), levels) for levels in parts]
            yield from _relative(sector, told, sector, ours, DEFINITION_SD)


def _relative(
    sector: str,
    told: Interviews,
    asked: str,
    parts: Iterable[tuple[np.ndarray, tuple[str, ...]]],
    wide: float,
) -> Iterator[Figure]:
    """Shares of a sector's whole relative to the nation's, `wide` apart in definition (X3)."""
    row = cells((sector,))
    shares = []
    for part, classes in parts:
        value, sd = told.relative(asked, classes)
        shares.append(ratio((part & row,), (part,), value, float(np.hypot(sd, wide))))
    yield from composition(shares)


def fields_asked(frame: pd.DataFrame) -> Iterator[tuple[str, str, Interviews]]:
    """Sector, level and interviews about fields; `tertiary` where longer levels are few."""
    for level in ("upper_secondary", "tertiary", "bachelor", "master"):
        part = frame[(frame["level"] == level) & ~frame["field"].str.endswith("_trades")]
        told = _interviews(part, "field")
        for sector in told.own.index:
            yield sector, level, told


def interview_fields(tables: Tables) -> Iterator[Figure]:
    """X3 and X4 of fields within sector and level."""
    frame = tables["sector_fields_piaac"]
    groups = employed_groups(tables)
    for sector, level, told in fields_asked(frame):
        yield from _fields(sector, sector, level, told, groups)
        for poor, near in NEAREST.items():
            if near == sector and not (frame["sector"] == poor).any():
                yield from _fields(poor, near, level, told, groups, NEAREST_SD)
    yield from _trades(frame)


def _fields(
    sector: str,
    asked: str,
    level: str,
    told: Interviews,
    groups: "pd.Series[float]",
    more: float = 0.0,
) -> Iterator[Figure]:
    levels = ("bachelor", "master") if level == "tertiary" else (level,)
    classes = CLASSES["upper_secondary" if level == "upper_secondary" else "tertiary"]
    ours = [(cells(levels=levels, fields=fields), names) for fields, names in classes]
    yield from _relative(sector, told, asked, ours, float(np.hypot(DEFINITION_SD, more)))
    if level == "upper_secondary":
        return
    for split in SPLITS:
        first, second = (cells(levels=levels, fields=(name,)) for name in split[:2])
        row = cells((sector,))
        value, sd = _split(asked, told, split, groups, levels)
        over, under = (first & row, second), (second & row, first)
        yield ratio(over, under, value, float(np.hypot(sd, np.hypot(NEAREST_SD, more))))


def _split(
    asked: str,
    told: Interviews,
    split: tuple[str, str, str, str],
    groups: "pd.Series[float]",
    levels: tuple[str, ...],
) -> tuple[float, float]:
    """Log ratio of two fields relative to the nation's, and its sampling sd (X4)."""
    one, other, near, far = split
    first, second = (sum(groups[f"{level}:{name}"] for level in levels) for name in (one, other))
    both = told.nation[near] + told.nation[far]
    mixed = min(1.0, told.nation[far] / (both * second / (first + second)))
    (a, sd_a), (b, sd_b) = told.relative(asked, (near,)), told.relative(asked, (far,))
    like = mixed * np.exp(b) + (1.0 - mixed) * np.exp(a)
    return float(a - np.log(like)), float(mixed * np.exp(b) / like * np.hypot(sd_a, sd_b))


def _trades(frame: pd.DataFrame) -> Iterator[Figure]:
    """X4: building trades against electrical ones in construction, as the occupations have them."""
    trades = frame[frame["field"].str.endswith("_trades")].set_index("field")["respondents"]
    if trades.empty:
        return
    building, electrical = float(trades["building_trades"]), float(trades["electrical_trades"])
    yield ratio(
        (cells(("41-43",), fields=("construction",)),),
        (cells(("41-43",), fields=("electrical_mechanical",)),),
        float(np.log(building / electrical)),
        float(np.sqrt(1 / building + 1 / electrical + NEAREST_SD**2)),
    )


def health_counts(tables: Tables) -> Iterator[Figure]:
    """X5: where the health educated work, and their levels in 86-88."""
    counts = tables["health_educated_national"]
    counts = counts[counts["field"] == "health_social"].astype({"employed": float})
    inside, health = cells((HEALTH,)), cells(fields=("health_care",))
    now = counts[counts["year"] == 2020].set_index("place")["employed"]
    yield _counted(
        health & inside, health & ~inside, now["86-88"], now["all"] - now["86-88"], COUNT_SD
    )
    old = counts[counts["year"] == 2008].set_index("level")["employed"]
    levels = {name: health & cells((HEALTH,), (name,)) for name in ("bachelor", "master")}
    yield _counted(levels["master"], levels["bachelor"], old["master"], old["bachelor"], OLD_SD)
    short, tertiary = old["primary+upper_secondary"], old["bachelor"] + old["master"]
    part = health & cells((HEALTH,), ("upper_secondary",))
    yield _counted(part, levels["bachelor"] | levels["master"], short, tertiary, OLD_SD)


def _counted(over: np.ndarray, under: np.ndarray, more: float, less: float, sd: float) -> Figure:
    return ratio((over,), (under,), float(np.log(more / less)), sd)
