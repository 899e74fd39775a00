"""Pooling to an output of a given size, computed by DJL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import as_tensor
from pydjl.ndarray.numbers import flag
from pydjl.nn.arguments import ArrayT, per_dimension
from pydjl.nn.pooling import no_indices, pool

OutputSize = int | None | Sequence[int | None]


def adaptive_avg_pool1d(input: ArrayT, output_size: OutputSize) -> ArrayT:
    """The mean of each of a given number of windows, as in PyTorch, computed by DJL.

    `adaptive_avg_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> adaptive_avg_pool1d(torch.arange(6.0).view(1, 6), 3)
        tensor([[0.5000, 2.5000, 4.5000]])
    """
    size = _output_size(1, input, output_size)
    return pool("adaptive_avg_pool1d", 1, input, "Pooling.adaptiveAverage", size)


def adaptive_avg_pool2d(input: ArrayT, output_size: OutputSize) -> ArrayT:
    """The mean of each of a given number of windows, as in PyTorch, computed by DJL.

    Args:
        input: shape ``(N, C, H, W)`` or ``(C, H, W)``.
        output_size: the height and width of the output; none for that of the input.

    Returns:
        Shape ``(N, C, *output_size)``, of the kind that `input` is.

    Raises:
        ShapeError: the number of dimensions does not fit.
        ArgumentError: the output's size cannot be used.

    Example:
        >>> import torch
        >>> adaptive_avg_pool2d(torch.arange(6.0).view(1, 2, 3), 1)
        tensor([[[2.5000]]])
    """
    size = _output_size(2, input, output_size)
    return pool("adaptive_avg_pool2d", 2, input, "Pooling.adaptiveAverage", size)


def adaptive_avg_pool3d(input: ArrayT, output_size: OutputSize) -> ArrayT:
    """The mean of each of a given number of windows, as in PyTorch, computed by DJL.

    `adaptive_avg_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> adaptive_avg_pool3d(torch.arange(8.0).view(1, 2, 2, 2), (1, 2, 1))
        tensor([[[[2.5000],
                  [4.5000]]]])
    """
    size = _output_size(3, input, output_size)
    return pool("adaptive_avg_pool3d", 3, input, "Pooling.adaptiveAverage", size)


def adaptive_max_pool1d(
    input: ArrayT, output_size: OutputSize, return_indices: bool = False
) -> ArrayT:
    """The maximum of each of a given number of windows, as in PyTorch, computed by DJL.

    `adaptive_max_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> adaptive_max_pool1d(torch.arange(6.0).view(1, 6), 3)
        tensor([[1., 3., 5.]])
    """
    if flag("return_indices", return_indices):
        raise no_indices("adaptive_max_pool1d")
    size = _output_size(1, input, output_size)
    return pool("adaptive_max_pool1d", 1, input, "Pooling.adaptiveMax", size)


def adaptive_max_pool2d(
    input: ArrayT, output_size: OutputSize, return_indices: bool = False
) -> ArrayT:
    """The maximum of each of a given number of windows, as in PyTorch, computed by DJL.

    Args:
        input: shape ``(N, C, H, W)`` or ``(C, H, W)``.
        output_size: the height and width of the output; none for that of the input.
        return_indices: false; DJL does not say where the maxima were.

    Returns:
        Shape ``(N, C, *output_size)``, of the kind that `input` is.

    Raises:
        ShapeError: the number of dimensions does not fit.
        ArgumentError: the output's size cannot be used.
        NotSupportedError: indices were asked for.

    Example:
        >>> import torch
        >>> adaptive_max_pool2d(torch.arange(6.0).view(1, 2, 3), 1)
        tensor([[[5.]]])
    """
    if flag("return_indices", return_indices):
        raise no_indices("adaptive_max_pool2d")
    size = _output_size(2, input, output_size)
    return pool("adaptive_max_pool2d", 2, input, "Pooling.adaptiveMax", size)


def adaptive_max_pool3d(
    input: ArrayT, output_size: OutputSize, return_indices: bool = False
) -> ArrayT:
    """The maximum of each of a given number of windows, as in PyTorch, computed by DJL.

    `adaptive_max_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> adaptive_max_pool3d(torch.arange(8.0).view(1, 2, 2, 2), (1, 2, 1))
        tensor([[[[5.],
                  [7.]]]])
    """
    if flag("return_indices", return_indices):
        raise no_indices("adaptive_max_pool3d")
    size = _output_size(3, input, output_size)
    return pool("adaptive_max_pool3d", 3, input, "Pooling.adaptiveMax", size)


def _output_size(dimensions: int, input: ArrayT, output_size: OutputSize) -> tuple[int, ...]:
    """The size of the output, with the input's where none is given."""
    shape = as_tensor(input, "input").shape
    if output_size is None or isinstance(output_size, (int, np.integer)):
        given: list[int | None] = [output_size]
    elif isinstance(output_size, (list, tuple)):
        given = list(output_size)
    else:
        raise ArgumentTypeError(
            f"output_size is a {type(output_size).__name__}, but one or {dimensions} numbers are "
            "needed."
        )
    if len(given) == 1:
        given *= dimensions
    if len(given) != dimensions or len(shape) < dimensions:
        raise ArgumentError(
            f"output_size is {output_size!r} for an input of shape {tuple(shape)}, but one "
            f"or {dimensions} numbers for its last dimensions are needed."
        )
    sizes = zip(given, shape[-dimensions:], strict=True)
    return per_dimension(
        "output_size", [n if each is None else each for each, n in sizes], dimensions, least=0
    )
