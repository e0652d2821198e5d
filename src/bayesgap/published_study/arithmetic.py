"""The published study's arithmetic: what its figures give together, and where they disagree.

Every check computes one published figure from others. Rounding goes along: a result's half-width is
the largest that the corners of its inputs' half-widths give. A figure is reproduced when published
and computed value are no further apart than their half-widths together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from itertools import product
from math import expm1

import pandas as pd

from bayesgap.present.labels import person
from bayesgap.present.markdown import render
from bayesgap.study.report_mode import ReportMode


@dataclass(frozen=True)
class Rounded:
    """A figure and the half-width of its rounding."""

    value: float
    half_width: float


@dataclass(frozen=True)
class Check:
    """A published figure, how others give it, and what it means if they do not.

    The parameters of `compute` name its inputs. `published` is the id of a figure, or a name.
    """

    published: str
    says: str
    formula: str
    compute: Callable[..., float]
    if_not: str = ""
    sign: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """A check with its figures."""

    check: Check
    published: Rounded
    computed: Rounded
    inputs: Mapping[str, Rounded]

    @property
    def agrees(self) -> bool:
        """Whether rounding can explain the difference."""
        apart = abs(self.published.value - self.computed.value)
        return apart <= self.published.half_width + self.computed.half_width + 1e-9


CHECKS = (
    Check(
        "labour_force_2040",
        "labour force in 2040",
        "labour_force_2024 + labour_force_change",
        lambda labour_force_2024, labour_force_change: labour_force_2024 + labour_force_change,
    ),
    Check(
        "pop_working_age_growth",
        "growth of the population aged 20-65",
        "growth of its three age groups, weighted by residents of 2024",
        lambda people_20_25, people_26_40, people_41_65, pop_20_25_2040, pop_26_40_2040,
        pop_40_65_2040: (
            people_20_25 * pop_20_25_2040
            + people_26_40 * pop_26_40_2040
            + people_41_65 * pop_40_65_2040
        )
        / (people_20_25 + people_26_40 + people_41_65),
    ),
    Check(
        "demand_change",
        "growth of demand",
        "demand_growth * jobs_2022",
        lambda demand_growth, jobs_2022: demand_growth * jobs_2022,
    ),
    Check(
        "gap_main",
        "gap in the main scenario",
        "gap_2024 + demand_change - labour_force_change",
        lambda gap_2024, demand_change, labour_force_change: (
            gap_2024 + demand_change - labour_force_change
        ),
    ),
    Check(
        "ict_2040_growth",
        "ICT in the growth scenario",
        "ict_2040_main + ict_growth",
        lambda ict_2040_main, ict_growth: ict_2040_main + ict_growth,
    ),
    Check(
        "gap_growth",
        "gap with both growth scenarios",
        "gap_main + ict_growth + health_industry_growth",
        lambda gap_main, ict_growth, health_industry_growth: (
            gap_main + ict_growth + health_industry_growth
        ),
    ),
    Check(
        "s_exclusion",
        "effect of fewer outside",
        "outside_reduction * (outside_persons / outside_2024) * (1 + pop_working_age_growth)",
        lambda outside_reduction, outside_persons, outside_2024, pop_working_age_growth: (
            outside_reduction * outside_persons / outside_2024 * (1 + pop_working_age_growth)
        ),
    ),
    Check(
        "exclusion_share_of_gap",
        "share of the gap that fewer outside close",
        "s_exclusion / gap_main",
        lambda s_exclusion, gap_main: s_exclusion / gap_main,
    ),
    Check(
        "gap_growth_all_measures",
        "gap with growth and three measures",
        "gap_main + ict_growth + health_industry_growth - s_exclusion - s_outmigration - "
        "s_immigration (published as 350 without a sign: a surplus)",
        lambda gap_main, ict_growth, health_industry_growth, s_exclusion, s_outmigration,
        s_immigration: (
            gap_main
            + ict_growth
            + health_industry_growth
            - s_exclusion
            - s_outmigration
            - s_immigration
        ),
        sign=-1.0,
    ),
    Check(
        "lf_low_share_change",
        "change of the share with primary or upper secondary, points",
        "100 * ((labour_force_2024 * low_share_2024 + lf_low_change) / labour_force_2040 - "
        "low_share_2024)",
        lambda labour_force_2024, low_share_2024, lf_low_change, labour_force_2040: (
            100
            * (
                (labour_force_2024 * low_share_2024 + lf_low_change) / labour_force_2040
                - low_share_2024
            )
        ),
    ),
    Check(
        "lf_bachelor_share_change",
        "change of the share with a bachelor's degree, points",
        "0 - lf_low_share_change - lf_master_share_change - lf_vocational_share_change",
        lambda lf_low_share_change, lf_master_share_change, lf_vocational_share_change: (
            -lf_low_share_change - lf_master_share_change - lf_vocational_share_change
        ),
    ),
    Check(
        "productivity_effect",
        "share of the gap closed by public productivity",
        "(1 - exp(-productivity * years)) * public_share * (demand_change / demand_growth + "
        "demand_change) / gap_main, for the region where the report means the county",
        lambda productivity, public_growth_years, public_share, demand_change, demand_growth,
        gap_main: (
            -expm1(-productivity * public_growth_years)
            * public_share
            * (demand_change / demand_growth + demand_change)
            / gap_main
        ),
    ),
    Check(
        "emp_total_2024",
        "employed persons",
        "at most labour_force_2024",
        lambda labour_force_2024: labour_force_2024,
        "More are employed than are in the labour force: two bases or two definitions.",
    ),
    Check(
        "emp_total_2024",
        "employed persons",
        "demand_change / demand_growth: the base of `13 000 more than are employed today, +17 %`",
        lambda demand_change, demand_growth: demand_change / demand_growth,
        "The base of demand is the employed at workplaces (77 392 in 2022), that of supply the "
        "residents.",
    ),
    Check(
        "gap_main",
        "gap in the main scenario, from levels",
        "demand_change / demand_growth + demand_change - labour_force_2040",
        lambda demand_change, demand_growth, labour_force_2040: (
            demand_change / demand_growth + demand_change - labour_force_2040
        ),
        "Levels do not subtract: they give a surplus. The published gap is one of changes.",
    ),
    Check(
        "labour_force_2024",
        "labour force in 2024",
        "(1 - outside_2024) * outside_persons / outside_2024",
        lambda outside_2024, outside_persons: (1 - outside_2024) * outside_persons / outside_2024,
        "22 100 are 21 % of 105 238 persons aged about 20-65; the labour force counts other ages.",
    ),
    Check(
        "emp_total_2024",
        "employed persons",
        "(demand_health_2040 - demand_health_change) / share_health_emp",
        lambda demand_health_2040, demand_health_change, share_health_emp: (
            (demand_health_2040 - demand_health_change) / share_health_emp
        ),
        "The number in health and care today and its share of the employed are of different bases.",
    ),
    Check(
        "health_industry_growth",
        "health industry in the growth scenario above main",
        "asker_density + new_firm",
        lambda asker_density, new_firm: asker_density + new_firm,
    ),
    Check(
        "ict_2040_growth",
        "ICT in the growth scenario, as the summary says",
        "2 * ict_today: `a near doubling from today`",
        lambda ict_today: 2 * ict_today,
        "2 100 is 2.3 times 900; it is nearly 1 200 more than today, as chapter 5 also says.",
    ),
    Check(
        "commute_out_share",
        "share of residents in work who commute out",
        "commute_out / emp_total_2024",
        lambda commute_out, emp_total_2024: commute_out / emp_total_2024,
        "30 000 are 33 % of 91 000, not 35 %.",
    ),
    Check(
        "commute_out_share",
        "share of residents in work who commute out, at least",
        "low_share_2024 * commute_out_share_low + (1 - low_share_2024) * 0.47",
        lambda low_share_2024, commute_out_share_low, least_share_higher_of_rest: (
            low_share_2024 * commute_out_share_low
            + (1 - low_share_2024) * least_share_higher_of_rest
        ),
        "The shares by level average to more than the total share; the base by level is unclear.",
    ),
    Check(
        "inmover_share",
        "share of the labour force that moved in, at most",
        "low (1 - roots_share_low) + (bachelor, at least two thirds of the rest) "
        "inmover_share_bachelor + (master) inmover_share_master",
        lambda low_share_2024, roots_share_low, inmover_share_bachelor, inmover_share_master: (
            low_share_2024 * (1 - roots_share_low)
            + (1 - low_share_2024)
            * (2 / 3 * inmover_share_bachelor + 1 / 3 * inmover_share_master)
        ),
        "Shares of in-movers by level average to about 52 %, not 57 %. (2.9 times as many have a "
        "bachelor's as a master's degree in 2040: 890 / 3 % against 520 / 4 %.)",
    ),
    Check(
        "s_education_sum",
        "sum of the effects of Oslo's education over levels",
        "s_education_bachelor + s_education_master + s_education_primary + "
        "s_education_upper_secondary",
        lambda s_education_bachelor, s_education_master, s_education_primary,
        s_education_upper_secondary: (
            s_education_bachelor
            + s_education_master
            + s_education_primary
            + s_education_upper_secondary
        ),
        "Choosing another education adds nobody, yet the levels named add up to +880; higher "
        "vocational would have to fall by as many, which the report does not say.",
    ),
)  # fmt: skip


def figures_known(figures: pd.DataFrame, mode: ReportMode) -> dict[str, Rounded]:
    """Published figures and the mode's assumptions by name, with half-widths."""
    known = {
        str(row["id"]): Rounded(float(row["value"]), float(row["half_width"]))
        for row in figures.to_dict("records")
    }
    for name, assumed in mode.assume.items():
        known[name] = Rounded(assumed.value, assumed.half_width)
    known["s_education_sum"] = Rounded(0.0, 0.0)
    return known


