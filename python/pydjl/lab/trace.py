"""The step-by-step account of a cross-correlation: every window, product and sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import index
from typing import Any, overload

import torch
from rich.table import Table

from pydjl.errors import ArgumentTypeError, ArrayIndexError, DtypeError, ShapeError
from pydjl.lab import trace_table
from pydjl.lab.geometry import Geometry
from pydjl.lab.trace_step import Step
from pydjl.ndarray import NDArray, array, call_java_for
from pydjl.nn import functional
from pydjl.nn.arguments import Size


class Trace(Sequence[Step]):
    """The steps of a cross-correlation, each computed when it is asked for; made by `trace`.

    It is a sequence: ``len(t)``, ``t[4]``, ``for step in t``. The order is by output channel, then
    by row, then by column.

    Attributes:
        stride: of both dimensions.
        padding: of both dimensions.
        dilation: of both dimensions.
        kernels: ``(C_out, C_in, h, w)``.
        bias: ``(C_out,)``.
        output_shape: ``(C_out, H_out, W_out)``, known before anything is computed.
    """

    def __init__(
        self,
        X: NDArray,
        kernels: NDArray,
        bias: NDArray,
        geometry: Geometry,
        *,
        is_plane: bool,
    ) -> None:
        self._input = X
        self.kernels = kernels
        self.bias = bias
        self.stride, self.padding, self.dilation = geometry
        height, width = geometry.output_shape(X.shape[1:], kernels.shape[2:])
        self.output_shape = (kernels.shape[0], height, width)
        self._is_plane = is_plane

    @cached_property
    def padded(self) -> NDArray:
        """The input with its border of zeros, ``(C_in, H + 2 p, W + 2 p)``."""
        if not any(self.padding):
            return self._input
        top, left = self.padding
        frame = [left, left, top, top]
        return NDArray(call_java_for("trace", "Arrays.pad", [self._input.torch()], frame))

    @cached_property
    def output(self) -> NDArray:
        """The whole output by DJL's convolution, ``(C_out, H_out, W_out)``."""
        return functional.conv2d(
            self._input, self.kernels, self.bias, self.stride, self.padding, self.dilation
        )

    def __len__(self) -> int:
        channels, height, width = self.output_shape
        return channels * height * width

    @overload
    def __getitem__(self, number: int) -> Step: ...
    @overload
    def __getitem__(self, number: slice) -> list[Step]: ...
    def __getitem__(self, number: int | slice) -> Step | list[Step]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        wanted, count = index(number), len(self)
        if not -count <= wanted < count:
            raise ArrayIndexError(f"there is no step {wanted}: the trace has {count} steps.")
        _, height, width = self.output_shape
        channel, cell = divmod(wanted % count, height * width)
        return self.step(*divmod(cell, width), channel)

    def __iter__(self) -> Iterator[Step]:
        return (self[number] for number in range(len(self)))

    def step(self, i: int, j: int, channel: int = 0) -> Step:
        """The step of the output cell ``(i, j)`` of an output channel.

        Raises:
            ArrayIndexError: there is no such cell.
        """
        channels, height, width = self.output_shape
        if not (0 <= i < height and 0 <= j < width and 0 <= channel < channels):
            raise ArrayIndexError(
                f"there is no cell ({i}, {j}) in channel {channel}: the output has the shape "
                f"{self.output_shape}."
            )
        rows, columns = (
            range(at * s, at * s + d * (k - 1) + 1, d)
            for at, s, d, k in zip(
                (i, j), self.stride, self.dilation, self.kernels.shape[2:], strict=True
            )
        )
        window = self.padded[
            :, rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step
        ]
        kernel, bias = self.kernels[channel], self.bias[channel]
        products = window * kernel
        channel_sums = products.sum(axis=(1, 2))
        if self._is_plane:
            window, kernel, products = (each.squeeze(0) for each in (window, kernel, products))
        return Step(
            number=(channel * height + i) * width + j,
            channel=channel,
            position=(i, j),
            rows=rows,
            columns=columns,
            window=window,
            kernel=kernel,
            products=products,
            channel_sums=channel_sums,
            bias=bias,
            sum=channel_sums.sum() + bias,
            output=self.output[channel, i, j],
        )

    def table(self, start: int = 0, count: int = 20) -> Table:
        """Some of the steps as a table for `rich`, which prints it on a terminal.

        Args:
            start: the first step.
            count: how many there are at most.

        Example:
            >>> t = trace([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0.0, 1], [2, 3]])
            >>> t.table(start=1).row_count
            3
        """
        return trace_table.table(self, start, count)


