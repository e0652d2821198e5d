"""The report's figures by number: which analysis answers each, and how it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bayesgap.published_study import (
    employers,
    labour_market,
    levers,
    mobility,
    movers,
    outlooks,
    schools,
    shortage,
    students,
)
from bayesgap.published_study.inputs import ChapterInputs
from bayesgap.published_study.levers import Analysis
from bayesgap.published_study.result import Missing, Result

Regions = Literal["focus", "pair", "targets", "every", "total", "beside"]


@dataclass(frozen=True)
class Chapter:
    """One figure of the report: its analysis, and what stands on its axes.

    `part` names the rows of an interval chart or the destinations of a flow; without it the chart
    has years on its axis. `regions` says which are shown; the table always holds all.
    """

    figure: str
    title: str
    analysis: Analysis
    part: str | None = None
    series: str | None = None
    regions: Regions = "focus"
    also: str = ""
    marks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """File name without ending."""
        number = self.figure.replace(". ", "_").replace(".", "_")
        return f"{number}_{self.analysis.__name__}"

    @property
    def part_of_report(self) -> str:
        """Number of the published report's chapter; `appendix` beside them."""
        first = self.figure[0]
        return first if first.isdigit() else "appendix"

    @property
    def function(self) -> str:
        """Module and name of the analysis."""
        return f"{self.analysis.__module__.rpartition('.')[2]}.{self.analysis.__name__}"


def _one(column: str, **marks: object) -> dict[str, dict[str, object]]:
    return {figure: {column: value} for figure, value in marks.items()}


