"""Measure, and print a table: ``python -m benchmarks [--quick] [-k NAME] [--json FILE] ...``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console

from benchmarks import page, plot, table
from benchmarks.cases import Case
from benchmarks.machine import machine
from benchmarks.measure import FULL, QUICK
from benchmarks.rivals import Rivals

# In the table's order. Each has a function rows(rivals) -> Iterator[Case].
MODULES = (
    "convolution",
    "correlation",
    "training",
    "pictures",
    "exchange",
    "start_up",
    "memory",
    "comparison",
    "web",
)


def main() -> None:
    """Measure what was chosen; a bound that is missed is marked, not raised."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("-k", metavar="WORDS", default="", help="rows whose names have these words")
    parser.add_argument("--quick", action="store_true", help="a part of the rows, and few rounds")
    parser.add_argument("--list", action="store_true", help="name the rows, and measure none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="plot cost over size: PNG or SVG")
    parser.add_argument("--page", type=Path, metavar="FILE", help="put the tables into a page")
    arguments = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=140)
    rows = []
    with Rivals() as rivals:
        chosen = list(choose(rivals, arguments.k.lower().split(), quick=arguments.quick))
        for number, case in enumerate(chosen, 1):
            if arguments.list:
                console.print(case.name, highlight=False)
                continue
            # No thread that shows progress: it would take the interpreter's lock meanwhile.
            print(f"{number} of {len(chosen)}: {case.name}", file=sys.stderr, flush=True)
            rows.append(case.row(QUICK if arguments.quick else FULL))
    if not rows:
        return
    console.print(table.for_terminal(rows))
    if arguments.json:
        document = {"machine": machine(), "rows": [row.to_json() for row in rows]}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        arguments.json.write_text(text, encoding="utf-8")
    if arguments.plot:
        plot.save(rows, arguments.plot)
    if arguments.page:
        page.write(rows, arguments.page)


def choose(rivals: Rivals, words: Sequence[str], *, quick: bool) -> Iterator[Case]:
    """Find the cases whose names have all words."""
    for name in MODULES:
        for case in import_module(f"benchmarks.{name}").rows(rivals):
            if (case.quick or not quick) and all(word in case.name.lower() for word in words):
                yield case


if __name__ == "__main__":
    main()
