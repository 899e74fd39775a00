"""The questions of the quiz, one function each: it draws a question and computes its answer."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import ceil
from typing import Any

from pydjl import conv_arithmetic
from pydjl.lab import kernels as gallery
from pydjl.lab import presets
from pydjl.web.answers import Cube, Matrix
from pydjl.web.convolution import Convolution
from pydjl.web.schema import Problem
from pydjl.web.texts import exact_text


@dataclass(frozen=True)
class Asked:
    """A question with its answer.

    Attributes:
        text: the question.
        right: the answer: a number, or one of the choices.
        why: how it comes about.
        problem: what is shown with it, if all of it may be seen.
        input: likewise, alone.
        kernel: likewise.
        output: likewise.
        choices: to choose from; None where a number is wanted.
    """

    text: str
    right: str | float
    why: str
    problem: Problem | None = None
    input: Cube | None = None
    kernel: Matrix | None = None
    output: Matrix | None = None
    choices: list[str] | None = None


def output_value(draw: random.Random) -> Asked:
    """An output cell, to be computed by hand."""
    problem = _problem(
        _table(draw, 4, 5, -3, 9), _table(draw, 2, 3, -2, 2), bias=[draw.randint(-3, 3)]
    )
    row, column = draw.randrange(3), draw.randrange(3)
    window = [line[column : column + 3] for line in problem.input[0][row : row + 2]]
    terms = [
        f"{_factor(x)}·{_factor(k)}"
        for line, weights in zip(window, problem.kernels[0][0], strict=True)
        for x, k in zip(line, weights, strict=True)
    ]
    right = float(_output(problem)[row][column])
    return Asked(
        text=(
            f"What is the output at row {row}, column {column} (counted from 0) of the "
            "cross-correlation with this kernel and bias?"
        ),
        right=right,
        why=f"{' + '.join(terms)} + {_factor(problem.bias[0])} = {exact_text(right)}.",
        problem=problem,
    )


def output_size(draw: random.Random) -> Asked:
    """The size of an output with stride, padding and dilation."""
    sizes, cells = (draw.randint(7, 16), draw.randint(7, 16)), (draw.randint(2, 3), 3)
    stride, padding, dilation = draw.randint(2, 3), draw.randint(1, 2), draw.randint(1, 2)
    pairs = list(zip(sizes, cells, strict=True))
    height, width = conv_arithmetic.output_shape(sizes, cells, stride, padding, dilation)
    reach = [dilation * (k - 1) for k in cells]
    wrong = [
        tuple(ceil((n + 2 * padding - r) / stride) + 1 for n, r in zip(sizes, reach, strict=True)),
        tuple((n + padding - r - 1) // stride + 1 for n, r in zip(sizes, reach, strict=True)),
        tuple(n + 2 * padding - r for n, r in zip(sizes, reach, strict=True)),
        tuple((n - k) // stride + 1 for n, k in pairs),
        (height, width + 1),
        (height + 1, width),
    ]
    right = f"{height} × {width}"
    return Asked(
        text=(
            f"How large is the output of an input of {sizes[0]} × {sizes[1]} with a kernel of "
            f"{cells[0]} × {cells[1]}, stride {stride}, padding {padding} on every side and "
            f"dilation {dilation}?"
        ),
        right=right,
        why=(
            f"⌊({sizes[0]} + 2·{padding} − {dilation}·({cells[0]} − 1) − 1) / {stride}⌋ + 1 = "
            f"{height} rows, and in the same way {width} columns; the division rounds down."
        ),
        choices=_choices(draw, right, [f"{h} × {w}" for h, w in wrong]),
    )


def which_kernel(draw: random.Random) -> Asked:
    """The kernel of the gallery that made an output."""
    picture = presets.shapes()
    offered = draw.sample(gallery.GALLERY, 4)
    chosen = offered[0]
    weights = [list(row) for row in chosen.weights]
    problem = _problem(picture.tolist(), weights, mode="same")
    return Asked(
        text="Which kernel made this output of this input, by cross-correlation with zeros around?",
        right=chosen.name,
        why=f"{chosen.name} is {chosen.formula}: {chosen.effect}.",
        input=problem.input,
        output=_output(problem),
        choices=_choices(draw, chosen.name, [kernel.name for kernel in offered]),
    )


def receptive_field(draw: random.Random) -> Asked:
    """What an output element of some layers sees."""
    layers = [(draw.choice((3, 5)), draw.choice((1, 2))) for _ in range(draw.randint(2, 3))]
    field = conv_arithmetic.receptive_field(layers)
    names = ", then ".join(f"{k} × {k} with stride {s}" for k, s in layers)
    parts, jump = ["1"], 1
    for k, s in layers:
        parts.append(f"({k} − 1)·{jump}")
        jump *= s
    return Asked(
        text=(
            f"Layers with kernels of {names} follow one another. How many input cells in a row "
            "does one output cell see?"
        ),
        right=field.size,
        why=f"{' + '.join(parts)} = {field.size}: each layer adds to it, as often as it jumps.",
    )


def parameters(draw: random.Random) -> Asked:
    """The number of a layer's parameters."""
    inputs, outputs = draw.choice((1, 3, 16)), draw.choice((8, 16, 64))
    h, w = draw.choice((1, 3, 5)), draw.choice((3, 5, 7))
    count = conv_arithmetic.parameter_count(inputs, outputs, (h, w))
    return Asked(
        text=(
            f"How many parameters has a convolutional layer with kernels of {h} × {w}, {inputs} "
            f"input channel(s), {outputs} output channels and a bias for each of these?"
        ),
        right=count,
        why=f"{outputs}·{inputs}·{h}·{w} weights and {outputs} biases are {count}.",
    )


