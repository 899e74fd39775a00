"""A rival's convolution in a torch model, as one would put it there."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from benchmarks.rivals.base import Rival


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rival: Rival, x: Tensor, w: Tensor, padding: int) -> Tensor:
        ctx.rival, ctx.padding = rival, padding
        ctx.save_for_backward(x, w)
        return torch.from_numpy(rival.conv2d(x.detach().numpy(), w.detach().numpy(), padding))

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        x, w = (each.detach().numpy() for each in ctx.saved_tensors)
        gradients = ctx.rival.gradients(x, w, g.contiguous().numpy(), ctx.padding)
        return None, *map(torch.from_numpy, gradients), None


def rival_conv2d(rival: Rival, x: Tensor, w: Tensor, padding: int = 0) -> Tensor:
    """Convolve through a rival; `x` and `w` get gradients through it too.

    Args:
        rival: the way to DJL.
        x: shape (N, C_in, H, W), float32.
        w: shape (C_out, C_in, h, w), float32.
        padding: zeros on each side.

    Returns:
        Shape (N, C_out, H + 2 padding - h + 1, W + 2 padding - w + 1).
    """
    return _Convolution.apply(rival, x, w, padding)  # type: ignore[no-any-return,no-untyped-call]
