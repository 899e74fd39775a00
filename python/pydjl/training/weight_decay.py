"""DJL's penalties on parameters, to add to a loss."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray as NumpyArray
from torch import Tensor, nn

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import NDArray, as_tensor, call_java_with_list
from pydjl.ndarray.exchange import adopt
from pydjl.ndarray.numbers import real_number

Array = NDArray | Tensor | NumpyArray[Any]
Arrays = Array | Iterable[Array]


class _Decay(nn.Module):
    """A penalty on parameters."""

    def __init__(self, parameters: Arrays, **factors: float) -> None:
        super().__init__()
        if not isinstance(parameters, Iterable):
            raise ArgumentTypeError(
                f"{type(self).__name__} takes parameters, not a {type(parameters).__name__}."
            )
        single = isinstance(parameters, (NDArray, Tensor, np.ndarray))
        # In a tuple: the parameters are not this module's.
        self._penalized = tuple(
            as_tensor(each, "parameters") for each in ((parameters,) if single else parameters)
        )
        self._factors = tuple(real_number(name, factor) for name, factor in factors.items())
        if not self._penalized:
            raise ArgumentError(f"{type(self).__name__} needs at least one parameter.")

    def forward(self) -> Tensor:
        """Compute the penalty, a tensor without dimensions, in float32."""
        name = type(self).__name__
        method = f"Judgement.{name[0].lower()}{name[1:]}"
        return adopt(call_java_with_list(name, method, [], *self._factors, listed=self._penalized))

    def extra_repr(self) -> str:
        return ", ".join(map(str, self._factors))


class L1WeightDecay(_Decay):
    """``factor`` times the sum of the parameters' absolute values, to add to a loss.

    Args:
        parameters: what is penalized.
        factor: the weight of the penalty.

    Example:
        >>> import torch
        >>> L1WeightDecay([torch.tensor([1.0, -2.0])], 0.5)()
        tensor(1.5000)
    """

    def __init__(self, parameters: Arrays, factor: float = 1.0) -> None:
        super().__init__(parameters, factor=factor)


class L2WeightDecay(_Decay):
    """``factor`` times the sum of the parameters' squares, to add to a loss.

    Args:
        parameters: what is penalized.
        factor: the weight of the penalty.

    Example:
        >>> import torch
        >>> L2WeightDecay([torch.tensor([1.0, -2.0])], 0.5)()
        tensor(2.5000)
    """

    def __init__(self, parameters: Arrays, factor: float = 1.0) -> None:
        super().__init__(parameters, factor=factor)


class ElasticNetWeightDecay(_Decay):
    """The sum of `L1WeightDecay` and `L2WeightDecay`.

    Args:
        parameters: what is penalized.
        l1_factor: the weight of the absolute values.
        l2_factor: the weight of the squares.

    Example:
        >>> import torch
        >>> ElasticNetWeightDecay([torch.tensor([1.0, -2.0])], 1.0, 0.5)()
        tensor(5.5000)
    """

    def __init__(self, parameters: Arrays, l1_factor: float = 1.0, l2_factor: float = 1.0) -> None:
        super().__init__(parameters, l1_factor=l1_factor, l2_factor=l2_factor)
