"""The Jacobians of a cross-correlation: from DJL's autograd, and in closed form."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from pydjl.errors import DtypeError
from pydjl.lab.toeplitz import layer_geometry, toeplitz, windows
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.ndarray.dtypes import check_dtype
from pydjl.nn.arguments import Array, ArrayT, Size, check_same_dtype


def input_jacobian(
    X: ArrayT,
    K: Array,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """The derivative of a cross-correlation's output with respect to its input, by DJL's autograd.

    It does not depend on the numbers in `X`: the cross-correlation is linear. Source: the lecture
    on convolution layers, which prints the transpose.

    Args:
        X: one input, ``(H, W)`` or ``(L,)``; with channels ``(C_in, ...)``; of floating numbers.
        K: the kernel, ``(h, w)`` or ``(k,)``; with channels ``(C_out, C_in / groups, ...)``.
        stride: the step of the kernel, for all dimensions or for each.
        padding: the zeros on both sides of the input.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided; 1 where there are none.

    Returns:
        Shape ``(outputs, inputs)``, both counted row by row; outside of any graph, of the kind
        that `X` is.

    Raises:
        ShapeError: the shapes do not fit together, or there is no room for the kernel.
        ArgumentError: a number cannot be used.
        DtypeError: the dtypes differ, or are not of floating numbers.
        ArgumentTypeError: an argument is no array, or no whole number.
        JavaError: a gradient collector of DJL's is open, which has one at a time in a process.

    Example:
        >>> import torch
        >>> input_jacobian(torch.zeros(3), torch.tensor([1.0, 2]))
        tensor([[1., 2., 0.],
                [0., 1., 2.]])
    """
    return _autograd("input_jacobian", "jacobianByInput", X, K, stride, padding, dilation, groups)


def kernel_jacobian(
    X: ArrayT,
    K: Array,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """The derivative of a cross-correlation's output with respect to its kernel, by DJL's autograd.

    Args:
        X: one input, ``(H, W)`` or ``(L,)``; with channels ``(C_in, ...)``; of floating numbers.
        K: the kernel, ``(h, w)`` or ``(k,)``; with channels ``(C_out, C_in / groups, ...)``.
        stride: the step of the kernel, for all dimensions or for each.
        padding: the zeros on both sides of the input.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided; 1 where there are none.

    Returns:
        Shape ``(outputs, cells)``, both counted row by row; outside of any graph, of the kind
        that `X` is.

    Raises:
        ShapeError: as `input_jacobian`; so are the others.
        ArgumentError: a number cannot be used.
        DtypeError: the dtypes differ, or are not of floating numbers.
        ArgumentTypeError: an argument is no array, or no whole number.
        JavaError: a gradient collector of DJL's is open, which has one at a time in a process.

    Example:
        >>> import torch
        >>> kernel_jacobian(torch.tensor([3.0, 1, 4]), torch.zeros(2))
        tensor([[3., 1.],
                [1., 4.]])
    """
    return _autograd("kernel_jacobian", "jacobianByKernel", X, K, stride, padding, dilation, groups)


def input_jacobian_in_closed_form(
    X: ArrayT,
    K: Array,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """What `input_jacobian` computes, without autograd: the matrix of the cross-correlation.

    ``dY[i, j] / dX[i + p, j + q] = K[p, q]``, and 0 elsewhere. `toeplitz` gives it sparse.

    Args:
        X: one input, of which the shape and the kind count.
        K: the kernel, of the dtype of `X`; so are the others as for `input_jacobian`.
        stride: the step of the kernel.
        padding: the zeros on both sides of the input.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.

    Returns:
        As `input_jacobian`, but in the graph of `K`.

    Raises:
        ShapeError: as `input_jacobian`; so are the others.
        ArgumentError: a number cannot be used.
        DtypeError: the dtypes differ, or are not of floating numbers.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> input_jacobian_in_closed_form(torch.zeros(3), torch.tensor([1.0, 2]))
        tensor([[1., 2., 0.],
                [0., 1., 2.]])
    """
    x, k = _floating(X, K)
    matrix = toeplitz(k, tuple(x.shape), stride, padding, dilation, groups)
    return cast("ArrayT", like(X, matrix.dense()))


def kernel_jacobian_in_closed_form(
    X: ArrayT,
    K: Array,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """What `kernel_jacobian` computes, without autograd: the windows of the input, as rows.

    ``dY[i, j] / dK[p, q] = X[i + p, j + q]``. `windows` gives it sparse.

    Args:
        X: one input.
        K: the kernel, of which the shape counts, of the dtype of `X`.
        stride: the step of the kernel.
        padding: the zeros on both sides of the input.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.

    Returns:
        As `kernel_jacobian`, but in the graph of `X`.

    Raises:
        ShapeError: as `input_jacobian`; so are the others.
        ArgumentError: a number cannot be used.
        DtypeError: the dtypes differ, or are not of floating numbers.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> kernel_jacobian_in_closed_form(torch.tensor([3.0, 1, 4]), torch.zeros(2))
        tensor([[3., 1.],
                [1., 4.]])
    """
    x, k = _floating(X, K)
    matrix = windows(x, tuple(k.shape), stride, padding, dilation, groups)
    return cast("ArrayT", like(X, matrix.dense()))


def _autograd(
    name: str,
    method: str,
    X: ArrayT,
    K: Array,
    stride: Size,
    padding: Size,
    dilation: Size,
    groups: int,
) -> ArrayT:
    x, k = _floating(X, K)
    shapes = tuple(x.shape), tuple(k.shape)
    geometry, _ = layer_geometry(*shapes, stride, padding, dilation, groups)
    if k.dim() == x.dim():  # without channels: one of each
        x, k = x.unsqueeze(0), k.unsqueeze(0).unsqueeze(0)
    # Java turns gradients on and off again for itself, which inference mode would forbid.
    with torch.inference_mode(mode=False):
        jacobian = call_java_for(name, f"Laboratory.{method}", [x, k], *geometry, groups)
    return cast("ArrayT", like(X, jacobian))


def _floating(X: Array, K: Array) -> tuple[Tensor, Tensor]:
    x, k = as_tensor(X, "X"), as_tensor(K, "K")
    check_same_dtype("the Jacobian", X=x, K=k)
    check_dtype(x.dtype)
    if not x.dtype.is_floating_point:
        raise DtypeError(
            f"the Jacobian: X and K are {x.dtype}, but floating numbers are needed: convert them, "
            "for example by .to(torch.float32)."
        )
    return x, k
