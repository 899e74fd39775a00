"""Cross-correlation as a matrix product: windows as columns, kernels as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pydjl.errors import ArgumentError, ShapeError
from pydjl.lab.geometry import Geometry, read_sizes
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.ndarray.dtypes import check_dtype
from pydjl.nn.arguments import Array, ArrayT, Size, check_same_dtype
from pydjl.nn.convolution_operands import check_operands


def im2col(
    X: ArrayT,
    kernel_size: Sequence[int],
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> ArrayT:
    """The windows that a kernel sees, as the columns of a matrix, as in `torch.nn.Unfold`.

    A cross-correlation is then a matrix product: the kernels, each written as a row, times this
    matrix. Each element of the input stands in it once for every window that covers it. Gradients
    flow to `X`. Source: exercise 3 of "Dive into Deep Learning", 6.2.

    Args:
        X: the input: ``(H, W)``, ``(C, H, W)`` or ``(N, C, H, W)`` for a kernel of two dimensions,
            with one size less for one of one dimension; of any dtype that DJL knows.
        kernel_size: the sizes of the kernel, ``(h, w)`` or ``(k,)``.
        stride: the step of the kernel, for all dimensions or for each.
        padding: the zeros on both sides of the input.
        dilation: the distance of the kernel's cells.

    Returns:
        Shape ``(C * h * w, windows)``, after ``N`` if `X` is a batch; without channels, C is 1.
        Windows, and the cells in them, are counted row by row.

    Raises:
        ShapeError: the number of dimensions does not fit, or there is no room for the kernel.
        ArgumentError: a number cannot be used.
        DtypeError: DJL does not know the dtype.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> X = torch.arange(9).reshape(3, 3)
        >>> im2col(X, (2, 2)).T
        tensor([[0, 1, 3, 4],
                [1, 2, 4, 5],
                [3, 4, 6, 7],
                [4, 5, 7, 8]])
    """
    x = as_tensor(X, "X")
    kernel = read_sizes("kernel_size", kernel_size)
    dimensions = len(kernel)
    if dimensions > 2:
        raise ArgumentError(f"kernel_size is {kernel}, but (h, w) or (k,) is needed.")
    check_dtype(x.dtype)
    more = x.dim() - dimensions
    if not 0 <= more <= 2:
        raise ShapeError(
            f"X has shape {tuple(x.shape)}, but a kernel of sizes {kernel} needs {dimensions} "
            f"dimension(s), with (C, ...) or (N, C, ...) up to {dimensions + 2}.",
            tuple(x.shape),
        )
    geometry = Geometry.read(dimensions, stride, padding, dilation)
    geometry.output_shape(tuple(x.shape[more:]), kernel)
    batch = x.reshape((1,) * (2 - more) + tuple(x.shape))
    y = call_java_for("im2col", "Laboratory.columns", [batch], kernel, *geometry)
    return cast("ArrayT", like(X, y if more == 2 else y.squeeze(0)))


def matrix_convolution(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """Cross-correlation of a batch with channels as a matrix product, ``weight @ im2col(input)``.

    Equal to `conv1d` and `conv2d` of `pydjl.nn.functional` up to rounding, and also for integers
    with dilation, which libtorch does not have. Gradients flow to input, weight and bias.

    Args:
        input: shape ``(N, C_in, H, W)`` or ``(C_in, H, W)``, or with one size less.
        weight: the kernels, not flipped: shape ``(C_out, C_in / groups, h, w)`` or ``(..., k)``.
        bias: shape ``(C_out,)``.
        stride: the step of the kernel, for all dimensions or for each.
        padding: the zeros on both sides of the input.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.

    Returns:
        Shape ``(N, C_out, H_out, W_out)`` with ``H_out = (H + 2p - d(h - 1) - 1) // s + 1``, of
        the kind that `input` is.

    Raises:
        ShapeError: the number of dimensions or of channels does not fit, or there is no room for
            the kernel.
        ArgumentError: a number cannot be used.
        DtypeError: the dtypes differ, or DJL does not know one.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> X, K = torch.arange(9).reshape(1, 3, 3), torch.arange(4).reshape(1, 1, 2, 2)
        >>> matrix_convolution(X, K)
        tensor([[[19, 25],
                 [37, 43]]])
    """
    x, w = as_tensor(input, "input"), as_tensor(weight, "weight")
    b = None if bias is None else as_tensor(bias, "bias")
    dimensions = w.dim() - 2
    if dimensions not in (1, 2):
        raise ShapeError(
            f"weight has shape {tuple(w.shape)}, but (C_out, C_in / groups, h, w), or the same "
            "with one size less, is needed.",
            tuple(x.shape),
            tuple(w.shape),
        )
    check_operands("matrix_convolution", dimensions, x, w, b, groups)
    geometry = Geometry.read(dimensions, stride, padding, dilation)
    geometry.output_shape(tuple(x.shape[-dimensions:]), tuple(w.shape[2:]))
    batch = x if x.dim() == dimensions + 2 else x.unsqueeze(0)
    operands = [batch, w] if b is None else [batch, w, b]
    missing = [0] if b is None else []
    y = call_java_for(
        "matrix_convolution", "Laboratory.matrixProduct", operands, *missing, *geometry, groups
    )
    return cast("ArrayT", like(input, y if batch is x else y.squeeze(0)))


def pointwise_convolution(input: ArrayT, weight: Array, bias: Array | None = None) -> ArrayT:
    """A convolution whose kernels have one cell: a matrix product over the channels.

    Each output channel is a weighted sum of the input channels, at every position for itself. One
    cell cannot be flipped, so cross-correlation and convolution are the same here. Gradients flow
    to input, weight and bias.

    Args:
        input: shape ``(N, C_in, ...)``.
        weight: the matrix, shape ``(C_out, C_in)``.
        bias: shape ``(C_out,)``.

    Returns:
        Shape ``(N, C_out, ...)``, of the kind that `input` is.

    Raises:
        ShapeError: the number of channels does not fit.
        DtypeError: the dtypes differ, or DJL does not know one.
        ArgumentTypeError: an argument is no array.

    Example:
        >>> import torch
        >>> X = torch.tensor([[[1.0, 2], [10, 20]]])
        >>> pointwise_convolution(X, torch.tensor([[1.0, 1], [1, -1]]))
        tensor([[[ 11.,  22.],
                 [ -9., -18.]]])
    """
    x, w = as_tensor(input, "input"), as_tensor(weight, "weight")
    b = None if bias is None else as_tensor(bias, "bias")
    shapes = tuple(x.shape), tuple(w.shape)
    if x.dim() < 3 or w.dim() != 2 or x.shape[1] != w.shape[1]:
        raise ShapeError(
            f"input has shape {shapes[0]} and weight {shapes[1]}, but (N, C_in, ...) and "
            "(C_out, C_in) are needed.",
            *shapes,
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ShapeError(
            f"bias has shape {tuple(b.shape)}, but one number for each of the {w.shape[0]} output "
            "channels is needed.",
            *shapes,
        )
    check_same_dtype("pointwise_convolution", input=x, weight=w, bias=b)
    operands = [x, w] if b is None else [x, w, b]
    missing = [0] if b is None else []
    y = call_java_for("pointwise_convolution", "Laboratory.pointwise", operands, *missing)
    return cast("ArrayT", like(input, y))
