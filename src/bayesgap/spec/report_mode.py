"""The published study's own assumptions, as point masses with the half-width of their rounding."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, ValidationError

from bayesgap.errors import StudyError
from bayesgap.spec.bundle import bundle_root


class Assumption(BaseModel):
    """One figure that the report assumes or implies."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: float
    half_width: NonNegativeFloat
    why: str = Field(min_length=20)


class ReportMode(BaseModel):
    """Everything that the report's arithmetic starts from besides its own published figures."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    title: str
    region: str
    assume: dict[str, Assumption]


def report_mode_file() -> Path:
    """The embedded file."""
    return bundle_root() / "models" / "report_mode.toml"


def load_report_mode(path: Path) -> ReportMode:
    """Read and validate.

    Raises
    ------
    StudyError
        Not TOML, or not as it must be.
    """
    try:
        return ReportMode.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise StudyError(f"{path} must hold the report's assumptions: {error}.") from None
