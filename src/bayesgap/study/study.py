"""A study: what is asked, of which regions, from which data, under which priors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from bayesgap.errors import RunError, StudyError, not_a_file
from bayesgap.study.bundle import bundle_root
from bayesgap.study.names import name_problems
from bayesgap.study.priors import BlockPriors
from bayesgap.study.toml_files import not_valid, read_toml

FEWEST_DRAWS = 25  # of all chains: Pareto smoothing takes a fifth of them, and needs five
FEWEST_CHAIN = 4  # draws: chains are halved, and a half of one draw has no variance


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Window(_Frozen):
    """Years of observation used, both included (1 January for population)."""

    first: int
    last: int


class Sampling(_Frozen):
    """How the posteriors are sampled: `draws` per chain are kept, one of every `thin`."""

    chains: PositiveInt = 4
    draws: int = Field(default=1000, ge=FEWEST_CHAIN)
    thin: PositiveInt = 1
    tune: PositiveInt = 1000
    target_accept: float = Field(default=0.9, gt=0.5, lt=1.0)
    sampler: Literal["nutpie", "pymc"] = "nutpie"


class Options(_Frozen):
    """Choices between laws, each described in the block that reads it."""

    skill_mix: Literal["drift", "fixed"] = "drift"
    shock_years: tuple[int, ...] = (2020, 2021, 2022, 2023)
    assumed_scale: float = Field(default=1.0, gt=0.0)


class Study(_Frozen):
    """Everything that a run depends on besides the data and the code."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str
    total: str = Field(description="name of the sum of the target regions")
    targets: tuple[str, ...] = Field(min_length=1)
    pooling: tuple[str, ...] = ()
    data: str = Field(description="folder of the tidy tables, relative to the study's root")
    window: Window
    base_year: int
    horizon: int
    seed: int
    sampling: Sampling = Sampling()
    options: Options = Options()
    priors: Mapping[str, BlockPriors]

    @model_validator(mode="after")
    def _as_a_whole(self) -> "Study":
        if found := whole_problems(self.model_dump(exclude={"priors"})):
            raise ValueError("\n  - ".join(found))
        return self

    @property
    def regions(self) -> tuple[str, ...]:
        """Target regions, then pooling regions."""
        return self.targets + self.pooling


def whole_problems(content: Mapping[str, Any]) -> list[str]:
    """What is wrong with a study beyond its single keys, one line each.

    Parameters
    ----------
    content : the study as its file says it; values of a wrong type are left to others
    """
    return [*name_problems(content), *_year_problems(content), *_draw_problems(content)]


def _draw_problems(content: Mapping[str, Any]) -> list[str]:
    found = content.get("sampling")
    inside = cast(dict[str, Any], found) if isinstance(found, dict) else {}
    usual = Sampling()
    chains, draws = inside.get("chains", usual.chains), inside.get("draws", usual.draws)
    if type(chains) is not int or type(draws) is not int or not 0 < chains * draws < FEWEST_DRAWS:
        return []
    least = max(FEWEST_CHAIN, -(-FEWEST_DRAWS // chains))
    told = f"sampling: {chains} chains of {draws} draws are below the {FEWEST_DRAWS} draws that "
    return [told + f"health needs; give draws = {least} or more"]


def _year_problems(content: Mapping[str, Any]) -> list[str]:
    window = content.get("window")
    inside = cast(dict[str, Any], window) if isinstance(window, dict) else {}
    years = [inside.get("first"), inside.get("last"), content.get("base_year")]
    years.append(content.get("horizon"))
    if not all(type(year) is int for year in years):
        return []
    first, last, base, horizon = cast(list[int], years)
    if first < last <= base < horizon:
        return []
    told = "window.first < window.last <= base_year < horizon must hold; found "
    return [told + ", ".join(map(str, years))]


def require_whole_study(study: Study) -> None:
    """Raise StudyError unless a study that was changed in a program still holds together."""
    try:
        Study.model_validate(study.model_dump())
    except ValidationError as error:
        schema = Study.model_json_schema()
        raise not_valid(study.name, "a valid study", error, schema) from None


def load_study(path: Path) -> Study:
    """Read and validate a study file; `extends` names a study that it overrides key by key.

    The extended study lies beside the file, or is an embedded one.

    Raises
    ------
    StudyError
        Missing file, not TOML, unknown key, a prior without `why`; every problem at once.
    """
    raw = _read_extended(path)
    try:
        return Study.model_validate(raw)
    except ValidationError as error:
        schema = Study.model_json_schema()
        raise not_valid(path, "a valid study", error, schema, whole_problems(raw)) from None


def with_overrides(study: Study, draws: int | None, seed: int | None) -> Study:
    """`study` with another number of draws per chain, or another seed."""
    if draws is not None:
        sampling = study.sampling.model_copy(update={"draws": draws})
        study = study.model_copy(update={"sampling": sampling})
    return study if seed is None else study.model_copy(update={"seed": seed})


def focus_region(study: Study, region: str | None) -> str:
    """Region of the figures: the one asked for, or the study's first.

    Raises
    ------
    RunError
        Not a target of the study.
    """
    known = (*study.targets, study.total)
    if region is not None and region not in known:
        raise RunError(f"--region must be one of {', '.join(known)}; found {region}.")
    return region or study.targets[0]


def _read_extended(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    whole = path.absolute()
    here = whole.resolve() if not_a_file(whole) is None else whole
    if here in seen:
        through = ", ".join(str(p) for p in seen)
        raise StudyError(f"{path} extends itself through {through}. Take one `extends` out.")
    raw = read_toml(path, "study file")
    parent = raw.pop("extends", None)
    if parent is None:
        return raw
    if not isinstance(parent, str) or not parent.strip() or "\0" in parent:
        raise StudyError(
            f"{path}: extends must be the name of one study file; found {str(parent)[:80]!r}."
        )
    beside = path.parent / parent
    embedded = bundle_root() / "models" / parent
    known = beside if beside.exists() or not embedded.exists() else embedded
    return _merged(_read_extended(known, (*seen, here)), raw)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        known: Any = out.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            out[key] = _merged(cast(dict[str, Any], known), cast(dict[str, Any], value))
        else:
            out[key] = value
    return out
