"""Layers that pool to an output of a given size: PyTorch's own, with the computation done by DJL.

As in `pooling_layers`, what the function would refuse for any input is refused when the layer is
made.
"""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn.modules import pooling as torchs

from pydjl.nn import adaptive_pooling
from pydjl.nn.pooling_arguments import OutputSize, refuse_indices, sizes_or_none


class _AdaptiveAveragePool(torchs._AdaptiveAvgPoolNd):
    """What the layers of every dimension share."""

    _dimensions: ClassVar[int]

    def __init__(self, output_size: OutputSize) -> None:
        sizes_or_none(type(self).__name__, self._dimensions, output_size)
        super().__init__(output_size)  # type: ignore[arg-type]


class _AdaptiveMaxPool(torchs._AdaptiveMaxPoolNd):
    """What the layers of every dimension share."""

    _dimensions: ClassVar[int]

    def __init__(self, output_size: OutputSize, return_indices: bool = False) -> None:
        refuse_indices(type(self).__name__, return_indices)
        sizes_or_none(type(self).__name__, self._dimensions, output_size)
        super().__init__(output_size, return_indices)  # type: ignore[arg-type]


class AdaptiveAvgPool1d(_AdaptiveAveragePool, nn.AdaptiveAvgPool1d):
    """The mean of each of a number of windows: `torch.nn.AdaptiveAvgPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveAvgPool1d(1)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 1])
    """

    _dimensions = 1

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return adaptive_pooling.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAveragePool, nn.AdaptiveAvgPool2d):
    """The mean of each of a number of windows: `torch.nn.AdaptiveAvgPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveAvgPool2d(1)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 1, 1])
    """

    _dimensions = 2

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return adaptive_pooling.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAveragePool, nn.AdaptiveAvgPool3d):
    """The mean of each of a number of windows: `torch.nn.AdaptiveAvgPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveAvgPool3d(1)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 1, 1, 1])
    """

    _dimensions = 3

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, D, H, W)``."""
        return adaptive_pooling.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(_AdaptiveMaxPool, nn.AdaptiveMaxPool1d):
    """The maximum of each of a number of windows: `torch.nn.AdaptiveMaxPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveMaxPool1d(1)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 1])
    """

    _dimensions = 1

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return adaptive_pooling.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool, nn.AdaptiveMaxPool2d):
    """The maximum of each of a number of windows: `torch.nn.AdaptiveMaxPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveMaxPool2d(1)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 1, 1])
    """

    _dimensions = 2

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return adaptive_pooling.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool, nn.AdaptiveMaxPool3d):
    """The maximum of each of a number of windows: `torch.nn.AdaptiveMaxPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveMaxPool3d(1)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 1, 1, 1])
    """

    _dimensions = 3

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, D, H, W)``."""
        return adaptive_pooling.adaptive_max_pool3d(input, self.output_size, self.return_indices)
