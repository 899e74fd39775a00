"""Layers of transposed convolution: PyTorch's own, with the computation done by DJL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from pydjl.errors import ArgumentTypeError
from pydjl.ndarray import as_tensor
from pydjl.nn import transposed_convolution
from pydjl.nn.arguments import Size, per_dimension
from pydjl.nn.initialization import Init, Initialized, djl_weight
from pydjl.nn.layer_arguments import check_convolution, check_place, torch_makes


class _TransposedConvolution(Initialized, nn.modules.conv._ConvTransposeNd):
    """What the layers of every dimension share."""

    _dimensions: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        init: Init = "torch",
    ) -> None:
        layer = type(self).__name__
        if isinstance(padding, str):
            raise ArgumentTypeError(
                f"{layer}: padding is {padding!r}, but a transposed convolution has no padding by "
                "name: give numbers."
            )
        per_dimension(f"{layer}: output_padding", output_padding, self._dimensions, least=0)
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
                kernel_size,
                stride,
                padding,
                output_padding,
                groups,
                bias,
                dilation,
                padding_mode,
                device,
                dtype,
            )

    def _transposed(
        self, function: Callable[..., Tensor], input: Tensor, output_size: list[int] | None
    ) -> Tensor:
        output_padding = self._output_padding(
            as_tensor(input, "input"),
            output_size,
            self.stride,  # type: ignore[arg-type]
            self.padding,  # type: ignore[arg-type]
            self.kernel_size,  # type: ignore[arg-type]
            len(self.kernel_size),
            self.dilation,  # type: ignore[arg-type]
        )
        return function(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            output_padding,
            self.groups,
            self.dilation,
        )

    def _djl_weight(self) -> Tensor:
        # (C_out, C_in / groups, ...) in DJL's Deconvolution, (C_in, C_out / groups, ...) here.
        shape = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        drawn = djl_weight(shape, self.weight.dtype)
        return drawn.view(self.groups, -1, *drawn.shape[1:]).transpose(1, 2).flatten(0, 1)


class ConvTranspose1d(_TransposedConvolution, nn.ConvTranspose1d):
    """One-dimensional transposed convolution: `torch.nn.ConvTranspose1d`, by DJL.

    `ConvTranspose2d` describes the arguments.

    Raises:
        NotSupportedError: the padding mode is not ``"zeros"``.
        ArgumentError: `init` is neither of the two.

    Example:
        >>> layer = ConvTranspose1d(2, 3, 4, stride=2)
        >>> layer(torch.ones(5, 2, 9)).shape
        torch.Size([5, 3, 20])
    """

    _dimensions = 1

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Apply the layer; `output_size` chooses among the sizes that the stride allows."""
        return self._transposed(transposed_convolution.conv_transpose1d, input, output_size)


class ConvTranspose2d(_TransposedConvolution, nn.ConvTranspose2d):
    """Two-dimensional transposed convolution: `torch.nn.ConvTranspose2d`, by DJL.

    DJL's PyTorch engine has no transposed convolution: this one is composed of its convolution.

    Args:
        in_channels: the number of input channels.
        out_channels: the number of output channels.
        kernel_size: the height and width of the kernel.
        stride: the distance of neighbouring inputs in the output.
        padding: rows and columns that are cut off the full output on both sides.
        output_padding: rows and columns that are added to it at the end.
        groups: into how many groups the channels are divided.
        bias: whether a learned number is added to each output channel.
        dilation: the distance of the kernel's cells.
        padding_mode: ``"zeros"``; there is no other.
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
        >>> layer = ConvTranspose2d(2, 3, (4, 5), stride=2)
        >>> layer(torch.ones(5, 2, 9, 8)).shape
        torch.Size([5, 3, 20, 19])
    """

    _dimensions = 2

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Apply the layer; `output_size` chooses among the sizes that the stride allows."""
        return self._transposed(transposed_convolution.conv_transpose2d, input, output_size)


class ConvTranspose3d(_TransposedConvolution, nn.ConvTranspose3d):
    """Three-dimensional transposed convolution: `torch.nn.ConvTranspose3d`, by DJL.

    `ConvTranspose2d` describes the arguments.

    Raises:
        NotSupportedError: the padding mode is not ``"zeros"``.
        ArgumentError: `init` is neither of the two.

    Example:
        >>> layer = ConvTranspose3d(2, 3, (2, 4, 5))
        >>> layer(torch.ones(5, 2, 3, 4, 5)).shape
        torch.Size([5, 3, 4, 7, 9])
    """

    _dimensions = 3

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Apply the layer; `output_size` chooses among the sizes that the stride allows."""
        return self._transposed(transposed_convolution.conv_transpose3d, input, output_size)
