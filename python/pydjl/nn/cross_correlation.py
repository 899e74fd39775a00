"""The chapter's operator: two-dimensional cross-correlation by its definition."""

from __future__ import annotations

from typing import cast

from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.nn.convolution import Array, ArrayT


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
        ArgumentError: the arguments are not two-dimensional, or the kernel is larger than the
            input.
        ArgumentTypeError: an argument is no array, or (`DtypeError`) of a type unknown to DJL.

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
    return cast("ArrayT", like(X, call_java_for("corr2d", "Convolutions.corr2d", [x, k])))
