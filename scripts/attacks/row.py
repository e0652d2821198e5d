"""One attack and how it ended: a row of every section of the campaign."""

from dataclasses import dataclass

OUTCOMES = ("told", "refused", "healed", "no change", "silent")


@dataclass(frozen=True)
class Row:
    """One attack.

    `outcome` is "told" (a warning), "refused" (an error), "healed" (read as if nothing had been
    done), "no change" (the attack changed nothing) or "silent". `note` says more, for people.
    """

    section: str
    attack: str
    place: str
    seed: int
    outcome: str
    note: str = ""
