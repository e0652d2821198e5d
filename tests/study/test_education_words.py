"""Everyday words find their education group, and what is misspelt is answered with the nearest."""

import pytest

from bayesgap import schema
from bayesgap.errors import RunError, fold, known_as
from bayesgap.study.education_words import education_named, occupations

HEALTH = "bachelor:health_care"


@pytest.mark.parametrize(
    ("word", "group"),
    [
        ("nurse", HEALTH),
        ("Sykepleier", HEALTH),
        ("lærer", "bachelor:teaching"),
        ("laerer", "bachelor:teaching"),
        ("larer", "bachelor:teaching"),
        ("BARNEHAGELÆRER", "bachelor:teaching"),
        ("elektriker", "upper_secondary:electrical_mechanical"),
        ("carpenter", "upper_secondary:construction"),
        ("doctor", "master:health_care"),
        ("Bachelor: health-care", HEALTH),
        ("primary", "primary"),
    ],
)
def test_words_find_their_group(word: str, group: str) -> None:
    assert education_named(word)[0] == group


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("bachelor:nursing", HEALTH),
        ("bachelor:teachers", "bachelor:teaching"),
        ("nurs", HEALTH),
        ("bachelr:ict", "bachelor:ict"),
    ],
)
def test_a_misspelt_one_is_answered_with_what_was_meant(word: str, hint: str) -> None:
    with pytest.raises(RunError, match=f"Did you mean {hint}"):
        education_named(word)


def test_occupations_are_of_our_groups_and_most_of_their_workers() -> None:
    assert {of.education for of in occupations().values()} <= set(schema.EDUCATION)
    nurse = occupations()["nurse"]
    assert nurse.styrk08 == "2223" and nurse.share == pytest.approx(0.28, abs=0.01)


def test_names_match_without_case_and_norwegian_letters() -> None:
    assert fold("Bærum") == fold("baerum") == fold("BARUM")
    assert known_as("region", "hallingdal", ["Hallingdal", "Oslo"]) == "Hallingdal"
    with pytest.raises(RunError, match='Did you mean "Hallingdal"'):
        known_as("region", "Halingdal", ["Hallingdal", "Oslo"])