def operation(draw: random.Random) -> Asked:
    """Whether a kernel was turned."""
    kernel = _table(draw, 2, 3, -2, 2)
    # One that is the same when it is turned tells nothing.
    while kernel == [row[::-1] for row in kernel[::-1]]:
        kernel = _table(draw, 2, 3, -2, 2)
    names = ["cross-correlation", "convolution"]
    right = draw.choice(names)
    # A single bright point shows the kernel as it is, or turned.
    picture = [[0.0] * 6 for _ in range(5)]
    picture[draw.randint(1, 3)][draw.randint(2, 3)] = 1.0
    problem = _problem(picture, kernel, operation=right)
    return Asked(
        text="Is this output the cross-correlation or the true convolution of input and kernel?",
        right=right,
        why=(
            "A convolution turns the kernel by 180°, and so leaves it upright around a single "
            "bright point; a cross-correlation does not, and so shows it turned there."
        ),
        input=problem.input,
        kernel=kernel,
        output=_output(problem),
        choices=names,
    )


def same_padding(draw: random.Random) -> Asked:
    """The padding that keeps the size."""
    k, d = draw.choice((3, 5, 7, 9)), draw.choice((1, 2, 3))
    zeros, _ = conv_arithmetic.same_padding(k, d)
    return Asked(
        text=(
            f"How many rows of zeros on each side make the output as high as the input, for a "
            f"kernel of {k} × {k} with dilation {d} and stride 1?"
        ),
        right=zeros,
        why=f"The kernel spans {d}·({k} − 1) + 1 rows; {d}·({k} − 1) / 2 = {zeros} on each side.",
    )


def edges(draw: random.Random) -> Asked:
    """What the chapter's kernel gives at an edge."""
    left, right = draw.sample((0.0, 1.0), 2)
    is_upright = draw.random() < 2 / 3
    picture = [[left] * 4 + [right] * 4 for _ in range(6)]
    if not is_upright:
        picture = [[left] * 8] * 3 + [[right] * 8] * 3
    problem = _problem(picture, [[1.0, -1.0]])
    values = {value for row in _output(problem) for value in row} - {0.0}
    given = next(iter(values), 0.0)
    names = {1.0: "1 at the edge, else 0", -1.0: "−1 at the edge, else 0", 0.0: "0 everywhere"}
    run = "from top to bottom" if is_upright else "from left to right"
    return Asked(
        text=f"What does the kernel [1, −1] make of this input, whose edge runs {run}?",
        right=names[given],
        why=(
            "It takes from each cell its right neighbour: 1 − 0 where white turns to black, 0 − 1 "
            "where black turns to white, and nothing along an edge that runs from left to right."
        ),
        input=problem.input,
        kernel=[[1.0, -1.0]],
        choices=list(names.values()),
    )


def _problem(picture: Matrix, kernel: Matrix, **others: Any) -> Problem:
    return Problem.model_validate(
        {"input": [picture], "kernels": [[kernel]], "bias": [0.0], **others}
    )


def _output(problem: Problem) -> Matrix:
    plane: Matrix = Convolution.of(problem).output[0].tolist()
    return plane


def _table(draw: random.Random, height: int, width: int, least: int, most: int) -> Matrix:
    return [[float(draw.randint(least, most)) for _ in range(width)] for _ in range(height)]


def _choices(draw: random.Random, right: str, wrong: list[str]) -> list[str]:
    """The right answer among three others, in any order."""
    others = [each for each in dict.fromkeys(wrong) if each != right][:3]
    return draw.sample([right, *others], len(others) + 1)


def _factor(number: float) -> str:
    return f"({exact_text(number)})" if number < 0 else exact_text(number)
