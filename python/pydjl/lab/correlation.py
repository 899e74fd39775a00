"""Cross-correlation and true convolution of lines and planes in three modes, and of channels."""

from __future__ import annotations

from typing import cast

from pydjl.errors import ShapeError
from pydjl.lab.geometry import Geometry, check_dimensions, check_mode, real_pair
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.nn.arguments import Array, ArrayT, Size
from pydjl.nn.functional import conv1d, conv2d, conv3d


def correlate1d(
    X: ArrayT,
    K: Array,
    mode: str = "valid",
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> ArrayT:
    """Cross-correlation of a line with a kernel; `correlate2d` describes the arguments.

    In mode ``"same"`` an even kernel has its odd zero before the input, as in
    `scipy.signal.correlate` and `numpy.correlate`; on a plane SciPy has it after the input.

    Args:
        X: the input, shape ``(L,)``.
        K: the kernel, shape ``(k,)``; not flipped.
        mode: ``"valid"``, ``"same"`` or ``"full"``.
        stride: the step of the kernel.
        padding: the zeros on both sides of the input, from which the mode counts.
        dilation: the distance of the kernel's cells.

    Returns:
        Shape ``(L - k + 1,)``, ``(L,)`` or ``(L + k - 1,)``, of the kind that `X` is.

    Example:
        >>> import numpy as np
        >>> correlate1d(np.array([3.0, 1, 4, 1, 5]), np.array([1.0, -2, 1]))
        array([ 5., -6.,  7.])
    """
    return _slide("correlate", 1, X, K, mode, stride, padding, dilation)


def correlate2d(
    X: ArrayT,
    K: Array,
    mode: str = "valid",
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> ArrayT:
    """Cross-correlation of a plane with a kernel, in SciPy's modes, by DJL's convolution.

    With stride s every s-th row and column of the mode's output is computed. Gradients flow to `X`
    and to `K`. Mode ``"full"`` does not commute: exchanging `X` and `K` turns the output by 180
    degrees. Source: "Dive into Deep Learning", 6.2.1, and the course on cross-correlation.

    Args:
        X: the input, shape ``(H, W)``.
        K: the kernel, shape ``(h, w)``; not flipped.
        mode: ``"valid"``, only where the whole kernel lies on the input; ``"same"``, as many
            positions as the input has; ``"full"``, wherever kernel and input touch. In ``"same"``
            an even kernel has its odd row of zeros after the input, as in PyTorch and in
            `scipy.signal.correlate2d`.
        stride: the step of the kernel, for both dimensions or for each.
        padding: rows and columns of zeros on both sides of the input, from which the mode counts.
        dilation: the distance of the kernel's cells.

    Returns:
        Shape ``(H - h + 1, W - w + 1)``, ``(H, W)`` or ``(H + h - 1, W + w - 1)`` for stride 1 and
        no dilation, of the dtype to which those of `X` and `K` are promoted and of the kind that
        `X` is.

    Raises:
        ShapeError: one is no plane or empty, or mode ``"valid"`` finds no room for the kernel.
        ArgumentError: there is no such mode, or a number cannot be used.
        DtypeError: they are of booleans, complex numbers or a type unknown to DJL.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
        >>> correlate2d(X, K)
        tensor([[19., 25.],
                [37., 43.]])
        >>> correlate2d(X, K, stride=(3, 2), padding=1)
        tensor([[0., 8.],
                [6., 8.]])
    """
    return _slide("correlate", 2, X, K, mode, stride, padding, dilation)


def convolve1d(
    X: ArrayT,
    K: Array,
    mode: str = "valid",
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> ArrayT:
    """True convolution of a line with a kernel; `convolve2d` describes the arguments.

    Args:
        X: the input, shape ``(L,)``.
        K: the kernel, shape ``(k,)``; reversed.
        mode: ``"valid"``, ``"same"`` or ``"full"``.
        stride: the step of the kernel.
        padding: the zeros on both sides of the input, from which the mode counts.
        dilation: the distance of the kernel's cells.

    Returns:
        Shape ``(L - k + 1,)``, ``(L,)`` or ``(L + k - 1,)``, of the kind that `X` is.

    Example:
        >>> import numpy as np
        >>> convolve1d(np.array([1.0, 2, 3]), np.array([1.0, 10]), mode="full")
        array([ 1., 12., 23., 30.])
    """
    return _slide("convolve", 1, X, K, mode, stride, padding, dilation)


def convolve2d(
    X: ArrayT,
    K: Array,
    mode: str = "valid",
    *,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
) -> ArrayT:
    """True convolution of a plane with a kernel: cross-correlation with the kernel turned by 180°.

    Mode ``"full"`` commutes: ``convolve2d(X, K, "full")`` is ``convolve2d(K, X, "full")``. Mode
    ``"same"`` is the middle of it, from row ``(h - 1) // 2`` and column ``(w - 1) // 2`` on, as in
    `scipy.signal.convolve2d`. Gradients flow to `X` and to `K`. Source: "Dive into Deep Learning",
    6.2.5, and the course on cross-correlation.

    Args:
        X: the input, shape ``(H, W)``.
        K: the kernel, shape ``(h, w)``; turned by 180 degrees, which is flipped in both dimensions.
        mode: ``"valid"``, ``"same"`` or ``"full"``, as for `correlate2d`.
        stride: the step of the kernel, for both dimensions or for each.
        padding: rows and columns of zeros on both sides of the input, from which the mode counts.
        dilation: the distance of the kernel's cells.

    Returns:
        As `correlate2d`.

    Raises:
        ShapeError: as `correlate2d`; so are the others.
        ArgumentError: there is no such mode, or a number cannot be used.
        DtypeError: they are of booleans, complex numbers or a type unknown to DJL.
        ArgumentTypeError: an argument is no array, or no whole number.

    Example:
        >>> import torch
        >>> X, K = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
        >>> convolve2d(X, K)
        tensor([[ 5., 11.],
                [23., 29.]])
    """
    return _slide("convolve", 2, X, K, mode, stride, padding, dilation)


def convolution(
    input: ArrayT,
    weight: Array,
    bias: Array | None = None,
    stride: Size = 1,
    padding: str | Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> ArrayT:
    """True convolution of a batch with channels: `conv1d`, `conv2d` or `conv3d`, kernels turned.

    The functions of `pydjl.nn.functional`, as those of PyTorch, cross-correlate. A layer that
    learns its kernels cannot tell the difference; kernels that come from elsewhere can.

    Args:
        input: shape ``(N, C_in, ...)`` or ``(C_in, ...)`` with one, two or three more dimensions.
        weight: the kernels, turned by 180 degrees: shape ``(C_out, C_in / groups, ...)``.
        bias: shape ``(C_out,)``.
        stride: the step of the kernel, for all dimensions or for each.
        padding: zeros on both sides, ``"valid"`` or ``"same"``.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.

    Returns:
        As the functions of `pydjl.nn.functional`.

    Raises:
        ShapeError: the number of dimensions or of channels does not fit.
        ArgumentError: a stride, padding, dilation or number of groups cannot be used.
        DtypeError: the dtypes differ, or DJL does not know one.

    Example:
        >>> import torch
        >>> X, K = torch.arange(9.0).reshape(1, 3, 3), torch.arange(4.0).reshape(1, 1, 2, 2)
        >>> convolution(X, K)
        tensor([[[ 5., 11.],
                 [23., 29.]]])
    """
    w = as_tensor(weight, "weight")
    dimensions = w.dim() - 2
    if not 1 <= dimensions <= 3 or w.numel() == 0:
        raise ShapeError(
            f"weight has shape {tuple(w.shape)}, but (C_out, C_in / groups, ...) with one, two or "
            "three more dimensions, and no empty one, is needed.",
            tuple(w.shape),
        )
    turned = turn(w, dimensions)
    layer = (conv1d, conv2d, conv3d)[dimensions - 1]
    return layer(input, turned, bias, stride, padding, dilation, groups)


def turn(kernel: ArrayT, dimensions: int = 2) -> ArrayT:
    """A kernel turned by 180 degrees: reversed along its last dimensions.

    Cross-correlation with the turned kernel is the true convolution with the kernel.

    Args:
        kernel: shape ``(..., h, w)``.
        dimensions: of the kernel; those before them are channels.

    Raises:
        ShapeError: the array has fewer dimensions.

    Example:
        >>> import numpy as np
        >>> turn(np.array([[0, 1], [2, 3]]))
        array([[3, 2],
               [1, 0]])
    """
    k = as_tensor(kernel, "kernel")
    if not 1 <= dimensions <= k.dim():
        raise ShapeError(
            f"kernel has shape {tuple(k.shape)}, which has no {dimensions} dimension(s) to turn.",
            tuple(k.shape),
        )
    axes = list(range(k.dim() - dimensions, k.dim()))
    return cast("ArrayT", like(kernel, call_java_for("turn", "Arrays.flip", [k], axes)))


def _slide(
    operator: str,
    dimensions: int,
    X: ArrayT,
    K: Array,
    mode: str,
    stride: Size,
    padding: Size,
    dilation: Size,
) -> ArrayT:
    name = f"{operator}{dimensions}d"
    chosen = check_mode(mode)
    x, k = real_pair(name, X, K)
    check_dimensions(dimensions, x, k)
    geometry = Geometry.read(dimensions, stride, padding, dilation)
    if chosen == "VALID":
        geometry.output_shape(tuple(x.shape), tuple(k.shape))
    y = call_java_for(name, f"Laboratory.{operator}", [x, k], chosen, *geometry)
    return cast("ArrayT", like(X, y))
