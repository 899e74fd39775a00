"""Dropout, as a function and as a layer."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from pydjl.errors import ArgumentError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.ndarray.numbers import flag, real_number
from pydjl.nn.arguments import ArrayT, refuse_in_place


def dropout(input: ArrayT, p: float = 0.5, training: bool = True, inplace: bool = False) -> ArrayT:
    """Set random elements to zero: `torch.nn.functional.dropout`, computed by DJL.

    The elements are chosen by PyTorch's generator: one seed gives PyTorch's choice.

    Args:
        input: floating-point numbers of any shape.
        p: how likely an element becomes zero; the others are divided by ``1 - p``.
        training: whether to do anything.
        inplace: false; DJL cannot write into the input.

    Returns:
        The shape of `input`, and the kind.

    Raises:
        ArgumentError: `p` is no probability.
        NotSupportedError: `inplace` is true.

    Example:
        >>> import torch
        >>> _ = torch.manual_seed(0)
        >>> dropout(torch.ones(8), 0.25)
        tensor([0.0000, 1.3333, 1.3333, 0.0000, 1.3333, 0.0000, 1.3333, 1.3333])
        >>> dropout(torch.ones(3), training=False)
        tensor([1., 1., 1.])
    """
    refuse_in_place("dropout", inplace)
    share = _probability("dropout", p)
    x = as_tensor(input, "input")
    drops = flag("dropout: training", training)
    y = call_java_for("dropout", "Layers.dropout", [x], share, drops)
    return cast("ArrayT", like(input, y))


class Dropout(nn.Dropout):
    """Set random elements to zero while training: `torch.nn.Dropout`, computed by DJL.

    Raises:
        ArgumentError: `p` is no probability.
        NotSupportedError: `inplace` is true.

    Example:
        >>> import torch
        >>> Dropout(0.5).eval()(torch.ones(2))
        tensor([1., 1.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        refuse_in_place("Dropout", inplace)
        _probability("Dropout", p)
        super().__init__(p, inplace)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the layer."""
        return dropout(input, self.p, self.training, self.inplace)


def _probability(operation: str, p: float) -> float:
    share = real_number(f"{operation}: p", p)
    if not 0 <= share <= 1:
        raise ArgumentError(f"{operation}: p is {p!r}, but a probability from 0 to 1 is needed.")
    return share
