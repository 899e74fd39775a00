"""Many results beside one another, drawn on scales around zero."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray as NumpyArray

# Grey in the middle and ever brighter from one end to the other, so signs are seen without colour.
SIGNED = "cividis"


def panels(count: int, columns: int, shape: tuple[int, int]) -> tuple[Figure, list[Axes]]:
    """A figure with room for some pictures of one shape (H, W) in rows, without axes.

    Example:
        >>> figure, axes = panels(5, 3, (480, 640))
        >>> len(axes)
        6
    """
    rows = ceil(count / columns)
    # Of a picture like a ribbon the panel keeps room for its title, and the figure its size.
    height = 2.3 * min(max(shape[0] / shape[1], 0.2), 3)
    figure = Figure(figsize=(2.6 * columns, 0.6 + (0.5 + height) * rows), layout="constrained")
    found = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for each in found:
        each.set_axis_off()
    return figure, found


def largest(results: Iterable[NumpyArray[Any]]) -> float:
    """How far from zero the scale of some results has to reach.

    The strongest half percent, often a few pixels, is left out: everything else would be grey.

    Example:
        >>> largest([np.array([-3.0, 1.0]), np.array([[2.0]])]) < 3
        True
    """
    sizes = np.concatenate([np.abs(result).ravel() for result in results])
    finite = sizes[np.isfinite(sizes)]
    return (float(np.quantile(finite, 0.995)) or 1.0) if finite.size else 1.0


def relative_scale(figure: Figure, axes: list[Axes]) -> Colorbar:
    """A colour bar from -1 to 1 for panels that each have another end of their scale."""
    scale = ScalarMappable(Normalize(-1, 1), SIGNED)
    return figure.colorbar(scale, ax=axes, shrink=0.6, extend="both")


def draw(axes: Axes, title: str, result: NumpyArray[Any], most: float) -> Any:
    """Draw a result on a scale from ``-most`` to ``most``; zero is grey. Returns the image."""
    axes.set_title(title)
    return axes.imshow(result, cmap=SIGNED, vmin=-most, vmax=most)
