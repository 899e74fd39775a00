"""Many results beside one another, drawn on one scale."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray as NumpyArray

# Grey in the middle and ever brighter from one end to the other, so signs are seen without colour.
SIGNED = "cividis"


def panels(count: int, columns: int) -> tuple[Figure, list[Axes]]:
    """A figure with room for some pictures in rows, without axes.

    Example:
        >>> figure, axes = panels(5, columns=3)
        >>> len(axes)
        6
    """
    rows = ceil(count / columns)
    figure = Figure(figsize=(2.6 * columns, 0.6 + 2.8 * rows), layout="constrained")
    found = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for each in found:
        each.set_axis_off()
    return figure, found


def largest(results: Iterable[NumpyArray[Any]]) -> float:
    """How far from zero a common scale has to reach.

    The strongest half percent, often a few pixels, is left out: everything else would be grey.

    Example:
        >>> largest([np.array([-3.0, 1.0]), np.array([[2.0]])]) < 3
        True
    """
    sizes = np.concatenate([np.abs(result).ravel() for result in results] or [np.ones(1)])
    return float(np.quantile(sizes, 0.995)) or 1.0


def draw(axes: Axes, title: str, result: NumpyArray[Any], most: float) -> Any:
    """Draw a result on a scale from ``-most`` to ``most``; zero is grey. Returns the image."""
    axes.set_title(title)
    return axes.imshow(result, cmap=SIGNED, vmin=-most, vmax=most)
