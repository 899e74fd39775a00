"""Layers that convolve: PyTorch's own, with the computation done by DJL."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.common_types import _size_1_t, _size_2_t, _size_3_t

from pydjl.nn import convolution
from pydjl.nn.arguments import check_padding_mode
from pydjl.nn.initialization import Init, Initialized


class Conv1d(Initialized, nn.Conv1d):
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

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_1_t,
        stride: _size_1_t = 1,
        padding: str | _size_1_t = 0,
        dilation: _size_1_t = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        init: Init = "torch",
    ) -> None:
        check_padding_mode("Conv1d", padding_mode)
        self._choose_init(init)
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return convolution.conv1d(
            input, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )


class Conv2d(Initialized, nn.Conv2d):
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
        ArgumentError: `init` is neither of the two.

    Example:
        >>> layer = Conv2d(2, 3, (4, 5))
        >>> layer(torch.ones(5, 2, 9, 9)).shape
        torch.Size([5, 3, 6, 5])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_2_t,
        stride: _size_2_t = 1,
        padding: str | _size_2_t = 0,
        dilation: _size_2_t = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        init: Init = "torch",
    ) -> None:
        check_padding_mode("Conv2d", padding_mode)
        self._choose_init(init)
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return convolution.conv2d(
            input, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )


class Conv3d(Initialized, nn.Conv3d):
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

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _size_3_t,
        stride: _size_3_t = 1,
        padding: str | _size_3_t = 0,
        dilation: _size_3_t = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        init: Init = "torch",
    ) -> None:
        check_padding_mode("Conv3d", padding_mode)
        self._choose_init(init)
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        return convolution.conv3d(
            input, weight, bias, self.stride, self.padding, self.dilation, self.groups
        )
