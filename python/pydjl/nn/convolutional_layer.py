"""The chapter's layer, with a formulation that trains: cross-correlation by DJL's convolution."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from pydjl.errors import ArgumentTypeError, ShapeError
from pydjl.ndarray import as_tensor, like
from pydjl.ndarray.numbers import whole_number
from pydjl.nn.arguments import ArrayT
from pydjl.nn.convolution import conv2d
from pydjl.nn.layer_arguments import torch_makes


class ConvolutionalLayer(nn.Module):
    """Cross-correlate a plane with a kernel and add a scalar bias: the chapter's layer.

    The output is that of the Java layer, whose loop over output cells shows the definition
    (`pydjl.corr2d`), up to the order of summation. Here DJL's convolution computes it, faster and
    with gradients of input, weight and bias. Both parameters start as N(0, 0.01²), the weight drawn
    first and then the bias, as in Java.

    Args:
        kernel_shape: height and width of the kernel, ``(h, w)``.

    Attributes:
        weight: the kernel, a parameter of shape ``(h, w)``.
        bias: a parameter of shape ``(1,)``.

    Raises:
        ShapeError: the kernel's shape is not a height and a width of at least 1.
        ArgumentTypeError: it is no sequence of two integers.
        OutOfMemoryError: the kernel does not fit into memory.

    Source: "Dive into Deep Learning", DJL edition, 6.2.2.

    Example:
        >>> layer = ConvolutionalLayer((1, 2))
        >>> layer
        ConvolutionalLayer(kernel_shape=(1, 2))
        >>> layer(torch.ones(6, 8)).shape
        torch.Size([6, 7])
    """

    def __init__(self, kernel_shape: tuple[int, int]) -> None:
        super().__init__()
        try:
            shape = tuple(map(whole_number, kernel_shape))
        except TypeError as exc:
            raise ArgumentTypeError(
                f"kernel_shape is {kernel_shape!r}, but a height and a width are needed, such as "
                "(1, 2)."
            ) from exc
        if len(shape) != 2 or not 1 <= min(shape) <= max(shape) < 2**63:
            raise ShapeError(
                f"kernel_shape is {shape}, but a height and a width are needed, each from 1 to "
                "2**63 - 1.",
                shape,
            )
        with torch_makes("ConvolutionalLayer"):
            self.weight = nn.Parameter(torch.normal(0.0, 0.01, shape))
            self.bias = nn.Parameter(torch.normal(0.0, 0.01, (1,)))

    def forward(self, X: ArrayT) -> ArrayT:
        """Cross-correlate `X` with the weight and add the bias.

        Args:
            X: the input, shape ``(H, W)`` with ``h <= H`` and ``w <= W``.

        Returns:
            Shape ``(H - h + 1, W - w + 1)``, of the kind that `X` is.

        Raises:
            ShapeError: `X` is no plane, or is smaller than the kernel.
            DtypeError: `X` is not of the weight's dtype.
        """
        x = as_tensor(X, "X")
        shape, kernel = tuple(x.shape), tuple(self.weight.shape)
        if len(shape) != 2 or shape[0] < kernel[0] or shape[1] < kernel[1]:
            raise ShapeError(
                f"X has shape {shape}, but a plane (H, W) at least as large as the kernel of shape "
                f"{kernel} is needed.",
                shape,
                kernel,
            )
        batch = conv2d(x[None, None], self.weight[None, None], self.bias)
        return cast("ArrayT", like(X, batch[0, 0]))

    def extra_repr(self) -> str:
        """The kernel's shape."""
        return f"kernel_shape={tuple(self.weight.shape)}"
