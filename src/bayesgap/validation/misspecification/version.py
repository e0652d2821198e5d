"""Version of the evidence on misspecification: it changes with what could change its numbers."""

from bayesgap.health.versions import code_version, law_modules
from bayesgap.study.blocks import block_priors
from bayesgap.study.study import Study

CASES = "validation.misspecification.cases"
BESIDE = (  # modules that `CASES` imports and that change no number of its own
    "blocks.registry",
    "inference.processes",
    "validation.calibration.simulation",
    "validation.misspecification.version",
)


def misfit_version(block: str, study: Study) -> str:
    """Eight characters that change with the law of `block`, its priors, and what breaks it here."""
    modules = (*law_modules(block), CASES, f"blocks.{block}.misspecified")
    return code_version(modules, block_priors(study, block), BESIDE)
