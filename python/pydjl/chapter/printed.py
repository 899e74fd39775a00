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
    verdict = "[green]DJL and PyTorch agree.[/green]" if run.ok else "[red]They differ.[/red]"
    console.print(verdict)


def _print_section(section: Section, console: Console) -> None:
    console.print()
    console.rule(f"[bold]{section.number} {section.title}", align="left")
    console.print(section.text)
    for shown in section.shown:
        table = Table(title=shown.text, title_justify="left", box=None, pad_edge=False)
        table.add_column("DJL (Java)", no_wrap=True)
        table.add_column("PyTorch", no_wrap=True)
        table.add_row(repr(shown.java), str(shown.python))
        console.print(Padding(table, (1, 0, 0, 2)))


def _print_losses(run: ChapterRun, console: Console) -> None:
    console.print()
    for batch, loss in enumerate(run.learning.losses, start=1):
        if batch % 2 == 0:
            console.print(f"  batch {batch} loss: {np.float32(loss)!s}")
    start = ", ".join(f"{value:.6f}" for value in run.learning.initial.flatten().tolist())
    console.print(f"  (started from [{start}], learning rate {run.learning_rate})", markup=False)


def _comparison_table(comparison: tuple[Compared, ...]) -> Table:
    table = Table(title="DJL compared", title_justify="left")
    table.add_column("result", no_wrap=True)
    table.add_column("against", no_wrap=True)
    table.add_column("max |difference|", justify="right")
    table.add_column("ulp", justify="right")
    table.add_column("bit-equal")
    table.add_column("")
    for row in comparison:
        facts = row.difference
        table.add_row(
            facts.name,
            row.against,
            f"{facts.max_abs_diff:.3g}",
            "-" if facts.max_ulp is None else str(facts.max_ulp),
            "yes" if facts.bit_equal else f"no: {row.why}" if row.why else "no",
            "[green]✓[/green]" if facts.ok else f"[red]✗[/red] {facts.note}",
        )
    return table
