"""DJL's operations on tensors: which Java method computes what, and nothing about `NDArray`.

Every function takes tensors and returns tensors; the arithmetic is Java's. Operands that are
numbers become 0-dimensional tensors of the dtype that PyTorch would give the result's operand, so
that types are promoted exactly as in PyTorch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    ArrayIndexError,
    DtypeError,
    NotSupportedError,
    ShapeError,
)
from pydjl.ndarray.calls import call_java, call_java_for, call_java_with_list, lend_to_java
from pydjl.ndarray.dtypes import check_dtype, data_type
from pydjl.ndarray.exchange import adopt, adopt_all
from pydjl.ndarray.numbers import whole_number
from pydjl.runtime import java_class

# Of 0 dimensions, these do not widen the result of an operation with an array of the narrower type.
_WIDER = {
    torch.float16: torch.float32,
    torch.uint8: torch.int64,
    torch.int8: torch.int64,
    torch.int32: torch.int64,
}


def unary(name: str, x: Tensor) -> Tensor:
    """Apply an operation of the Java enum ``Unary``."""
    return lend_to_java(f"NDArray.{name.lower()}", f"Unary.{name}.apply", [x])


def binary(name: str, a: Tensor, b: Tensor) -> Tensor:
    """Apply an operation of the Java enum ``Binary``; shapes are broadcast together."""
    return lend_to_java(f"NDArray.{name.lower()}", f"Binary.{name}.apply", [a, b])


def in_place(name: str, a: Tensor, b: Tensor) -> None:
    """Apply an operation of the Java enum ``InPlace``: its result is written into `a`."""
    call_java(f"NDArray.{name.lower()} in place", f"InPlace.{name}.apply", [a, b])


def scalar_like(value: complex, other: Tensor) -> Tensor:
    """Make a 0-dimensional operand of a Python number.

    Example:
        >>> scalar_like(2.5, torch.tensor([1, 2])).dtype, scalar_like(2, torch.ones(1)).dtype
        (torch.float32, torch.float32)
    """
    try:
        dtype = torch.result_type(other, value)
        if other.dim():  # then PyTorch computes with the number as it is, not rounded beforehand
            dtype = _WIDER.get(dtype, dtype)
        check_dtype(dtype)  # before torch makes one and warns that complex32 is experimental
        return torch.tensor(value, dtype=dtype, device=other.device)
    except DtypeError:
        raise
    except (TypeError, RuntimeError, OverflowError) as exc:
        kind = ArgumentTypeError if isinstance(exc, TypeError) else ArgumentError
        raise kind(f"{value!r} is no number for an array of {other.dtype}: {exc}") from exc


def logical(name: str, symbol: str, a: Tensor, b: Tensor) -> Tensor:
    """Apply ``&``, ``|`` or ``^`` to boolean tensors.

    Raises:
        NotSupportedError: for integers, whose bits DJL cannot combine.
    """
    for operand in (a, b):
        if operand.dtype is not torch.bool:
            raise NotSupportedError(
                f"NDArray {symbol} NDArray needs boolean arrays, not {operand.dtype}: DJL has no "
                "operations on bits; compare first, or use nd.torch()."
            )
    return binary(name, a, b)


def reduce(name: str, x: Tensor, axes: Sequence[int] | None, *, keepdims: bool) -> Tensor:
    """Apply an operation of the Java enum ``Reduction`` over all axes or over some.

    DJL reduces one axis, so several are first merged into one.
    """
    label = f"NDArray.{name.lower()}"
    if axes is None:
        result = call_java_for(label, f"Reduction.{name}.whole", [x])
        return reshape(result, [1] * x.dim()) if keepdims else result
    if name in ("ALL", "ANY"):
        # Only whole arrays have these in DJL; products and sums of 0 and 1 also know empty axes.
        truth = binary("NEQ", x, scalar_like(0, x))
        count = reduce("PROD" if name == "ALL" else "SUM", truth, axes, keepdims=keepdims)
        return convert(count, torch.bool)
    if len(axes) == 1:
        return call_java_for(label, f"Reduction.{name}.along", [x], axes[0], keepdims)
    kept = [axis for axis in range(x.dim()) if axis not in axes]
    size = math.prod(x.shape[axis] for axis in axes)
    merged = reshape(arrays("transpose", x, [*kept, *axes]), [*(x.shape[k] for k in kept), size])
    result = call_java_for(label, f"Reduction.{name}.along", [merged], len(kept), False)
    if not keepdims:
        return result
    return reshape(result, [1 if axis in axes else n for axis, n in enumerate(x.shape)])


def reshape(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Give a tensor another shape."""
    return call_java_for(f"NDArray.reshape to {tuple(shape)}", "Arrays.reshape", [x], list(shape))


