"""``pydjl chapter``."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from pydjl.chapter import print_run, run
from pydjl.cli._console import console
from pydjl.runtime.libraries import are_older_than_their_sources


def chapter(
    device: Annotated[
        str | None,
        typer.Option(help="cpu or gpu(0); by default the GPU if there is one.", metavar="DEVICE"),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="Draws where the learning starts; by default it is the book's start."),
    ] = None,
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
        print_run(finished, console())
    raise typer.Exit(0 if finished.ok else 1)


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
