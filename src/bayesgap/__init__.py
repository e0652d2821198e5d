"""bayesgap: regional skills gaps with credible intervals."""

from importlib.metadata import version

from bayesgap.errors import BayesgapError

__all__ = ["BayesgapError", "__version__"]
__version__ = version("bayesgap")
