"""A row for two gradients, of which either side may have none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from pydjl.comparison.difference import compare_values
from pydjl.comparison.report import Row
from pydjl.comparison.tolerance import Tolerance


def gradient_row(
    kind: str,
    name: str,
    java: Tensor | None,
    python: Tensor | None,
    tolerance: Tolerance | None,
    step: int | None = None,
) -> Iterator[Row]:
    """Compare two gradients.

    Args:
        kind: of the row.
        name: of what they are gradients with respect to.
        java: Java's, or None.
        python: Python's, or None.
        tolerance: how far they may be apart.
        step: of a training.

    Yields:
        A row; none if neither side has a gradient. One that only one side has is a difference.
    """
    found = python if java is None else java
    if found is None:
        return
    if java is None or python is None:
        whose = "Java" if java is None else "Python"
        note = f"{whose} has no gradient, the other side has one"
        alone = compare_values(name, found, found, tolerance=tolerance)
        yield Row(kind, replace(alone, bit_equal=False, ok=False, note=note), step=step)
    else:
        yield Row(kind, compare_values(name, java, python, tolerance=tolerance), step=step)
