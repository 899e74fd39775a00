"""Transposed convolution in one, two and three dimensions, composed of DJL's convolution."""

from __future__ import annotations

from typing import cast

from pydjl.errors import ArgumentError, ShapeError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.ndarray.numbers import whole_number
from pydjl.nn.arguments import Array, ArrayT, Size, per_dimension
from pydjl.nn.convolution_operands import check_operands


def conv_transpose1d(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> ArrayT:
    """One-dimensional transposed convolution; `conv_transpose2d` describes the arguments.

    Args:
        input: shape ``(N, C_in, L)`` or ``(C_in, L)``.
        weight: shape ``(C_in, C_out / groups, k)``.
        bias: shape ``(C_out,)``.
        stride: the distance of neighbouring inputs in the output.
        padding: what is cut off the full output on both sides.
        output_padding: what is added to it at the end.
        groups: into how many groups the channels are divided.
        dilation: the distance of the kernel's cells.

    Returns:
        Shape ``(N, C_out, (L - 1)s - 2p + d(k - 1) + op + 1)``.

    Example:
        >>> import torch
        >>> conv_transpose1d(torch.tensor([[1.0, 2]]), torch.tensor([[[1.0, 10]]]), stride=2)
        tensor([[ 1., 10.,  2., 20.]])
    """
    return _transposed(
        "conv_transpose1d",
        1,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose2d(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> ArrayT:
    """Two-dimensional transposed convolution, as `torch.nn.functional.conv_transpose2d`, by DJL.

    It is the gradient of `conv2d` with respect to its input: each input element puts its multiple
    of the kernel on the output. DJL's PyTorch engine has none, so zeros are put between the
    elements and the flipped kernel is cross-correlated with that: the values are PyTorch's up to
    rounding, for about as many times the work as there are zeros. Gradients flow to input, weight
    and bias.

    Args:
        input: shape ``(N, C_in, H, W)`` or ``(C_in, H, W)``.
        weight: the kernels, shape ``(C_in, C_out / groups, h, w)``.
        bias: shape ``(C_out,)``.
        stride: the distance of neighbouring inputs in the output, for both dimensions or for each.
        padding: rows and columns that are cut off the full output on both sides.
        output_padding: rows and columns that are added to it at the end.
        groups: into how many groups the channels are divided.
        dilation: the distance of the kernel's cells.

    Returns:
        Shape ``(N, C_out, H_out, W_out)`` with ``H_out = (H - 1)s - 2p + d(h - 1) + op + 1``, of
        the kind that `input` is.

    Raises:
        ShapeError: the number of dimensions or of channels does not fit.
        ArgumentError: a number cannot be used.
        DtypeError: the dtypes differ, or DJL does not know one.

    Example:
        >>> import torch
        >>> X = torch.tensor([[[[0.0, 1], [2, 3]]]])
        >>> conv_transpose2d(X, X)
        tensor([[[[ 0.,  0.,  1.],
                  [ 0.,  4.,  6.],
                  [ 4., 12.,  9.]]]])
    """
    return _transposed(
        "conv_transpose2d",
        2,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose3d(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> ArrayT:
    """Three-dimensional transposed convolution; `conv_transpose2d` describes the arguments.

    Args:
        input: shape ``(N, C_in, D, H, W)`` or ``(C_in, D, H, W)``.
        weight: shape ``(C_in, C_out / groups, d, h, w)``.
        bias: shape ``(C_out,)``.
        stride: the distance of neighbouring inputs in the output.
        padding: what is cut off the full output on both sides.
        output_padding: what is added to it at the end.
        groups: into how many groups the channels are divided.
        dilation: the distance of the kernel's cells.

    Returns:
        Shape ``(N, C_out, D_out, H_out, W_out)``.

    Example:
        >>> import torch
        >>> conv_transpose3d(torch.ones(1, 2, 2, 3, 4), torch.ones(2, 5, 2, 2, 2)).shape
        torch.Size([1, 5, 3, 4, 5])
    """
    return _transposed(
        "conv_transpose3d",
        3,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def _transposed(
    name: str,
    dimensions: int,
    input: ArrayT,
    weight: Array,
    bias: Array | None,
    stride: Size,
    padding: Size,
    output_padding: Size,
    groups: int,
    dilation: Size,
) -> ArrayT:
    x, w = as_tensor(input, "input"), as_tensor(weight, "weight")
    b = None if bias is None else as_tensor(bias, "bias")
    check_operands(name, dimensions, x, w, b, groups, transposed=True)
    steps = per_dimension("stride", stride, dimensions, least=1)
    cut = per_dimension("padding", padding, dimensions, least=0)
    added = per_dimension("output_padding", output_padding, dimensions, least=0)
    distances = per_dimension("dilation", dilation, dimensions, least=1)
    if any(a >= max(s, d) for a, s, d in zip(added, steps, distances, strict=True)):
        raise ArgumentError(
            f"{name}: output_padding is {output_padding!r}, but it must be smaller than the stride "
            f"{stride!r} or the dilation {dilation!r}."
        )
    sides = zip(x.shape[-dimensions:], w.shape[2:], steps, cut, added, distances, strict=True)
    sizes = [(n - 1) * s + d * (k - 1) + a + 1 - 2 * c for n, k, s, c, a, d in sides]
    if min(sizes) < 1:
        raise ShapeError(
            f"{name}: padding is {padding!r}, but it leaves nothing of the output of an input of "
            f"shape {tuple(x.shape)} and a weight of shape {tuple(w.shape)}.",
            tuple(x.shape),
            tuple(w.shape),
        )
    batch = x if x.dim() == dimensions + 2 else x.unsqueeze(0)
    operands = [batch, w] if b is None else [batch, w, b]
    handles_missing = [0] if b is None else []
    y = call_java_for(
        name,
        "TransposedConvolution.apply",
        operands,
        *handles_missing,
        steps,
        cut,
        added,
        distances,
        whole_number(groups),
    )
    return cast("ArrayT", like(input, y if batch is x else y.squeeze(0)))