def convert(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Convert elements to another type.

    Raises:
        DtypeError: complex numbers would become real ones.
    """
    if x.dtype is dtype:
        return x
    if x.dtype.is_complex and not (dtype.is_complex or dtype is torch.bool):
        raise DtypeError(
            f"{x.dtype} cannot be converted to {dtype}, which has no imaginary parts: take "
            "abs(), or nd.torch().real."
        )
    if _is_recorded(x):
        return x.to(dtype)
    return call_java_for("NDArray.astype", "Arrays.toType", [x], data_type(dtype))


def copy(x: Tensor) -> Tensor:
    """Copy a tensor to new memory."""
    return x.clone() if _is_recorded(x) else unary("DUPLICATE", x)


def _is_recorded(x: Tensor) -> bool:
    """Whether what is done with a tensor must be recorded, for its gradients.

    DJL turns recording off while it copies or converts an array, so that the gradient would be
    lost without a word; then PyTorch does it.
    """
    return x.requires_grad and torch.is_grad_enabled()


def broadcast(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Repeat a tensor along axes of length 1, without a copy."""
    if tuple(x.shape) == tuple(shape):
        return x
    return call_java_for(
        f"NDArray.broadcast_to {tuple(shape)}", "Arrays.broadcast", [x], list(shape)
    )


def where(condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Choose from `a` where the condition is true, else from `b`; shapes are broadcast.

    Raises:
        ShapeError: the shapes cannot be broadcast.
    """
    try:
        shape = np.broadcast_shapes(condition.shape, a.shape, b.shape)
    except ValueError as exc:
        shapes = tuple(condition.shape), tuple(a.shape), tuple(b.shape)
        raise ShapeError(
            f"where: the shapes {', '.join(map(str, shapes))} cannot be broadcast together.",
            *shapes,
        ) from exc
    # DJL broadcasts `b` alone; and a number must not become an array before types are promoted.
    a = broadcast(convert(a, torch.result_type(a, b)), shape)
    return call_java_for("where", "Arrays.where", [broadcast(condition, shape), a, b])


def arrays(name: str, x: Tensor, *arguments: Any) -> Tensor:
    """Call a method of the Java class ``Arrays`` that takes one array and returns one."""
    return call_java_for(f"NDArray.{name}", f"Arrays.{name}", [x], *arguments)


def normalize_axis(axis: int, dimensions: int) -> int:
    """Count an axis from the first.

    Raises:
        ArrayIndexError: there is no such axis.
        ArgumentTypeError: it is no integer.

    Example:
        >>> normalize_axis(-1, 3)
        2
    """
    try:
        number = whole_number(axis)
    except TypeError as exc:
        raise ArgumentTypeError(f"an axis is an integer, not {axis!r}.") from exc
    if not -dimensions <= number < dimensions:
        allowed = f": it must be from {-dimensions} to {dimensions - 1}" if dimensions else ""
        raise ArrayIndexError(
            f"axis {number} does not exist in an array of {dimensions} dimension(s){allowed}."
        )
    return number % dimensions


def normalize_axes(axis: int | Sequence[int], dimensions: int) -> list[int]:
    """Count one axis or several from the first.

    Raises:
        ArrayIndexError: there is no such axis.
        ArgumentTypeError: something is no integer.
        ArgumentError: an axis is named twice.
    """
    given = axis if isinstance(axis, (tuple, list, range)) else (axis,)
    axes = [normalize_axis(each, dimensions) for each in given]
    if len(set(axes)) != len(axes):
        raise ArgumentError(f"axis {tuple(given)} names one axis twice.")
    return axes


def logical_not(x: Tensor) -> Tensor:
    """Negate booleans.

    Raises:
        NotSupportedError: for integers, whose bits DJL cannot invert.
    """
    if x.dtype is not torch.bool:
        raise NotSupportedError(
            f"~NDArray needs a boolean array, not {x.dtype}: DJL has no operations on bits."
        )
    return unary("LOGICAL_NOT", x)


def clip(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Limit elements to an interval; where one is not limited, its gradient is 1."""
    # DJL's maximum and minimum would halve the gradient of elements that lie on a limit.
    x = where(binary("LT", x, low), low, x)
    return where(binary("GT", x, high), high, x)


def split(x: Tensor, indices: Sequence[int], axis: int) -> list[Tensor]:
    """Split before each of the indices."""
    if not indices:
        return [x]
    handles = call_java("NDArray.split", "Arrays.split", [x], list(indices), axis)
    return adopt_all(handles)


def to_device(x: Tensor, device: torch.device) -> Tensor:
    """Move a tensor to a device."""
    if x.device == device:
        return x
    if _is_recorded(x):
        return x.to(device)
    name = "cpu" if device.type == "cpu" else "gpu"
    index = -1 if device.type == "cpu" else device.index
    target = java_class("ai.djl.Device").of(name, index)
    return call_java_for("NDArray.to_device", "Arrays.toDevice", [x], target)


def get(x: Tensor, index: str, tensors: Sequence[Tensor]) -> Tensor:
    """Select elements by an index in DJL's notation."""
    if index == "..." and not x.dim():
        return reshape(x, [])  # DJL copies a single number; this is a view, as for every array
    return adopt(call_java_with_list(f"NDArray[{index}]", "Arrays.get", [x], index, listed=tensors))


def put(x: Tensor, index: str, tensors: Sequence[Tensor], value: Tensor) -> None:
    """Write elements by an index in DJL's notation, converted to the type of `x`.

    Raises:
        DtypeError: complex numbers would become real ones.
    """
    value = convert(value, x.dtype)
    label = f"NDArray[{index}] = value"
    call_java_with_list(label, "Arrays.set", [x, value], index, listed=tensors)


def join(name: str, tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Join tensors along an axis: ``concat`` or ``stack``."""
    if name == "concat" and len(tensors) == 1:
        return copy(tensors[0])
    return adopt(call_java_with_list(name, f"Arrays.{name}", [], axis, listed=tensors))


def text(x: Tensor) -> str:
    """DJL's own description of a tensor."""
    return str(call_java("NDArray.toString", "Arrays.describe", [x]))
