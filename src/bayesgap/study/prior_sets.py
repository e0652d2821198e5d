"""Named prior sets: what a whole study would say under other priors, one TOML file a set."""

from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError

from bayesgap.errors import StudyError
from bayesgap.study.bundle import bundle_root
from bayesgap.study.priors import Beta, BlockPriors, Gamma, LogNormal, PriorSpec
from bayesgap.study.toml_files import not_valid, read_toml, require_one_file

SETS_FOLDER = bundle_root() / "models" / "priors"


class Rule(BaseModel):
    """Priors named by patterns of `block.prior`, and what happens to them.

    `scale` multiplies their spread; `prior` puts another one in their place.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    priors: tuple[str, ...] = Field(min_length=1)
    roles: tuple[str, ...] = ("regularising", "assumed")
    scale: PositiveFloat | None = None
    prior: PriorSpec | None = None


class PriorSet(BaseModel):
    """A named set of rules; later rules override earlier ones."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    why: str = Field(min_length=20)
    rule: tuple[Rule, ...] = Field(min_length=1)


def rescaled(spec: PriorSpec, factor: float) -> PriorSpec:
    """`spec` with its spread times `factor` and its centre kept.

    A beta or gamma is widened until its lesser shape is 1 at most: beyond, its mass would lie at
    the ends.
    """
    if isinstance(spec, Beta | Gamma):
        least = min(spec.alpha, spec.beta) if isinstance(spec, Beta) else spec.alpha
        square = min(factor**2, max(least, 1.0)) if factor > 1 else factor**2
        update = {"alpha": spec.alpha / square, "beta": spec.beta / square}
        return spec.model_copy(update=update)
    return spec.model_copy(update={"sigma": spec.sigma * factor})


def powered(spec: PriorSpec, power: float) -> PriorSpec | None:
    """The prior whose density is that of `spec` to `power`: one of the same family.

    None for a beta or gamma whose density to that power has no integral.
    """
    if isinstance(spec, Beta | Gamma):
        other = power * (spec.beta - 1) + 1 if isinstance(spec, Beta) else power * spec.beta
        update = {"alpha": power * (spec.alpha - 1) + 1, "beta": other}
        return spec.model_copy(update=update) if min(update.values()) > 0 else None
    centre = {}
    if isinstance(spec, LogNormal):
        centre = {"mu": spec.mu - (1 - 1 / power) * spec.sigma**2}
    return rescaled(spec, power**-0.5).model_copy(update=centre)


def changed_priors(
    chosen: PriorSet, priors: Mapping[str, BlockPriors]
) -> dict[str, dict[str, PriorSpec]]:
    """Priors of every block that the set changes, by block and name.

    Raises
    ------
    StudyError
        A pattern that names no prior.
    """
    out: dict[str, dict[str, PriorSpec]] = {}
    for rule in chosen.rule:
        for pattern in rule.priors:
            found = [
                (block, name, spec)
                for block, named in priors.items()
                for name, spec in named.items()
                if fnmatch(f"{block}.{name}", pattern)
            ]
            if not found:
                raise StudyError(
                    f"The prior set {chosen.name} must name priors of the study; found the "
                    f"pattern {pattern!r}, which matches none."
                )
            for block, name, spec in found:
                if spec.role in rule.roles:
                    out.setdefault(block, {})[name] = _changed(rule, spec)
    return out


def _changed(rule: Rule, spec: PriorSpec) -> PriorSpec:
    if rule.prior is not None:
        return rule.prior
    return rescaled(spec, rule.scale or 1.0)


def load_prior_set(path: Path) -> PriorSet:
    """Read and validate one file.

    Raises
    ------
    StudyError
        Missing, not TOML, or not a prior set.
    """
    known = ", ".join(sorted(p.stem for p in SETS_FOLDER.glob("*.toml")))
    try:
        return PriorSet.model_validate(read_toml(path, "prior set", known))
    except ValidationError as error:
        raise not_valid(path, "a valid prior set", error, PriorSet.model_json_schema()) from None


def find_prior_set(name: str) -> PriorSet:
    """Embedded set of this name, or the file of this path."""
    path = Path(name)
    if path.suffix == ".toml":
        return load_prior_set(path)
    require_one_file(name, Path(), SETS_FOLDER, "prior set")
    return load_prior_set(SETS_FOLDER / f"{name}.toml")
