"""Where commands print."""

from __future__ import annotations

from rich.console import Console


def console() -> Console:
    """The standard output; into a file or a pipe wide enough for two 6×8 arrays."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=110)
