"""One call to Java: tensors are lent, the result is adopted, and an error becomes Python's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import jpype
from torch import Tensor

from pydjl.errors import ArgumentTypeError, PydjlError
from pydjl.ndarray.compilation import outside_of_compile
from pydjl.ndarray.exchange import (
    adopt,
    check_tensor,
    free,
    handles_inside,
    make_handle,
    self_test,
)
from pydjl.runtime import ensure_started, java_class, take_callback_failure, translate


@outside_of_compile
def call_java(operation: str, method: str, tensors: Sequence[Tensor], *arguments: Any) -> Any:
    """Call a method of the Java bridge whose first parameters are handles.

    Args:
        operation: what is being done, for the message of an error.
        method: the method below ``org.pydjl.bridge``: ``Class.method``, or
            ``Enum.CONSTANT.method``. It frees the handles.
        tensors: the tensors to lend.
        arguments: what follows the handles: Java objects, numbers, lists of numbers.

    Returns:
        What the method returns.

    Raises:
        PydjlError: of the kind that fits what Java threw, with Java's exception chained.
    """
    return _call(operation, method, tensors, arguments)


@outside_of_compile
def call_java_with_list(
    operation: str,
    method: str,
    tensors: Sequence[Tensor],
    *arguments: Any,
    listed: Sequence[Tensor],
) -> Any:
    """As `call_java`, for a method whose last parameter is a list of handles."""
    return _call(operation, method, tensors, arguments, listed)


@outside_of_compile
def call_java_for(
    operation: str, method: str, tensors: Sequence[Tensor], *arguments: Any
) -> Tensor:
    """As `call_java`, for a method that gives a handle away: returns its tensor."""
    return adopt(_call(operation, method, tensors, arguments))


@outside_of_compile
def lend_to_java(operation: str, method: str, tensors: Sequence[Tensor], *arguments: Any) -> Tensor:
    """As `call_java_for`, for a method that leaves the handles alone: one of Java's ``Loan``."""
    handles = handles_inside(tensors)
    ensure_started()
    return adopt(_enter(operation, method, tensors, (*handles, *arguments)))


def describe(tensor: Tensor) -> str:
    """Shape and dtype of a tensor, for messages.

    Example:
        >>> import torch
        >>> describe(torch.zeros(2, 3))
        '(2, 3) float32'
    """
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _call(
    operation: str,
    method: str,
    tensors: Sequence[Tensor],
    arguments: Sequence[Any],
    listed: Sequence[Tensor] | None = None,
) -> Any:
    given = tensors if listed is None else (*tensors, *listed)
    for tensor in given:
        check_tensor(tensor)  # all of them first: a handle that was made must reach Java
    ensure_started()
    _bridge(method)  # before handles are made, which a method that is missing would never see
    handles = [make_handle(tensor) for tensor in given]
    count = len(tensors)
    lists = () if listed is None else (handles[count:],)
    return _enter(operation, method, given, (*handles[:count], *arguments, *lists), handles)


def _enter(
    operation: str,
    method: str,
    tensors: Sequence[Tensor],
    arguments: Sequence[Any],
    made: Sequence[int] = (),
) -> Any:
    """Enter Java, and tell each way in which that may fail; handles that were made are given."""
    try:
        result = _bridge(method)(*arguments)
    except _NOT_PASSED as exc:
        if _was_raised_inside(exc):
            raise
        for handle in made:  # Java never saw them
            free(handle)
        raise _not_passed(operation, exc) from exc
    except jpype.JException as exc:
        # What was given stays, since nobody knows whether Java has freed it already.
        raise _thrown_outside(operation, exc, tensors) from exc
    except SystemError as exc:
        raised_in_hook = _raised_in_hook(exc)
    else:
        if not result:  # 0, False or None: no success returns one of these
            raise _failure(operation, tensors)
        return result
    raise raised_in_hook


# What JPype raises when an argument has no counterpart in Java.
_NOT_PASSED = (TypeError, OverflowError)


def _was_raised_inside(exc: Exception) -> bool:
    """Whether a hook of Python's, which libtorch called below Java, raised this, and not JPype.

    Then Java has taken the handles over, and kept a failure of libtorch's.
    """
    kept = _bridge("Call.takeFailure")()
    frame = exc.__traceback__  # the one that entered Java; JPype adds none
    return kept is not None or (frame is not None and frame.tb_next is not None)


def _not_passed(operation: str, exc: Exception) -> ArgumentTypeError:
    reason = str(exc).splitlines()[0]
    return ArgumentTypeError(f"{operation}: an argument cannot be passed to Java ({reason}).")


def _thrown_outside(operation: str, exc: Any, tensors: Sequence[Tensor]) -> BaseException:
    """For what the bridge did not catch, which lets nothing out: Java had no memory to enter it."""
    return translate(exc, operation, [describe(tensor) for tensor in tensors])


def _raised_in_hook(exc: SystemError) -> BaseException:
    """What a hook of Python's raised that libtorch had called below Java.

    Java saw a failure of libtorch, and Python finds an exception pending where there is a result.
    """
    _bridge("Call.takeFailure")()
    return exc.__cause__ or exc


def _failure(operation: str, tensors: Sequence[Tensor]) -> BaseException:
    cause = _bridge("Call.takeFailure")()
    raised_in_callback = take_callback_failure(cause)
    if raised_in_callback is not None:
        return raised_in_callback
    operands = [describe(tensor) for tensor in tensors]
    if cause is None:
        return PydjlError(
            f"{operation} of {' and '.join(operands)} failed, but a signal handler's own call that "
            "failed has taken Java's reason: call it again to see it."
        )
    shapes = [tuple(tensor.shape) for tensor in tensors]
    failure = translate(cause, operation, operands, shapes)
    failure.__cause__ = cause
    return failure


@cache
def _bridge(method: str) -> Callable[..., Any]:
    self_test()  # not once per process but once per method: a microsecond, and no state
    class_name, *names = method.split(".")
    target = java_class(f"org.pydjl.bridge.{class_name}")
    for name in names:
        target = getattr(target, name)
    return target  # type: ignore[no-any-return]
