"""What functions of layers have in common: kinds of arrays, and checks of their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from numpy.typing import NDArray as NumpyArray
from torch import Tensor

from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError, NotSupportedError
from pydjl.ndarray import NDArray
from pydjl.ndarray.numbers import flag, whole_number

ArrayT = TypeVar("ArrayT", NDArray, Tensor, NumpyArray[Any])
Array = NDArray | Tensor | NumpyArray[Any]
Size = int | Sequence[int]
_TOO_LARGE = 2**63  # for Java


def whole(name: str, value: Any, *, least: int = -_TOO_LARGE) -> int:
    """One whole number.

    Raises:
        ArgumentError: it is too small, or too large for Java.
        ArgumentTypeError: it is no whole number.

    Example:
        >>> whole("Linear: in_features", 3, least=0)
        3
    """
    try:
        number = whole_number(value)
    except TypeError as exc:
        raise ArgumentTypeError(f"{name} is {value!r}, but a whole number is needed.") from exc
    if not least <= number < _TOO_LARGE:
        first = "-2**63" if least == -_TOO_LARGE else least
        raise ArgumentError(
            f"{name} is {number}, but a number from {first} to 2**63 - 1 is needed."
        )
    return number


def per_dimension(name: str, value: Size, dimensions: int, *, least: int) -> tuple[int, ...]:
    """One number for each dimension of a window, of an argument that may be one for all.

    Raises:
        ArgumentError: there are too few or too many, or one is too small.
        ArgumentTypeError: it is no whole number and no sequence of such.

    Example:
        >>> per_dimension("stride", 2, 3, least=1)
        (2, 2, 2)
    """
    # Nearly always it is right, and this is asked several times in every call.
    if type(value) is int and least <= value < _TOO_LARGE:
        return (value,) * dimensions
    if type(value) is tuple and len(value) == dimensions:
        for each in value:
            if type(each) is not int or not least <= each < _TOO_LARGE:
                break
        else:
            return value
    try:
        values = tuple(map(whole_number, elements(value)))
    except (TypeError, RuntimeError) as exc:
        raise ArgumentTypeError(
            f"{name} is {value!r}, but one or {dimensions} whole numbers are needed."
        ) from exc
    if len(values) == 1:
        values *= dimensions
    if len(values) != dimensions or min(values) < least or max(values) >= _TOO_LARGE:
        raise ArgumentError(
            f"{name} is {value!r}, but one or {dimensions} numbers of at least {least} are needed."
        )
    return values


def elements(value: Any) -> tuple[Any, ...]:
    """What a sequence or an array holds; anything else, text among it, is one value for all.

    Example:
        >>> elements([2, 3]), elements(2), elements("same")
        ((2, 3), (2,), ('same',))
    """
    if isinstance(value, (str, bytes)) or not (
        isinstance(value, Sequence) or getattr(value, "ndim", False)
    ):
        return (value,)
    return tuple(value)


def check_same_dtype(operation: str, **tensors: Tensor | None) -> None:
    """Refuse tensors of several dtypes, with the names of the tensors.

    Raises:
        DtypeError: with the dtypes.
    """
    given = {name: tensor.dtype for name, tensor in tensors.items() if tensor is not None}
    if len(set(given.values())) > 1:
        names = list(given)
        dtypes = sorted({str(dtype) for dtype in given.values()})
        raise DtypeError(
            f"{operation}: {', '.join(names[:-1])} and {names[-1]} have the dtypes "
            f"{', '.join(dtypes)}: convert them to one."
        )


def refuse(operation: str, argument: str, reason: str) -> NotSupportedError:
    """The error for what PyTorch can do and DJL cannot.

    Example:
        >>> print(refuse("relu", "inplace=True", "use its result"))
        relu: inplace=True is not possible, because DJL cannot: use its result.
    """
    return NotSupportedError(
        f"{operation}: {argument} is not possible, because DJL cannot: {reason}."
    )


def refuse_in_place(operation: str, inplace: bool) -> None:
    """Refuse to write a result into the input.

    Raises:
        NotSupportedError: it was asked for.
    """
    if flag(f"{operation}: inplace", inplace):
        raise refuse(operation, "inplace=True", "use the result, a new array, instead")
