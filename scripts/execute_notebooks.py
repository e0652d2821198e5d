"""Execute the notebooks against a run, in place: `./dev python scripts/execute_notebooks.py RUN`.

The notebooks open the newest run in `runs/`; they are executed in a folder that holds only RUN. RUN
is to be of this very code: 05 goes on with it, and would begin a run of its own if it were older.
"""

import sys
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def executed(path: Path, folder: Path) -> nbformat.NotebookNode:
    """The notebook at `path`, executed with `folder` as its working directory."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day would change with every execution
    return notebook


def main() -> None:
    """Execute every notebook and write it back."""
    run = Path(sys.argv[1])
    with TemporaryDirectory() as folder:
        copytree(run, Path(folder) / "runs" / run.name)
        for path in sorted(NOTEBOOKS.glob("*.ipynb")):
            nbformat.write(executed(path, Path(folder)), path)


if __name__ == "__main__":
    main()
