"""Convolution in one, two and three dimensions: PyTorch's arguments, DJL's computation."""

from __future__ import annotations

from typing import cast

from torch import Tensor

from pydjl.errors import ArgumentError, ShapeError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.nn.arguments import Array, ArrayT, Size, check_same_dtype, per_dimension


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
    _check_operands(name, dimensions, x, w, b, groups)
    steps = per_dimension("stride", stride, dimensions, least=1)
    distances = per_dimension("dilation", dilation, dimensions, least=1)
    batch = x if x.dim() == dimensions + 2 else x.unsqueeze(0)
    if isinstance(padding, str):
        batch, zeros = _named_padding(padding, batch, w, steps, distances)
    else:
        zeros = per_dimension("padding", padding, dimensions, least=0)
    operands = [batch, w] if b is None else [batch, w, b]
    handles_missing = [0] if b is None else []
    y = call_java_for(
        name,
        "Convolutions.convolution",
        operands,
        *handles_missing,
        steps,
        zeros,
        distances,
        groups,
    )
    return cast("ArrayT", like(input, y if x.dim() == dimensions + 2 else y.squeeze(0)))


def _named_padding(
    padding: str, x: Tensor, w: Tensor, stride: list[int], dilation: list[int]
) -> tuple[Tensor, list[int]]:
    """Padding by name: the input, padded where sides differ, and the zeros on both sides."""
    if padding == "valid":
        return x, [0] * len(stride)
    if padding != "same":
        raise ArgumentError(f"padding is {padding!r}, but a name must be 'valid' or 'same'.")
    if any(step != 1 for step in stride):
        raise ArgumentError(
            f"padding='same' needs stride 1, not {tuple(stride)}: give the padding in numbers."
        )
    totals = [d * (k - 1) for d, k in zip(dilation, w.shape[2:], strict=True)]
    if any(total % 2 for total in totals):
        # An even kernel needs one more zero after than before: a border of its own, as in torch.
        border = [amount for total in reversed(totals) for amount in (0, total % 2)]
        x = call_java_for("pad", "Arrays.pad", [x], border)
    return x, [total // 2 for total in totals]


def _check_operands(
    name: str, dimensions: int, x: Tensor, w: Tensor, b: Tensor | None, groups: int
) -> None:
    shapes = (tuple(x.shape), tuple(w.shape))
    if x.dim() not in (dimensions + 1, dimensions + 2):
        raise ShapeError(
            f"{name}: input has shape {shapes[0]}, but (N, C_in, ...) or (C_in, ...) with "
            f"{dimensions} more dimension(s) is needed.",
            *shapes,
        )
    if w.dim() != dimensions + 2:
        raise ShapeError(
            f"{name}: weight has shape {shapes[1]}, but (C_out, C_in / groups, ...) with "
            f"{dimensions} more dimension(s) is needed.",
            *shapes,
        )
    if groups < 1 or w.shape[0] % groups:
        raise ArgumentError(
            f"{name}: groups is {groups}, but it must be positive and divide the {w.shape[0]} "
            "output channels of the weight."
        )
    channels = x.shape[-dimensions - 1]
    if channels != w.shape[1] * groups:
        raise ShapeError(
            f"{name}: input of shape {shapes[0]} has {channels} channels, but weight of shape "
            f"{shapes[1]} with groups={groups} takes {w.shape[1] * groups}.",
            *shapes,
        )
    if b is not None and tuple(b.shape) != (w.shape[0],):
        raise ShapeError(
            f"{name}: bias has shape {tuple(b.shape)}, but one number for each of the "
            f"{w.shape[0]} output channels is needed.",
            *shapes,
            tuple(b.shape),
        )
    check_same_dtype(name, input=x, weight=w, bias=b)
