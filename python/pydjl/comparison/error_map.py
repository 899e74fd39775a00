"""Pictures of where two tensors differ: the largest error at each place of two of their axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

# Of a side, in cells. More would be too small to see, and a page of a hundred layers too large.
_SIDE = 64


@dataclass(frozen=True, eq=False)
class ErrorMap:
    """The largest error at each place of two axes, over all others.

    Attributes:
        axes: the axes of rows and columns.
        sizes: of these axes in the tensor.
        errors: of shape (rows, columns), both at most 64; a cell of a larger tensor holds the
            largest error of several places. Infinite where only one of the two is not a number.
    """

    axes: tuple[int, int]
    sizes: tuple[int, int]
    errors: npt.NDArray[np.float32]


def error_maps(java: Tensor, python: Tensor) -> tuple[ErrorMap, ...]:
    """Picture where two tensors differ.

    Args:
        java: Java's.
        python: Python's.

    Returns:
        Of ``(N, C, H, W)`` and larger ones the last two axes and the first two; of smaller ones
        the last two; of a vector one row. None if the shapes differ or there is nothing to see.

    Example:
        >>> x = torch.zeros(2, 3, 5, 4)
        >>> y = x.clone()
        >>> y[1, 2, 4, 0] = 0.5
        >>> [(each.axes, each.errors[-1].tolist()) for each in error_maps(x, y)]
        [((2, 3), [0.5, 0.0, 0.0, 0.0]), ((0, 1), [0.0, 0.0, 0.5])]
    """
    if java.shape != python.shape or not java.numel() or not java.dim():
        return ()
    error = _error(java, python)
    if error.dim() == 1:
        error = error[None]
    last, count = error.dim() - 1, error.dim()
    axes = [(last - 1, last), (0, 1)] if count > 3 else [(last - 1, last)]
    return tuple(_map_of(error, rows, columns) for rows, columns in axes)


def _map_of(error: Tensor, rows: int, columns: int) -> ErrorMap:
    others = [axis for axis in range(error.dim()) if axis not in (rows, columns)]
    largest = error.amax(others) if others else error
    height, width = largest.shape
    cells = F.adaptive_max_pool2d(largest[None], (min(height, _SIDE), min(width, _SIDE)))[0]
    return ErrorMap((rows, columns), (height, width), cells.cpu().numpy())


def _error(java: Tensor, python: Tensor) -> Tensor:
    wide = torch.promote_types(torch.promote_types(java.dtype, python.dtype), torch.float32)
    a, b = java.to(wide), python.to(java.device, wide)
    error = (a - b).abs()
    same = (a == b) | (a.isnan() & b.isnan())  # two infinities have a difference that is none
    return error.masked_fill_(same, 0).nan_to_num_(nan=torch.inf, posinf=torch.inf).float()
