"""``pydjl doctor``."""

from __future__ import annotations

import typer
from rich.table import Table

from pydjl.cli._console import console
from pydjl.runtime.doctor import diagnose


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
    console().print(table)
    raise typer.Exit(0 if ok else 1)
