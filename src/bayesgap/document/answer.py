"""The first two pages: the answer in words with odds, one picture, and what to make of it."""

from collections.abc import Sequence

from bayesgap.document import pictures
from bayesgap.document.facts import Facts
from bayesgap.document.gaps import (
    Row,
    csv_of,
    first_table,
    group_name,
    interval_cells,
    interval_head,
    told,
    width,
)
from bayesgap.document.parts import Item, Picture, Section, Table
from bayesgap.document.scenarios import strongest_table
from bayesgap.health.influence import INTERVAL
from bayesgap.present.odds import chance, likelihood, odds
from bayesgap.present.table import rounded, step
from bayesgap.present.words import Words
from bayesgap.runs.verdicts import Check
from bayesgap.schema import BLOCKS

TOLD = {  # checks that are told in both languages, and their words
    "assumption-driven groups": "verdict.assumed",
    "prior predictive": "verdict.priors",
    "posterior predictive": "verdict.replicas",
    "calibration": "verdict.calibration",
    "range of the past": "verdict.range",
    "influence": "verdict.influence",
}


def sentence(words: Words, row: Row, year: int) -> str:
    """'In 2040, Hallingdal will probably lack people (8 chances in 10). In 4 cases of 5 …'."""
    return words(
        "answer.sentence",
        year=year,
        region=row["region"],
        likely=likelihood(row["probability"], words.language),
        odds=odds(row["probability"], words.language),
        low=_side(words, row["0.1"], width(row)),
        high=_side(words, row["0.9"], width(row)),
    )


def _side(words: Words, value: float, wide: float) -> str:
    """A gap as a shortage, a surplus or balance."""
    whole = rounded(value, step(wide))
    if whole == 0:
        return words("answer.balance")
    kind = "answer.short" if whole > 0 else "answer.over"
    return words(kind, n=words.number(abs(value), wide))


def answers(facts: Facts, words: Words) -> list[str]:
    """One sentence a region, the total last."""
    return [sentence(words, row, facts.last) for row in facts.wide().to_dict("records")]


def checks(facts: Facts, words: Words) -> list[str]:
    """What did not pass, in the report's language where it has the words."""
    open_checks = [check for check in facts.health.checks if check.verdict != "PASS"]
    return [_in_words(c, facts, words) if c.name in TOLD else c.sentence for c in open_checks]


def _in_words(check: Check, facts: Facts, words: Words) -> str:
    of = {"assumption-driven groups": len(facts.health.groups), "calibration": len(BLOCKS)}
    whole = of.get(check.name, 1)
    share = chance(check.value / (INTERVAL if check.name == "influence" else 1.0))
    return words(TOLD[check.name], n=round(check.value * whole), of=whole, share=share)


def picture(facts: Facts, words: Words) -> Picture:
    """The gap of every region in the last year."""
    wide = facts.wide()
    rows = wide.to_dict("records")
    said = " ".join(told(words, row) for row in rows)
    return Picture(
        "answer",
        words("answer.picture", year=facts.last),
        words("answer.alt", n=len(rows), year=facts.last, each=said),
        pictures.bars(rows, [row["region"] for row in rows], words("answer.axis")),
        csv_of(facts, wide),
    )


def decision(facts: Facts, words: Words) -> Section:
    """How sure the sign is, where it presses, when, what would change it, how to read it."""
    rows = facts.wide().to_dict("records")
    items: list[Item] = [
        _sureness(words, rows, facts.last), _top_groups(facts, words), first_table(facts, words)
    ]  # fmt: skip
    strongest = strongest_table(facts, words)
    items.append(words("decision.no_scenarios") if strongest is None else strongest)
    first, *others = (words(f"decision.read_{number}") for number in (1, 2, 3))
    items += [f"{words('decision.read')}: {first}", *others]
    return Section("decision", words("decision.title"), items)


def _sureness(words: Words, rows: Sequence[Row], year: int) -> str:
    """Whether any interval lies on one side of balance."""
    sided = [str(row["region"]) for row in rows if row["0.025"] > 0 or row["0.975"] < 0]
    if not sided:
        return words("decision.unsure")
    short = [str(row["region"]) for row in rows if row["0.025"] > 0]
    if short == sided == [str(row["region"]) for row in rows]:
        return words("decision.sure", regions=", ".join(sided), year=year)
    return words("decision.some", regions=", ".join(sided))


def _top_groups(facts: Facts, words: Words) -> Table:
    """Five groups with the highest chance of a shortage."""
    wide = facts.wide("education", facts.focus)
    top = wide.sort_values(["probability", "median"], ascending=False).head(5)
    rows = [
        [group_name(facts, words, row["part"]), *interval_cells(words, row),
         chance(row["probability"])]
        for row in top.to_dict("records")
    ]  # fmt: skip
    head = [words("table.group"), *interval_head(words), words("table.chance")]
    caption = words("decision.groups", region=facts.focus, year=facts.last)
    note = words("decision.groups_note")
    return Table("top_groups", caption, head, rows, csv_of(facts, top, "education"), note=note)
