"""Shape operations of `NDArray`; views of the same memory wherever strides allow it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from typing_extensions import Self

from pydjl.errors import ArgumentError, ArgumentTypeError, ShapeError
from pydjl.ndarray import operators
from pydjl.ndarray.base import ArrayBase
from pydjl.ndarray.numbers import whole_number


class Shaping(ArrayBase):
    """Functions that rearrange elements and compute nothing."""

    __slots__ = ()

    def reshape(self, *shape: int | Sequence[int]) -> Self:
        """Give the array another shape of the same size; one length may be −1.

        Raises:
            ShapeError: the sizes differ.

        Example:
            >>> import pydjl
            >>> pydjl.array([1, 2, 3, 4, 5, 6]).reshape(2, -1).shape
            (2, 3)
        """
        return self._wrap(operators.reshape(self._live, _integers(shape)))

    def flatten(self) -> Self:
        """All elements in one dimension."""
        return self.reshape(-1)

    def transpose(self, *axes: int | Sequence[int]) -> Self:
        """Permute the axes; without arguments, reverse their order."""
        x = self._live
        order = [operators.normalize_axis(axis, x.dim()) for axis in _integers(axes)]
        order = order or list(reversed(range(x.dim())))
        if sorted(order) != list(range(x.dim())):
            raise ArgumentError(
                f"axes {tuple(_integers(axes))} do not name each of the {x.dim()} axes once."
            )
        return self._wrap(operators.arrays("transpose", x, order))

    @property
    def T(self) -> Self:  # noqa: N802 - NumPy's and PyTorch's name
        """The array with its axes in reversed order."""
        return self.transpose()

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Exchange two axes."""
        x = self._live
        order = list(range(x.dim()))
        first, second = (operators.normalize_axis(axis, x.dim()) for axis in (axis1, axis2))
        order[first], order[second] = second, first
        return self._wrap(operators.arrays("transpose", x, order))

    def expand_dims(self, axis: int) -> Self:
        """Insert an axis of length 1, at `axis` of the result."""
        x = self._live
        return self._wrap(
            operators.arrays("expandDims", x, operators.normalize_axis(axis, x.dim() + 1))
        )

    def squeeze(self, axis: int | Sequence[int] | None = None) -> Self:
        """Remove axes of length 1: the named ones, or all.

        Raises:
            ShapeError: a named axis has another length.
        """
        x = self._live
        if axis is None:
            axes = [each for each, size in enumerate(x.shape) if size == 1]
        else:
            axes = operators.normalize_axes(axis, x.dim())
            wrong = [each for each in axes if x.shape[each] != 1]
            if wrong:
                raise ShapeError(
                    f"axis {wrong[0]} of shape {tuple(x.shape)} has length {x.shape[wrong[0]]}: "
                    "only axes of length 1 can be squeezed.",
                    tuple(x.shape),
                )
        return self._wrap(operators.arrays("squeeze", x, axes)) if axes else self._wrap(x)

    def broadcast_to(self, *shape: int | Sequence[int]) -> Self:
        """Repeat along axes of length 1 until the shape is reached, without a copy."""
        return self._wrap(operators.broadcast(self._live, _integers(shape)))

    def flip(self, axis: int | Sequence[int] | None = None) -> Self:
        """Reverse the order along axes, or along all; both axes of a kernel turn it by 180°.

        Example:
            >>> import pydjl
            >>> pydjl.array([[0, 1], [2, 3]]).flip().tolist()
            [[3, 2], [1, 0]]
        """
        x = self._live
        axes = operators.normalize_axes(range(x.dim()) if axis is None else axis, x.dim())
        return self._wrap(operators.arrays("flip", x, axes))

    def tile(self, *repeats: int | Sequence[int]) -> Self:
        """Repeat the whole array along each axis; fewer numbers mean the last axes."""
        x = self._live
        counts = _integers(repeats)
        counts = [1] * (x.dim() - len(counts)) + counts
        return self._wrap(operators.arrays("tile", x, counts))

    def repeat(self, repeats: int, axis: int) -> Self:
        """Repeat every element along an axis."""
        x = self._live
        repeats = _integers([repeats, axis])[0]
        if repeats < 0:
            raise ArgumentError(f"repeats (={repeats}) must not be negative.")
        return self._wrap(
            operators.arrays("repeat", x, operators.normalize_axis(axis, x.dim()), repeats)
        )

    def split(self, sections: int | Sequence[int], axis: int = 0) -> list[Self]:
        """Split into equal sections, or before each of the given indices; the parts are views.

        Raises:
            ShapeError: the length is no multiple of the number of sections.

        Example:
            >>> import pydjl
            >>> [part.tolist() for part in pydjl.array([1, 2, 3, 4]).split([1])]
            [[1], [2, 3, 4]]
        """
        x = self._live
        axis = operators.normalize_axis(axis, x.dim())
        size = x.shape[axis]
        if isinstance(sections, (int, np.integer)):
            sections = _integers([sections])[0]
            if sections < 1 or size % sections:
                raise ShapeError(
                    f"an axis of length {size} cannot be split into {sections} equal sections.",
                    tuple(x.shape),
                )
            indices = [size // sections * part for part in range(1, sections)]
        else:
            indices = [
                min(max(index + size if index < 0 else index, 0), size)
                for index in _integers([sections])
            ]
            if indices != sorted(indices):
                raise ArgumentError(f"split indices {list(sections)} are not in ascending order.")
        return [self._wrap(part) for part in operators.split(x, indices, axis)]


def _integers(values: Sequence[int | Sequence[int]]) -> list[int]:
    """Accept both ``f(2, 3)`` and ``f((2, 3))``."""
    flat: Any = values[0] if len(values) == 1 and isinstance(values[0], Iterable) else values
    try:
        return [whole_number(value) for value in flat]
    except TypeError as exc:
        raise ArgumentTypeError(f"integers are needed, not {values!r}.") from exc
