"""Numbers of the steps of a training as lines, for a page to draw."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 180


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Attributes:
        name: what it shows.
        pieces: the corners of its unbroken parts, as SVG's ``points``.
    """

    name: str
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """Lines over the steps of a training, in a field of `WIDTH` × `HEIGHT`.

    Attributes:
        title: what it shows.
        lines: the lines.
        low: the number at the bottom.
        high: the number at the top.
        steps: how many steps there are.
        is_logarithmic: whether equal distances are equal factors.
    """

    title: str
    lines: tuple[Line, ...]
    low: float
    high: float
    steps: int
    is_logarithmic: bool


def line_chart(
    title: str, series: Mapping[str, Sequence[float]], *, logarithmic: bool = False
) -> Chart | None:
    """Lay out lines over steps.

    Args:
        title: what they show.
        series: by name, a number for each step. Those that are not finite, and in a logarithmic
            chart those that are not positive, break their line.
        logarithmic: whether equal distances are equal factors.

    Returns:
        The chart; None if there is nothing to draw.

    Example:
        >>> line_chart("loss", {"Java": [2.0, 1.0, 0.0]}).lines[0].pieces
        ('0.0,0.0 240.0,90.0 480.0,180.0',)
    """

    def drawn(number: float) -> bool:
        return math.isfinite(number) and (number > 0 or not logarithmic)

    def place(number: float) -> float:
        return math.log10(number) if logarithmic else number

    numbers = [number for line in series.values() for number in line if drawn(number)]
    if not numbers:
        return None
    low, high = min(numbers), max(numbers)
    span = place(high) - place(low)
    steps = max(len(line) for line in series.values())

    def corner(step: int, number: float) -> str:
        x = WIDTH * step / max(steps - 1, 1)
        y = HEIGHT * (place(high) - place(number)) / span if span else HEIGHT / 2
        return f"{x:.1f},{y:.1f}"

    lines = []
    for name, values in series.items():
        pieces: list[list[str]] = [[]]
        for step, number in enumerate(values):
            if drawn(number):
                pieces[-1].append(corner(step, number))
            elif pieces[-1]:
                pieces.append([])
        lines.append(Line(name, tuple(" ".join(piece) for piece in pieces if piece)))
    return Chart(title, tuple(lines), low, high, steps, logarithmic)
