"""Programs that compute a problem: in Java with DJL, in Python with PyTorch and with NumPy."""

from __future__ import annotations

from string import Template
from typing import Any

from pydjl.web.answers import Code
from pydjl.web.convolution import Convolution
from pydjl.web.schema import Problem
from pydjl.web.texts import shortest

_JAVA = Template("""\
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.convolutional.Conv2d;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** $title Needs ai.djl:api and ai.djl.pytorch:pytorch-engine. */
public class Main {

    public static void main(String[] args) {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray input = manager.create(
                    numbers($input), new Shape($input_shape));
            NDArray kernels = manager.create(
                    numbers($kernels), new Shape($kernels_shape));
            NDArray bias = manager.create(numbers($bias), new Shape($outputs));
${steps}            NDArray output = Conv2d.conv2d(
                    input, kernels, bias, new Shape($stride), new Shape(0, 0), new Shape($dilation))
                    .singletonOrThrow();
            System.out.println(text(output.squeeze(0)));
        }
    }

    /** The numbers of rows of text. */
    private static float[] numbers(String... rows) {
        String[] words = String.join(" ", rows).split(" ");
        float[] numbers = new float[words.length];
        for (int i = 0; i < words.length; i++) {
            numbers[i] = Float.parseFloat(words[i]);
        }
        return numbers;
    }

    /** An array as nested lists. */
    private static String text(NDArray array) {
        if (array.getShape().dimension() == 1) {
            return Arrays.toString(array.toFloatArray());
        }
        List<String> parts = new ArrayList<>();
        for (long i = 0; i < array.size(0); i++) {
            parts.add(text(array.get(i)));
        }
        return parts.toString();
    }
}
""")

_TORCH = Template('''\
"""$title Needs torch."""

import torch
import torch.nn.functional as F

input = torch.tensor(
    $input,
    dtype=torch.float32,
)
kernels = torch.tensor(
    $kernels,
    dtype=torch.float32,
)
bias = torch.tensor($bias, dtype=torch.float32)
${steps}output = F.conv2d(input, kernels, bias, stride=($stride), dilation=($dilation))
print(output.tolist())
''')

_NUMPY = Template('''\
"""$title Needs NumPy."""

import numpy as np

input = np.array(
    $input,
    dtype=np.float64,
)
kernels = np.array(
    $kernels,
    dtype=np.float64,
)
bias = np.array($bias, dtype=np.float64)
${steps}# Every window, of which the strides choose some and the dilation chooses cells.
windows = np.lib.stride_tricks.sliding_window_view(input, ($extent), axis=(1, 2))
windows = windows[:, ::$row_stride, ::$column_stride, ::$row_dilation, ::$column_dilation]
output = np.einsum("cijpq,ocpq->oij", windows, kernels, optimize=True) + bias[:, None, None]
print(output.astype(np.float32).tolist())
''')


def write_programs(problem: Problem) -> Code:
    """Write programs that compute a problem and print its output as nested lists.

    Each runs as it is; none of them needs pydjl.

    Args:
        problem: what they compute.

    Raises:
        ShapeError: the kernel is larger than the padded input.
        TooLargeError: the output would be too large.

    Example:
        >>> X, K = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], [[[[0, 1], [2, 3]]]]
        >>> exec(write_programs(Problem(input=X, kernels=K, bias=[0])).numpy)
        [[[19.0, 25.0], [37.0, 43.0]]]
    """
    convolution = Convolution.of(problem)
    rows, columns = convolution.layout
    shapes = convolution.input.shape, convolution.kernels.shape
    name = "True convolution" if problem.operation == "convolution" else "Cross-correlation"
    (channels, *size), (outputs, _, *cells) = shapes
    title = (
        f"{name} of {channels} channel(s) of {_by(size)} with {outputs} kernel(s) of {_by(cells)}."
    )
    common = {
        "title": title,
        "outputs": outputs,
        "stride": _listed(problem.stride),
        "dilation": _listed(problem.dilation),
        "extent": _listed((rows.extent, columns.extent)),
        "row_stride": rows.stride,
        "column_stride": columns.stride,
        "row_dilation": rows.dilation,
        "column_dilation": columns.dilation,
    }
    python = {
        "input": _nested(problem.input, 4),
        "kernels": _nested(problem.kernels, 4),
        "bias": _nested(problem.bias, 0),
    }
    java = {
        "input": _strings(problem.input),
        "input_shape": _listed((1, *shapes[0])),
        "kernels": _strings(problem.kernels),
        "kernels_shape": _listed(shapes[1]),
        "bias": _strings([problem.bias]),
    }
    steps = _steps(convolution)
    return Code(
        java=_JAVA.substitute(common, **java, steps=steps["java"]),
        torch=_TORCH.substitute(common, **python, steps=steps["torch"]),
        numpy=_NUMPY.substitute(common, **python, steps=steps["numpy"]),
    )


def _steps(convolution: Convolution) -> dict[str, str]:
    """What is done before the kernel slides: turning it, and padding the input."""
    java, torch, numpy = [], [], []
    why = "a true convolution turns the kernels by 180 degrees"
    if convolution.movement.operation == "convolution":
        java.append(f"{' ' * 12}kernels = kernels.flip(2, 3); // {why}")
        torch.append(f"kernels = kernels.flip(-2, -1)  # {why}")
        numpy.append(f"kernels = kernels[:, :, ::-1, ::-1]  # {why}")
    if convolution.layout.is_padded:
        rows, columns = convolution.layout
        sides = f"{columns.before}, {columns.after}, {rows.before}, {rows.after}"
        java.append(f"{' ' * 12}input = input.pad(new Shape({sides}), 0);")
        torch.append(f"input = F.pad(input, ({sides}))")
        pairs = f"({rows.before}, {rows.after}), ({columns.before}, {columns.after})"
        numpy.append(f"input = np.pad(input, ((0, 0), {pairs}))")
    programs = {"java": java, "torch": torch, "numpy": numpy}
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in programs.items()}


def _nested(values: Any, indent: int) -> str:
    """Nested lists of Python, each row on a line of its own."""
    if not isinstance(values[0], list):
        return f"[{', '.join(map(shortest, values))}]"
    parts = (_nested(each, indent + 1) for each in values)
    return f"[{f',{chr(10)}{chr(32) * (indent + 1)}'.join(parts)}]"


def _strings(values: Any) -> str:
    """Rows as strings of Java: as numbers in an array they may not fit into one method."""
    rows = [f'"{" ".join(map(shortest, row))}"' for row in _rows(values)]
    return rows[0] if len(rows) == 1 else "".join(f",\n{' ' * 20}{row}" for row in rows)[1:]


def _rows(values: Any) -> list[list[float]]:
    if not isinstance(values[0][0], list):
        rows: list[list[float]] = values
        return rows
    return [row for each in values for row in _rows(each)]


def _by(sizes: list[int]) -> str:
    return "×".join(map(str, sizes))


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
