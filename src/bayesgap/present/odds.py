"""Probabilities in words, Norwegian bokmål and English: '7 chances in 10', 'probably'.

The words follow the tenth that is told, so that the two never contradict each other; next to 0
and 1 the chance is told in hundredths, and certainty is never claimed.

| probability | chances | word (positive side) |
|---|---|---|
| 0.95 and more | in 100 | almost certainly |
| 0.85 to 0.95 | 9 in 10 | very probably |
| 0.65 to 0.85 | 7 or 8 in 10 | probably |
| 0.35 to 0.65 | 4 to 6 in 10 | about as likely as not |
| 0.15 to 0.35 | 2 or 3 in 10 | probably not |
| 0.05 to 0.15 | 1 in 10 | very probably not |
| below 0.05 | in 100 | almost certainly not |
"""

import math
from typing import Literal, get_args

Language = Literal["nb", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# The word of each tenth from 0 to 10; in sentences such as 'will probably lack people'.
_TENTHS = (0, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6)
WORDS: dict[Language, tuple[str, ...]] = {
    "en": (
        "almost certainly not",
        "very probably not",
        "probably not",
        "about as likely as not",
        "probably",
        "very probably",
        "almost certainly",
    ),
    "nb": (
        "nesten sikkert ikke",
        "svært sannsynlig ikke",
        "sannsynligvis ikke",
        "omtrent like gjerne som ikke",
        "sannsynligvis",
        "svært sannsynlig",
        "nesten sikkert",
    ),
}
_CHANCES: dict[Language, tuple[str, str, str, str]] = {
    "en": ("1 chance in {of}", "{n} chances in {of}", "less than ", "more than "),
    "nb": ("1 av {of}", "{n} av {of}", "mindre enn ", "mer enn "),
}


def parts(probability: float, of: int) -> int:
    """`probability` in whole parts of `of`, halves upwards."""
    return math.floor(probability * of + 0.5)


def word_index(probability: float) -> int:
    """Place of the word of `probability` in `WORDS`: 0 (almost certainly not) to 6.

    Raises
    ------
    ValueError
        Not a probability.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"A probability must lie in 0 to 1; found {probability}.")
    return _TENTHS[parts(probability, 10)]


def likelihood(probability: float, language: Language) -> str:
    """Adverb for `probability`: 'very probably', 'svært sannsynlig'."""
    return WORDS[language][word_index(probability)]


def odds(probability: float, language: Language) -> str:
    """Chances as whole numbers: '7 chances in 10', in Norwegian 'sjansen er' '7 av 10'."""
    word_index(probability)
    one, many, less, more = _CHANCES[language]
    tenths = parts(probability, 10)
    if 0 < tenths < 10:
        return _told(tenths, 10, one, many)
    if probability < 0.01:
        return less + one.format(of=100)
    if probability > 0.99:
        return more + many.format(n=99, of=100)
    return _told(parts(probability, 100), 100, one, many)


def _told(number: int, of: int, one: str, many: str) -> str:
    return one.format(of=of) if number == 1 else many.format(n=number, of=of)


def scale() -> dict[str, object]:
    """The whole law as plain values, for pages that speak in a browser."""
    return {
        "tenths": list(_TENTHS),
        "words": {language: list(words) for language, words in WORDS.items()},
        "chances": {language: list(texts) for language, texts in _CHANCES.items()},
    }
