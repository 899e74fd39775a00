"""Rows in words: a table for the terminal, and the same words for a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from rich.table import Table

from benchmarks import machine
from benchmarks.rows import Row

HEADINGS = ("measured", "pydjl", "compared with", "ratio (quartiles)", "bound", "")
MARKS = {None: "", "met": "✓", "unclear": "≈", "missed": "✗"}
_COLOURS = {"": "", "✓": "green", "≈": "yellow", "✗": "red"}


@dataclass(frozen=True)
class Line:
    """A row's cells: what `HEADINGS` says, and the other contenders' times over pydjl's."""

    cells: tuple[str, str, str, str, str, str]
    others: str


def line(row: Row) -> Line:
    """Put a row into words."""
    ours = next(iter(row.measured.values()))
    second = next(islice(row.measured, 1, 2), None)
    compared = ratio = ""
    if second is not None:
        name = "" if second == "torch" else f" ({second})"
        compared = f"{amount(row.measured[second].median, row.unit)}{name}"
        it = row.ratios[second]
        ratio = f"{factor(it.median)} ({factor(it.low)} to {factor(it.high)})"
    bound = row.bound
    if bound is None:
        limit = ""
    elif bound.ratio_to is None:
        limit = f"≤ {amount(bound.limit, row.unit)}"
    else:
        limit = f"≤ {bound.limit:g}×"
    if ours.rounds > 1 and (bound is None or bound.ratio_to is None):
        spread = f" ({amount(ours.low, row.unit)} to {amount(ours.high, row.unit)})"
    else:
        spread = ""
    others = ", ".join(
        f"{name} {factor(1 / row.ratios[name].median)}" for name in islice(row.measured, 2, None)
    )
    return Line(
        (
            row.name,
            amount(ours.median, row.unit) + spread,
            compared,
            ratio,
            limit,
            MARKS[row.verdict],
        ),
        others,
    )


def amount(value: float, unit: str) -> str:
    """A value with its unit, to three figures.

    Example:
        >>> amount(0.0000123, "s"), amount(-0.25, "s"), amount(41.26, "MB")
        ('12.3 µs', '-250 ms', '41.3 MB')
    """
    if unit == "s":
        for factor, name in ((1e-6, "µs"), (1e-3, "ms")):
            if abs(value) < 999.5 * factor:
                return f"{value / factor:.3g} {name}"
    return f"{value:.3g} {unit}"


def for_terminal(rows: Sequence[Row]) -> Table:
    """A table with colours; what other ways take stands below each row."""
    table = Table(title=machine.in_words(), title_justify="left", caption=_legend(rows))
    for heading in HEADINGS:
        table.add_column(heading)
    for row in rows:
        it = line(row)
        *cells, mark = it.cells
        if it.others:
            cells[0] += f"\n[dim]  {it.others.replace('[', chr(92) + '[')}[/dim]"
        colour = _COLOURS[mark]
        table.add_row(*cells, f"[{colour}]{mark}[/{colour}]" if colour else "")
    return table


def _legend(rows: Sequence[Row]) -> str:
    count = {mark: sum(row.verdict == verdict for row in rows) for verdict, mark in MARKS.items()}
    return (
        f"✓ {count['✓']} bounds met, ≈ {count['≈']} within the noise, ✗ {count['✗']} missed. "
        "Below a row: how many times as long other ways take as pydjl."
    )


def factor(value: float) -> str:
    """A ratio, as exactly as it says something.

    Example:
        >>> factor(1.0123), factor(2.345), factor(0.0000217), factor(31415.9)
        ('1.012×', '2.35×', '2.2e-05×', '31,416×')
    """
    if value < 0.1:
        return f"{value:.2g}×"
    if 0.9 < value < 1.1:
        return f"{value:.3f}×"
    return f"{value:.2f}×" if value < 100 else f"{value:,.0f}×"
