"""Variants of a study's priors: each prior alone narrower and wider, and named sets."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bayesgap.errors import StudyError
from bayesgap.study.prior_sets import changed_priors, find_prior_set, rescaled
from bayesgap.study.priors import BlockPriors, PriorSpec
from bayesgap.study.study import Sampling

FACTORS = (0.25, 4.0)
SETS = ("wide", "sceptical", "no_pooling", "complete_pooling", "heavy_tails")
SAMPLING = Sampling(chains=2, draws=250, tune=150, target_accept=0.9)  # of a refit


class Variant(NamedTuple):
    """Priors that differ from the study's, by block: one alone (`factor`), or a named set's."""

    label: str
    factor: float | None
    changed: Mapping[str, Mapping[str, PriorSpec]]

    @property
    def key(self) -> str:
        """Name of the file that keeps the result: what it depends on besides the run."""
        text = repr((self.label, self.factor, self.changed, SAMPLING))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def single_variants(priors: Mapping[str, BlockPriors], only: Iterable[str]) -> Iterator[Variant]:
    """Each prior `block.name` (all if `only` is empty) at a quarter and four times its scale."""
    wanted = set(only)
    known = {f"{block}.{name}" for block, named in priors.items() for name in named}
    unknown = sorted(wanted - known)
    if unknown:
        raise StudyError(
            f"--priors must name priors as block.prior, or sets; found {', '.join(unknown)}. "
            "See `bayesgap priors show`."
        )
    for block, named in priors.items():
        for name, spec in named.items():
            if not wanted or f"{block}.{name}" in wanted:
                for factor in FACTORS:
                    changed = {block: {name: rescaled(spec, factor)}}
                    yield Variant(f"{block}.{name}", factor, changed)


def variants_of(priors: Mapping[str, BlockPriors], wanted: Iterable[str]) -> list[Variant]:
    """Variants that `--priors` asks for: `all`, names of priors, names or files of sets."""
    names = list(wanted)
    if names == ["all"]:
        return [*single_variants(priors, ()), *variants_of(priors, SETS)]
    single = [name for name in names if "." in name and not name.endswith(".toml")]
    found = list(single_variants(priors, single)) if single else []
    for name in names:
        if name not in single:
            chosen = find_prior_set(name)
            found.append(Variant(chosen.name, None, changed_priors(chosen, priors)))
    return found