def trace(
    X: Any,
    K: Any,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    bias: Any = 0,
) -> Trace:
    """Account for a cross-correlation step by step: every window, product and sum, by DJL.

    Nothing is computed before it is asked for, so a large input costs no more than the steps that
    are looked at (and one convolution). The inputs are copied; no gradients are recorded.

    Args:
        X: the input, ``(H, W)`` or ``(C_in, H, W)``: an array of any kind, or nested lists.
        K: the kernel, not flipped: ``(h, w)``, ``(C_in, h, w)``, or for several output channels
            ``(C_out, C_in, h, w)``.
        stride: the step of the kernel, for both dimensions or for each.
        padding: rows and columns of zeros on both sides.
        dilation: the distance of the kernel's cells.
        bias: a number, or one for each output channel.

    Returns:
        The steps. Whole numbers are computed in int64, with a bias that is not whole in its dtype;
        the rest in the dtype to which those of `X` and `K` are promoted.

    Raises:
        ShapeError: the dimensions or channels do not fit, or the kernel, spread out by the
            dilation, is larger than the padded input.
        ArgumentError: a stride, padding or dilation cannot be used.
        DtypeError: the arrays are of booleans, complex numbers or a type unknown to DJL.

    Source: "Dive into Deep Learning", equation 6.2.1; for channels, 6.4.1.

    Example:
        >>> ramp = [[10.0 * i * j for j in range(1, 6)] for i in range(1, 6)]
        >>> t = trace(ramp, [[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        >>> len(t), t[0].sum.item(), t.step(2, 1).position
        (9, 160.0, (2, 1))
        >>> t[0].products.tolist()
        [[-10.0, 0.0, 30.0], [-40.0, 0.0, 120.0], [-30.0, 0.0, 90.0]]
    """
    x, k = array(X), array(K)
    _check_shapes(x, k)
    kernels = k.reshape((1,) * (4 - k.ndim) + k.shape)
    dtype = _common_dtype(x, k)
    b = array(bias, dtype if dtype.is_floating_point else None, x.device)
    if b.ndim and b.shape != kernels.shape[:1]:
        raise ShapeError(
            f"trace: the bias has shape {b.shape}, but a number or one for each of the "
            f"{kernels.shape[0]} output channels is needed.",
            b.shape,
        )
    if b.dtype.is_floating_point and not dtype.is_floating_point:
        dtype = b.dtype
    return Trace(
        array(x.reshape((1, *x.shape)) if x.ndim == 2 else x, dtype),
        array(kernels, dtype),
        array(b.broadcast_to(kernels.shape[0]), dtype),
        Geometry.read(2, stride, padding, dilation),
        is_plane=k.ndim == 2,
    )


def _check_shapes(x: NDArray, k: NDArray) -> None:
    fits = x.ndim == k.ndim == 2 or (x.ndim == 3 and k.ndim in (3, 4))
    if not fits or min(x.shape + k.shape) < 1:
        raise ShapeError(
            f"trace: the input has shape {x.shape} and the kernel {k.shape}, but (H, W) with "
            "(h, w), or (C_in, H, W) with (C_in, h, w) or (C_out, C_in, h, w) is needed.",
            x.shape,
            k.shape,
        )
    if x.ndim == 3 and x.shape[0] != k.shape[-3]:
        raise ShapeError(
            f"trace: the input of shape {x.shape} has {x.shape[0]} channels, but the kernel of "
            f"shape {k.shape} takes {k.shape[-3]}.",
            x.shape,
            k.shape,
        )
    if x.device != k.device:
        raise ArgumentTypeError(
            f"trace: the input is on {x.device} and the kernel on {k.device}: move one of them."
        )


def _common_dtype(x: NDArray, k: NDArray) -> torch.dtype:
    for name, given in (("input", x), ("kernel", k)):
        if given.dtype == torch.bool or given.dtype.is_complex:
            raise DtypeError(
                f"trace: the {name} is of {given.dtype}, but real numbers are needed: convert it."
            )
    dtype = torch.promote_types(x.dtype, k.dtype)
    return dtype if dtype.is_floating_point else torch.int64