def outcomes(figures: pd.DataFrame, mode: ReportMode) -> list[Outcome]:
    """Every check with what it gives.

    Parameters
    ----------
    figures : columns id, value, half_width
    mode : the report's assumptions
    """
    known = figures_known(figures, mode)
    return [outcome(check, known) for check in CHECKS]


def outcome(check: Check, known: Mapping[str, Rounded]) -> Outcome:
    """One check on the figures known."""
    inputs = {name: known[name] for name in signature(check.compute).parameters}
    value = check.compute(**{name: of.value for name, of in inputs.items()})
    corners = product(*((of.value - of.half_width, of.value + of.half_width)
                        for of in inputs.values()))  # fmt: skip
    widest = max(abs(check.compute(*corner) - value) for corner in corners)
    published = known[check.published]
    signed = Rounded(check.sign * published.value, published.half_width)
    return Outcome(check, signed, Rounded(value, widest), inputs)


def arithmetic_page(found: list[Outcome], mode: ReportMode) -> str:
    """Markdown page: what is reproduced, and what does not agree."""
    return render(
        "published_study/arithmetic",
        mode=mode,
        agree=[one for one in found if one.agrees],
        differ=[one for one in found if not one.agrees],
        inputs=_inputs,
        wide=_wide,
    )


def _inputs(one: Outcome) -> str:
    return ", ".join(f"{name} {_plain(of.value)}" for name, of in one.inputs.items())


def _wide(of: Rounded) -> str:
    return f"{_plain(of.value)} ± {_plain(of.half_width)}"


def _plain(value: float) -> str:
    if value and abs(value) < 100:
        return f"{value:.3g}".replace("-", "−")
    return person(round(value), signed=False)
