"""Models that learn the shapes of their parameters from their first input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from pydjl.comparison.draws import same_draws


def materialize(model: nn.Module, inputs: Sequence[Tensor]) -> None:
    """Let a lazy model learn the shapes of its parameters, and nothing else.

    Args:
        model: the model; nothing happens if it is not lazy.
        inputs: what it is called with.
    """
    if not any(map(is_lazy, _all_tensors(model))):
        return
    modes = [(module, module.training) for module in model.modules()]
    model.eval()  # in training a normalisation would learn of the inputs
    try:
        with torch.inference_mode(mode=False), torch.no_grad(), same_draws():
            model(*[x.detach().clone() for x in inputs])
    finally:
        for module, mode in modes:
            module.training = mode


def _all_tensors(model: nn.Module) -> Iterator[Tensor]:
    yield from model.parameters()
    yield from model.buffers()
