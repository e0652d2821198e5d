"""What every command shares: the application, its options, and how an error meets a person."""

import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayesgap.cli.faults import machine_fault, write_any_letter
from bayesgap.errors import BayesgapError, RunError, RunNote

if TYPE_CHECKING:
    from bayesgap.runs.run import Run
    from bayesgap.study.scenario_files import Plan
    from bayesgap.study.study import Study

INTERRUPTED = 130
FAULT = 3
AGAIN = 0.05  # seconds after which a stop that Python lost is said again

ABOUT_RUNS = "Make and read runs"
QUESTIONS = "Ask a question"
FORMS = "Hand over"
TRUST = "How far to trust it"
INPUTS = "Studies, data and priors"

app = typer.Typer(
    name="bayesgap",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Regional skills gaps with credible intervals.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"bayesgap {version('bayesgap')}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Regional skills gaps with credible intervals. Begin with `bayesgap run`."""


def file_to_write(path: Path | None) -> Path | None:
    """Path that a file can be written at, before anything is computed for it.

    Raises
    ------
    RunError
        It is a folder, or lies in none.
    """
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise RunError(f"{path} must be a file, in a folder that exists. Name another.")
    return path


RunArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="RUN", help="A run, or how its name begins; if none, the newest that did not fail."
    ),
]
PageOption = Annotated[
    Path | None,
    typer.Option(help="Markdown file to write; standard output if none.", callback=file_to_write),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


class Format(StrEnum):
    """How `show` and `health` write."""

    table = "table"
    csv = "csv"
    json = "json"


def place_of(run: "Run", out: Path | None, name: str) -> Path:
    """Where a command writes: where it was told, else under `name` in the run."""
    return (run.path / name if out is None else out).absolute()


def new_folder(path: Path, told: str, word: str) -> Path:
    """`path`, if nothing is there or its file `told` says `word`: an earlier call wrote it.

    Raises
    ------
    RunError
        Something else is there.
    """
    sign = path / told
    if path.exists() and not (sign.is_file() and word in sign.read_text(encoding="utf-8")):
        raise RunError(f"{path} must be new, or made by an earlier {word}. Name another --out.")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write_page(page: str, out: Path | None, head: str = "") -> None:
    """Write a page to the file `out`, or to standard output with its tables as columns."""
    from bayesgap.present.markdown_text import as_columns

    if out is None:
        typer.echo(head + as_columns(page), nl=False)
    else:
        out.write_text(page, encoding="utf-8")


def say_cuts(plans: "Sequence[Plan]") -> None:
    """Say on standard error what is cut of the strengths of scenarios."""
    from bayesgap.study.scenario_files import cut_notes

    for line in cut_notes(plans):
        typer.echo(f"bayesgap: note: {line}.", err=True)


def embedded() -> tuple[Path, "Study"]:
    """Folder of the default study's tables, and that study."""
    from bayesgap.study.bundle import default_study, resolve_data
    from bayesgap.study.study import load_study

    path = default_study()
    study = load_study(path)
    return resolve_data(path, study), study


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; an error becomes one message, and exit code 2 or, if ours, `FAULT`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    write_any_letter(sys.stdout, sys.stderr)
    try:
        with stops_heard(), notes_said():
            app(given, prog_name="bayesgap")
    except Exception as error:
        if "--debug" in given:
            raise
        told = str(error) if isinstance(error, BayesgapError) else machine_fault(error)
        typer.echo(f"bayesgap: {told or _fault(error)}", err=True)
        sys.exit(FAULT if told is None else 2)


@contextmanager
def notes_said() -> Iterator[None]:
    """Say notes on runs in one line each; other warnings are shown as ever."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", RunNote)
        former = warnings.showwarning

        def shown(message: Warning | str, category: type[Warning], *rest: Any) -> None:
            if issubclass(category, RunNote):
                typer.echo(f"bayesgap: note: {message}", err=True)
            else:
                former(message, category, *rest)

        warnings.showwarning = shown
        yield


@contextmanager
def stops_heard() -> Iterator[None]:
    """Say a stop again that came where Python can raise nothing: in a finalizer, say.

    It would be ignored there, and the work would go on as if nobody had asked.
    """
    if not hasattr(signal, "setitimer") or current_thread() is not main_thread():  # Windows: none
        yield
        return
    former = sys.unraisablehook, signal.signal(signal.SIGALRM, signal.default_int_handler)

    def hook(lost: "sys.UnraisableHookArgs", /) -> None:
        if lost.exc_type is KeyboardInterrupt:
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            former[0](lost)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.unraisablehook = former[0]
        signal.signal(signal.SIGALRM, former[1])


def _fault(error: Exception) -> str:
    return (
        f"{type(error).__name__}: {error}\nThis is a fault of the program or of the machine. "
        "Finished stages are kept; --debug shows where it happened."
    )
