"""Division rounded down, which DJL does not have: composed from its quotient and remainder."""

from __future__ import annotations

import torch
from torch import Tensor

from pydjl.ndarray.operators import binary, convert, scalar_like, unary, where

_INTEGERS = (torch.uint8, torch.int8, torch.int32, torch.int64)


def floor_divide(a: Tensor, b: Tensor) -> Tensor:
    """Divide and round down, composed from DJL's remainder and quotient, which has no such thing.

    ``(a − a mod b) / b`` is a whole number up to rounding, so rounding it to the nearest one is
    exact where the floor of ``a / b`` may be one too much (1.0 // 0.1 is 9).
    """
    dtype = torch.result_type(a, b)
    if dtype in _INTEGERS:
        a, b = (convert(convert(each, dtype), torch.int64) for each in (a, b))
        return convert(_floor_divide_integers(a, b), dtype)
    if dtype is torch.float16:  # its eleven bits do not hold the products
        a, b = (
            convert(convert(a, dtype), torch.float32),
            convert(b, torch.float32),
        )
    remainder = binary("MOD", a, b)
    whole = unary("ROUND", binary("DIV", binary("SUB", a, remainder), b))
    # An infinite remainder: finite numbers of one sign, divided by an infinity of the other.
    whole = where(unary("IS_INFINITE", remainder), scalar_like(-1.0, whole), whole)
    by_zero = binary("EQ", b, scalar_like(0, b))
    return convert(where(by_zero, binary("DIV", a, b), whole), dtype)


def _floor_divide_integers(a: Tensor, b: Tensor) -> Tensor:
    """Divide int64: float64 gives a quotient that is nearly right, integers what it lacks."""
    remainder = binary("MOD", a, b)
    quotient = binary("DIV", convert(a, torch.float64), convert(b, torch.float64))
    nearly = convert(quotient, torch.int64)
    rest = binary("SUB", a, binary("MUL", nearly, b))
    parts, part = (binary("DIV", convert(each, torch.float64), b) for each in (rest, remainder))
    lacking = unary("ROUND", binary("SUB", parts, part))
    return binary("ADD", nearly, convert(lacking, torch.int64))
