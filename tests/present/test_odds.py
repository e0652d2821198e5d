"""Chances in words: the words follow the tenth that is told, in both languages."""

import pytest

from bayesgap import schema
from bayesgap.present.labels import education_label, part_label
from bayesgap.present.odds import LANGUAGES, WORDS, likelihood, odds, word_index


@pytest.mark.parametrize(
    ("probability", "chances", "word"),
    [
        (0.0, "< 1 %", "almost certainly not"),
        (0.049, "5 %", "almost certainly not"),
        (0.05, "5 %", "very probably not"),
        (0.1, "10 %, about 1 chance in 10", "very probably not"),
        (0.3, "30 %, about 3 chances in 10", "probably not"),
        (0.5, "50 %, about 5 chances in 10", "about as likely as not"),
        (0.65, "65 %, about 7 chances in 10", "probably"),
        (0.77, "77 %, about 8 chances in 10", "probably"),
        (0.85, "85 %, about 9 chances in 10", "very probably"),
        (0.95, "95 %", "almost certainly"),
        (1.0, "> 99 %", "almost certainly"),
    ],
)
def test_english(probability, chances, word) -> None:
    assert odds(probability, "en") == chances
    assert likelihood(probability, "en") == word


def test_norwegian() -> None:
    assert odds(0.73, "nb") == "73 %, om lag 7 av 10"
    assert odds(0.004, "nb") == "< 1 %"
    assert likelihood(0.9, "nb") == "svært sannsynlig"


def test_words_rise_with_the_probability_and_mirror_about_a_half() -> None:
    places = [word_index(p / 1000) for p in range(1001)]
    assert places == sorted(places) and set(places) == set(range(7))
    assert [word_index(1 - t / 10) for t in range(11)] == [
        6 - word_index(t / 10) for t in range(11)
    ]
    assert all(len(WORDS[language]) == 7 for language in LANGUAGES)


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_is_refused(value) -> None:
    with pytest.raises(ValueError, match="must lie in 0 to 1"):
        odds(value, "en")


def test_every_group_has_a_name_in_both_languages() -> None:
    for group in schema.EDUCATION:
        for language in LANGUAGES:
            assert "_" not in education_label(group, language)
        assert education_label(group, "en") == part_label(group)
    assert education_label("bachelor:health_care", "nb") == "bachelor: helse og omsorg"
    assert education_label("upper_secondary", "nb") == "videregående"
    assert education_label("none", "nb") == "uten fagfelt"
