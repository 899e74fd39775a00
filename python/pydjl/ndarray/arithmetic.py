"""Operators of `NDArray`: arithmetic, comparison, logic, matrix product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from typing_extensions import Self

from pydjl.errors import ArgumentTypeError, DtypeError
from pydjl.ndarray import operators
from pydjl.ndarray.base import ArrayBase
from pydjl.ndarray.division import floor_divide


class Arithmetic(ArrayBase):
    """Python's operators, each computed by DJL; types are promoted as in PyTorch."""

    __slots__ = ()

    # NumPy's scalars leave the result to this class, NumPy's arrays compute it themselves.
    __array_priority__ = -1.0

    def _binary(self, name: str, other: Any, *, swapped: bool = False) -> Self:
        operand = self._operand(other)
        if operand is None:
            if name == "MUL" and isinstance(other, Sequence):  # which Python would repeat
                raise ArgumentTypeError(
                    f"a {type(other).__name__} cannot be multiplied: make it a pydjl.array first."
                )
            return NotImplemented  # type: ignore[no-any-return]
        a, b = (operand, self._live) if swapped else (self._live, operand)
        return self._wrap(operators.binary(name, a, b))

    def _in_place(self, name: str, other: Any) -> Self:
        operand = self._operand(other)
        if operand is None:
            return NotImplemented  # type: ignore[no-any-return]
        operators.in_place(name, self._live, operand)
        return self

    def _overwrite(self, symbol: str, result: Self) -> Self:
        """Do in place what DJL does only in new memory."""
        if result is NotImplemented:
            return result
        x, value = self._live, result._live
        if not torch.can_cast(value.dtype, x.dtype):
            raise DtypeError(
                f"NDArray {symbol}= would write {value.dtype} into an array of {x.dtype}: use "
                f"NDArray {symbol} NDArray."
            )
        operators.put(x, "...", [], value)
        return self

    def _logical(self, name: str, symbol: str, other: Any) -> Self:
        operand = self._operand(other)
        if operand is None:
            return NotImplemented  # type: ignore[no-any-return]
        return self._wrap(operators.logical(name, symbol, self._live, operand))

    def __add__(self, other: Any) -> Self:
        return self._binary("ADD", other)

    def __radd__(self, other: Any) -> Self:
        return self._binary("ADD", other)

    def __iadd__(self, other: Any) -> Self:
        return self._in_place("ADD", other)

    def __sub__(self, other: Any) -> Self:
        return self._binary("SUB", other)

    def __rsub__(self, other: Any) -> Self:
        return self._binary("SUB", other, swapped=True)

    def __isub__(self, other: Any) -> Self:
        return self._in_place("SUB", other)

    def __mul__(self, other: Any) -> Self:
        return self._binary("MUL", other)

    def __rmul__(self, other: Any) -> Self:
        return self._binary("MUL", other)

    def __imul__(self, other: Any) -> Self:
        return self._in_place("MUL", other)

    def __truediv__(self, other: Any) -> Self:
        return self._binary("DIV", other)

    def __rtruediv__(self, other: Any) -> Self:
        return self._binary("DIV", other, swapped=True)

    def __itruediv__(self, other: Any) -> Self:
        return self._in_place("DIV", other)

    def __floordiv__(self, other: Any) -> Self:
        operand = self._operand(other)
        if operand is None:
            return NotImplemented
        return self._wrap(floor_divide(self._live, operand))

    def __rfloordiv__(self, other: Any) -> Self:
        operand = self._operand(other)
        if operand is None:
            return NotImplemented
        return self._wrap(floor_divide(operand, self._live))

    def __ifloordiv__(self, other: Any) -> Self:
        return self._overwrite("//", self.__floordiv__(other))

    def __mod__(self, other: Any) -> Self:
        return self._binary("MOD", other)

    def __rmod__(self, other: Any) -> Self:
        return self._binary("MOD", other, swapped=True)

    def __imod__(self, other: Any) -> Self:
        return self._in_place("MOD", other)

    def __pow__(self, other: Any) -> Self:
        return self._binary("POW", other)

    def __rpow__(self, other: Any) -> Self:
        return self._binary("POW", other, swapped=True)

    def __ipow__(self, other: Any) -> Self:
        return self._in_place("POW", other)

    def __matmul__(self, other: Any) -> Self:
        return self._binary("MATMUL", other)

    def __rmatmul__(self, other: Any) -> Self:
        return self._binary("MATMUL", other, swapped=True)

    def __neg__(self) -> Self:
        return self._wrap(operators.unary("NEG", self._live))

    def __pos__(self) -> Self:
        self._live  # noqa: B018 - a closed array has no sign
        return self

    def __abs__(self) -> Self:
        return self._wrap(operators.unary("ABS", self._live))

    def __and__(self, other: Any) -> Self:
        return self._logical("LOGICAL_AND", "&", other)

    def __rand__(self, other: Any) -> Self:
        return self._logical("LOGICAL_AND", "&", other)

    def __iand__(self, other: Any) -> Self:
        return self._overwrite("&", self.__and__(other))

    def __or__(self, other: Any) -> Self:
        return self._logical("LOGICAL_OR", "|", other)

    def __ror__(self, other: Any) -> Self:
        return self._logical("LOGICAL_OR", "|", other)

    def __ior__(self, other: Any) -> Self:
        return self._overwrite("|", self.__or__(other))

    def __xor__(self, other: Any) -> Self:
        return self._logical("LOGICAL_XOR", "^", other)

    def __rxor__(self, other: Any) -> Self:
        return self._logical("LOGICAL_XOR", "^", other)

    def __ixor__(self, other: Any) -> Self:
        return self._overwrite("^", self.__xor__(other))

    def __invert__(self) -> Self:
        tensor = self._live
        return self._wrap(operators.logical_not(tensor))

    # Comparison is element by element, so an array's hash is its identity, as in PyTorch.
    def __eq__(self, other: object) -> Self:  # type: ignore[override]
        return self._binary("EQ", other)

    def __ne__(self, other: object) -> Self:  # type: ignore[override]
        return self._binary("NEQ", other)

    def __lt__(self, other: Any) -> Self:
        return self._binary("LT", other)

    def __le__(self, other: Any) -> Self:
        return self._binary("LTE", other)

    def __gt__(self, other: Any) -> Self:
        return self._binary("GT", other)

    def __ge__(self, other: Any) -> Self:
        return self._binary("GTE", other)

    __hash__ = object.__hash__
