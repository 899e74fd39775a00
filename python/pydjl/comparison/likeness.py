"""Two questions that every search for a cause asks of two tensors."""

from __future__ import annotations

import math

from torch import Tensor

from pydjl.comparison.difference import compare_values
from pydjl.comparison.tolerance import Tolerance


def agree(a: Tensor, b: Tensor, tolerance: Tolerance | None) -> bool:
    """Whether two tensors are of one shape and dtype, and within the tolerance."""
    return compare_values("", a, b, tolerance=tolerance).ok


def best_factor(a: Tensor, b: Tensor) -> float | None:
    """The number that b has to be multiplied by to come nearest to a.

    None if there is no such number: b is 0, or one of the two has infinities or NaN.

    Example:
        >>> import torch
        >>> best_factor(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 2.0]))
        2.0
    """
    a, b = a.double(), b.double()
    square = (b * b).sum().item()
    factor = (a * b).sum().item() / square if square > 0 else math.nan
    return factor if math.isfinite(factor) else None
