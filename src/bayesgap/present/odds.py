"""Probabilities in words, Norwegian bokmål and English: '73 %, about 7 chances in 10', 'probably'.

The percentage comes first. The words follow the tenth that is told, so that the two never
contradict each other; certainty is never claimed.

| probability | chances | word (positive side) |
|---|---|---|
| 0.95 and more | | almost certainly |
| 0.85 to 0.95 | about 9 in 10, up to 0.9 | very probably |
| 0.65 to 0.85 | about 7 or 8 in 10 | probably |
| 0.35 to 0.65 | about 4 to 6 in 10 | about as likely as not |
| 0.15 to 0.35 | about 2 or 3 in 10 | probably not |
| 0.05 to 0.15 | about 1 in 10, from 0.1 | very probably not |
| below 0.05 | | almost certainly not |
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
_CHANCES: dict[Language, tuple[str, str]] = {
    "en": ("about 1 chance in 10", "about {n} chances in 10"),
    "nb": ("om lag 1 av 10", "om lag {n} av 10"),
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
    """Percentage, and tenths where they say it about as well: '73 %, about 7 chances in 10'."""
    word_index(probability)
    one, many = _CHANCES[language]
    if not 10 <= parts(probability, 100) <= 90:
        return chance(probability)
    tenths = parts(probability, 10)
    return f"{chance(probability)}, {one if tenths == 1 else many.format(n=tenths)}"


def chance(probability: float) -> str:
    """Percent, without claiming certainty."""
    if probability > 0.99:
        return "> 99 %"
    if probability < 0.01:
        return "< 1 %"
    return f"{parts(probability, 100)} %"


def scale() -> dict[str, object]:
    """The whole law as plain values, for pages that speak in a browser."""
    return {
        "tenths": list(_TENTHS),
        "words": {language: list(words) for language, words in WORDS.items()},
        "chances": {language: list(texts) for language, texts in _CHANCES.items()},
    }
