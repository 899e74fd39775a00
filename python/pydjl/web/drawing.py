"""Input, kernels and output as a picture: rectangles and texts, written as SVG or as PNG."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pydjl.lab.trace_table import number_text
from pydjl.web.answers import Result
from pydjl.web.schema import Problem

Plane = npt.NDArray[np.float64]

# In pixels: the side of a grid that is aimed at, its cells' sides, and the space around.
_GRID = 360
_LARGEST_CELL = 44
_SMALLEST_CELL = 2
_GAP = 24
_TITLE = 20
# From this side on a cell has room for its number.
_LEGIBLE_CELL = 28

# As on the page: blue below zero, red above.
_NEGATIVE = np.array([33, 102, 172])
_NEUTRAL = np.array([247, 247, 247])
_POSITIVE = np.array([178, 24, 43])
_INK = "#1b1b1b"
_PAPER = "#ffffff"


@dataclass(frozen=True)
class Cell:
    """A square: its place, its side and its colour."""

    x: int
    y: int
    side: int
    colour: str


@dataclass(frozen=True)
class Text:
    """Some words: the place of their middle, or of their left end."""

    x: int
    y: int
    words: str
    size: int
    colour: str
    is_centred: bool


@dataclass
class Drawing:
    """What is drawn, from back to front."""

    width: int = 0
    height: int = 0
    cells: list[Cell] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def draw(problem: Problem, result: Result) -> Drawing:
    """Lay out input, kernels and output in three columns, each with its own colour scale.

    Args:
        problem: what was computed.
        result: what came of it.
    """
    kernel_name = "kernel, turned" if problem.operation == "convolution" else "kernel"
    kernels = [plane for kernel in result.applied_kernels for plane in kernel]
    drawing = Drawing()
    left = _GAP
    for name, planes in (
        ("input", problem.input),
        (kernel_name, kernels),
        ("output", result.output),
    ):
        width = _draw_column(drawing, left, name, [np.array(plane) for plane in planes])
        left += width + _GAP
    drawing.width = left
    return drawing


def to_svg(drawing: Drawing) -> str:
    """A drawing as SVG."""
    return "\n".join(_svg(drawing)) + "\n"


def to_png(drawing: Drawing) -> bytes:
    """A drawing as PNG."""
    image = Image.new("RGB", (drawing.width, drawing.height), _PAPER)
    pen = ImageDraw.Draw(image)
    for cell in drawing.cells:
        corner = (cell.x + cell.side - 1, cell.y + cell.side - 1)
        pen.rectangle(((cell.x, cell.y), corner), fill=cell.colour)
    for text in drawing.texts:
        anchor = "mm" if text.is_centred else "lm"
        font = ImageFont.load_default(text.size)
        pen.text((text.x, text.y), text.words, fill=text.colour, font=font, anchor=anchor)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _draw_column(drawing: Drawing, left: int, name: str, planes: list[Plane]) -> int:
    """Draw planes below one another, and tell how much room they take."""
    height, width = len(planes[0]), len(planes[0][0])
    side = max(_SMALLEST_CELL, min(_LARGEST_CELL, _GRID // max(height, width)))
    most = max(float(np.abs(plane).max()) for plane in planes)
    room = max(width * side, 8 * len(f"{name} 12, {height}×{width}"))
    top = _GAP
    for number, plane in enumerate(planes):
        title = f"{name} {number + 1}" if len(planes) > 1 else name
        drawing.texts.append(Text(left, top, f"{title}, {height}×{width}", 13, _INK, False))
        top += _TITLE
        for (i, j), value in np.ndenumerate(plane):
            share = float(value) / most if most else 0.0
            x, y = left + j * side, top + i * side
            # One pixel is left between cells that are large enough to be told apart.
            drawn = side - 1 if side > 3 else side
            drawing.cells.append(Cell(x, y, drawn, _colour(share)))
            if side >= _LEGIBLE_CELL:
                ink = _INK if abs(share) < 0.6 else _PAPER
                words = number_text(float(value))
                size = min(13, int(1.6 * side / len(words)))
                drawing.texts.append(Text(x + side // 2, y + side // 2, words, size, ink, True))
        top += height * side + _GAP
    drawing.height = max(drawing.height, top)
    return room


def _colour(share: float) -> str:
    """The colour of a number between -1 and 1; zero is neutral."""
    end = _POSITIVE if share > 0 else _NEGATIVE
    red, green, blue = np.rint(_NEUTRAL + (end - _NEUTRAL) * abs(share)).astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _svg(drawing: Drawing) -> Iterator[str]:
    size = f'width="{drawing.width}" height="{drawing.height}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawing.width} {drawing.height}" font-family="sans-serif">'
    )
    yield f'<rect {size} fill="{_PAPER}"/>'
    for cell in drawing.cells:
        place = f'x="{cell.x}" y="{cell.y}" width="{cell.side}" height="{cell.side}"'
        yield f'<rect {place} fill="{cell.colour}"/>'
    for text in drawing.texts:
        anchor = ' text-anchor="middle"' if text.is_centred else ""
        place = f'x="{text.x}" y="{text.y}" dominant-baseline="central"'
        style = f'font-size="{text.size}" fill="{text.colour}"'
        yield f"<text {place}{anchor} {style}>{escape(text.words)}</text>"
    yield "</svg>"
