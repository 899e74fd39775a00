"""The chapter's convolutional layer in PyTorch."""

from __future__ import annotations

import torch

from pydjl.reference._checks import checked_kernel_shape
from pydjl.reference._corr2d import corr2d


class ConvolutionalLayer(torch.nn.Module):
    """Cross-correlates its input with a kernel and adds a scalar bias.

    Both parameters are trainable. Both start as N(0, 0.01²), the weight drawn first and then the
    bias, from torch's generator.

    Args:
        kernel_shape: height and width of the kernel, ``(h, w)``.

    Attributes:
        weight: the kernel, a parameter of shape ``(h, w)``.
        bias: a parameter of shape ``(1,)``.

    Raises:
        ShapeError: the kernel's shape is not a height and a width of at least 1.

    Source: "Dive into Deep Learning", DJL edition, 6.2.2.

    Example:
        >>> layer = ConvolutionalLayer((1, 2))
        >>> sum(parameter.numel() for parameter in layer.parameters())
        3
        >>> layer(torch.ones(6, 8)).shape
        torch.Size([6, 7])
    """

    def __init__(self, kernel_shape: tuple[int, int]) -> None:
        super().__init__()
        shape = checked_kernel_shape(kernel_shape)
        self.weight = torch.nn.Parameter(torch.normal(0.0, 0.01, shape))
        self.bias = torch.nn.Parameter(torch.normal(0.0, 0.01, (1,)))

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Computes the cross-correlation of ``X`` with the weight, plus the bias.

        Args:
            X: the input, shape ``(H, W)`` with ``h <= H`` and ``w <= W``.

        Returns:
            The output, shape ``(H - h + 1, W - w + 1)``.

        Raises:
            ShapeError: ``X`` is not a matrix or is smaller than the kernel.
        """
        return corr2d(X, self.weight) + self.bias

    def extra_repr(self) -> str:
        """Describes the layer for `repr`."""
        return f"kernel_shape={tuple(self.weight.shape)}"
