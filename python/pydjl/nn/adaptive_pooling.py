"""Pooling to an output of a given size, computed by DJL."""

from __future__ import annotations

from pydjl.errors import ShapeError
from pydjl.ndarray import as_tensor
from pydjl.nn.arguments import ArrayT
from pydjl.nn.pooling import pool
from pydjl.nn.pooling_arguments import OutputSize, refuse_indices, sizes_or_none


def adaptive_avg_pool1d(input: ArrayT, output_size: OutputSize) -> ArrayT:
    """The mean of each of a given number of windows, as in PyTorch, computed by DJL.

    `adaptive_avg_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> adaptive_avg_pool1d(torch.arange(6.0).view(1, 6), 3)
        tensor([[0.5000, 2.5000, 4.5000]])
    """
    size = _output_size("adaptive_avg_pool1d", 1, input, output_size)
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
    size = _output_size("adaptive_avg_pool2d", 2, input, output_size)
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
    size = _output_size("adaptive_avg_pool3d", 3, input, output_size)
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
    refuse_indices("adaptive_max_pool1d", return_indices)
    size = _output_size("adaptive_max_pool1d", 1, input, output_size)
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
    refuse_indices("adaptive_max_pool2d", return_indices)
    size = _output_size("adaptive_max_pool2d", 2, input, output_size)
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
    refuse_indices("adaptive_max_pool3d", return_indices)
    size = _output_size("adaptive_max_pool3d", 3, input, output_size)
    return pool("adaptive_max_pool3d", 3, input, "Pooling.adaptiveMax", size)


def _output_size(
    name: str, dimensions: int, input: ArrayT, output_size: OutputSize
) -> tuple[int, ...]:
    """The size of the output, with the input's where none is given."""
    given = sizes_or_none(name, dimensions, output_size)
    shape = as_tensor(input, "input").shape
    if len(shape) < dimensions:
        raise ShapeError(
            f"{name}: input has shape {tuple(shape)}, but (N, C, ...) or (C, ...) with "
            f"{dimensions} more dimension(s) is needed.",
            tuple(shape),
        )
    sizes = zip(given, shape[-dimensions:], strict=True)
    return tuple(n if each is None else each for each, n in sizes)
