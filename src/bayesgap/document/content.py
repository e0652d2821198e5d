"""A run and a language in, a whole report out, before it takes a form."""

from bayesgap.document import answer, chapters, gaps, grounds, scenarios, trust
from bayesgap.document.facts import Facts
from bayesgap.document.parts import Document
from bayesgap.present.odds import Language
from bayesgap.present.words import Words, catalogue


def build_document(facts: Facts, language: Language) -> Document:
    """The report of a run: two pages for a decision, then its chapters."""
    words = Words(language)
    verdict = facts.health.verdict
    study = facts.study
    about = {"run": facts.run_id, "base": study.base_year, "last": study.horizon}
    about |= {"study": study.title, "total": study.total}
    page = {name: words(f"page.{name}", verdict=verdict, **about)
            for name in catalogue(language)["page"]}  # fmt: skip
    return Document(
        language=language,
        title=page["title"],
        subtitle=page["subtitle"],
        run_id=facts.run_id,
        verdict=verdict,
        verdict_text=words(f"verdict.{verdict}"),
        checks=answer.checks(facts, words),
        answers=answer.answers(facts, words),
        picture=answer.picture(facts, words),
        decision=answer.decision(facts, words),
        sections=[
            gaps.by_region(facts, words),
            gaps.by_level(facts, words),
            gaps.by_group(facts, words),
            gaps.by_sector(facts, words),
            scenarios.section(facts, words),
            chapters.section(facts, words),
            grounds.published(facts, words),
            grounds.sources(facts, words),
            grounds.priors(facts, words),
            trust.sensitivity(facts, words),
            trust.validation(facts, words),
        ],
        words=page,
    )
