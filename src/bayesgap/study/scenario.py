"""Scenarios: named lists of typed events that change the future, each with its reason.

A strength is a number or a distribution. Its effect grows on a straight line from nothing in
`start` to the whole in `full`; combinations name other scenarios and add nothing of their own.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PositiveFloat,
    Tag,
    model_validator,
)

from bayesgap import schema
from bayesgap.study.cut import MOST, cut_share, percent
from bayesgap.study.education_words import nearest_groups
from bayesgap.study.priors import Beta, Gamma, HalfNormal, LogNormal, Normal

Level = Literal["primary", "upper_secondary", "higher_vocational", "bachelor", "master"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Choice(_Frozen):
    """One of some values with stated weights: official alternatives, say."""

    dist: Literal["choice"]
    values: tuple[float, ...] = Field(min_length=2)
    weights: tuple[PositiveFloat, ...] = Field(min_length=2)
    why: str = Field(min_length=20)

    @model_validator(mode="after")
    def _one_weight_each(self) -> "Choice":
        if len(self.values) != len(self.weights):
            raise ValueError("`values` and `weights` must be of the same length")
        if not math.isfinite(sum(self.weights)):
            raise ValueError("`weights` must have a finite sum")
        return self


def _kind_of_strength(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("dist"))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
    return str(getattr(value, "dist", "number"))


Spread = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[HalfNormal, Tag("half_normal")]
    | Annotated[LogNormal, Tag("log_normal")]
    | Annotated[Beta, Tag("beta")]
    | Annotated[Gamma, Tag("gamma")]
    | Annotated[Choice, Tag("choice")],
    Discriminator(_kind_of_strength),
]


def _known_group(name: str) -> str:
    if name not in schema.EDUCATION:
        near = next(nearest_groups(name), None)
        hint = f" Did you mean {near}?" if near else f" Known: {', '.join(schema.EDUCATION)}"
        raise ValueError(f'there is no education group "{name}".{hint}')
    return name


def _known_sector(code: str, known: Collection[str] = tuple(schema.SECTORS)) -> str:
    if code not in known:
        raise ValueError(f'there is no sector "{code}"; known: {", ".join(known)}')
    return code


def _known_sector_or_overlay(code: str) -> str:
    return _known_sector(code, (*schema.SECTORS, *schema.OVERLAYS))


Group = Annotated[str, AfterValidator(_known_group)]
Sector = Annotated[str, AfterValidator(lambda code: _known_sector(code))]
SectorOrOverlay = Annotated[str, AfterValidator(_known_sector_or_overlay)]


@dataclass(frozen=True)
class Bound:
    """Which of `BOUNDS` a strength keeps to.

    Numbers and choices must; of other distributions at most `cut.MOST` is cut to it.
    """

    name: str


Share = Annotated[Spread, Bound("share")]
Left = Annotated[Spread, Bound("left")]
Points = Annotated[Spread, Bound("points")]
Growth = Annotated[Spread, Bound("growth")]
Years = Annotated[Spread, Bound("years")]
Jobs = Annotated[Spread, Bound("jobs")]
Arrivals = Annotated[Spread, Bound("arrivals")]
Elasticity = Annotated[Spread, Bound("elasticity")]
BOUNDS: dict[str, tuple[float, float]] = {
    "share": (0.0, 1.0),
    "left": (0.0, 0.95),  # of those raised in a region; a rate for all would be infinite
    "points": (0.0, 0.5),
    "growth": (-0.2, 0.2),
    "years": (0.0, 3.0),
    "jobs": (0.0, 1e6),  # draws of fewer persons are exact
    "arrivals": (-20.0, 20.0),
    "elasticity": (0.0, 5.0),
}


class _Event(_Frozen):
    """What all events share: when, where and why."""

    start: int = Field(description="last year without effect")
    full: int = Field(description="first year with the whole effect")
    regions: tuple[str, ...] = Field(default=(), description="all target regions if empty")
    why: str = Field(min_length=20)

    @model_validator(mode="after")
    def _numbers_in_bounds(self) -> "_Event":
        if self.full <= self.start:
            raise ValueError(f"start < full must hold; found {self.start} and {self.full}")
        found = [line for name in self.bounds() for line in self._out_of_bounds(name)]
        if found:
            raise ValueError("; ".join(found))
        return self

    def _out_of_bounds(self, name: str) -> Iterator[str]:
        """Say what of a strength lies where it must not."""
        value = getattr(self, name)
        low, high = BOUNDS[self.bounds()[name]]
        must = f"{name} must lie between {low:g} and {high:g}; found "
        for one in value.values if isinstance(value, Choice) else (value,):
            if isinstance(one, float) and not low <= one <= high:
                yield f"{must}{one:g}"
        if (share := self.cut(name)) > MOST:
            yield f"{must}{percent(share)} of a {value.dist} outside ({percent(MOST)} at most)"

    def cut(self, name: str) -> float:
        """Share of the distribution of a strength that is cut to its bounds."""
        return cut_share(getattr(self, name), *BOUNDS[self.bounds()[name]])

    @classmethod
    def bounds(cls) -> dict[str, str]:
        """Names of the strengths and of the intervals in `BOUNDS` that they keep to."""
        marks = {
            name: [mark for mark in info.metadata if isinstance(mark, Bound)]
            for name, info in cls.model_fields.items()
        }
        return {name: found[0].name for name, found in marks.items() if found}


class Outside(_Event):
    """`points` fewer of the residents aged 20-65 are outside labour force and education."""

    kind: Literal["outside"]
    points: Points


class Retirement(_Event):
    """People leave the labour force `years` later, from `from_age` on."""

    kind: Literal["retirement"]
    years: Years
    from_age: int = Field(default=60, ge=55, le=70)


class OutMigration(_Event):
    """A `share` of those who would move out for good stay: cohorts under `under_age` in `start`.

    `cumulative` is the share of those raised in a region who have left it when grown up.
    """

    kind: Literal["out_migration"]
    share: Share
    under_age: int = Field(default=25, ge=1, le=90)
    from_age: int = Field(default=16, ge=0, le=89)
    cumulative: Left
    within: Share
    leaving: dict[Level, PositiveFloat] = Field(description="relative tendency to leave by level")

    @model_validator(mode="after")
    def _every_level(self) -> "OutMigration":
        if set(self.leaving) != set(schema.LEVELS):
            raise ValueError(f"leaving must name the levels {', '.join(schema.LEVELS)}")
        return self


class Immigration(_Event):
    """`arrivals` more net immigrants a year per 1 000 residents."""

    kind: Literal["immigration"]
    arrivals: Arrivals
    regional: Elasticity
    participation: Elasticity


class EducationProfile(_Event):
    """A `share` of those not yet `settled` in `start` choose education as in `like`."""

    kind: Literal["education_profile"]
    like: str
    share: Share
    settled: int = Field(default=25, ge=19, le=35)


class Completion(_Event):
    """A `share` of the coming cohorts that would have stayed at `level` reach `to`."""

    kind: Literal["completion"]
    share: Share
    level: Level = "primary"
    to: Level = "upper_secondary"
    settled: int = Field(default=25, ge=19, le=35)


class Reskilling(_Event):
    """A `share` of the labour force of the groups `taken` have moved to the group `to`."""

    kind: Literal["reskilling"]
    share: Share
    taken: tuple[Group, ...] = Field(min_length=1)
    to: Group

    @model_validator(mode="after")
    def _elsewhere(self) -> "Reskilling":
        if self.to in self.taken:
            raise ValueError(f"to must not be among taken; found {self.to}")
        return self


class OutCommuting(_Event):
    """A `share` of those who would commute out work in the region where they live."""

    kind: Literal["out_commuting"]
    share: Share
    within: Share


class SectorGrowth(_Event):
    """A `part` of a sector's jobs grows by `growth` a year more (log), until `full`."""

    kind: Literal["sector_growth"]
    sector: Sector
    part: Share
    growth: Growth


