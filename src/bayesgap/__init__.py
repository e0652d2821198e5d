"""bayesgap: regional skills gaps with credible intervals."""

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
        from importlib.metadata import version

        return version("bayesgap")
    from bayesgap import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
