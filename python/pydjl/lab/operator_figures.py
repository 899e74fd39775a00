"""Figures of the operator: its windows, edges, convolution, reach, and the photograph.

Everything that is drawn was computed by DJL. Cells show their numbers; a thick frame marks what
belongs together, so that black and white is enough. Each function returns a matplotlib ``Figure``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pydjl import reference
from pydjl.lab.correlation import convolve2d, correlate2d
from pydjl.lab.gallery import apply_all
from pydjl.lab.kernels import PREWITT_Y, SOBEL_X
from pydjl.lab.pictures import astronaut, to_grey
from pydjl.lab.presets import ramp
from pydjl.lab.toeplitz import toeplitz
from pydjl.lab.trace import trace
from pydjl.nn.functional import corr2d

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Plane = npt.NDArray[Any]
Frame = tuple[range, range]

_INPUT = torch.arange(9.0).reshape(3, 3)
_KERNEL = torch.arange(4.0).reshape(2, 2)


def cross_correlation_figure() -> Figure:
    """Draws the chapter's 3×3 ⋆ 2×2 cross-correlation: each of the four windows and its sum.

    Source: "Dive into Deep Learning", figure 6.2.1 and equation (6.2.1).

    Example:
        >>> cross_correlation_figure().axes[1].get_xlabel()
        '0×0 + 1×1 + 3×2 + 4×3 = 19'
    """
    steps = trace(_INPUT, _KERNEL)
    output = steps.output.numpy()[0]
    figure = Figure(figsize=(7, 9), layout="constrained")
    figure.suptitle("Cross-correlation: the kernel slides, products are added up")
    rows = figure.subplots(4, 3, width_ratios=(3, 2, 2))
    for axes, step in zip(rows, steps, strict=True):
        i, j = step.position
        draw_cells(axes[0], "input X", _INPUT.numpy(), [(step.rows, step.columns)])
        draw_cells(axes[1], "kernel K", _KERNEL.numpy())
        draw_cells(axes[2], f"output Y[{i}, {j}]", output, [(range(i, i + 1), range(j, j + 1))])
        pairs = zip(step.window.flatten().tolist(), step.kernel.flatten().tolist(), strict=True)
        terms = " + ".join(f"{x:g}×{k:g}" for x, k in pairs)
        axes[1].set_xlabel(f"{terms} = {step.sum.item():g}")
    return figure


def edge_figure() -> Figure:
    """Draws the 6×8 image with two edges, its edge map, and both for the transposed image.

    Source: "Dive into Deep Learning", DJL edition, 6.2.3.

    Example:
        >>> [axes.get_title() for axes in edge_figure().axes][1]
        'X ⋆ [[1, −1]], (6, 7)'
    """
    X, K = reference.edge_image(), reference.edge_kernel()
    figure = Figure(figsize=(9, 8), layout="constrained")
    figure.suptitle("Edges: +1 from white to black, −1 from black to white")
    panels = figure.subplots(2, 2)
    for row, (name, image) in zip(panels, (("X", X), ("Xᵀ", X.T.contiguous())), strict=True):
        edges = corr2d(image, K).numpy()
        draw_cells(row[0], f"image {name}, {tuple(image.shape)}", image.numpy())
        draw_cells(row[1], f"{name} ⋆ [[1, −1]], {edges.shape}", edges, around_zero=True)
        for axes in row:
            axes.set_xlabel("column j (pixels)")
            axes.set_ylabel("row i (pixels)")
    return figure


def trace_figure() -> Figure:
    """Draws all nine windows of the course's 5×5 ramp under the Sobel kernel, with their sums.

    Source: the course on cross-correlation, its step-by-step trace.

    Example:
        >>> trace_figure().axes[3].get_xlabel()
        'Y[1, 0] = 240'
    """
    steps = trace(ramp(), SOBEL_X.array())
    figure = Figure(figsize=(9, 10), layout="constrained")
    figure.suptitle("I[i, j] = 10(i+1)(j+1) under [[−1, 0, 1], [−2, 0, 2], [−1, 0, 1]]")
    for axes, step in zip(figure.subplots(3, 3).flat, steps, strict=True):
        i, j = step.position
        draw_cells(axes, f"step {step.number + 1}", ramp().numpy(), [(step.rows, step.columns)])
        axes.set_xlabel(f"Y[{i}, {j}] = {step.sum.item():g}")
    return figure


def convolution_figure() -> Figure:
    """Draws cross-correlation beside true convolution: the kernel turned by 180 degrees.

    Source: "Dive into Deep Learning", DJL edition, 6.2.5. Its "flip" is this turn, of both axes.

    Example:
        >>> [axes.get_title() for axes in convolution_figure().axes][-1]
        'convolution X ∗ K'
    """
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    figure.suptitle("Convolution turns the kernel by 180° before it slides")
    panels = figure.subplots(2, 3, width_ratios=(3, 2, 2))
    turned = _KERNEL.flip(0, 1).numpy()
    for row, title, kernel, result in (
        (panels[0], "cross-correlation X ⋆ K", _KERNEL.numpy(), correlate2d(_INPUT, _KERNEL)),
        (panels[1], "convolution X ∗ K", turned, convolve2d(_INPUT, _KERNEL)),
    ):
        draw_cells(row[0], "input X", _INPUT.numpy())
        draw_cells(row[1], "kernel K" if kernel is not turned else "K turned by 180°", kernel)
        draw_cells(row[2], title, result.numpy())
    return figure


def toeplitz_figure() -> Figure:
    """Draws the matrix of a 2×2 kernel on a 3×3 input, and that of the edge kernel on 6×8.

    Source: the lecture on convolution layers, "Toeplitz matrix".

    Example:
        >>> toeplitz_figure().axes[1].get_title()
        'K = [[1, −1]] on 6×8: (42, 48), 84 of 2016 not zero (white 1, black −1)'
    """
    figure = Figure(figsize=(9, 8.5), layout="constrained")
    small, large = figure.subplots(2, 1, height_ratios=(1, 2.2))
    matrix = toeplitz(torch.tensor([[1.0, 2], [3, 4]]), (3, 3)).dense().numpy()
    draw_cells(small, "K = [[1, 2], [3, 4]] on 3×3: vec(Y) = A · vec(X)", matrix, around_zero=True)
    edges = toeplitz(reference.edge_kernel(), (6, 8))
    count = int(edges.values.count_nonzero())
    title = f"K = [[1, −1]] on 6×8: {edges.shape}, {count} of {edges.shape[0] * edges.shape[1]}"
    dense = edges.dense().numpy()
    large.imshow(dense, cmap="gray", vmin=-1, vmax=1)
    large.set_title(f"{title} not zero (white 1, black −1)")
    for axes in (small, large):
        axes.set_xlabel("input pixel (row by row)")
        axes.set_ylabel("output cell (row by row)")
    return figure


def receptive_field_figure() -> Figure:
    """Draws what one output cell of two stacked 2×2 layers sees, found by DJL's gradients.

    Source: "Dive into Deep Learning", JAX edition, "Receptive field".

    Example:
        >>> [axes.get_title() for axes in receptive_field_figure().axes]
        ['input: 3×3 pixels', 'first layer: 2×2 cells', 'second layer: 1 cell']
    """
    X = torch.zeros(6, 6, requires_grad=True)
    ones = torch.ones(2, 2)
    first = corr2d(X, ones)
    second = corr2d(first, ones)
    of_input, of_first = torch.autograd.grad(second[1, 2], (X, first))
    figure = Figure(figsize=(10, 4), layout="constrained")
    figure.suptitle("Receptive field: how many ways lead from a cell to the output cell")
    cell = torch.zeros(second.shape)
    cell[1, 2] = 1
    layers = (("input", "pixels", of_input), ("first layer", "cells", of_first))
    for axes, (name, unit, ways) in zip(
        figure.subplots(1, 3), (*layers, ("second layer", "cell", cell)), strict=True
    ):
        rows, columns = (ways.sum(axis).nonzero().flatten() for axis in (1, 0))
        frame = (
            range(int(rows[0]), int(rows[-1]) + 1),
            range(int(columns[0]), int(columns[-1]) + 1),
        )
        size = f"{len(frame[0])}×{len(frame[1])}" if len(rows) > 1 else "1"
        draw_cells(axes, f"{name}: {size} {unit}", ways.numpy(), [frame], around_zero=True)
    return figure


def photograph_figure() -> Figure:
    """Draws the astronaut photograph beside what the lecture's edge filter makes of it.

    Source: the lecture on convolution layers, with the picture that scikit-image ships.

    Example:
        >>> [axes.get_title() for axes in photograph_figure().axes][0]
        'photograph, 512×512'
    """
    grey = to_grey(astronaut())
    # The loop of corr2d would take seconds.
    edges = apply_all(grey, [PREWITT_Y], "valid")[PREWITT_Y.name].numpy()
    figure = Figure(figsize=(10, 5.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(grey.numpy(), cmap="gray", vmin=0, vmax=1)
    left.set_title("photograph, 512×512")
    most = float(np.abs(edges).max())
    image = right.imshow(edges, cmap="gray", vmin=-most, vmax=most)
    right.set_title("⋆ [[−1, −1, −1], [0, 0, 0], [1, 1, 1]], 510×510")
    for axes in (left, right):
        axes.set_xlabel("column (pixels)")
        axes.set_ylabel("row (pixels)")
    figure.colorbar(
        image, ax=right, shrink=0.8, label="difference of brightness (black 0, white 1)"
    )
    return figure


def draw_cells(
    axes: Axes,
    title: str,
    values: Plane,
    frames: Sequence[Frame] = (),
    *,
    around_zero: bool = False,
) -> None:
    """Draws a plane of cells with their numbers.

    Args:
        axes: where.
        title: what it is.
        values: the plane, shape ``(H, W)``.
        frames: rows and columns to put a thick frame around.
        around_zero: whether zero is white and numbers darken on both sides; else the largest
            number is white.
    """
    axes.set_title(title)
    most = float(np.abs(values).max()) or 1.0
    if around_zero:
        axes.imshow(-np.abs(values), cmap="gray", vmin=-2 * most, vmax=0)
    else:
        axes.imshow(values, cmap="gray", vmin=values.min() - 2 * most, vmax=values.max())
    for (i, j), value in np.ndenumerate(values):
        axes.text(j, i, f"{value:g}".replace("-", "−"), ha="center", va="center")
    axes.set_xticks(range(values.shape[1]))
    axes.set_yticks(range(values.shape[0]))
    axes.tick_params(length=0, labelsize=7)
    for rows, columns in frames:
        corner = (columns.start - 0.5, rows.start - 0.5)
        size = (len(columns), len(rows))
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor="black", linewidth=3))
