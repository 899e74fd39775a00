"""The errors that pydjl raises: each is a `PydjlError` and a standard Python exception as well.

A caller that knows Python catches `ValueError`, `TypeError`, `IndexError`; a caller that wants
everything of ours catches `PydjlError`. Where Java was the cause, its exception is chained as
``__cause__``. This module imports nothing of ours.
"""

from __future__ import annotations

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ArrayIndexError",
    "ClosedError",
    "DeviceError",
    "DivisionByZeroError",
    "DtypeError",
    "ForkError",
    "JavaError",
    "JavaNotFoundError",
    "NotSupportedError",
    "OutOfMemoryError",
    "PydjlError",
    "ShapeError",
    "StartError",
]


class PydjlError(Exception):
    """The root of everything that pydjl raises on purpose."""


class ArgumentError(PydjlError, ValueError):
    """An argument has the right type and an impossible value."""


class ArgumentTypeError(PydjlError, TypeError):
    """An argument has a type that cannot be used here."""


class DtypeError(ArgumentTypeError):
    """An array's element type cannot be used here, or DJL does not know it."""


class ShapeError(ArgumentError):
    """Shapes do not fit together.

    Attributes:
        shapes: the shapes that were given, in the order of the arguments.

    Example:
        >>> ShapeError("X is smaller than K", (1, 2), (3, 3)).shapes
        ((1, 2), (3, 3))
    """

    def __init__(self, message: str, *shapes: tuple[int, ...]) -> None:
        super().__init__(message)
        self.shapes = shapes


class ArrayIndexError(PydjlError, IndexError):
    """An index lies outside an array, or there are more indices than dimensions."""


class DivisionByZeroError(PydjlError, ZeroDivisionError):
    """Integers were divided by 0; floating-point numbers give infinities and NaN instead."""


class ClosedError(PydjlError, ValueError):
    """The array was closed; as with a closed file, this is a `ValueError`."""


class DeviceError(PydjlError, RuntimeError):
    """A device was asked for that this machine or this build does not have."""


class NotSupportedError(PydjlError, NotImplementedError):
    """DJL's PyTorch engine does not implement this operation."""


class OutOfMemoryError(PydjlError, MemoryError):
    """Java's heap, the device's memory or the machine's memory is used up."""


class JavaError(PydjlError, RuntimeError):
    """Java threw an exception that has no closer Python counterpart; it is chained."""


class ForkError(PydjlError, RuntimeError):
    """Java was used in a forked child; a Java virtual machine does not survive a fork."""


class StartError(PydjlError, RuntimeError):
    """The Java virtual machine or DJL's engine cannot be started."""


class JavaNotFoundError(StartError):
    """No Java of a version that serves was found."""
