"""Keep `torch.compile` out of what only Java can compute."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

import torch

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])

_compiler: Any = torch._C._dynamo.eval_frame  # type: ignore[attr-defined]
_SKIP = _compiler._FrameAction.SKIP


def outside_of_compile(function: FunctionT) -> FunctionT:
    """Make `torch.compile` call a function as it is: its graph breaks before and after.

    This is `torch.compiler.disable` without the two seconds that it takes to import the compiler,
    which a program that compiles nothing need not spend, and without a wrapper, which in every call
    takes as long as passing a tensor.

    Args:
        function: a function written in Python.

    Example:
        >>> def add(x, y):
        ...     return x + y
        >>> outside_of_compile(add) is add
        True
    """
    assert isinstance(function, FunctionType)
    # The first is for calls from what is compiled, the second for what runs between its graphs.
    function._torchdynamo_disable = True  # type: ignore[attr-defined]
    strategy = _compiler._FrameExecStrategy(_SKIP, _SKIP)
    _compiler.set_code_exec_strategy(function.__code__, strategy)
    return function
