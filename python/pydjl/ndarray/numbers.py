"""Numbers among the arguments: what may be a size, an axis, a share, a switch."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from pydjl.errors import ArgumentError, ArgumentTypeError


def whole_number(value: Any) -> int:
    """A whole number of any kind; a boolean is none, as in PyTorch.

    Raises:
        TypeError: it is something else.

    Example:
        >>> import numpy as np
        >>> whole_number(np.int8(3))
        3
    """
    if isinstance(value, bool):
        raise TypeError(f"{value!r} is a boolean, not a whole number")
    try:
        return operator.index(value)
    except RuntimeError as exc:  # some kinds of tensors
        raise TypeError(str(exc)) from exc


def real_number(name: str, value: Any) -> float:
    """A real number of any kind, as Python's; text is none, whatever it says.

    Raises:
        ArgumentTypeError: it is something else.
        ArgumentError: it is too large for a float.

    Example:
        >>> real_number("alpha", 2)
        2.0
    """
    if isinstance(value, (str, bytes, bytearray)):  # which float() would read
        raise ArgumentTypeError(f"{name} is {value!r}, but a number is needed.")
    try:
        return float(value)
    except OverflowError as exc:
        raise ArgumentError(f"{name} is too large: a float goes up to 1.8e308.") from exc
    except (TypeError, ValueError, RuntimeError) as exc:
        raise ArgumentTypeError(f"{name} is {_shown(value)}, but a number is needed.") from exc


def java_int(name: str, value: Any) -> int:
    """A whole number that fits into an ``int`` of Java's.

    Raises:
        ArgumentTypeError: it is something else.
        ArgumentError: it does not fit.

    Example:
        >>> java_int("k", 3)
        3
    """
    try:
        number = whole_number(value)
    except TypeError as exc:
        raise ArgumentTypeError(
            f"{name} is {_shown(value)}, but a whole number is needed."
        ) from exc
    if not -(2**31) <= number < 2**31:
        raise ArgumentError(f"{name} is too large: Java's int goes from -2**31 to 2**31 - 1.")
    return number


def flag(name: str, value: Any) -> bool:
    """Python's or NumPy's True or False; nothing else is one, as in PyTorch.

    Raises:
        ArgumentTypeError: it is something else, such as the text ``"False"``, which is true.

    Example:
        >>> flag("keepdims", True)
        True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise ArgumentTypeError(f"{name} is {_shown(value)}, but True or False is needed.")
    return bool(value)


def sizes(name: str, values: Any) -> tuple[int, ...]:
    """Several whole numbers, in a list or tuple.

    Raises:
        ArgumentTypeError: it is something else.

    Example:
        >>> sizes("shape", [2, 3])
        (2, 3)
    """
    try:
        return tuple(map(whole_number, values))
    except (TypeError, RuntimeError) as exc:
        raise ArgumentTypeError(
            f"{name} is {_shown(values)}, but a list of whole numbers is needed."
        ) from exc


def _shown(value: Any) -> str:
    known = value is None or isinstance(value, (str, bytes, bool, int, float))
    return repr(value) if known else f"a {type(value).__name__}"
