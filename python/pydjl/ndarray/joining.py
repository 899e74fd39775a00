"""Functions of several arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import operators
from pydjl.ndarray.array import NDArray


def concat(arrays: Sequence[NDArray], axis: int = 0) -> NDArray:
    """Join arrays along an axis that they have.

    Raises:
        ShapeError: the other axes differ in length.

    Example:
        >>> import pydjl
        >>> pydjl.concat([pydjl.array([1, 2]), pydjl.array([3])]).tolist()
        [1, 2, 3]
    """
    tensors = _tensors("concat", arrays)
    return NDArray(
        operators.join("concat", tensors, operators.normalize_axis(axis, tensors[0].dim()))
    )


def stack(arrays: Sequence[NDArray], axis: int = 0) -> NDArray:
    """Join arrays of one shape along a new axis.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import pydjl
        >>> pydjl.stack([pydjl.array([1, 2]), pydjl.array([3, 4])], axis=1).tolist()
        [[1, 3], [2, 4]]
    """
    tensors = _tensors("stack", arrays)
    return NDArray(
        operators.join("stack", tensors, operators.normalize_axis(axis, tensors[0].dim() + 1))
    )


def where(condition: NDArray, a: Any, b: Any) -> NDArray:
    """Choose from `a` where the condition is true, else from `b`; shapes are broadcast.

    Example:
        >>> import pydjl
        >>> x = pydjl.array([-1.0, 2.0])
        >>> pydjl.where(x > 0, x, 0.0).tolist()
        [0.0, 2.0]
    """
    if not isinstance(condition, NDArray):
        raise ArgumentTypeError(f"condition must be an NDArray, not {type(condition).__name__}.")
    array = next((each for each in (a, b) if isinstance(each, NDArray)), condition)
    chosen = [array._operand(each) for each in (a, b)]
    if chosen[0] is None or chosen[1] is None:
        raise ArgumentTypeError(
            f"where chooses among arrays and numbers, not {type(a).__name__} and "
            f"{type(b).__name__}."
        )
    return NDArray(operators.where(condition.torch(), chosen[0], chosen[1]))


def _tensors(name: str, arrays: Sequence[NDArray]) -> list[Any]:
    try:
        given = list(arrays)
    except (TypeError, RuntimeError) as exc:  # RuntimeError: a nested tensor
        raise ArgumentTypeError(
            f"{name} takes a list of NDArrays, not a {type(arrays).__name__}."
        ) from exc
    if not given:
        raise ArgumentError(f"{name} needs at least one array; none was given.")
    for each in given:
        if not isinstance(each, NDArray):
            raise ArgumentTypeError(f"{name} joins NDArrays, not {type(each).__name__}.")
    return [each.torch() for each in given]
