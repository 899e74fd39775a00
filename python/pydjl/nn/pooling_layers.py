"""Pooling layers: PyTorch's own, with the computation done by DJL.

Arguments and defaults are PyTorch's. What the function would refuse for any input, such as
``return_indices=True``, which DJL cannot do, is refused when the layer is made.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.modules import pooling as torchs

from pydjl.nn import pooling
from pydjl.nn.arguments import Size
from pydjl.nn.pooling_arguments import average_arguments, max_arguments, norm_arguments


class _MaxPool(torchs._MaxPoolNd):
    """What the layers of every dimension share."""

    _dimensions: ClassVar[int]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        given = (kernel_size, stride, padding, dilation)
        max_arguments(type(self).__name__, self._dimensions, *given, ceil_mode, return_indices)
        super().__init__(*given, return_indices, ceil_mode)  # type: ignore[arg-type]


class _AveragePool(torchs._AvgPoolNd):
    """What the layers of two and three dimensions share."""

    _dimensions: ClassVar[int]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        given = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        average_arguments(type(self).__name__, self._dimensions, *given)
        super().__init__(*given)


class _NormPool(torchs._LPPoolNd):
    """What the layers of every dimension share."""

    _dimensions: ClassVar[int]

    def __init__(
        self,
        norm_type: float,
        kernel_size: Size,
        stride: Size | None = None,
        ceil_mode: bool = False,
    ) -> None:
        given = (norm_type, kernel_size, stride, ceil_mode)
        norm_arguments(type(self).__name__, self._dimensions, *given)
        super().__init__(*given)  # type: ignore[arg-type]


class MaxPool1d(_MaxPool, nn.MaxPool1d):
    """The maximum of each window: `torch.nn.MaxPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> MaxPool1d(2)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 4])
    """

    _dimensions = 1

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return pooling.max_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )


class MaxPool2d(_MaxPool, nn.MaxPool2d):
    """The maximum of each window: `torch.nn.MaxPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> MaxPool2d(2)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 4, 3])
    """

    _dimensions = 2

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return pooling.max_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )


class MaxPool3d(_MaxPool, nn.MaxPool3d):
    """The maximum of each window: `torch.nn.MaxPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> MaxPool3d(2)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 2, 4, 3])
    """

    _dimensions = 3

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, D, H, W)``."""
        return pooling.max_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )


class AvgPool1d(nn.AvgPool1d):
    """The mean of each window: `torch.nn.AvgPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> AvgPool1d(2)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 4])
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        given = (kernel_size, stride, padding, ceil_mode, count_include_pad)
        average_arguments("AvgPool1d", 1, *given, None)
        super().__init__(*given)  # type: ignore[arg-type]

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return pooling.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )


class AvgPool2d(_AveragePool, nn.AvgPool2d):
    """The mean of each window: `torch.nn.AvgPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> AvgPool2d(2)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 4, 3])
    """

    _dimensions = 2

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return pooling.avg_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool3d(_AveragePool, nn.AvgPool3d):
    """The mean of each window: `torch.nn.AvgPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> AvgPool3d(2)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 2, 4, 3])
    """

    _dimensions = 3

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, D, H, W)``."""
        return pooling.avg_pool3d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class LPPool1d(_NormPool, nn.LPPool1d):
    """The p-norm of each window: `torch.nn.LPPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> LPPool1d(2, 2)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 4])
    """

    _dimensions = 1

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return pooling.lp_pool1d(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode
        )


class LPPool2d(_NormPool, nn.LPPool2d):
    """The p-norm of each window: `torch.nn.LPPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> LPPool2d(2, 2)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 4, 3])
    """

    _dimensions = 2

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return pooling.lp_pool2d(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode
        )
