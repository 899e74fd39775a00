"""Turn Java's exceptions into Python's, with the operation and its shapes in the message."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import jpype

from pydjl.errors import (
    ArgumentError,
    ArrayIndexError,
    ClosedError,
    DeviceError,
    DivisionByZeroError,
    DtypeError,
    JavaError,
    NotSupportedError,
    OutOfMemoryError,
    PydjlError,
    ShapeError,
)

# Java's classes first: they were chosen by whoever threw them.
_BY_CLASS: tuple[tuple[str, type[PydjlError]], ...] = (
    ("java.lang.OutOfMemoryError", OutOfMemoryError),
    ("java.lang.IndexOutOfBoundsException", ArrayIndexError),
    ("java.lang.UnsupportedOperationException", NotSupportedError),
    ("java.lang.IllegalArgumentException", ArgumentError),
)
# libtorch has one class for everything, so its words decide; the first match counts.
_BY_WORDS: tuple[tuple[str, type[PydjlError]], ...] = (
    (r"^ZeroDivisionError", DivisionByZeroError),
    (r"released already|has been closed", ClosedError),
    (r"out of memory|can't allocate memory|alloc_cpu|not enough memory", OutOfMemoryError),
    (r"index .*out of (bounds|range)|Dimension out of range|too many indices", ArrayIndexError),
    (
        r"dtype|scalar type|data type|can't be cast|not implemented for '|"
        r"expected .*(Float|Long|Int|Bool|Byte)|not supported (on|for) .*tensor|Boolean|"
        r"bool tensors? is not supported|"
        r"can only be created from integral|(Input|weight|bias) type",
        DtypeError,
    ),
    (r"same device|device type|CUDA error|Expected all tensors", DeviceError),
    (r"size|shape|dimension|numel|broadcast|must match|1D tensors|dims", ShapeError),
)


def translate(
    exc: Any,
    operation: str,
    operands: Sequence[str] = (),
    shapes: Sequence[tuple[int, ...]] = (),
) -> PydjlError:
    """Make the Python exception for a Java exception; the caller raises it ``from`` that one.

    Args:
        exc: the Java exception, as JPype raises it.
        operation: what was being done, such as ``NDArray.add``.
        operands: a description of each operand, such as ``(2, 3) float32``.
        shapes: their shapes, for `ShapeError.shapes`.

    Returns:
        An exception whose message names the operation, the operands and Java's reason.
    """
    given = f" of {' and '.join(operands)}" if operands else ""
    message = f"{operation}{given}: {describe_cause(exc)}"
    kind = _kind(exc)
    return ShapeError(message, *shapes) if kind is ShapeError else kind(message)


def report_callback_failure(exc: BaseException) -> None:
    """Hand what Python raised while Java called it to Java, which throws it on in this thread."""
    raised = jpype.JProxy("org.pydjl.bridge.RaisedInPython", inst=_Raised(exc))
    jpype.JClass("org.pydjl.bridge.CallbackFailure").report(raised)


def take_callback_failure(exc: Any) -> BaseException | None:
    """What Python raised, if that is why Java threw an exception; once."""
    kind = jpype.JClass("org.pydjl.bridge.CallbackFailure")
    wrapped = jpype.JClass("org.jpype.PyExceptionProxy")
    while exc is not None:
        if isinstance(exc, wrapped):  # an interrupt, before our own code could report it
            try:
                kind.rethrow(exc)
            except BaseException as interrupt:
                return interrupt
        if isinstance(exc, kind) and exc.getRaised() is not None:
            raised: _Raised = jpype.JProxy.unwrap(exc.getRaised())
            return raised.take()
        exc = exc.getCause()
    return None


class _Raised:
    """What Java holds of a Python exception: the methods of ``RaisedInPython``."""

    def __init__(self, exc: BaseException) -> None:
        self._exception: BaseException | None = exc
        self._text = f"{type(exc).__name__}: {exc}"

    def describe(self) -> str:
        return self._text

    def take(self) -> BaseException | None:
        # Java keeps this object until its next collection; the exception, with all the frames
        # and tensors that it leads to, must not wait for that.
        taken, self._exception = self._exception, None
        return taken


def describe_cause(exc: Any) -> str:
    """Say a Java exception in one line, without the native stack that libtorch appends."""
    message = str(exc.getMessage() or "").split("\nException raised from")[0]
    head, traced, trace = message.partition("Traceback of TorchScript")
    if traced:  # between the two stand the places in a model's code
        message = f"{head} {trace.strip().splitlines()[-1]}"
    line = " ".join(message.split())
    if line == "ZeroDivisionError":  # all that libtorch says
        return "integers cannot be divided by 0."
    return line or str(exc.getClass().getName())


def _kind(exc: Any) -> type[PydjlError]:
    for name, kind in _BY_CLASS:
        if isinstance(exc, jpype.JClass(name)):
            return kind
    text = str(exc.getMessage() or "")
    for words, kind in _BY_WORDS:
        if re.search(words, text):
            return kind
    return JavaError
