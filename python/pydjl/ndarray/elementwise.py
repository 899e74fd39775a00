"""Elementwise functions and reductions of `NDArray`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from typing_extensions import Self

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import operators
from pydjl.ndarray.base import ArrayBase
from pydjl.ndarray.numbers import flag

Axis = int | Sequence[int] | None


class Elementwise(ArrayBase):
    """Functions of every element; each returns a new array of the same shape."""

    __slots__ = ()

    def _unary(self, name: str) -> Self:
        return self._wrap(operators.unary(name, self._live))

    def _binary_with(self, name: str, other: Any) -> Self:
        operand = self._operand(other)
        if operand is None:
            raise ArgumentTypeError(
                f"{name.lower()} needs an array or a number, not {type(other).__name__}."
            )
        return self._wrap(operators.binary(name, self._live, operand))

    def abs(self) -> Self:
        """Absolute value."""
        return self._unary("ABS")

    def acos(self) -> Self:
        """Inverse cosine, in radians."""
        return self._unary("ACOS")

    def asin(self) -> Self:
        """Inverse sine, in radians."""
        return self._unary("ASIN")

    def atan(self) -> Self:
        """Inverse tangent, in radians."""
        return self._unary("ATAN")

    def atan2(self, other: Any) -> Self:
        """Inverse tangent of ``self / other`` in the right quadrant, in radians."""
        return self._binary_with("ATAN2", other)

    def ceil(self) -> Self:
        """Smallest whole number that is not less."""
        return self._unary("CEIL")

    def clip(self, low: float, high: float) -> Self:
        """Limit every element to the interval from `low` to `high`.

        Example:
            >>> import pydjl
            >>> pydjl.array([-2.0, 0.5, 9.0]).clip(0, 1).tolist()
            [0.0, 0.5, 1.0]
        """
        x = self._live
        return self._wrap(operators.clip(x, _limit(low, x), _limit(high, x)))

    def cos(self) -> Self:
        """Cosine of radians."""
        return self._unary("COS")

    def cosh(self) -> Self:
        """Hyperbolic cosine."""
        return self._unary("COSH")

    def erf(self) -> Self:
        """Error function."""
        return self._unary("ERF")

    def exp(self) -> Self:
        """Exponential."""
        return self._unary("EXP")

    def floor(self) -> Self:
        """Greatest whole number that is not greater."""
        return self._unary("FLOOR")

    def isinf(self) -> Self:
        """Whether each element is infinite."""
        return self._unary("IS_INFINITE")

    def isnan(self) -> Self:
        """Whether each element is not a number."""
        return self._unary("IS_NAN")

    def log(self) -> Self:
        """Natural logarithm."""
        return self._unary("LOG")

    def log2(self) -> Self:
        """Logarithm to base 2."""
        return self._unary("LOG2")

    def log10(self) -> Self:
        """Logarithm to base 10."""
        return self._unary("LOG10")

    def maximum(self, other: Any) -> Self:
        """The greater of two, element by element."""
        return self._binary_with("MAXIMUM", other)

    def minimum(self, other: Any) -> Self:
        """The smaller of two, element by element."""
        return self._binary_with("MINIMUM", other)

    def relu(self) -> Self:
        """The element where it is positive, else 0."""
        return self._unary("RELU")

    def round(self) -> Self:
        """Nearest whole number; halves go to the even one."""
        return self._unary("ROUND")

    def sigmoid(self) -> Self:
        """Logistic function."""
        return self._unary("SIGMOID")

    def sign(self) -> Self:
        """−1, 0 or 1."""
        return self._unary("SIGN")

    def sin(self) -> Self:
        """Sine of radians."""
        return self._unary("SIN")

    def sinh(self) -> Self:
        """Hyperbolic sine."""
        return self._unary("SINH")

    def softmax(self, axis: int) -> Self:
        """Exponentials divided by their sum along an axis."""
        x = self._live
        return self._wrap(operators.arrays("softmax", x, operators.normalize_axis(axis, x.dim())))

    def sqrt(self) -> Self:
        """Square root."""
        return self._unary("SQRT")

    def square(self) -> Self:
        """Square."""
        return self._unary("SQUARE")

    def tan(self) -> Self:
        """Tangent of radians."""
        return self._unary("TAN")

    def tanh(self) -> Self:
        """Hyperbolic tangent."""
        return self._unary("TANH")

    def trunc(self) -> Self:
        """The integer part."""
        return self._unary("TRUNC")


class Reductions(ArrayBase):
    """Functions that make fewer elements out of many.

    ``axis`` is one axis, several, or None for all; with ``keepdims`` reduced axes stay, with
    length 1.
    """

    __slots__ = ()

    def _reduce(self, name: str, axis: Axis, keepdims: bool) -> Self:
        x = self._live
        keep = flag("keepdims", keepdims)
        return self._wrap(operators.reduce(name, x, _axes(axis, x.dim()), keepdims=keep))

    def all(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Whether every element is true or non-zero."""
        return self._reduce("ALL", axis, keepdims)

    def any(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Whether some element is true or non-zero."""
        return self._reduce("ANY", axis, keepdims)

    def argmax(self, axis: int | None = None, *, keepdims: bool = False) -> Self:
        """Index of the first greatest element; without an axis, in the flattened array."""
        return self._reduce("ARGMAX", _one_axis("argmax", axis), keepdims)

    def argmin(self, axis: int | None = None, *, keepdims: bool = False) -> Self:
        """Index of the first smallest element; without an axis, in the flattened array."""
        return self._reduce("ARGMIN", _one_axis("argmin", axis), keepdims)

    def cumsum(self, axis: int) -> Self:
        """Partial sums along an axis.

        Example:
            >>> import pydjl
            >>> pydjl.array([3, 1, 4, 1, 5]).cumsum(0).tolist()
            [3, 4, 8, 9, 14]
        """
        x = self._live
        return self._wrap(operators.arrays("cumSum", x, operators.normalize_axis(axis, x.dim())))

    def max(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Greatest element."""
        return self._reduce("MAX", axis, keepdims)

    def mean(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Mean; the elements must be floating-point numbers.

        Example:
            >>> import pydjl
            >>> pydjl.array([[1.0, 2.0], [3.0, 6.0]]).mean(axis=1).tolist()
            [1.5, 4.5]
        """
        return self._reduce("MEAN", axis, keepdims)

    def min(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Smallest element."""
        return self._reduce("MIN", axis, keepdims)

    def prod(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Product; of integers, as int64."""
        return self._reduce("PROD", axis, keepdims)

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Sum; of integers, as int64."""
        return self._reduce("SUM", axis, keepdims)

    def sort(self, axis: int = -1) -> Self:
        """The elements in ascending order along an axis, in a new array."""
        x = self._live
        return self._wrap(operators.arrays("sort", x, operators.normalize_axis(axis, x.dim())))


def _limit(limit: Any, x: Tensor) -> Tensor:
    if not isinstance(limit, (bool, int, float, np.bool_, np.number)) or isinstance(limit, complex):
        raise ArgumentTypeError(f"clip's limits are numbers, not {type(limit).__name__}.")
    dtype = torch.result_type(x, 0)
    if isinstance(limit, (int, np.integer)) and not (dtype.is_floating_point or dtype.is_complex):
        least, greatest = torch.iinfo(dtype).min, torch.iinfo(dtype).max
        if not least <= limit <= greatest:
            raise ArgumentError(f"clip's limit {limit} does not exist in an array of {x.dtype}.")
    return operators.scalar_like(limit, x)


def _axes(axis: Axis, dimensions: int) -> list[int] | None:
    if axis is None:
        return None
    axes = operators.normalize_axes(axis, dimensions)
    if not axes:
        raise ArgumentError("axis () names no axis: give one, several, or None for all.")
    return axes


def _one_axis(name: str, axis: int | None) -> int | None:
    if isinstance(axis, (tuple, list, range)):
        raise ArgumentTypeError(f"{name} takes one axis or None, not {axis!r}.")
    return axis
