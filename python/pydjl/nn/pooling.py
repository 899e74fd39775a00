"""Pooling over windows in one, two and three dimensions, computed by DJL."""

from __future__ import annotations

from typing import Any, cast

from pydjl.errors import ShapeError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.nn.arguments import ArrayT, Size
from pydjl.nn.pooling_arguments import average_arguments, max_arguments, norm_arguments


def max_pool1d(
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> ArrayT:
    """The maximum of each window: `torch.nn.functional.max_pool1d`, computed by DJL.

    `max_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> max_pool1d(torch.tensor([[1.0, 3, 2, 0]]), 2)
        tensor([[3., 2.]])
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> ArrayT:
    """The maximum of each window: `torch.nn.functional.max_pool2d`, computed by DJL.

    Args:
        input: shape ``(N, C, H, W)`` or ``(C, H, W)``.
        kernel_size: the height and width of a window.
        stride: the distance of windows; that of `kernel_size` if there is none.
        padding: how far windows reach over the border on both sides, at most half a window.
        dilation: 1; DJL's windows have no gaps.
        ceil_mode: whether a last window may be incomplete.
        return_indices: false; DJL does not say where the maxima were.

    Returns:
        Shape ``(N, C, H_out, W_out)`` with ``H_out = (H + 2p - h) // s + 1``, rounded up in
        `ceil_mode`; of the kind that `input` is.

    Raises:
        ShapeError: the number of dimensions does not fit, or there is no complete window.
        ArgumentError: a number cannot be used.
        NotSupportedError: something was asked for that DJL cannot.

    Example:
        >>> import torch
        >>> max_pool2d(torch.arange(12.0).view(1, 3, 4), (2, 3), stride=1)
        tensor([[[ 6.,  7.],
                 [10., 11.]]])
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> ArrayT:
    """The maximum of each window: `torch.nn.functional.max_pool3d`, computed by DJL.

    `max_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> max_pool3d(torch.arange(8.0).view(1, 2, 2, 2), 2)
        tensor([[[[7.]]]])
    """
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def avg_pool1d(
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> ArrayT:
    """The mean of each window: `torch.nn.functional.avg_pool1d`, computed by DJL.

    `avg_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> avg_pool1d(torch.tensor([[1.0, 3, 2, 0]]), 2)
        tensor([[2., 1.]])
    """
    return _avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> ArrayT:
    """The mean of each window: `torch.nn.functional.avg_pool2d`, computed by DJL.

    Args:
        input: shape ``(N, C, H, W)`` or ``(C, H, W)``.
        kernel_size: the height and width of a window.
        stride: the distance of windows; that of `kernel_size` if there is none.
        padding: rows and columns of zeros on both sides, at most half a window.
        ceil_mode: whether a last window may be incomplete.
        count_include_pad: whether these zeros count among the elements of a window. Without them
            the mean is composed of two of DJL's, equal to PyTorch's up to rounding.
        divisor_override: none; DJL divides by the number of elements.

    Returns:
        Shape ``(N, C, H_out, W_out)`` with ``H_out = (H + 2p - h) // s + 1``, rounded up in
        `ceil_mode`; of the kind that `input` is.

    Raises:
        ShapeError: the number of dimensions does not fit, or there is no complete window.
        ArgumentError: a number cannot be used.
        NotSupportedError: something was asked for that DJL cannot.

    Example:
        >>> import torch
        >>> avg_pool2d(torch.arange(12.0).view(1, 3, 4), (2, 3), stride=1)
        tensor([[[3., 4.],
                 [7., 8.]]])
    """
    return _avg_pool(
        2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool3d(
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> ArrayT:
    """The mean of each window: `torch.nn.functional.avg_pool3d`, computed by DJL.

    `avg_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> avg_pool3d(torch.arange(8.0).view(1, 2, 2, 2), 2)
        tensor([[[[3.5000]]]])
    """
    return _avg_pool(
        3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def lp_pool1d(
    input: ArrayT,
    norm_type: float,
    kernel_size: Size,
    stride: Size | None = None,
    ceil_mode: bool = False,
) -> ArrayT:
    """The p-norm of each window: `torch.nn.functional.lp_pool1d`, computed by DJL.

    `lp_pool2d` describes the arguments.

    Example:
        >>> import torch
        >>> lp_pool1d(torch.tensor([[3.0, 4, 0, 2]]), 2, 2)
        tensor([[5., 2.]])
    """
    arguments = norm_arguments("lp_pool1d", 1, norm_type, kernel_size, stride, ceil_mode)
    return pool("lp_pool1d", 1, input, "Pooling.norm", *arguments)


def lp_pool2d(
    input: ArrayT,
    norm_type: float,
    kernel_size: Size,
    stride: Size | None = None,
    ceil_mode: bool = False,
) -> ArrayT:
    """The p-norm of each window: `torch.nn.functional.lp_pool2d`, computed by DJL.

    Args:
        input: shape ``(N, C, H, W)`` or ``(C, H, W)``.
        norm_type: the exponent p.
        kernel_size: the height and width of a window.
        stride: the distance of windows; that of `kernel_size` if there is none.
        ceil_mode: whether a last window may be incomplete.

    Returns:
        Shape ``(N, C, H_out, W_out)``: the p-th root of the sum of p-th powers; of the kind that
        `input` is.

    Raises:
        ShapeError: the number of dimensions does not fit, or there is no complete window.
        ArgumentError: a number cannot be used.
        DivisionByZeroError: `norm_type` is 0.

    Example:
        >>> import torch
        >>> lp_pool2d(torch.tensor([[[1.0, 1], [1, 1]]]), 2, 2)
        tensor([[[2.]]])
    """
    arguments = norm_arguments("lp_pool2d", 2, norm_type, kernel_size, stride, ceil_mode)
    return pool("lp_pool2d", 2, input, "Pooling.norm", *arguments)


def _max_pool(
    dimensions: int,
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    dilation: Size,
    ceil_mode: bool,
    return_indices: bool,
) -> ArrayT:
    name = f"max_pool{dimensions}d"
    arguments = max_arguments(
        name, dimensions, kernel_size, stride, padding, dilation, ceil_mode, return_indices
    )
    return pool(name, dimensions, input, "Pooling.max", *arguments)


def _avg_pool(
    dimensions: int,
    input: ArrayT,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> ArrayT:
    name = f"avg_pool{dimensions}d"
    arguments = average_arguments(
        name,
        dimensions,
        kernel_size,
        stride,
        padding,
        ceil_mode,
        count_include_pad,
        divisor_override,
    )
    return pool(name, dimensions, input, "Pooling.average", *arguments)


def pool(name: str, dimensions: int, input: ArrayT, method: str, *arguments: Any) -> ArrayT:
    """Pool an example or a batch of them."""
    x = as_tensor(input, "input")
    if x.dim() == dimensions + 2:
        return cast("ArrayT", like(input, call_java_for(name, method, [x], *arguments)))
    if x.dim() != dimensions + 1:
        raise ShapeError(
            f"{name}: input has shape {tuple(x.shape)}, but (N, C, ...) or (C, ...) with "
            f"{dimensions} more dimension(s) is needed.",
            tuple(x.shape),
        )
    y = call_java_for(name, method, [x.unsqueeze(0)], *arguments)
    return cast("ArrayT", like(input, y.squeeze(0)))
