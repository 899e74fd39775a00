"""The command line: parse, call, print. Each command is a module of its own.

Exit status: 0 if what was run agrees, 1 if it does not, 2 if it could not be run.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from pydjl import __version__
from pydjl.cli._chapter import chapter
from pydjl.cli._compare import compare
from pydjl.cli._doctor import doctor
from pydjl.cli._lab_server import lab
from pydjl.cli._laboratory import app as laboratory
from pydjl.cli._prepare import prepare
from pydjl.errors import PydjlError

app = typer.Typer(
    help="Deep Java Library layers from Python, compared with PyTorch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (chapter, compare, doctor, prepare, lab):
    app.command()(command)
app.add_typer(laboratory)


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
