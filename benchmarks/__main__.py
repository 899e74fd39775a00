"""Measure and print a table; with ``--json FILE`` also write the rows."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import cases, pictures, training
from benchmarks.rows import machine


def main() -> None:
    """Run every case; bounds that are not met are marked, not raised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the rows")
    arguments = parser.parse_args()
    table = Table(title=machine(), title_justify="left")
    for heading in ("measured", "pydjl", "native", "ratio (quartiles)", "bound", ""):
        table.add_column(heading)
    rows = []
    console = Console()
    groups = (
        cases.operators,
        training.layers,
        training.epoch,
        training.learning,
        pictures.gallery,
        cases.exchange,
        cases.memory,
        training.memory,
        cases.start_up,
    )
    with console.status("measuring"):
        for group in groups:
            for row in group():
                rows.append(dataclasses.asdict(row))
                mark = {None: "", True: "[green]✓[/green]", False: "[red]✗[/red]"}[row.met]
                table.add_row(row.name, row.ours, row.native, row.ratio, row.bound, mark)
    console.print(table)
    if arguments.json:
        document = {"machine": machine(), "rows": rows}
        arguments.json.write_text(json.dumps(document, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
