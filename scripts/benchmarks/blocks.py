"""Models of the default study's blocks, as the sampler of a run meets them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import xarray as xr

from bayesgap.blocks.registry import block_of
from bayesgap.data.tables import read_tables
from bayesgap.inference import fit
from bayesgap.inference.coordinates import in_coordinates
from bayesgap.inference.separate import separated
from bayesgap.study.blocks import block_priors
from bayesgap.study.bundle import default_study, resolve_data
from bayesgap.study.study import Study, load_study

# `fit` has these two in every version that `--against` may name.
prior_only_variables, drop_variables = fit.prior_only_variables, fit.drop_variables


def study_and_tables() -> tuple[Study, Any]:
    """The default study and its tables."""
    path = default_study()
    study = load_study(path)
    return study, read_tables(resolve_data(path, study))


def study_and_panels() -> tuple[Study, Callable[[str], xr.Dataset]]:
    """The default study, and what gives the panel of a block."""
    study, tables = study_and_tables()
    return study, lambda block: block_of(block).panel(tables, study)


def model_of(block: str, study: Study, panel: xr.Dataset) -> Any:
    """Model of `block`, without what no data inform."""
    model = block_of(block).law().build(panel, block_priors(study, block), study.options)
    return drop_variables(model, prior_only_variables(model))


def parts_of(block: str, model: Any) -> dict[str, Any]:
    """Parts of a model that share no parameter, by name, in the sampler's coordinates."""
    pieces = [in_coordinates(piece) for piece in separated(model)]
    if len(pieces) == 1:
        return {block: pieces[0]}
    return {f"{block}, part {i} of {len(pieces)}": one for i, one in enumerate(pieces, 1)}


def density_of(compiled: Any) -> Callable[[Any], Any]:
    """Log density and gradient of a point, from what `compile_model` gives.

    Versions before d677727's successor gave a model of nutpie, which hides its density.
    """
    if hasattr(compiled, "log_density"):
        return compiled.log_density()
    return partial(compiled._make_logp_func(), **compiled._shared_data)