class Opening(_Event):
    """New `jobs` in `sector`, with the skills of the sectors in `like` by their weights."""

    kind: Literal["opening"]
    jobs: Jobs
    sector: SectorOrOverlay
    like: dict[Sector, PositiveFloat] = Field(min_length=1)


class Productivity(_Event):
    """The same work with `growth` a year fewer jobs (log) in the `public` part of sectors."""

    kind: Literal["productivity"]
    growth: Growth
    public: dict[Sector, Annotated[float, Field(gt=0, le=1)]] = Field(min_length=1)


class MarketResponse(_Event):
    """Wages move with tightness and close a share `adjusting` of its change since the base year."""

    kind: Literal["market_response"]
    adjusting: Share
    supply: Elasticity
    demand: Elasticity
    mobility: Elasticity
    within: Share
    shared: Share


Event = Annotated[
    Outside
    | Retirement
    | OutMigration
    | Immigration
    | EducationProfile
    | Completion
    | Reskilling
    | OutCommuting
    | SectorGrowth
    | Opening
    | Productivity
    | MarketResponse,
    Field(discriminator="kind"),
]


class Scenario(_Frozen):
    """A named change of the future, or a combination of such."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    title: str
    why: str = Field(min_length=20)
    events: tuple[Event, ...] = ()
    combines: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _either(self) -> "Scenario":
        if bool(self.events) == bool(self.combines):
            raise ValueError("a scenario must have either events or combines, and not both")
        if self.name == "main":
            raise ValueError('"main" is the projection without events; take another name')
        return self
