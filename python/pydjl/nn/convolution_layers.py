"""Layers that convolve: PyTorch's own, with the computation done by DJL."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from pydjl.nn import convolution
from pydjl.nn.arguments import Size
from pydjl.nn.initialization import Init, Initialized
from pydjl.nn.layer_arguments import check_convolution, check_place, torch_makes


class _Convolution(Initialized, nn.modules.conv._ConvNd):
    """What the layers of every dimension share."""

    _dimensions: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: str | Size = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        init: Init = "torch",
    ) -> None:
        layer = type(self).__name__
        check_convolution(
            layer,
            self._dimensions,
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            groups=groups,
            padding_mode=padding_mode,
        )
        check_place(layer, device, dtype)
        self._choose_init(init)
        with torch_makes(layer):
            super().__init__(
                in_channels,
                out_channels,
                kernel_size,  # type: ignore[arg-type]
                stride,  # type: ignore[arg-type]
                padding,  # type: ignore[arg-type]
                dilation,  # type: ignore[arg-type]
                groups,  # type: ignore[arg-type]
                bias,  # type: ignore[arg-type]
                padding_mode,  # type: ignore[arg-type]
                device,
                dtype,  # type: ignore[arg-type]
            )


class Conv1d(_Convolution, nn.Conv1d):
    """One-dimensional cross-correlation: `torch.nn.Conv1d`, computed by DJL.

    `Conv2d` describes the arguments.

    Raises:
        NotSupportedError: the padding mode is not ``"zeros"``.
        ArgumentError: `init` is neither of the two.

    Example:
        >>> layer = Conv1d(2, 3, 4)
        >>> layer(torch.ones(5, 2, 9)).shape
        torch.Size([5, 3, 6])
    """

    _dimensions = 1

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return convolution.conv1d(
            input, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )


class Conv2d(_Convolution, nn.Conv2d):
    """Two-dimensional cross-correlation: `torch.nn.Conv2d`, computed by DJL.

    Args:
        in_channels: the number of input channels.
        out_channels: the number of output channels.
        kernel_size: the height and width of the kernel.
        stride: the step of the kernel.
        padding: rows and columns of zeros on both sides, ``"valid"`` or ``"same"``.
        dilation: the distance of the kernel's cells.
        groups: into how many groups the channels are divided.
        bias: whether a learned number is added to each output channel.
        padding_mode: ``"zeros"``; DJL has no other.
        device: where the parameters lie.
        dtype: their element type.
        init: the rule of the first values: ``"torch"``; or ``"djl"`` for a weight from
            N(0, 2 / fan-in) and a bias of zeros.

    Raises:
        NotSupportedError: the padding mode is not ``"zeros"``.
        ArgumentError: a number cannot be used, or `init` is neither of the two.
        ArgumentTypeError: an argument is of the wrong type.
        OutOfMemoryError: the parameters do not fit into memory.

    Example:
        >>> layer = Conv2d(2, 3, (4, 5))
        >>> layer(torch.ones(5, 2, 9, 9)).shape
        torch.Size([5, 3, 6, 5])
    """

    _dimensions = 2

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return convolution.conv2d(
            input, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )


class Conv3d(_Convolution, nn.Conv3d):
    """Three-dimensional cross-correlation: `torch.nn.Conv3d`, computed by DJL.

    `Conv2d` describes the arguments.

    Raises:
        NotSupportedError: the padding mode is not ``"zeros"``.
        ArgumentError: `init` is neither of the two.

    Example:
        >>> layer = Conv3d(2, 3, (2, 4, 5))
        >>> layer(torch.ones(5, 2, 6, 9, 9)).shape
        torch.Size([5, 3, 5, 6, 5])
    """

    _dimensions = 3

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return convolution.conv3d(
            input, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )
