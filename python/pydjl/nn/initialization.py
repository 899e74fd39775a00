"""First values of layers: by PyTorch's rule, or by DJL's on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from pydjl.errors import ArgumentError
from pydjl.ndarray import call_java_for

Init = Literal["torch", "djl"]


class Initialized(nn.Module):
    """A layer with a weight whose first values follow PyTorch's rule or DJL's.

    Attributes:
        init: ``"torch"`` for the rule of the PyTorch layer; ``"djl"`` for DJL's: the weight from
            N(0, 2 / fan-in), the bias zero.
    """

    weight: Tensor
    init: Init = "torch"

    def _choose_init(self, init: Init) -> None:
        """Choose the rule; before PyTorch's constructor, which draws."""
        if str(init) not in ("torch", "djl"):
            raise ArgumentError(f"init is {init!r}, but it must be 'torch' or 'djl'.")
        self.init = init

    def reset_parameters(self) -> None:
        """Draw the first values again."""
        if self.init == "torch":
            super().reset_parameters()  # type: ignore[misc]
            return
        with torch.no_grad():
            self.weight.copy_(self._djl_weight())
            bias = getattr(self, "bias", None)
            if bias is not None:
                bias.zero_()

    def extra_repr(self) -> str:
        """The PyTorch layer's own description, and the rule if it is not PyTorch's."""
        text = super().extra_repr()
        return text if self.init == "torch" else f"{text}, init='{self.init}'"

    def _djl_weight(self) -> Tensor:
        return djl_weight(self.weight.shape, self.weight.dtype)


def djl_weight(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """Draw a weight by DJL's default initializer, from PyTorch's generator of the CPU.

    Args:
        shape: ``(outputs, inputs, ...)``; all but the first are the fan-in.
        dtype: the element type.

    Example:
        >>> _ = torch.manual_seed(0)
        >>> round(djl_weight((1000, 8), torch.float32).std().item(), 2)  # the root of 2 / 8
        0.5
    """
    # Java takes shape and type from an array.
    model = torch.empty(tuple(shape), dtype=dtype, device="cpu")
    return call_java_for("init='djl'", "Layers.initialWeight", [model])
