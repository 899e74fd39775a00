"""The sparse matrix of a cross-correlation, and the matrix of the windows of an input."""

from __future__ import annotations

from typing import Any

import torch

from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.lab.geometry import Geometry, read_sizes
from pydjl.lab.sparse_matrix import SparseMatrix
from pydjl.ndarray import as_tensor, call_java, like
from pydjl.ndarray.dtypes import check_dtype
from pydjl.ndarray.exchange import adopt_all
from pydjl.nn.arguments import ArrayT, Size, per_dimension


def toeplitz(
    kernel: ArrayT,
    input_shape: tuple[int, ...],
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> SparseMatrix[ArrayT]:
    """The matrix A of a cross-correlation, ``vec(Y) = A vec(X)``.

    Each row holds the kernel where one window meets the input. With stride 1 that is a Toeplitz
    matrix for lines, and a block Toeplitz matrix of Toeplitz blocks for planes. A is also the
    Jacobian of the output with respect to the input: the lecture prints its transpose, which is
    what multiplies in a backward pass, ``A.T @ G``, the transposed convolution. Source: the
    lecture on convolution layers.

    Args:
        kernel: not flipped: shape ``(h, w)`` or ``(k,)``; with channels
            ``(C_out, C_in / groups, ...)``; of real numbers. Cells that are 0 are stored too.
        input_shape: of one input, ``(H, W)`` or ``(L,)``; with channels ``(C_in, ...)``.
        stride: the step of the kernel, for all dimensions or for each.
        padding: the zeros on both sides of the input; they have no columns.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided; 1 where there are none.

    Returns:
        The matrix, with a row for each output element and a column for each input element, whose
        arrays are of the kind that `kernel` is.

    Raises:
        ShapeError: the shapes do not fit together, or there is no room for the kernel.
        ArgumentError: a number cannot be used.
        DtypeError: the kernel is of booleans, complex numbers or a type unknown to DJL.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> toeplitz(torch.tensor([[1, 2], [3, 4]]), (3, 3)).dense()
        tensor([[1, 2, 0, 3, 4, 0, 0, 0, 0],
                [0, 1, 2, 0, 3, 4, 0, 0, 0],
                [0, 0, 0, 1, 2, 0, 3, 4, 0],
                [0, 0, 0, 0, 1, 2, 0, 3, 4]])
    """
    k = as_tensor(kernel, "kernel")
    sizes = read_sizes("input_shape", input_shape)
    _check_real("kernel", k)
    geometry, output = layer_geometry(sizes, tuple(k.shape), stride, padding, dilation, groups)
    handles = call_java("toeplitz", "Laboratory.toeplitz", [k], sizes, *geometry, groups)
    return _matrix(kernel, handles, sizes, output)


def windows(
    X: ArrayT,
    kernel_shape: tuple[int, ...],
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> SparseMatrix[ArrayT]:
    """The matrix B of an input's windows, ``vec(Y) = B vec(K)`` for every kernel K.

    It is the Jacobian of the cross-correlation's output with respect to the kernel, and for planes
    and lines the transpose of `im2col`. Source: the lecture on convolution layers.

    Args:
        X: one input, ``(H, W)`` or ``(L,)``; with channels ``(C_in, ...)``; of real numbers.
        kernel_shape: ``(h, w)`` or ``(k,)``; with channels ``(C_out, C_in / groups, ...)``.
        stride: the step of the kernel, for all dimensions or for each.
        padding: the zeros on both sides of the input; they are not stored.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided; 1 where there are none.

    Returns:
        The matrix, with a row for each output element and a column for each cell of the kernel,
        whose arrays are of the kind that `X` is.

    Raises:
        ShapeError: as `toeplitz`; so are the others.
        ArgumentError: a number cannot be used.
        DtypeError: the input is of booleans, complex numbers or a type unknown to DJL.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> windows(torch.arange(9).reshape(3, 3), (2, 2)).dense()
        tensor([[0, 1, 3, 4],
                [1, 2, 4, 5],
                [3, 4, 6, 7],
                [4, 5, 7, 8]])
    """
    x = as_tensor(X, "X")
    kernel = read_sizes("kernel_shape", kernel_shape)
    _check_real("X", x)
    geometry, output = layer_geometry(tuple(x.shape), kernel, stride, padding, dilation, groups)
    handles = call_java("windows", "Laboratory.windows", [x], kernel, *geometry, groups)
    return _matrix(X, handles, kernel, output)


def layer_geometry(
    input: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: Size,
    padding: Size,
    dilation: Size,
    groups: int,
) -> tuple[Geometry, tuple[int, ...]]:
    """How a kernel moves over one input, with channels or without, and the shape of the output.

    Raises:
        ShapeError: the shapes do not fit together, or there is no room for the kernel.
        ArgumentError: a number cannot be used.
        ArgumentTypeError: one is no whole number.

    Example:
        >>> layer_geometry((3, 5, 5), (2, 3, 3, 3), 2, 1, 1, 1)[1]
        (2, 3, 3)
    """
    channels = len(kernel) - len(input)
    dimensions = len(input) - channels
    if channels not in (0, 1) or not 1 <= dimensions <= 2:
        raise ShapeError(
            f"an input of shape {input} and a kernel of shape {kernel} do not fit together: "
            "(H, W) and (h, w), or (C_in, H, W) and (C_out, C_in / groups, h, w), are needed, or "
            "the same with one size less.",
            input,
            kernel,
        )
    geometry = Geometry.read(dimensions, stride, padding, dilation)
    (parts,) = per_dimension("groups", groups, 1, least=1)
    if not channels:
        if parts != 1:
            raise ArgumentError(f"groups is {groups}, but there are no channels to divide.")
        return geometry, geometry.output_shape(input, kernel)
    if kernel[0] % parts or input[0] != kernel[1] * parts:
        raise ShapeError(
            f"an input of shape {input} and kernels of shape {kernel} with groups={groups} do not "
            "fit together: (C_in, ...) and (C_out, C_in / groups, ...) are needed.",
            input,
            kernel,
        )
    return geometry, (kernel[0], *geometry.output_shape(input[1:], kernel[2:]))


def _check_real(name: str, tensor: torch.Tensor) -> None:
    check_dtype(tensor.dtype)
    if tensor.dtype is torch.bool or tensor.dtype.is_complex:
        raise DtypeError(f"{name} is {tensor.dtype}, but real numbers are needed: convert it.")


def _matrix(
    model: ArrayT, handles: Any, input_shape: tuple[int, ...], output_shape: tuple[int, ...]
) -> SparseMatrix[ArrayT]:
    indices, values = (like(model, tensor) for tensor in adopt_all(handles))
    return SparseMatrix(indices, values, input_shape, output_shape)
