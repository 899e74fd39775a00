"""The command line: parse, call, print. Each command is a module of its own.

Exit status: 0 if what was run agrees, 1 if it does not, 2 if it could not be run. Where nobody
reads the output to its end, as in ``pydjl chapter | head -1``, it is 141, as with other programs.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from contextlib import suppress
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

# What a shell says of a program that the signal SIGPIPE, number 13, has ended.
_UNREAD = 128 + 13


def main() -> None:
    """Run the command; errors of ours are one sentence on the standard error stream."""
    streams = [each for each in (sys.stdout, sys.stderr) if isinstance(each, io.TextIOWrapper)]
    for stream in streams:
        # A terminal that cannot show × shows ? in its place.
        stream.reconfigure(errors="replace")
    try:
        _run()
    finally:
        for stream in streams:
            _drop_what_cannot_be_written(stream)


def _drop_what_cannot_be_written(stream: io.TextIOWrapper) -> None:
    """Else the interpreter tries it again at its end, and has a status of its own for it."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run() -> None:
    try:
        try:
            app()
        finally:
            print(end="", flush=True)
    except SystemExit as exc:
        # What typer and rich catch themselves they end with status 1.
        if isinstance(exc.__context__, (BrokenPipeError, typer.Abort)):
            raise SystemExit(_status(exc.__context__)) from exc
        raise
    except Exception as exc:  # whatever it is: status 1 says that results differ
        raise SystemExit(_status(exc)) from exc


def _status(problem: BaseException) -> int:
    """Tell of what went wrong, a defect of ours with all that its mending needs."""
    if isinstance(problem, BrokenPipeError):
        return _UNREAD
    if isinstance(problem, (PydjlError, OSError)):
        text = f"pydjl: {problem}"
    else:
        text = "".join(traceback.format_exception(problem))
        text += "pydjl: this is a defect of pydjl: please report it with the lines above."
    with suppress(OSError):  # an error stream that takes nothing
        print(text, file=sys.stderr)
    return 2


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
