"""True convolution by fast Fourier transforms."""

from __future__ import annotations

from typing import cast

import torch

from pydjl.errors import DtypeError, ShapeError
from pydjl.lab.geometry import Geometry, check_dimensions, check_mode, real_pair
from pydjl.ndarray import call_java_for, like
from pydjl.nn.arguments import Array, ArrayT


def fft_convolve(X: ArrayT, K: Array, mode: str = "full") -> ArrayT:
    """True convolution of a line or a plane by the convolution theorem, on DJL's Fourier transform.

    The transform of the full convolution is the product of the transforms of `X` and `K`, each
    filled up with zeros to its size. The work does not depend on the size of the kernel, so this
    is the way for large kernels. Equal to `convolve1d` and `convolve2d` up to rounding, which is
    relative to the largest output, not to each. Gradients flow to `X` and to `K`. Source: the
    course on cross-correlation.

    Args:
        X: the input, shape ``(L,)`` or ``(H, W)``, float32 or float64.
        K: the kernel, of as many dimensions; turned by 180 degrees.
        mode: ``"full"``, ``"same"`` or ``"valid"``, as in `scipy.signal.fftconvolve`.

    Returns:
        What `convolve1d` or `convolve2d` gives, of the kind that `X` is.

    Raises:
        DtypeError: the numbers are not of float32 or float64: DJL transforms no others.
        ShapeError: one is no line and no plane, or empty, or mode ``"valid"`` finds no room.
        ArgumentError: there is no such mode.
        ArgumentTypeError: an argument is no array.

    Example:
        >>> import numpy as np
        >>> fft_convolve(np.array([1.0, 2, 3]), np.array([1.0, 10])).round(6)
        array([ 1., 12., 23., 30.])
    """
    chosen = check_mode(mode)
    x, k = real_pair("fft_convolve", X, K)
    if x.dtype not in (torch.float32, torch.float64):
        raise DtypeError(
            f"fft_convolve: X and K are {x.dtype}, but a Fourier transform takes float32 or "
            "float64: convert them, for example by .to(torch.float32)."
        )
    if x.dim() not in (1, 2):
        raise ShapeError(
            f"X has shape {tuple(x.shape)}, but (length,) or (height, width) is needed.",
            tuple(x.shape),
            tuple(k.shape),
        )
    check_dimensions(x.dim(), x, k)
    if chosen == "VALID":
        Geometry.read(x.dim(), 1, 0, 1).output_shape(tuple(x.shape), tuple(k.shape))
    y = call_java_for("fft_convolve", "Laboratory.fourier", [x, k], chosen)
    return cast("ArrayT", like(X, y))
