"""Python's index expressions in DJL's notation."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pydjl.errors import ArgumentError, ArgumentTypeError, ArrayIndexError, NotSupportedError

# DJL's JNI library narrows a fixed index to 32 bits.
_GREATEST_INDEX = 2**31 - 1


def parse_index(key: Any, shape: Sequence[int], device: torch.device) -> tuple[str, list[Tensor]]:
    """Write an index in DJL's notation.

    Args:
        key: integers, slices, ``...``, ``None``, and arrays or lists of integers or booleans.
        shape: the shape of the array that is indexed.
        device: where arrays of indices are needed.

    Returns:
        The text, with ``{}`` in the place of each array, and the arrays.

    Raises:
        ArrayIndexError: an index is out of range, or there are too many.
        ArgumentError: a slice has a step that is not positive.
        ArgumentTypeError: something is no index.

    Example:
        >>> parse_index((0, slice(1, None), ...), (2, 5, 7), torch.device("cpu"))
        ('0,1:5:1,...', [])
    """
    items = [_plain(item, device) for item in (key if isinstance(key, tuple) else (key,))]
    _check_count(items, shape)
    words: list[str] = []
    tensors: list[Tensor] = []
    axis = 0
    for position, item in enumerate(items):
        if isinstance(item, EllipsisType):
            words.append("...")
            axis = len(shape) - sum(_width(later) for later in items[position + 1 :])
            continue
        if item is None:
            words.append("null")
        elif isinstance(item, slice):
            words.append(_slice(item, shape[axis]))
        elif isinstance(item, Tensor):
            _check_array(item, shape, axis)
            arrays = _one_per_axis(item)
            words.extend(["{}"] * len(arrays))
            tensors.extend(arrays)
        else:
            words.append(_integer(item, shape[axis], axis))
        axis += _width(item)
    return ",".join(words) or "...", tensors


def _plain(item: Any, device: torch.device) -> Any:
    """Reduce the many things that may index to int, slice, ``...``, None and Tensor."""
    if item is None or isinstance(item, (slice, EllipsisType)):
        return item
    if isinstance(item, (bool, np.bool_)):
        return torch.tensor(bool(item), device=device)
    if isinstance(item, Tensor):
        return _index_tensor(item, device)
    if isinstance(item, (list, tuple, np.ndarray, range)):
        return _index_tensor(_numpy_index(item), device)
    if hasattr(item, "torch"):  # an NDArray
        return _index_tensor(item.torch(), device)
    try:
        return int(item.__index__())
    except (AttributeError, TypeError) as exc:
        raise ArgumentTypeError(
            f"an index must be an integer, a slice, ..., None, or an array of integers or "
            f"booleans, not {type(item).__name__}."
        ) from exc


def _numpy_index(item: Any) -> Tensor:
    try:
        numbers = np.asarray(item)
    except ValueError as exc:
        raise ArgumentError(f"an index cannot be ragged: {exc}") from exc
    kind = numbers.dtype.kind
    if kind not in "iub" and numbers.size:  # the type of an empty list is NumPy's invention
        raise ArgumentTypeError(
            f"an array of indices must be of integers or booleans, not {numbers.dtype}."
        )
    # A copy: PyTorch does not share every array, and a smaller integer type saves nothing.
    return torch.from_numpy(numbers.astype(bool if kind == "b" else np.int64))


def _index_tensor(item: Tensor, device: torch.device) -> Tensor:
    if item.layout is not torch.strided:
        raise ArgumentTypeError(
            f"an array of indices must be dense, not {item.layout}: use tensor.to_dense()."
        )
    if item.dtype is torch.bool:
        return item.to(device)
    if item.dtype.is_floating_point or item.dtype.is_complex:
        raise ArgumentTypeError(
            f"an array of indices must be of integers or booleans, not {item.dtype}."
        )
    # uint8 means a mask to PyTorch and an index to NumPy: here it is an index.
    return item.to(device, torch.int64)


def _one_per_axis(item: Tensor) -> list[Tensor]:
    """Turn a mask of several axes into arrays of integers.

    PyTorch's indexing takes such a mask for one axis when it counts the axes of what follows.
    """
    if item.dtype is torch.bool and item.dim() > 1:
        return list(item.nonzero(as_tuple=True))
    return [item]


def _width(item: Any) -> int:
    """How many axes an item of an index consumes."""
    if item is None or isinstance(item, EllipsisType):
        return 0
    if isinstance(item, Tensor) and item.dtype is torch.bool:
        return item.dim()
    return 1


def _check_count(items: Sequence[Any], shape: Sequence[int]) -> None:
    if sum(isinstance(item, EllipsisType) for item in items) > 1:
        raise ArrayIndexError("an index can hold only one ellipsis ('...').")
    count = sum(_width(item) for item in items)
    if count > len(shape):
        raise ArrayIndexError(
            f"{count} indices were given for an array of shape {tuple(shape)}, which has "
            f"{len(shape)} dimension(s)."
        )


def _slice(item: slice, size: int) -> str:
    try:
        start, stop, step = item.indices(size)
    except (TypeError, ValueError) as exc:
        raise ArgumentError(f"slice {item} cannot be used: {exc}.") from exc
    if step < 0:
        raise ArgumentError(
            f"slice {item} has a negative step, which PyTorch's arrays do not have: use flip()."
        )
    return f"{start}:{max(start, stop)}:{step}"


def _integer(item: int, size: int, axis: int) -> str:
    if not -size <= item < size:
        raise ArrayIndexError(f"index {item} is out of range for axis {axis} of size {size}.")
    position = item % size
    if position > _GREATEST_INDEX:
        raise NotSupportedError(
            f"index {position} is above {_GREATEST_INDEX}, the greatest that DJL passes on: use "
            f"the slice {position}:{position + 1} and squeeze()."
        )
    return str(position)


def _check_array(item: Tensor, shape: Sequence[int], axis: int) -> None:
    if item.dtype is torch.bool:
        expected = tuple(shape[axis : axis + item.dim()])
        if tuple(item.shape) != expected:
            raise ArrayIndexError(
                f"a boolean index of shape {tuple(item.shape)} does not fit axes of shape "
                f"{expected}."
            )
        return
    size = shape[axis]
    if item.numel():
        low, high = int(item.min()), int(item.max())
        if low < -size or high >= size:
            wrong = low if low < -size else high
            raise ArrayIndexError(f"index {wrong} is out of range for axis {axis} of size {size}.")
