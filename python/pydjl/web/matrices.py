"""A convolution as a matrix product: the windows as columns, or the kernel as a sparse matrix."""

from __future__ import annotations

from itertools import product
from math import prod

from pydjl.lab.im2col import im2col
from pydjl.lab.toeplitz import toeplitz
from pydjl.web.answers import MatrixAnswer
from pydjl.web.convolution import Convolution
from pydjl.web.refusals import TooLargeError
from pydjl.web.schema import MatrixQuestion

MOST_CELLS = 200_000


def write_as_matrix(question: MatrixQuestion) -> MatrixAnswer:
    """Write a convolution as a matrix product; the bias is left out.

    Args:
        question: the problem, and which matrix is wanted.

    Raises:
        TooLargeError: it would have more than `MOST_CELLS` cells.
        ShapeError: the kernel is larger than the padded input.

    Example:
        >>> X, K = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], [[[[0, 1], [2, 3]]]]
        >>> problem = {"input": X, "kernels": K, "bias": [0]}
        >>> answer = write_as_matrix(MatrixQuestion(problem=problem, kind="im2col"))
        >>> answer.shape, answer.product, answer.row_labels[1]
        ((4, 4), [[19.0, 25.0, 37.0, 43.0]], 'K[0,1]')
    """
    convolution = Convolution.of(question.problem)
    outputs, *kernel = convolution.kernels.shape
    positions = convolution.layout.output
    if question.kind == "im2col":
        _check_size("im2col", prod(kernel), prod(positions))
        return _by_windows(convolution, kernel, positions)
    _check_size("Toeplitz", outputs * prod(positions), prod(convolution.input.shape))
    return _by_kernel(convolution, (outputs, *positions))


def _by_windows(
    convolution: Convolution, kernel: list[int], positions: tuple[int, int]
) -> MatrixAnswer:
    movement = convolution.movement
    columns = im2col(convolution.padded, kernel[1:], movement.stride, 0, movement.dilation)
    rows = convolution.kernels.reshape(convolution.kernels.shape[0], -1)
    return MatrixAnswer(
        kind="im2col",
        shape=(prod(kernel), prod(positions)),
        values=columns.tolist(),
        row_labels=_labels("K", *kernel),
        column_labels=_labels("Y", 1, *positions),
        operand=rows.tolist(),
        product=(rows @ columns).tolist(),
    )


def _by_kernel(convolution: Convolution, output: tuple[int, int, int]) -> MatrixAnswer:
    rows, columns = convolution.layout
    movement = convolution.movement
    channels, height, width = convolution.input.shape
    # The zeros that both sides have in common get no columns. Where one side has more, the input
    # is taken as larger by them, and their columns are left out afterwards.
    common = min(rows.before, rows.after), min(columns.before, columns.after)
    larger = rows.padded - 2 * common[0], columns.padded - 2 * common[1]
    matrix = toeplitz(
        convolution.kernels, (channels, *larger), movement.stride, common, movement.dilation
    )
    top, left = rows.before - common[0], columns.before - common[1]
    whole = matrix.dense().reshape(prod(output), channels, *larger)
    values = whole[:, :, top : top + height, left : left + width].reshape(prod(output), -1)
    vector = convolution.input.reshape(-1, 1)
    return MatrixAnswer(
        kind="toeplitz",
        shape=(prod(output), channels * height * width),
        values=values.tolist(),
        row_labels=_labels("Y", *output),
        column_labels=_labels("X", channels, height, width),
        operand=vector.tolist(),
        product=(values @ vector).tolist(),
    )


def _labels(name: str, *sizes: int) -> list[str]:
    """The names of an array's cells; a channel is named only where there are several."""
    counted = sizes if sizes[0] > 1 else sizes[1:]
    return [f"{name}[{','.join(map(str, place))}]" for place in product(*map(range, counted))]


def _check_size(name: str, rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise TooLargeError(
            f"the {name} matrix of this problem has {rows:,}×{columns:,} = {rows * columns:,} "
            f"cells, but at most {MOST_CELLS:,} are written out: take a smaller input or a larger "
            "stride."
        )
