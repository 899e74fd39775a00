"""Pictures of a trace: one step as a figure, and all of them as a window that slides."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray as NumpyArray
from PIL import Image

from pydjl.errors import ArgumentError
from pydjl.lab.trace_table import number_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pydjl.lab.trace import Trace
    from pydjl.lab.trace_step import Step

Plane = NumpyArray[np.float64]

# The figure's width in inches, the height of a row of panels, and the shares of their widths.
_WIDTH, _ROW = 11.0, 2.4
_SHARES = (2, 1, 1, 2)
# What titles and the space between panels take of a row, and of a panel's width.
_MARGIN = 0.35
# Numbers in points: at most so large, at least so small; a digit is so wide in its own height.
_LARGEST, _SMALLEST, _DIGIT = 8.0, 4.5, 0.62
# Of more channels than these no figure can be read; their sums are in the title.
_MOST_CHANNELS = 6
# More frames than this take minutes, and hundreds of megabytes in a viewer.
_MOST_FRAMES = 500
# Dark also in black and white, where planes are drawn in light greys.
_WINDOW = "#b2182b"


def step_figure(trace: Trace, number: int = 0) -> Figure:
    """Draw one step of a cross-correlation: window, kernel, products, and the output so far.

    A row for each input channel, up to six; the output cells of later steps are left empty.
    Numbers that are too long for their cells are rounded to two digits; where that is not enough,
    as in large planes, the cells are drawn without numbers.

    Args:
        trace: the steps, from `pydjl.lab.trace.trace`.
        number: which step.

    Returns:
        A figure, for ``savefig``.

    Raises:
        ArrayIndexError: there is no such step.

    Example:
        >>> from pydjl.lab.trace import trace
        >>> t = trace([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0.0, 1], [2, 3]])
        >>> [axes.get_title() for axes in step_figure(t, 1).axes]
        ['input', 'kernel', 'products', 'output']
    """
    step = trace[number]
    padded = trace.padded.numpy().astype(np.float64)
    kernel, products = (_planes(step, name) for name in ("kernel", "products"))
    count = len(padded)
    channels = min(count, _MOST_CHANNELS)
    figure = Figure(figsize=(_WIDTH, 0.9 + _ROW * channels), layout="constrained")
    grid = figure.add_gridspec(channels, 4, width_ratios=_SHARES)
    rooms = [(_WIDTH * share / sum(_SHARES) - _MARGIN, _ROW - _MARGIN) for share in _SHARES]
    limits = _limits(padded)
    around_zero = [_around_zero(values) for values in (kernel, products)]
    for channel in range(channels):
        which = "" if count == 1 else f", channel {channel}"
        axes = figure.add_subplot(grid[channel, 0])
        _draw(axes, f"input{which}", padded[channel], limits, rooms[0])
        _mark_padding(axes, trace)
        _frame(axes, step)
        axes = figure.add_subplot(grid[channel, 1])
        _draw(axes, f"kernel{which}", kernel[channel], around_zero[0], rooms[1])
        axes = figure.add_subplot(grid[channel, 2])
        _draw(axes, f"products{which}", products[channel], around_zero[1], rooms[2])
    _draw_output(figure.add_subplot(grid[:, 3]), trace, step, rooms[3])
    figure.suptitle(_equation(step))
    return figure


def save_gif(
    trace: Trace,
    path: str | PathLike[str],
    numbers: Sequence[int] | None = None,
    milliseconds: int = 700,
) -> None:
    """Write an animated GIF of the window that slides over the input.

    Args:
        trace: the steps, from `pydjl.lab.trace.trace`.
        path: the file to write.
        numbers: which steps, in order; by default all of them.
        milliseconds: how long each step is shown, at least 20.

    Raises:
        ArgumentError: there are no steps, or more than 500, or they are shown for too short a time,
            or the file's name does not end in ``.gif``.
        ArrayIndexError: there is no such step.
        OSError: the file cannot be written.
    """
    if not fspath(path).lower().endswith(".gif"):
        raise ArgumentError(f"save_gif: {fspath(path)} does not end in .gif: name it so.")
    chosen = range(len(trace)) if numbers is None else numbers
    if not 1 <= len(chosen) <= _MOST_FRAMES:
        raise ArgumentError(
            f"save_gif: {len(chosen):,} steps cannot be animated, only 1 to {_MOST_FRAMES}: choose "
            "some by numbers=, such as range(100)."
        )
    if milliseconds < 20:
        raise ArgumentError(
            f"save_gif: milliseconds is {milliseconds}, but viewers show no frame for less than 20."
        )
    frames = [_frame_image(trace, number) for number in chosen]
    first, *rest = frames
    first.save(path, format="GIF", save_all=True, append_images=rest, duration=milliseconds, loop=0)


def _frame_image(trace: Trace, number: int) -> Image.Image:
    figure = step_figure(trace, number)
    figure.set_dpi(80)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    picture = Image.fromarray(np.asarray(pixels))
    return picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)


def _planes(step: Step, name: str) -> Plane:
    values: Plane = getattr(step, name).numpy().astype(np.float64)
    return values[None] if values.ndim == 2 else values


def _limits(values: Plane) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def _around_zero(values: Plane) -> tuple[float, float]:
    most = max(map(abs, _limits(values))) or 1.0
    return -most, most


def _draw(
    axes: Axes, title: str, plane: Plane, limits: tuple[float, float], room: tuple[float, float]
) -> None:
    axes.set_title(title)
    axes.imshow(plane, cmap="gray", vmin=limits[0], vmax=limits[1], alpha=0.35)
    axes.set_xticks([])
    axes.set_yticks([])
    for digits in (4, 2):
        size = min(_LARGEST, _size_that_fits(plane, digits, room))
        if size >= _SMALLEST:
            for (i, j), value in np.ndenumerate(plane):
                if not np.isnan(value):
                    text = number_text(value, digits)
                    axes.text(j, i, text, ha="center", va="center", fontsize=size)
            return


def _size_that_fits(plane: Plane, digits: int, room: tuple[float, float]) -> float:
    """The size in points at which the longest number is as wide as its square cell."""
    height, width = plane.shape
    cell: float = 72 * min(room[0] / width, room[1] / height)
    # Not even one digit fits: that needs no look at twelve million numbers.
    if cell / _DIGIT < _SMALLEST:
        return 0
    return cell / (_DIGIT * max(len(number_text(value, digits)) for value in plane.flat))


def _mark_padding(axes: Axes, trace: Trace) -> None:
    top, left = trace.padding
    if top or left:
        _, height, width = trace.padded.shape
        corner, size = (left - 0.5, top - 0.5), (width - 2 * left, height - 2 * top)
        axes.add_patch(Rectangle(corner, *size, fill=False, linestyle=":", edgecolor="black"))


def _frame(axes: Axes, step: Step) -> None:
    """Mark the cells under the kernel; a dilated kernel leaves cells between them out."""
    if step.rows.step == step.columns.step == 1:
        corner = (step.columns[0] - 0.5, step.rows[0] - 0.5)
        cells = [(corner, len(step.columns), len(step.rows))]
    else:
        cells = [((j - 0.5, i - 0.5), 1, 1) for i in step.rows for j in step.columns]
    for corner, width, height in cells:
        axes.add_patch(
            Rectangle(corner, width, height, fill=False, linewidth=2.5, edgecolor=_WINDOW)
        )


def _draw_output(axes: Axes, trace: Trace, step: Step, room: tuple[float, float]) -> None:
    channels, height, width = trace.output_shape
    whole = trace.output.numpy()[step.channel].astype(np.float64)
    i, j = step.position
    known = np.arange(height * width).reshape(height, width) <= i * width + j
    title = "output" if channels == 1 else f"output, channel {step.channel}"
    _draw(axes, title, np.where(known, whole, np.nan), _limits(whole), room)
    axes.add_patch(
        Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, linewidth=2.5, edgecolor=_WINDOW)
    )


def _equation(step: Step) -> str:
    parts = [number_text(value) for value in step.channel_sums.torch().tolist()]
    if len(parts) > _MOST_CHANNELS:
        parts = [*parts[: _MOST_CHANNELS - 1], "...", parts[-1]]
    text = " + ".join(f"({part})" if part.startswith("-") else part for part in parts)
    bias = step.bias.torch().item()
    if bias:
        text += f" + bias {number_text(bias)}"
    i, j = step.position
    total = number_text(step.sum.torch().item())
    single = len(parts) == 1 and not bias
    return f"Y[{i}, {j}] = {total}" if single else f"Y[{i}, {j}] = {text} = {total}"
