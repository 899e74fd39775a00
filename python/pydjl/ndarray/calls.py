"""One call to Java: tensors are lent, the result is adopted, and an error becomes Python's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from torch import Tensor

from pydjl.errors import ArgumentTypeError
from pydjl.ndarray.compilation import outside_of_compile
from pydjl.ndarray.exchange import adopt, check_tensor, free, make_handle, self_test
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
    for tensor in tensors:
        check_tensor(tensor)  # all of them first: a handle that was made must reach Java
    ensure_started()
    handles = [make_handle(tensor) for tensor in tensors]
    result = _invoke(operation, method, [*handles, *arguments], handles)
    return _checked(result, operation, tensors)


@outside_of_compile
def call_java_with_list(
    operation: str,
    method: str,
    tensors: Sequence[Tensor],
    *arguments: Any,
    listed: Sequence[Tensor],
) -> Any:
    """As `call_java`, for a method whose last parameter is a list of handles."""
    for tensor in (*tensors, *listed):
        check_tensor(tensor)
    ensure_started()
    handles = [make_handle(tensor) for tensor in tensors]
    last = [make_handle(tensor) for tensor in listed]
    result = _invoke(operation, method, [*handles, *arguments, last], handles + last)
    return _checked(result, operation, (*tensors, *listed))


@outside_of_compile
def call_java_for(
    operation: str, method: str, tensors: Sequence[Tensor], *arguments: Any
) -> Tensor:
    """As `call_java`, for a method that gives a handle away: returns its tensor."""
    return adopt(call_java(operation, method, tensors, *arguments))


def describe(tensor: Tensor) -> str:
    """Shape and dtype of a tensor, for messages.

    Example:
        >>> import torch
        >>> describe(torch.zeros(2, 3))
        '(2, 3) float32'
    """
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


def _invoke(operation: str, method: str, arguments: Sequence[Any], handles: Sequence[int]) -> Any:
    try:
        return _bridge(method)(*arguments)
    except (TypeError, OverflowError) as exc:
        raise _unpassed(operation, handles, exc) from exc
    except SystemError as exc:
        # A hook of Python's that libtorch called below Java has raised: Java saw a failure of
        # libtorch, and Python finds an exception pending where there is a result.
        raised_in_hook = exc.__cause__
        if raised_in_hook is None:
            raise
    _bridge("Call.takeFailure")()
    raise raised_in_hook


def _checked(result: Any, operation: str, tensors: Sequence[Tensor]) -> Any:
    if not result:  # 0, False or None: no success returns one of these
        cause = _bridge("Call.takeFailure")()
        raised_in_callback = take_callback_failure(cause)
        if raised_in_callback is not None:
            raise raised_in_callback
        raise translate(cause, operation, [describe(tensor) for tensor in tensors]) from cause
    return result


def _unpassed(operation: str, handles: Sequence[int], exc: Exception) -> ArgumentTypeError:
    """An argument has no counterpart in Java, so Java never saw the handles: free them here."""
    for handle in handles:
        free(handle)
    reason = str(exc).splitlines()[0]
    return ArgumentTypeError(f"{operation}: an argument cannot be passed to Java ({reason}).")


@cache
def _bridge(method: str) -> Callable[..., Any]:
    self_test()  # not once per process but once per method: a microsecond, and no state
    class_name, *names = method.split(".")
    target = java_class(f"org.pydjl.bridge.{class_name}")
    for name in names:
        target = getattr(target, name)
    return target  # type: ignore[no-any-return]
