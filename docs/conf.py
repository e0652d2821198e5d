"""The documentation site: pages of docs/, equations and the Python interface from docstrings."""

import inspect
from importlib import import_module, metadata
from pathlib import Path
from shutil import copytree, ignore_patterns

HERE = Path(__file__).parent
LAWS = (
    "blocks.population.model",
    "blocks.education.model",
    "blocks.participation.model",
    "blocks.commuting.model",
    "blocks.sectors.model",
    "blocks.skill_mix.model",
    "blocks.imbalance.model",
    "accounting.population",
    "accounting.base",
    "accounting.supply",
    "accounting.demand",
    "accounting.outlook",
)

project = "bayesgap"
author = "The bayesgap authors"
release = metadata.version("bayesgap")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "conf.py"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"bayesgap {release}"
nb_execution_mode = "off"  # notebooks are committed executed, and executed again by the tests
myst_heading_anchors = 2
# Pages are read in the repository too, where their links lead to files that are no pages.
suppress_warnings = ["myst.xref_missing"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"


def write_laws() -> None:
    """One page of equations: each module's docstring as it stands."""
    parts = ["# The laws, equation by equation", ""]
    for name in LAWS:
        module = import_module(f"bayesgap.{name}")
        parts += [f"## {name.replace('.', ': ')}", "", "```text", inspect.getdoc(module), "```", ""]
    (HERE / "laws.md").write_text("\n".join(map(str, parts)), encoding="utf-8")


write_laws()
copytree(
    HERE.parent / "notebooks",
    HERE / "notebooks",
    dirs_exist_ok=True,
    ignore=ignore_patterns("runs", ".*"),
)
