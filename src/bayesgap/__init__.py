"""bayesgap: regional skills gaps with credible intervals."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bayesgap.errors import BayesgapError

if TYPE_CHECKING:
    from bayesgap.api import Run, load_run, run

    __version__: str

__all__ = ["BayesgapError", "Run", "__version__", "load_run", "run"]


def __getattr__(name: str) -> Any:
    """Names of `bayesgap.api`, imported when first asked for: `import bayesgap` stays quick."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "__version__":
        return import_module("importlib.metadata").version("bayesgap")
    return getattr(import_module("bayesgap.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
