"""Activation functions, element by element and along a dimension, computed by DJL."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from pydjl.errors import ShapeError
from pydjl.ndarray import as_tensor, call_java_for, lend_to_java, like
from pydjl.ndarray.dtypes import data_type, parse_dtype
from pydjl.ndarray.numbers import real_number
from pydjl.nn.activation_arguments import (
    SOFTPLUS_THRESHOLD,
    check_approximation,
    dimension,
    scale_and_limit,
)
from pydjl.nn.arguments import Array, ArrayT, check_same_dtype, refuse_in_place


def relu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Rectified linear unit, max(x, 0): `torch.nn.functional.relu`, computed by DJL.

    Args:
        input: numbers of any shape.
        inplace: false; DJL cannot write into the input.

    Returns:
        The shape of `input`, and the kind. This and what follows hold for every function of this
        module.

    Raises:
        NotSupportedError: something was asked for that DJL cannot.
        DtypeError: the function is not defined for the dtype, or DJL does not know it.

    Example:
        >>> import torch
        >>> relu(torch.tensor([-1.0, 2.0]))
        tensor([0., 2.])
    """
    refuse_in_place("relu", inplace)
    return _unary("relu", input)


def relu6(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Rectified linear unit up to 6, min(max(x, 0), 6): `torch.nn.functional.relu6`, by DJL.

    Example:
        >>> import torch
        >>> relu6(torch.tensor([-1.0, 2.0, 9.0]))
        tensor([0., 2., 6.])
    """
    refuse_in_place("relu6", inplace)
    return _apply("relu6", "Activations.relu6", input)


def leaky_relu(input: ArrayT, negative_slope: float = 0.01, inplace: bool = False) -> ArrayT:
    """Let a share of negative numbers through: `torch.nn.functional.leaky_relu`, by DJL.

    Args:
        input: numbers of any shape.
        negative_slope: the share.
        inplace: false; DJL cannot write into the input.

    Example:
        >>> import torch
        >>> leaky_relu(torch.tensor([-1.0, 2.0]), 0.5)
        tensor([-0.5000,  2.0000])
    """
    refuse_in_place("leaky_relu", inplace)
    slope = real_number("leaky_relu: negative_slope", negative_slope)
    return _apply("leaky_relu", "Activations.leakyRelu", input, slope)


def prelu(input: ArrayT, weight: Array) -> ArrayT:
    """Let a learned share of negative numbers through: `torch.nn.functional.prelu`, by DJL.

    DJL's PyTorch engine has none: it is composed of DJL's choices and products.

    Args:
        input: shape ``(N, C, ...)``, or any for a weight of one number.
        weight: the share, shape ``(1,)`` or ``(C,)``.

    Raises:
        ShapeError: `weight` is of another shape.
        DtypeError: the dtypes differ.

    Example:
        >>> import torch
        >>> prelu(torch.tensor([[-1.0, -1.0], [2.0, -4.0]]), torch.tensor([0.5, 0.25]))
        tensor([[-0.5000, -0.2500],
                [ 2.0000, -1.0000]])
    """
    x, w = as_tensor(input, "input"), as_tensor(weight, "weight")
    channels = x.shape[1] if x.dim() > 1 else 1
    if w.dim() > 1 or w.numel() not in (1, channels):
        raise ShapeError(
            f"prelu: weight has shape {tuple(w.shape)}, but one number, or one for each of the "
            f"{channels} channel(s) of input of shape {tuple(x.shape)}, is needed.",
            tuple(x.shape),
            tuple(w.shape),
        )
    check_same_dtype("prelu", input=x, weight=w)
    return cast("ArrayT", like(input, call_java_for("prelu", "Activations.prelu", [x, w])))


def elu(input: ArrayT, alpha: float = 1.0, inplace: bool = False) -> ArrayT:
    """Exponential linear unit: `torch.nn.functional.elu`, computed by DJL.

    Args:
        input: numbers of any shape.
        alpha: α in α (exp x − 1), which stands for negative x.
        inplace: false; DJL cannot write into the input.

    Example:
        >>> import torch
        >>> elu(torch.tensor([-1.0, 2.0]))
        tensor([-0.6321,  2.0000])
    """
    refuse_in_place("elu", inplace)
    return _apply("elu", "Activations.elu", input, real_number("elu: alpha", alpha))


def selu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Scaled exponential linear unit: `torch.nn.functional.selu`, computed by DJL.

    Example:
        >>> import torch
        >>> selu(torch.tensor([-1.0, 2.0]))
        tensor([-1.1113,  2.1014])
    """
    refuse_in_place("selu", inplace)
    return _apply("selu", "Activations.selu", input)


def gelu(input: ArrayT, approximate: str = "none") -> ArrayT:
    """Gaussian error linear unit, x Φ(x): `torch.nn.functional.gelu`, computed by DJL.

    Args:
        input: numbers of any shape.
        approximate: ``"none"``; or ``"tanh"`` for
            x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), which is composed of DJL's operations.

    Raises:
        ArgumentError: `approximate` is neither.

    Example:
        >>> import torch
        >>> gelu(torch.tensor([-1.0, 2.0])), gelu(torch.tensor([-1.0, 2.0]), approximate="tanh")
        (tensor([-0.1587,  1.9545]), tensor([-0.1588,  1.9546]))
    """
    check_approximation("gelu", approximate)
    method = "Activations.gelu" if approximate == "none" else "Activations.geluTanh"
    return _apply("gelu", method, input)


def silu(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Sigmoid linear unit or Swish, x σ(x): `torch.nn.functional.silu`, computed by DJL.

    Example:
        >>> import torch
        >>> silu(torch.tensor([-1.0, 2.0]))
        tensor([-0.2689,  1.7616])
    """
    refuse_in_place("silu", inplace)
    return _apply("silu", "Activations.silu", input)


def mish(input: ArrayT, inplace: bool = False) -> ArrayT:
    """Mish, x tanh(ln(1 + exp x)): `torch.nn.functional.mish`, composed of DJL's functions.

    DJL's own takes the logarithm to base 2.

    Example:
        >>> import torch
        >>> mish(torch.tensor([-1.0, 2.0]))
        tensor([-0.3034,  1.9440])
    """
    refuse_in_place("mish", inplace)
    return _apply("mish", "Activations.mish", input)


def sigmoid(input: ArrayT) -> ArrayT:
    """Logistic function, 1 / (1 + exp −x): `torch.nn.functional.sigmoid`, computed by DJL.

    Example:
        >>> import torch
        >>> sigmoid(torch.tensor([0.0, 2.0]))
        tensor([0.5000, 0.8808])
    """
    return _unary("sigmoid", input)


def tanh(input: ArrayT) -> ArrayT:
    """Hyperbolic tangent: `torch.nn.functional.tanh`, computed by DJL.

    Example:
        >>> import torch
        >>> tanh(torch.tensor([0.0, 2.0]))
        tensor([0.0000, 0.9640])
    """
    return _unary("tanh", input)


def softplus(input: ArrayT, beta: float = 1.0, threshold: float = 20.0) -> ArrayT:
    """A smooth max(x, 0), ln(1 + exp βx) / β: `torch.nn.functional.softplus`, computed by DJL.

    Args:
        input: numbers of any shape.
        beta: the scale β; others than 1 are composed of DJL's operations.
        threshold: the function is x where βx is greater; at most 20, which is DJL's.

    Example:
        >>> import torch
        >>> softplus(torch.tensor([-1.0, 2.0])), softplus(torch.tensor([-1.0, 2.0]), beta=2)
        (tensor([0.3133, 2.1269]), tensor([0.0635, 2.0091]))
    """
    scale, limit = scale_and_limit("softplus", beta, threshold)
    if scale == 1 and limit == SOFTPLUS_THRESHOLD:
        return _apply("softplus", "Activations.softplus", input)
    return _apply("softplus", "Activations.scaledSoftplus", input, scale, limit)


def softsign(input: ArrayT) -> ArrayT:
    """Softsign, x / (1 + |x|): `torch.nn.functional.softsign`, computed by DJL.

    Example:
        >>> import torch
        >>> softsign(torch.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """
    return _apply("softsign", "Activations.softsign", input)


def softmax(input: ArrayT, dim: int | None = None, dtype: torch.dtype | None = None) -> ArrayT:
    """Exponentials divided by their sum: `torch.nn.functional.softmax`, computed by DJL.

    Args:
        input: numbers of any shape.
        dim: the dimension along which they sum to 1; it must be given.
        dtype: the dtype to compute in; that of `input` if there is none.

    Raises:
        ArgumentError: no dimension is given.
        ArrayIndexError: there is no such dimension.

    Example:
        >>> import torch
        >>> softmax(torch.tensor([[0.0, 0.0], [1.0, 3.0]]), dim=1)
        tensor([[0.5000, 0.5000],
                [0.1192, 0.8808]])
    """
    return _along("softmax", "Activations.softmax", input, dim, dtype)


def log_softmax(input: ArrayT, dim: int | None = None, dtype: torch.dtype | None = None) -> ArrayT:
    """The natural logarithm of `softmax`: `torch.nn.functional.log_softmax`, computed by DJL.

    Args:
        input: numbers of any shape.
        dim: the dimension along which the exponentials sum to 1; it must be given.
        dtype: the dtype to compute in; that of `input` if there is none.

    Raises:
        ArgumentError: no dimension is given.
        ArrayIndexError: there is no such dimension.

    Example:
        >>> import torch
        >>> log_softmax(torch.tensor([0.0, 0.0]), dim=0)
        tensor([-0.6931, -0.6931])
    """
    return _along("log_softmax", "Activations.logSoftmax", input, dim, dtype)


def _unary(name: str, input: ArrayT) -> ArrayT:
    x = as_tensor(input, "input")
    return cast("ArrayT", like(input, lend_to_java(name, f"Unary.{name.upper()}.apply", (x,))))


def _apply(name: str, method: str, input: ArrayT, *arguments: Any) -> ArrayT:
    if isinstance(input, Tensor):
        return call_java_for(name, method, [input], *arguments)
    x = as_tensor(input, "input")
    return cast("ArrayT", like(input, call_java_for(name, method, [x], *arguments)))


def _along(
    name: str, method: str, input: ArrayT, dim: int | None, dtype: torch.dtype | None
) -> ArrayT:
    axis = dimension(name, dim)
    x = as_tensor(input, "input")
    kind = x.dtype if dtype is None else parse_dtype(dtype)
    return _apply(name, method, input, axis, data_type(kind))
