"""A run of the chapter on a terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from pydjl.chapter.conv_layer import ChapterRun, Compared, Section


def print_run(run: ChapterRun, console: Console) -> None:
    """Print every section in its order, then the table of comparisons."""
    console.print(f"[bold]Convolutions for Images[/bold]: {run.engine} on {run.device}")
    for section in run.sections:
        _print_section(section, console)
        if section.number == "6.2.4":
            _print_losses(run, console)
    console.print()
    console.print(_comparison_table(run.comparison))
    for row in run.comparison:
        if not row.difference.ok:
            console.print(f"{_name(row)}: {row.difference.note}")
        elif row.why:
            console.print(f"Not bit-equal, {_name(row)}: {row.why}.")
    console.print(_verdict(run))


def _verdict(run: ChapterRun) -> str:
    differing = [_name(row) for row in run.comparison if not row.difference.ok]
    if differing:
        return f"[red]They differ: {'; '.join(differing)}.[/red]"
    if not np.isfinite(run.learning.losses).all():
        return "[green]DJL and PyTorch agree[/green], but the learning diverges in both."
    return "[green]DJL and PyTorch agree.[/green]"


def _name(row: Compared) -> str:
    return f"{row.difference.name} against {row.against}"


def _print_section(section: Section, console: Console) -> None:
    console.print()
    console.rule(f"[bold]{section.number} {section.title}", align="left")
    console.print(section.text)
    for shown in section.shown:
        table = Table(title=shown.text, title_justify="left", box=None, pad_edge=False)
        java, python = repr(shown.java), str(shown.python)
        if _width(java) + _width(python) + 4 <= console.width:
            table.add_column("DJL (Java)", no_wrap=True)
            table.add_column("PyTorch", no_wrap=True)
            table.add_row(java, python)
        else:  # one below the other
            table.add_column("DJL (Java), then PyTorch", no_wrap=True)
            table.add_row(java)
            table.add_row(python)
        console.print(Padding(table, (1, 0, 0, 2)))


def _width(text: str) -> int:
    return max(map(len, text.splitlines()))


def _print_losses(run: ChapterRun, console: Console) -> None:
    console.print()
    for batch, loss in enumerate(run.learning.losses, start=1):
        if batch % 2 == 0:
            console.print(f"  batch {batch} loss: {np.float32(loss)!s}")
    start = ", ".join(f"{value:.6f}" for value in run.learning.initial.flatten().tolist())
    console.print(f"  (started from [{start}], learning rate {run.learning_rate})", markup=False)


def _comparison_table(comparison: tuple[Compared, ...]) -> Table:
    table = Table(title="DJL compared", title_justify="left", box=None, pad_edge=False)
    for heading in ("", "result", "against", "max |diff.|", "ulp", "bit-equal"):
        figures = heading in ("max |diff.|", "ulp")
        table.add_column(heading, no_wrap=True, justify="right" if figures else "left")
    for row in comparison:
        facts = row.difference
        table.add_row(
            "[green]✓[/green]" if facts.ok else "[red]✗[/red]",
            facts.name,
            row.against,
            f"{facts.max_abs_diff:.3g}",
            "-" if facts.max_ulp is None else str(facts.max_ulp),
            "yes" if facts.bit_equal else "no",
        )
    return table
