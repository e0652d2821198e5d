"""The published study's own assumptions, as point masses with the half-width of their rounding."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, ValidationError

from bayesgap.study.bundle import bundle_root
from bayesgap.study.toml_files import not_valid, read_toml


class Assumption(BaseModel):
    """One figure that the report assumes or implies."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    value: float
    half_width: NonNegativeFloat
    why: str = Field(min_length=20)


class ReportMode(BaseModel):
    """Everything that the report's arithmetic starts from besides its own published figures."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
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
    what = "file of the report's assumptions"
    try:
        return ReportMode.model_validate(read_toml(path, what))
    except ValidationError as error:
        raise not_valid(path, f"a {what}", error, ReportMode.model_json_schema()) from None
