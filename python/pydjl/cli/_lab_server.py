"""``pydjl lab``."""

from __future__ import annotations

from typing import Annotated

import typer

from pydjl.errors import ArgumentError


def lab(
    host: Annotated[
        str, typer.Option(help="Where to listen; others than the loopback let others in.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The next free one is taken; 0 for any.")
    ] = 8763,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only say where the page is.")
    ] = False,
) -> None:
    """Serve the convolution calculator: a page on which DJL computes, until Ctrl-C."""
    try:
        from pydjl.web.serve import serve  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as exc:
        if (exc.name or "").startswith("pydjl"):
            raise
        raise ArgumentError(
            f"the calculator needs {exc.name}: install it by pip install 'pydjl[web]'."
        ) from exc
    serve(host, port, opens_browser=not no_browser)
