"""A study: what is asked, of which regions, from which data, under which priors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from bayesgap.errors import RunError, StudyError
from bayesgap.study.bundle import bundle_root
from bayesgap.study.priors import BlockPriors
from bayesgap.study.toml_files import not_valid, read_toml


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Window(_Frozen):
    """Years of observation used, both included (1 January for population)."""

    first: int
    last: int


class Sampling(_Frozen):
    """How the posteriors are sampled: `draws` per chain are kept, one of every `thin`."""

    chains: PositiveInt = 4
    draws: PositiveInt = 1000
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
    def _years_in_order(self) -> "Study":
        if not self.window.first < self.window.last <= self.base_year < self.horizon:
            raise ValueError(
                "window.first < window.last <= base_year < horizon must hold; found "
                f"{self.window.first}, {self.window.last}, {self.base_year}, {self.horizon}"
            )
        return self

    @property
    def regions(self) -> tuple[str, ...]:
        """Target regions, then pooling regions."""
        return self.targets + self.pooling


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
        raise not_valid(path, "a valid study", error, Study.model_json_schema()) from None


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
    if path in seen:
        raise StudyError(f"{path} extends itself through {[str(p) for p in seen]}.")
    raw = read_toml(path, "study file")
    parent = raw.pop("extends", None)
    if parent is None:
        return raw
    beside = path.parent / parent
    known = beside if beside.is_file() else bundle_root() / "models" / parent
    return _merged(_read_extended(known if known.is_file() else beside, (*seen, path)), raw)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in over.items():
        known: Any = out.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            out[key] = _merged(cast(dict[str, Any], known), cast(dict[str, Any], value))
        else:
            out[key] = value
    return out
