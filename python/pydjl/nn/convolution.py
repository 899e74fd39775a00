"""Convolution in one, two and three dimensions: PyTorch's arguments, DJL's computation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from torch import Tensor

from pydjl.errors import ArgumentError
from pydjl.ndarray import as_tensor, call_java_for, lend_to_java, like
from pydjl.ndarray.numbers import whole_number
from pydjl.nn.arguments import Array, ArrayT, Size, per_dimension
from pydjl.nn.convolution_operands import check_operands
from pydjl.runtime import java_class


def conv1d(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: str | Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """One-dimensional cross-correlation of a batch; `conv2d` describes the arguments.

    Args:
        input: shape ``(N, C_in, L)`` or ``(C_in, L)``.
        weight: shape ``(C_out, C_in / groups, k)``.
        bias: shape ``(C_out,)``.
        stride: the step of the kernel.
        padding: zeros on both sides, ``"valid"`` or ``"same"``.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.

    Returns:
        Shape ``(N, C_out, (L + 2p - d(k - 1) - 1) // s + 1)``.

    Example:
        >>> import torch
        >>> conv1d(torch.tensor([[1.0, 2, 4]]), torch.tensor([[[-1.0, 1]]]))
        tensor([[1., 2.]])
    """
    return _convolve("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: str | Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """Two-dimensional cross-correlation of a batch, as `torch.nn.functional.conv2d`, by DJL.

    Both call one kernel of libtorch, so on the CPU results are equal to the last bit. Gradients
    flow to input, weight and bias.

    Args:
        input: shape ``(N, C_in, H, W)`` or ``(C_in, H, W)``.
        weight: the kernels, not flipped: shape ``(C_out, C_in / groups, h, w)``.
        bias: shape ``(C_out,)``.
        stride: the step of the kernel, for both dimensions or for each.
        padding: rows and columns of zeros on both sides; ``"valid"`` for none, ``"same"`` for an
            output as large as the input (with stride 1).
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.

    Returns:
        Shape ``(N, C_out, H_out, W_out)`` with ``H_out = (H + 2p - d(h - 1) - 1) // s + 1``, of
        the kind that `input` is.

    Raises:
        ShapeError: the number of dimensions or of channels does not fit.
        ArgumentError: a stride, padding, dilation or number of groups cannot be used.
        DtypeError: the dtypes differ, or DJL does not know one.

    Example:
        >>> import torch
        >>> X = torch.arange(9.0).reshape(1, 1, 3, 3)
        >>> conv2d(X, torch.tensor([[[[0.0, 1], [2, 3]]]]))
        tensor([[[[19., 25.],
                  [37., 43.]]]])
    """
    return _convolve("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: str | Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """Three-dimensional cross-correlation of a batch; `conv2d` describes the arguments.

    Args:
        input: shape ``(N, C_in, D, H, W)`` or ``(C_in, D, H, W)``.
        weight: shape ``(C_out, C_in / groups, d, h, w)``.
        bias: shape ``(C_out,)``.
        stride: the step of the kernel.
        padding: zeros on both sides, ``"valid"`` or ``"same"``.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.

    Returns:
        Shape ``(N, C_out, D_out, H_out, W_out)``.

    Example:
        >>> import torch
        >>> conv3d(torch.ones(1, 1, 2, 3, 4), torch.ones(1, 1, 2, 2, 2)).shape
        torch.Size([1, 1, 1, 2, 3])
    """
    return _convolve("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def _convolve(
    name: str,
    dimensions: int,
    input: ArrayT,
    weight: Array,
    bias: Array | None,
    stride: Size,
    padding: str | Size,
    dilation: Size,
    groups: int,
) -> ArrayT:
    x, w = as_tensor(input, "input"), as_tensor(weight, "weight")
    b = None if bias is None else as_tensor(bias, "bias")
    is_batch = x.dim() == dimensions + 2
    if w.dim() != dimensions + 2 or not (is_batch or x.dim() == dimensions + 1):
        check_operands(name, dimensions, x, w, b, groups)
    batch = x if is_batch else x.unsqueeze(0)
    if isinstance(padding, str):
        check_operands(name, dimensions, x, w, b, groups)
        batch, padding = _named_padding(padding, batch, w, stride, dilation)
    try:
        window = _window(dimensions, stride, padding, dilation, groups)
        if b is None:
            y = lend_to_java(name, "Convolutions.convolution", (batch, w), 0, window)
        else:
            y = lend_to_java(name, "Convolutions.convolution", (batch, w, b), window)
    except Exception:
        # What does not fit together libtorch has refused as well. Only now is it worth the time to
        # say what it is: on a small input that takes longer than DJL.
        check_operands(name, dimensions, x, w, b, groups)
        raise
    result: ArrayT = like(input, y if is_batch else y.squeeze(0))
    return result


def _window(dimensions: int, stride: Size, padding: Size, dilation: Size, groups: int) -> Any:
    """Java's object for how the kernels move: one for all calls with the same numbers."""
    if type(stride) is type(padding) is type(dilation) is type(groups) is int:
        return _known_window(dimensions, stride, padding, dilation, groups)
    if type(stride) is type(padding) is type(dilation) is tuple and type(groups) is int:
        try:  # as layers have them
            return _known_window_of_tuples(
                dimensions, groups, len(stride), len(padding), *stride, *padding, *dilation
            )
        except TypeError:  # not all are plain numbers
            pass
    return _new_window(dimensions, stride, padding, dilation, groups)


def _new_window(dimensions: int, stride: Size, padding: Size, dilation: Size, groups: int) -> Any:
    return _java_window(
        per_dimension("stride", stride, dimensions, least=1),
        per_dimension("padding", padding, dimensions, least=0),
        per_dimension("dilation", dilation, dimensions, least=1),
        whole_number(groups),
    )


_known_window = lru_cache(maxsize=1024)(_new_window)


@lru_cache(maxsize=1024, typed=True)  # True and 1.0 are equal to 1, and are no steps
def _known_window_of_tuples(
    dimensions: int, groups: int, strides: int, paddings: int, *sides: int
) -> Any:
    if any(type(side) is not int for side in sides):
        raise TypeError
    end = strides + paddings
    stride, padding, dilation = sides[:strides], sides[strides:end], sides[end:]
    return _new_window(dimensions, stride, padding, dilation, groups)


@lru_cache(maxsize=1024)
def _java_window(
    stride: tuple[int, ...], padding: tuple[int, ...], dilation: tuple[int, ...], groups: int
) -> Any:
    return java_class("org.pydjl.bridge.Window")(stride, padding, dilation, groups)


def _named_padding(
    padding: str, x: Tensor, w: Tensor, stride: Size, dilation: Size
) -> tuple[Tensor, tuple[int, ...]]:
    """Padding by name: the input, padded where sides differ, and the zeros on both sides."""
    dimensions = w.dim() - 2
    steps = per_dimension("stride", stride, dimensions, least=1)
    distances = per_dimension("dilation", dilation, dimensions, least=1)
    if padding == "valid":
        return x, (0,) * dimensions
    if padding != "same":
        raise ArgumentError(f"padding is {padding!r}, but a name must be 'valid' or 'same'.")
    if any(step != 1 for step in steps):
        raise ArgumentError(
            f"padding='same' needs stride 1, not {steps}: give the padding in numbers."
        )
    totals = [d * (k - 1) for d, k in zip(distances, w.shape[2:], strict=True)]
    if any(total % 2 for total in totals):
        # An even kernel needs one more zero after than before: a border of its own, as in torch.
        border = [amount for total in reversed(totals) for amount in (0, total % 2)]
        x = call_java_for("pad", "Arrays.pad", [x], border)
    return x, tuple(total // 2 for total in totals)
