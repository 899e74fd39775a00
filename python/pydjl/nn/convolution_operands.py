"""What a convolution and a transposed one ask of their input, weight and bias."""

from __future__ import annotations

from torch import Tensor

from pydjl.errors import ArgumentError, ShapeError
from pydjl.nn.arguments import check_same_dtype, whole


def check_operands(
    name: str,
    dimensions: int,
    x: Tensor,
    w: Tensor,
    b: Tensor | None,
    groups: int,
    *,
    transposed: bool = False,
) -> None:
    """Refuse operands that do not fit together.

    Args:
        name: the function, for messages.
        dimensions: of the kernel.
        x: ``(N, C_in, ...)`` or ``(C_in, ...)``.
        w: ``(C_out, C_in / groups, ...)``; transposed: ``(C_in, C_out / groups, ...)``.
        b: ``(C_out,)``.
        groups: into how many groups the channels are divided.
        transposed: whether the weight maps outputs to inputs.

    Raises:
        ShapeError: the number of dimensions or of channels does not fit.
        ArgumentError: the number of groups does not divide the weight's first channels.
        ArgumentTypeError: the number of groups is no whole number.
        DtypeError: the dtypes differ.
    """
    x_shape, w_shape = x.shape, w.shape
    if len(x_shape) not in (dimensions + 1, dimensions + 2):
        raise ShapeError(
            f"{name}: input has shape {tuple(x_shape)}, but (N, C_in, ...) or (C_in, ...) with "
            f"{dimensions} more dimension(s) is needed.",
            tuple(x_shape),
            tuple(w_shape),
        )
    if len(w_shape) != dimensions + 2:
        layout = "(C_in, C_out / groups, ...)" if transposed else "(C_out, C_in / groups, ...)"
        raise ShapeError(
            f"{name}: weight has shape {tuple(w_shape)}, but {layout} with {dimensions} more "
            "dimension(s) is needed.",
            tuple(x_shape),
            tuple(w_shape),
        )
    parts = whole(f"{name}: groups", groups)
    first, second = w_shape[0], w_shape[1] * parts
    if parts < 1 or first % parts:
        kind = "input" if transposed else "output"
        raise ArgumentError(
            f"{name}: groups is {parts}, but it must be positive and divide the {first} {kind} "
            "channels of the weight."
        )
    takes, gives = (first, second) if transposed else (second, first)
    if x_shape[-dimensions - 1] != takes:
        raise ShapeError(
            f"{name}: input of shape {tuple(x_shape)} has {x_shape[-dimensions - 1]} channels, but "
            f"weight of shape {tuple(w_shape)} with groups={groups} takes {takes}.",
            tuple(x_shape),
            tuple(w_shape),
        )
    if b is not None and b.shape != (gives,):
        raise ShapeError(
            f"{name}: bias has shape {tuple(b.shape)}, but one number for each of the {gives} "
            "output channels is needed.",
            tuple(x_shape),
            tuple(w_shape),
            tuple(b.shape),
        )
    if w.dtype != x.dtype or (b is not None and b.dtype != x.dtype):
        check_same_dtype(name, input=x, weight=w, bias=b)
