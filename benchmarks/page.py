"""Put the tables into a page of the documentation, between two marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks import machine, plot
from benchmarks.rows import Row
from benchmarks.table import HEADINGS, line

BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"


def write(rows: Sequence[Row], file: Path) -> None:
    """Replace what stands between the marks, and write the plot beside the page.

    Raises:
        ValueError: the page lacks a mark.
    """
    text = file.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{file} lacks {BEGIN} or {END}, between which the tables belong.")
    picture = file.with_suffix(".svg")
    plot.save(rows, picture)
    parts = [
        f"Measured on {date.today():%Y-%m-%d} on {machine.in_words()}.",
        _table(HEADINGS, [line(row).cells for row in rows]),
        "How many times as long other ways take as pydjl, or how many times as much memory:",
        _table(
            ("measured", "other ways"),
            [(row.name, line(row).others) for row in rows if line(row).others],
        ),
        f"![What a call takes, over the size, for each way]({picture.name})",
    ]
    middle = "\n\n".join(parts)
    file.write_text(f"{before}{BEGIN}\n\n{middle}\n\n{END}{after}", encoding="utf-8")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
