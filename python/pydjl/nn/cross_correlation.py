"""The chapter's operator: two-dimensional cross-correlation by its definition."""

from __future__ import annotations

from typing import cast

import torch

from pydjl.errors import DtypeError, ShapeError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.ndarray.dtypes import check_dtype
from pydjl.nn.arguments import Array, ArrayT


def corr2d(X: ArrayT, K: Array) -> ArrayT:
    """Two-dimensional cross-correlation by the chapter's Java loop over output cells.

    Each output element is the sum of the products of the kernel and the window under it:
    ``Y[i, j] = (X[i:i+h, j:j+w] * K).sum()``, equation 6.2.1 of "Dive into Deep Learning", DJL
    edition. Gradients flow to `X` and to `K`. The loop shows the definition; for large inputs a
    convolution layer is the fast way.

    Args:
        X: the input, shape ``(H, W)``.
        K: the kernel, shape ``(h, w)`` with ``h <= H`` and ``w <= W``; not flipped.

    Returns:
        An array of shape ``(H - h + 1, W - w + 1)`` of the dtype to which those of `X` and `K`
        are promoted: an `NDArray`, a tensor or a NumPy array, as `X` is one.

    Raises:
        ShapeError: the arguments are not two-dimensional, or the kernel is larger than the input.
        DtypeError: they are of booleans, complex numbers or a type unknown to DJL.
        ArgumentTypeError: an argument is no array.

    Example:
        >>> import pydjl
        >>> X = pydjl.array([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]])
        >>> pydjl.corr2d(X, pydjl.array([[0.0, 1], [2, 3]]))
        ND: (2, 2) cpu() float32
        [[19., 25.],
         [37., 43.],
        ]
        >>> import numpy as np
        >>> pydjl.corr2d(np.eye(2), np.ones((1, 2)))
        array([[1.],
               [1.]])
    """
    x, k = as_tensor(X, "X"), as_tensor(K, "K")
    check_corr2d("X", tuple(x.shape), "K", tuple(k.shape))
    _check_dtypes(x.dtype, k.dtype)
    return cast("ArrayT", like(X, call_java_for("corr2d", "Convolutions.corr2d", [x, k])))


def check_corr2d(
    x_name: str, x_shape: tuple[int, ...], k_name: str, k_shape: tuple[int, ...]
) -> None:
    """Refuse shapes that cannot be cross-correlated in two dimensions.

    Args:
        x_name: what the caller calls the input.
        x_shape: its shape.
        k_name: what the caller calls the kernel.
        k_shape: its shape.

    Raises:
        ShapeError: one has not two dimensions of at least 1, or the kernel does not fit.

    Example:
        >>> check_corr2d("X", (6, 8), "K", (1, 2))
    """
    for name, shape in ((x_name, x_shape), (k_name, k_shape)):
        if len(shape) != 2 or min(shape) < 1:
            raise ShapeError(
                f"{name} has shape {shape}, but (height, width) of at least 1 each is needed.",
                x_shape,
                k_shape,
            )
    if k_shape[0] > x_shape[0] or k_shape[1] > x_shape[1]:
        raise ShapeError(
            f"{k_name} of shape {k_shape} does not fit into {x_name} of shape {x_shape}: it may be "
            "at most as high and as wide.",
            x_shape,
            k_shape,
        )


def _check_dtypes(x: torch.dtype, k: torch.dtype) -> None:
    result = torch.promote_types(x, k)
    if result is torch.bool or result.is_complex:
        raise DtypeError(f"X is {x} and K {k}, but corr2d needs real numbers: convert them.")
    check_dtype(result)
