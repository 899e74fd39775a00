"""The linear map, as a function and as a layer."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn

from pydjl.errors import ShapeError
from pydjl.ndarray import as_tensor, lend_to_java, like
from pydjl.nn.arguments import Array, ArrayT, check_same_dtype, whole
from pydjl.nn.initialization import Init, Initialized
from pydjl.nn.layer_arguments import check_place, torch_makes


def linear(input: ArrayT, weight: Array, bias: Array | None = None) -> ArrayT:
    """Multiply by a matrix and add a bias, x Wᵀ + b: `torch.nn.functional.linear`, by DJL.

    Args:
        input: shape ``(..., in_features)``.
        weight: shape ``(out_features, in_features)`` or ``(in_features,)``.
        bias: shape ``(out_features,)``, or none for a weight of one dimension.

    Returns:
        Shape ``(..., out_features)``, or ``(...)`` for a weight of one dimension; of the kind that
        `input` is.

    Raises:
        ShapeError: the shapes do not fit.
        DtypeError: the dtypes differ, or DJL does not know one.

    Example:
        >>> import torch
        >>> linear(torch.tensor([1.0, 2]), torch.tensor([[3.0, 4], [5, 6]]), torch.tensor([0.5, 0]))
        tensor([11.5000, 17.0000])
    """
    x, w = as_tensor(input, "input"), as_tensor(weight, "weight")
    b = None if bias is None else as_tensor(bias, "bias")
    if x.dim() < 1 or w.dim() not in (1, 2) or x.shape[-1] != w.shape[-1]:
        shapes = (tuple(x.shape), tuple(w.shape))
        raise ShapeError(
            f"linear: input of shape {shapes[0]} and weight of shape {shapes[1]} do not fit: "
            "(..., in_features) and (out_features, in_features) are needed.",
            *shapes,
        )
    check_same_dtype("linear", input=x, weight=w, bias=b)
    if b is None:
        y = lend_to_java("linear", "Layers.linear", [x, w], 0)
    elif x.dim() != 2 and w.dim() == 2 and x.is_contiguous():
        # DJL fuses product and sum for matrices alone, PyTorch for whatever can be seen as one.
        rows = x.view(math.prod(x.shape[:-1]), x.shape[-1])
        y = lend_to_java("linear", "Layers.linear", [rows, w, b])
        y = y.view(*x.shape[:-1], w.shape[0])
    else:
        y = lend_to_java("linear", "Layers.linear", [x, w, b])
    return cast("ArrayT", like(input, y))


class Linear(Initialized, nn.Linear):
    """A linear map x Wᵀ + b: `torch.nn.Linear`, computed by DJL.

    Args:
        in_features: the size of each input.
        out_features: the size of each output.
        bias: whether a learned bias is added.
        device: where the parameters lie.
        dtype: their element type.
        init: the rule of the first values: ``"torch"``; or ``"djl"`` for a weight from
            N(0, 2 / in_features) and a bias of zeros.

    Raises:
        ArgumentError: a number cannot be used, or `init` is neither of the two.
        ArgumentTypeError: an argument is of the wrong type.
        OutOfMemoryError: the parameters do not fit into memory.

    Example:
        >>> Linear(3, 2)(torch.ones(5, 4, 3)).shape
        torch.Size([5, 4, 2])
        >>> Linear(3, 2, init="djl")
        Linear(in_features=3, out_features=2, bias=True, init='djl')
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        init: Init = "torch",
    ) -> None:
        whole("Linear: in_features", in_features, least=0)
        whole("Linear: out_features", out_features, least=0)
        check_place("Linear", device, dtype)
        self._choose_init(init)
        with torch_makes("Linear"):
            super().__init__(in_features, out_features, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """Apply the map to an input of shape ``(..., in_features)``."""
        return linear(input, self.weight, self.bias)
