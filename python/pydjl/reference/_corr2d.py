"""The cross-correlation operator in PyTorch, with the same sequence of kernels as in Java."""

from __future__ import annotations

import torch

from pydjl.errors import DtypeError
from pydjl.reference._checks import corr2d_output_shape


def corr2d(X: torch.Tensor, K: torch.Tensor) -> torch.Tensor:
    """Computes the two-dimensional cross-correlation of ``X`` with ``K``, cell by cell.

    ``Y[i, j]`` is the sum of the products of the window of ``X`` whose top left corner is
    ``(i, j)`` with ``K``; the kernel is not flipped, so this is not a convolution. It is the loop
    of the chapter and not a fast operator: one product and one sum for each output cell, which is
    what makes it equal to the Java operator to the last bit. It is differentiable in ``X`` and
    ``K``.

    Args:
        X: the input, shape ``(H, W)``, any dtype of numbers.
        K: the kernel, shape ``(h, w)`` with ``h <= H`` and ``w <= W``, on the device of ``X``.

    Returns:
        The output, shape ``(H - h + 1, W - w + 1)``, in the dtype to which those of ``X`` and
        ``K`` promote; integers wrap around, as in all of PyTorch.

    Raises:
        ShapeError: ``X`` or ``K`` is not a matrix, or ``K`` is empty or larger than ``X``.
        DtypeError: ``X`` and ``K`` are both boolean.

    Source: "Dive into Deep Learning", DJL edition, 6.2.1, equation (6.2.1).

    Example:
        >>> X = torch.arange(9.0).reshape(3, 3)
        >>> K = torch.arange(4.0).reshape(2, 2)
        >>> corr2d(X, K)
        tensor([[19., 25.],
                [37., 43.]])
    """
    rows, columns = corr2d_output_shape(tuple(X.shape), tuple(K.shape))
    dtype = torch.promote_types(X.dtype, K.dtype)
    if dtype == torch.bool:
        raise DtypeError(
            "X and K are both torch.bool, in which no sum can be told; convert one of them, "
            "such as X.to(torch.int64)."
        )
    h, w = K.shape
    cells = [
        torch.stack([(X[i : i + h, j : j + w] * K).sum() for j in range(columns)])
        for i in range(rows)
    ]
    # The sum of small integers is int64; for floating-point dtypes this changes nothing.
    return torch.stack(cells).to(dtype)
