"""One scenario against another on the same draws: differences, contributions, what they close.

Every figure is of draws of a difference, never a difference of figures. The Monte Carlo error is
the largest of those of the mean and of the ends of the 80 % interval, as a share of its width.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bayesgap import schema
from bayesgap.errors import known_as, require_one_of
from bayesgap.inference.ess import ess, mcse_mean, split_chains
from bayesgap.present.labels import part_label, person
from bayesgap.present.odds import chance
from bayesgap.present.parts import ALL, Part, education_parts, sector_parts
from bayesgap.present.table import By, Row, rounded, step
from bayesgap.runs.draws import Draws, Floats, open_draws
from bayesgap.runs.run import MAIN, Run

LEVELS = {"50 %": (0.25, 0.75), "80 %": (0.1, 0.9), "95 %": (0.025, 0.975)}


@dataclass(frozen=True)
class Cells:
    """Draws (chain, draw, region, member) [person] of one quantity and year, and their labels."""

    values: Floats
    regions: list[str]
    members: list[str]

    def plus(self, effect: "Cells | None") -> "Cells":
        """These plus an effect; a member (a sector) that is not here begins at 0."""
        if effect is None:
            return self
        places = [self.members.index(m) if m in self.members else -1 for m in effect.members]
        known = self.values[..., places] * (np.array(places) >= 0).astype(np.float32)
        return Cells(known + effect.values, self.regions, effect.members)


@dataclass(frozen=True)
class Pair:
    """Two scenarios of one run: their names, main, and their effects on it (None is main's own)."""

    a: str
    b: str
    main: Draws
    effects: tuple[Draws | None, Draws | None]

    @property
    def effect(self) -> Draws:
        """The effect of A, or of B where A is main."""
        return next(effect for effect in self.effects if effect is not None)

    @property
    def last(self) -> int:
        """Last year of the effects."""
        return self.effect.labels("year")[-1]

    @property
    def regions(self) -> list[str]:
        """Regions of the run, their total last."""
        return self.main.labels("region")

    def years(self, quantity: str) -> list[int]:
        """Years that the quantity has in A."""
        own = self.main.own_dim(quantity)
        first = self.main.read(quantity, "year", own, region=self.regions[0])[0, 0, :, 0]
        finite = np.isfinite(first)
        years = [y for y, has in zip(self.main.labels("year"), finite, strict=True) if has]
        effect = self.effects[0] or self.effect
        return [y for y in years if quantity not in effect or y in effect.labels("year")]

    def cells(self, quantity: str, year: int, region: str | None) -> tuple[Cells, Cells]:
        """One quantity of A and of B in one year, in one region or all."""
        main = read_cells(self.main, quantity, year, region)
        a, b = (self._change(effect, quantity, year, region) for effect in self.effects)
        return main.plus(a), main.plus(b)

    def _change(
        self, effect: Draws | None, quantity: str, year: int, region: str | None
    ) -> Cells | None:
        """What a scenario changes; main changes the other's members by 0."""
        of = effect or self.effect
        if quantity not in of:
            return None
        found = read_cells(of, quantity, year, region)
        return found if effect else replace(found, values=np.zeros_like(found.values))


def open_pair(run: Run, a: str, b: str) -> Pair:
    """Scenarios A and B of a run, one of which may be main.

    Raises
    ------
    RunError
        The run has no such scenario.
    """
    effects = [None if name == MAIN else open_draws(run, name) for name in (a, b)]
    return Pair(a, b, open_draws(run), (effects[0], effects[1]))


def read_cells(draws: Draws, quantity: str, year: int, region: str | None) -> Cells:
    """Draws of one quantity in one year, in one region or all."""
    own = draws.own_dim(quantity)
    if region is None:
        values = draws.read(quantity, "region", own, year=year)
        return Cells(values, draws.labels("region"), draws.labels(own))
    values = draws.read(quantity, own, region=region, year=year)
    return Cells(values[:, :, None], [region], draws.labels(own))


def parts_of(quantity: str, members: Sequence[str]) -> list[Part]:
    """Parts that the summary has of a quantity."""
    if quantity == "population":
        return [Part(members=(list(members).index(ALL),))]
    return sector_parts(list(members)) if quantity == "employment" else education_parts()


def in_part(part: Part, by: By) -> bool:
    """Whether a part of the summary is one that `by` splits into."""
    named = {name: getattr(part, name) != ALL for name in ("education", "level", "field", "sector")}
    if by == "total":
        return not any(named.values())
    if by == "education":
        return named["education"]
    return named[by] and sum(named.values()) == 1


def differences(
    pair: Pair, quantity: str, by: By, year: int | None = None, region: str | None = None
) -> list[Row]:
    """One row a region and part: A less B.

    Returns
    -------
    Rows of region, part, year; a, b (medians); mean, the quantiles of `schema.QUANTILES`, mcse
    (share of the 80 % width); closes: the share of draws with a shortage in B that A closes
    """
    known = pair.years(quantity)
    when = max(known) if year is None else year
    require_one_of("year", when, known)
    if region is not None:
        region = known_as("region", region, pair.regions)
    a, b = pair.cells(quantity, when, region)
    own = {named(part): part.members for part in parts_of(quantity, b.members)}
    rows: list[Row] = []
    for part in parts_of(quantity, a.members):
        if not in_part(part, by):
            continue
        of_a = a.values[..., list(part.members)].sum(axis=-1)
        of_b = b.values[..., list(own.get(named(part), ()))].sum(axis=-1)  # 0: a sector of A alone
        for place, name in enumerate(a.regions):
            about = {"region": name, "part": part_name(part, by), "year": when}
            rows.append(about | row(of_a[..., place], of_b[..., place], quantity))
    return rows


def named(part: Part) -> Part:
    """A part without the places of its members."""
    return part._replace(members=())


def part_name(part: Part, by: By) -> str:
    """Name of a part in the split `by`."""
    return ALL if by == "total" else str(getattr(part, by))


def row(a: np.ndarray, b: np.ndarray, quantity: str) -> dict[str, float]:
    """Figures of one cell from draws (chain, draw) of A and B [person]."""
    change = a - b
    bounds = np.quantile(change, schema.QUANTILES)
    figures = {f"{p:g}": float(q) for p, q in zip(schema.QUANTILES, bounds, strict=True)}
    figures |= {
        "a": float(np.median(a)),
        "b": float(np.median(b)),
        "mean": float(change.mean()),
        "mcse": monte_carlo_error(change),
    }
    if quantity == "gap":
        short = b > 0
        figures["closes"] = float((a[short] <= 0).mean()) if short.any() else float("nan")
        figures["shortage"] = float((a > 0).mean())
    return figures


def monte_carlo_error(draws: np.ndarray, with_mean: bool = True) -> float:
    """Largest error of mean, median and the 80 % interval's ends, over its width; 0 if constant.

    Draws (chain, draw) that are not finite are left out, as where a share is of a shortage that
    only some draws have; chains stay chains, so that what is left out breaks no dependence.
    Ratios of draws have no mean to speak of: `with_mean` is False where none is shown.
    """
    known = np.isfinite(draws)
    low, middle, high = np.quantile(draws[known], [0.1, 0.5, 0.9])
    if high == low:
        return 0.0
    errors = [float(mcse_mean(draws[None])[0])] if with_mean else []
    for probability, bound in ((0.1, low), (0.5, middle), (0.9, high)):
        off = np.where(known, (draws <= bound) - probability, 0.0)
        size = ess(split_chains(off[None]))[0]
        spread = off.std() / np.sqrt(size) / known.mean()
        ends = np.clip([probability - spread, probability + spread], 0, 1)
        errors.append(float(np.diff(np.quantile(draws[known], ends))[0]) / 2)
    return max(errors) / float(high - low)


def waterfall(pair: Pair, region: str) -> list[Row]:
    """Steps from the gap of B to that of A in the last year: one row a measure.

    Steps are Shapley values; in every draw they add up to the difference exactly, hence means do,
    and medians do not.

    Returns
    -------
    Rows of step, kind (`level` or `change`), mean and quantiles [person]
    """
    a, b = (cells.values[:, :, 0].sum(axis=-1) for cells in pair.cells("gap", pair.last, region))
    rows = [("level", f"gap in {pair.b}", b)]
    effects = contribution_draws(pair, region).items()
    rows += [("change", f"effect of {name}", values) for name, values in effects]
    rows += [("level", f"gap in {pair.a}", a)]
    return [{"kind": kind, "step": name} | spread(values) for kind, name, values in rows]


def contribution_draws(pair: Pair, region: str) -> Mapping[str, Floats]:
    """What each measure adds to the gap of A and not to that of B (chain, draw) [person]."""
    steps: dict[str, Floats] = {}
    for sign, effect in zip((1.0, -1.0), pair.effects, strict=True):
        if effect is None or "contribution" not in effect:
            continue
        measures = effect.labels("measure")
        groups = effect.read("contribution", "measure", "education", region=region)
        of_region = groups.sum(axis=-1)
        for place, name in enumerate(measures):
            values = sign * of_region[..., place]
            steps[name] = steps[name] + values if name in steps else values
    return steps


def spread(draws: Floats) -> dict[str, float]:
    """Mean and quantiles of draws."""
    bounds = np.quantile(draws, schema.QUANTILES)
    found = {f"{p:g}": float(q) for p, q in zip(schema.QUANTILES, bounds, strict=True)}
    return {"mean": float(draws.mean()), **found}


def moved_elsewhere(pair: Pair) -> list[Row]:
    """Persons whom A takes from other places and B does not, in the last year; adds up to 0."""
    a, b = (0.0 if e is None else e.read("moved", "place", year=pair.last) for e in pair.effects)
    moved = np.asarray(a - b)
    if not (moved != 0).any():
        return []
    places = pair.effect.labels("place")
    return [{"place": name} | spread(moved[..., i]) for i, name in enumerate(places)]


def headline(a: str, b: str, quantity: str) -> str:
    """What a difference is, and what its sign means."""
    said = f"{quantity.replace('_', ' ').capitalize()}: {a} minus {b}."
    signs = f" − means that {a} makes the shortage smaller, + larger."
    return said + (signs if quantity == "gap" else "")


def readable(table: Sequence[Row], by: By, marked: Collection[str] = ()) -> list[dict[str, str]]:
    """Text table of `differences`."""
    rows: list[dict[str, str]] = []
    for record in table:
        unit = step(record["0.9"] - record["0.1"])
        text = {"region": record["region"], "year": str(record["year"])}
        if by != "total":
            star = " *" if record["part"] in marked else ""
            text[by] = part_label(record["part"]) + star
        text["difference"] = person(rounded(record["0.5"], unit), True)
        for name, (low, high) in LEVELS.items():
            ends = (person(rounded(record[f"{p:g}"], unit), True) for p in (low, high))
            text[name] = " to ".join(ends)
        text["MC error"] = f"{100 * record['mcse']:.1f} %"
        if "closes" in record:
            text["P(closes)"] = "-" if np.isnan(record["closes"]) else chance(record["closes"])
        rows.append(text)
    return rows


def readable_steps(table: Sequence[Row], label: str) -> list[dict[str, str]]:
    """Text table of `waterfall` or `moved_elsewhere`: mean (which adds up), median, 80 %."""
    rows: list[dict[str, str]] = []
    for record in table:
        unit = step(record["0.9"] - record["0.1"])
        show = lambda p, r=record, u=unit: person(rounded(r[p], u), True)  # noqa: E731
        rows.append(
            {
                label: str(record[label]).replace("_", " "),
                "mean": person(round(record["mean"]), True),
                "median": show("0.5"),
                "80 %": f"{show('0.1')} to {show('0.9')}",
            }
        )
    return rows
