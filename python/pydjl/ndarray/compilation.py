"""Keep `torch.compile` out of what only Java can compute."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TypeVar, cast

import torch

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])


def outside_of_compile(function: FunctionT) -> FunctionT:
    """Make `torch.compile` call a function as it is: its graph breaks before and after.

    This is `torch.compiler.disable` without the two seconds that it takes to import the compiler,
    which a program that compiles nothing need not spend.

    Example:
        >>> outside_of_compile(abs)(-2)
        2
    """

    @functools.wraps(function)
    def run(*args: object, **kwargs: object) -> object:
        if "torch._dynamo" not in sys.modules:  # then nothing can be compiled now
            return function(*args, **kwargs)
        return disabled()(*args, **kwargs)

    @functools.cache
    def disabled() -> Callable[..., object]:
        disable = cast("Callable[..., Callable[..., object]]", torch.compiler.disable)
        return disable(function)

    run._torchdynamo_disable = True  # type: ignore[attr-defined]
    return cast("FunctionT", run)
