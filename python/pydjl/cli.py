"""The command line: parse, call, print.

Exit status: 0 if what was run agrees, 1 if it does not, 2 if it could not be run.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pydjl import __version__
from pydjl.chapter import print_run, run
from pydjl.errors import PydjlError
from pydjl.runtime.doctor import diagnose
from pydjl.runtime.libraries import are_older_than_their_sources

app = typer.Typer(
    help="Deep Java Library layers from Python, compared with PyTorch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command; errors of ours are one sentence on the standard error stream."""
    # A terminal that cannot show × shows ? in its place.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
        sys.stdout.flush()
    except (PydjlError, OSError) as exc:
        print(f"pydjl: {exc}", file=sys.stderr)
        raise SystemExit(2) from exc


def _console() -> Console:
    console = Console(highlight=False)
    # Into a file or a pipe, rich assumes 80 columns; two 6×8 arrays need more.
    return console if console.is_terminal else Console(highlight=False, width=110)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pydjl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


def _two_weights(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        first, second = (float(word) for word in text.split(","))
    except ValueError as exc:
        raise typer.BadParameter(
            f"{text!r} is not two numbers with a comma, like .002919,-.007190"
        ) from exc
    return [first, second]


@app.command()
def chapter(
    device: Annotated[
        str | None,
        typer.Option(help="cpu or gpu(0); by default the GPU if there is one.", metavar="DEVICE"),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Decides where the learning starts, and the random arrays.")
    ] = 0,
    initial: Annotated[
        str | None,
        typer.Option(help="The two weights where the learning starts.", metavar="A,B"),
    ] = None,
    as_printed: Annotated[
        bool,
        typer.Option("--as-printed", help="Let gradients add up, as the printed code does."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run the chapter "Convolutions for Images" in Java, with PyTorch's results beside it."""
    weights = _two_weights(initial)
    if are_older_than_their_sources():
        print("pydjl: java/ has changed since the library was built: run `make`.", file=sys.stderr)
    with Console(stderr=True).status("Starting Java and running the chapter"):
        finished = run(device, seed=seed, initial=weights, as_printed=as_printed)
    if as_json:
        print(json.dumps(finished.to_json(), indent=2, allow_nan=False))
    else:
        print_run(finished, _console())
    raise typer.Exit(0 if finished.ok else 1)


@app.command()
def doctor() -> None:
    """Print every fact that pydjl hangs on, with a tick or the way out."""
    table = Table(box=None, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    ok = True
    for finding in diagnose():
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        table.add_row(mark, finding.name, finding.value)
        ok = ok and finding.ok
    _console().print(table)
    raise typer.Exit(0 if ok else 1)
