"""Priors as declared in a study: a distribution, its parameters and the reason for them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat

Role = Literal["regularising", "assumed"]


class _Prior(BaseModel):
    """What all priors share; their parameters are finite numbers.

    `role = "assumed"` says that the prior stands in for a figure that nobody published.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    why: str = Field(min_length=20)
    role: Role = "regularising"

    def params(self) -> dict[str, float]:
        """Numerical parameters by name, as PyMC calls them."""
        return self.model_dump(exclude={"why", "role", "dist"})


class Normal(_Prior):
    """Normal(mu, sigma)."""

    dist: Literal["normal"]
    mu: float = 0.0
    sigma: PositiveFloat


class HalfNormal(_Prior):
    """HalfNormal(sigma)."""

    dist: Literal["half_normal"]
    sigma: PositiveFloat


class LogNormal(_Prior):
    """LogNormal(mu, sigma): the logarithm is Normal(mu, sigma)."""

    dist: Literal["log_normal"]
    mu: float = 0.0
    sigma: PositiveFloat


class Beta(_Prior):
    """Beta(alpha, beta)."""

    dist: Literal["beta"]
    alpha: PositiveFloat
    beta: PositiveFloat


class Gamma(_Prior):
    """Gamma(alpha, beta) with rate beta."""

    dist: Literal["gamma"]
    alpha: PositiveFloat
    beta: PositiveFloat


PriorSpec = Annotated[Normal | HalfNormal | LogNormal | Beta | Gamma, Field(discriminator="dist")]
BlockPriors = dict[str, PriorSpec]


def narrowed(spec: PriorSpec, scale: float) -> PriorSpec:
    """`spec` with its spread multiplied by `scale` and its centre kept; regularising priors stay.

    Serves the question "how wide is the gap if the assumed inputs were known?".
    """
    if spec.role != "assumed" or scale == 1.0:
        return spec
    if isinstance(spec, Beta | Gamma):
        sharper = {"alpha": spec.alpha / scale**2, "beta": spec.beta / scale**2}
        return spec.model_copy(update=sharper)
    return spec.model_copy(update={"sigma": spec.sigma * scale})
