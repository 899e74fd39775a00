"""Pooling layers: PyTorch's own, with the computation done by DJL.

Arguments and defaults are PyTorch's. What DJL cannot do, such as ``return_indices=True``, is
refused by the function, when the layer is applied.
"""

from __future__ import annotations

from torch import Tensor, nn

from pydjl.nn import adaptive_pooling, pooling


class MaxPool1d(nn.MaxPool1d):
    """The maximum of each window: `torch.nn.MaxPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> MaxPool1d(2)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 4])
    """

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


class MaxPool2d(nn.MaxPool2d):
    """The maximum of each window: `torch.nn.MaxPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> MaxPool2d(2)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 4, 3])
    """

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


class MaxPool3d(nn.MaxPool3d):
    """The maximum of each window: `torch.nn.MaxPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> MaxPool3d(2)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 2, 4, 3])
    """

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


class AvgPool2d(nn.AvgPool2d):
    """The mean of each window: `torch.nn.AvgPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> AvgPool2d(2)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 4, 3])
    """

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


class AvgPool3d(nn.AvgPool3d):
    """The mean of each window: `torch.nn.AvgPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> AvgPool3d(2)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 2, 4, 3])
    """

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


class LPPool1d(nn.LPPool1d):
    """The p-norm of each window: `torch.nn.LPPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> LPPool1d(2, 2)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 4])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return pooling.lp_pool1d(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode
        )


class LPPool2d(nn.LPPool2d):
    """The p-norm of each window: `torch.nn.LPPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> LPPool2d(2, 2)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 4, 3])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return pooling.lp_pool2d(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode
        )


class AdaptiveAvgPool1d(nn.AdaptiveAvgPool1d):
    """The mean of each of a number of windows: `torch.nn.AdaptiveAvgPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveAvgPool1d(1)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return adaptive_pooling.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(nn.AdaptiveAvgPool2d):
    """The mean of each of a number of windows: `torch.nn.AdaptiveAvgPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveAvgPool2d(1)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 1, 1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return adaptive_pooling.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(nn.AdaptiveAvgPool3d):
    """The mean of each of a number of windows: `torch.nn.AdaptiveAvgPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveAvgPool3d(1)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 1, 1, 1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, D, H, W)``."""
        return adaptive_pooling.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(nn.AdaptiveMaxPool1d):
    """The maximum of each of a number of windows: `torch.nn.AdaptiveMaxPool1d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveMaxPool1d(1)(torch.ones(2, 3, 8)).shape
        torch.Size([2, 3, 1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, L)``."""
        return adaptive_pooling.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(nn.AdaptiveMaxPool2d):
    """The maximum of each of a number of windows: `torch.nn.AdaptiveMaxPool2d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveMaxPool2d(1)(torch.ones(2, 3, 8, 6)).shape
        torch.Size([2, 3, 1, 1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, H, W)``."""
        return adaptive_pooling.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(nn.AdaptiveMaxPool3d):
    """The maximum of each of a number of windows: `torch.nn.AdaptiveMaxPool3d`, computed by DJL.

    Example:
        >>> import torch
        >>> AdaptiveMaxPool3d(1)(torch.ones(2, 3, 4, 8, 6)).shape
        torch.Size([2, 3, 1, 1, 1])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Pool an input of shape ``(N, C, D, H, W)``."""
        return adaptive_pooling.adaptive_max_pool3d(input, self.output_size, self.return_indices)
