"""The cross-correlation operator in NumPy, built in another way than the operator it checks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pydjl.errors import DtypeError
from pydjl.reference._checks import corr2d_output_shape


def corr2d_numpy(X: npt.ArrayLike, K: npt.ArrayLike) -> npt.NDArray[Any]:
    """Computes the two-dimensional cross-correlation of ``X`` with ``K`` in NumPy.

    Where `corr2d` walks over the cells of the output, this walks over the cells of the kernel and
    adds up shifted copies of the input. Floating-point and complex numbers are summed in at least
    double precision and rounded once at the end, so that a difference from a single-precision
    operator is that operator's own rounding.

    Args:
        X: the input, shape ``(H, W)``, integer, floating-point or complex.
        K: the kernel, shape ``(h, w)`` with ``h <= H`` and ``w <= W``.

    Returns:
        The output, shape ``(H - h + 1, W - w + 1)``, dtype ``numpy.result_type(X, K)``; integers
        wrap around.

    Raises:
        ShapeError: ``X`` or ``K`` is not a matrix, or ``K`` is empty or larger than ``X``.
        DtypeError: ``X`` and ``K`` promote to something else than numbers.

    Source: "Dive into Deep Learning", DJL edition, 6.2.1, equation (6.2.1).

    Example:
        >>> corr2d_numpy(np.arange(9.0).reshape(3, 3), np.arange(4.0).reshape(2, 2))
        array([[19., 25.],
               [37., 43.]])
    """
    X, K = np.asarray(X), np.asarray(K)
    rows, columns = corr2d_output_shape(X.shape, K.shape)
    if not {X.dtype.kind, K.dtype.kind} <= set("biufc") or X.dtype.kind == K.dtype.kind == "b":
        raise DtypeError(
            f"X has dtype {X.dtype} and K {K.dtype}, but a cross-correlation needs integer, "
            "floating-point or complex numbers; convert them with astype."
        )
    dtype = np.result_type(X.dtype, K.dtype)
    inexact = np.issubdtype(dtype, np.inexact)
    accumulator = np.result_type(dtype, np.float64) if inexact else dtype
    X = X.astype(accumulator, copy=False)
    K = K.astype(accumulator, copy=False)
    Y = np.zeros((rows, columns), accumulator)
    for (p, q), weight in np.ndenumerate(K):
        Y += weight * X[p : p + rows, q : q + columns]
    return Y.astype(dtype, copy=False)