_SURVEY_YES = _one("question", **{f"survey_{name}": name for name in employers.HIRED})
CHAPTERS = (
    Chapter(
        "2-1", "Employed by sector", labour_market.sector_shares, "sector", "region", "pair", "A",
        _one("sector", share_health_emp="86-88", share_teaching_emp="85", share_admin_emp="84"),
    ),
    Chapter("2.1", "Public employers' share", labour_market.public_shares, "region", None, "every"),
    Chapter(
        "2-2", "Education against Norway",
        labour_market.education_against_country, "education", "cause", "focus", "B",
        {"primary_dev_pp": {"education": "primary", "cause": labour_market.TOTAL}},
    ),
    Chapter("2-3", "Roots, in-movers and leavers", mobility.workers_by_origin, "group", "origin"),
    Chapter(
        "2-4", "Who commutes out, and where to", mobility.commuting_by_destination, "destination",
        "region", "targets",
    ),
    Chapter(
        "2-5", "Commuting by level of education", mobility.commuting_by_level, "level", "direction",
        marks={
            "commute_out_share_master": {"level": "master", "direction": "out"},
            "commute_in_share_master": {"level": "master", "direction": "in"},
        },
    ),
    Chapter(
        "2-6", "Where those who work here come from", mobility.workers_origin, "origin", "region",
        "targets", "C",
    ),
    Chapter(
        "2-7", "First-year pupils on a vocational programme", schools.vocational_choice, None,
        "region", "every",
    ),
    Chapter(
        "2-8", "Completing upper secondary", schools.completion, None, "region", "beside",
    ),
    Chapter(
        "2.4", "Completing upper secondary by programme", schools.completion_by_programme, "region",
        "programme", "every",
    ),
    Chapter(
        "3.1", "Unfilled jobs today", shortage.shortage_today, "part", None, "total", "",
        _one("part", shortage_nav_buskerud="all", shortage_nav_public="public"),
    ),
    Chapter(
        "3-1", "Unmet need for skills, 1 (very little) to 6 (very much)", employers.unmet_need,
        "answer", "region", "targets",
    ),
    Chapter(
        "3-2", "Hired in the last year", employers.hired, "question", "region", "targets", "",
        _SURVEY_YES,
    ),
    Chapter("4-1", "Population by age", outlooks.population_by_age, None, "age_band"),
    Chapter("4-2", "Labour force by level", outlooks.labour_force_by_level, None, "level"),
    Chapter(
        "4-3", "Labour force by education, change to the horizon", outlooks.labour_force_change,
        "education", None, "focus", "D",
    ),
    Chapter("4-4", "Labour force with less exclusion", levers.less_exclusion, None, "scenario"),
    Chapter(
        "4-5", "Fewer young leavers: labour force by level", levers.less_outmigration, "level",
        marks=_one(
            "level", s_outmigration_bachelor="bachelor", s_outmigration_master="master",
            s_outmigration_upper_secondary="upper_secondary",
        ),
    ),
    Chapter(
        "4-6", "High immigration: labour force by level", levers.high_immigration_by_level, "level"
    ),
    Chapter(
        "4-7", "High immigration: labour force by field", levers.high_immigration_by_field, "field"
    ),
    Chapter("4-8", "Students in Buskerud by field", students.students, None, "education", "every"),
    Chapter(
        "4-9", "Choices as in Oslo: labour force by level", levers.oslo_education_by_level, "level",
        marks=_one(
            "level", s_education_bachelor="bachelor", s_education_master="master",
            s_education_primary="primary", s_education_upper_secondary="upper_secondary",
        ),
    ),
    Chapter(
        "4-10", "Choices as in Oslo: labour force by field", levers.oslo_education_by_field, "field"
    ),
    Chapter("5-1", "Demand for labour", outlooks.demand_total),
    Chapter(
        "5-2", "Employment by sector", outlooks.demand_by_sector, "sector", "year", "focus", "E"
    ),
    Chapter("5-3", "Employed in ICT, main and growth", levers.ict_growth, None, "scenario"),
    Chapter("5-4", "Health industry, added by growth", levers.health_industry, None, "scenario"),
    Chapter(
        "5-5", "Demand by education, change to the horizon", outlooks.demand_change, "education"
    ),
    Chapter(
        "5-6", "Employers who expect a larger share with", employers.more_education, "question",
        "region", "targets", "", _one("question", **{f"survey_{n}": n for n in employers.MORE}),
    ),
    Chapter(
        "5-7", "Employers with much need (5 or 6 of 6) of", employers.future_needs, "question",
        "region", "targets", "", _one("question", **{f"survey_{n}": n for n in employers.NEEDS}),
    ),
    Chapter(
        "5-8", "Does digitalisation change the need for skills? 1 (very little) to 6 (very much)",
        employers.digital_change, "answer", "region", "targets", "",
        _one("answer", **{f"survey_ai_{k}": str(k) for k in range(1, 7)}),
    ),
    Chapter(
        "5-9", "What new technology mainly does", employers.technology_effect, "answer", "region",
        "targets", "",
        _one(
            "answer", survey_tech_productivity="raises productivity",
            survey_tech_replace="replaces labour",
        ),
    ),
    Chapter(
        "6-1", "Gap by scenario, change to the horizon", levers.gap_by_scenario, "scenario", None,
        "focus", "F", _one("scenario", gap_main="main", gap_growth=levers.GROWTH),
    ),
    Chapter(
        "6-2", "Gap by education, change to the horizon", outlooks.gap_by_education, "education",
        marks=_one(
            "education", gap_primary="primary", gap_master_business="master:business_admin",
            gap_bachelor_business="bachelor:business_admin",
            gap_bachelor_social="bachelor:social_humanities",
        ),
    ),
    Chapter("7-1", "Ages of those who move for work", movers.movers_by_age, "age", None, "every"),
    Chapter(
        "7.2", "Levers of the recommendations: effect on the gap", levers.recommendations,
        "scenario", None, "focus", "G",
    ),
    Chapter(
        "8-1", "Respondents by sector", employers.respondents_by_sector, "sector", "region",
        "targets",
    ),
    Chapter(
        "8-2", "Respondents by number of employees", employers.respondents_by_size, "size",
        "region", "targets",
    ),
    Chapter(
        "App. A", "Half width of a share's 95 % interval", employers.survey_error, "share", None,
        "every",
    ),
)  # fmt: skip


def answer_all(material: ChapterInputs) -> dict[str, Result | Missing]:
    """Result of every analysis by figure number."""
    return {chapter.figure: chapter.analysis(material) for chapter in CHAPTERS}
