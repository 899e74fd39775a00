"""Normalisation over a batch or over the features of an example: functions and layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from pydjl.errors import ArgumentError, ShapeError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.ndarray.numbers import flag, real_number, sizes
from pydjl.nn.arguments import Array, ArrayT, elements, whole
from pydjl.nn.layer_arguments import check_place, torch_makes


def batch_norm(
    input: ArrayT,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Array | None = None,
    bias: Array | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> ArrayT:
    """Normalise each channel over the batch: `torch.nn.functional.batch_norm`, computed by DJL.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``, channel by channel.

    Args:
        input: shape ``(N, C, ...)``.
        running_mean: shape ``(C,)``; updated in place when training.
        running_var: shape ``(C,)``; updated in place when training.
        weight: shape ``(C,)``, or none.
        bias: shape ``(C,)``, or none.
        training: whether to take mean and variance from the batch, and not the running ones.
        momentum: the weight of the batch in the running statistics. DJL's momentum is the weight
            of the old ones: 1 minus this.
        eps: what is added to the variance.

    Returns:
        The shape of `input`, and the kind.

    Raises:
        ShapeError: the shapes do not fit, or there is one value per channel when training.
        ArgumentError: the running statistics are missing when not training, or are a read-only
            NumPy array when training.

    Example:
        >>> import torch
        >>> batch_norm(torch.tensor([[1.0], [3.0]]), None, None, training=True, eps=0)
        tensor([[-1.],
                [ 1.]])
    """
    x = as_tensor(input, "input")
    trains = flag("batch_norm: training", training)
    if not trains and (running_mean is None or running_var is None):
        raise ArgumentError(
            "batch_norm: running_mean and running_var must be given when training=False; "
            "training=True normalises by the batch's own."
        )
    if x.dim() < 2:
        raise ShapeError(
            f"batch_norm: input has shape {tuple(x.shape)}, but (N, C, ...) is needed.",
            tuple(x.shape),
        )
    channels = x.shape[1:2]
    affine: list[Tensor]
    missing: list[int]
    affine, missing = _affine("batch_norm", x, channels, weight, bias)
    # DJL insists on running statistics; those that nobody keeps change no result.
    kept = affine[0] if affine else x
    mean = _checked("batch_norm", kept, "running_mean", running_mean, channels, torch.zeros)
    variance = _checked("batch_norm", kept, "running_var", running_var, channels, torch.ones)
    numbers = (real_number("batch_norm: momentum", momentum), real_number("batch_norm: eps", eps))
    if trains:
        _check_writable(running_mean=running_mean, running_var=running_var)
    y = call_java_for(
        "batch_norm", "Layers.batchNorm", [x, mean, variance, *affine], *missing, trains, *numbers
    )
    for given, updated in ((running_mean, mean), (running_var, variance)):
        if trains and isinstance(given, np.ndarray):
            given[...] = updated.numpy()  # of no effect where the memory is shared
    return cast("ArrayT", like(input, y))


def layer_norm(
    input: ArrayT,
    normalized_shape: Sequence[int],
    weight: Array | None = None,
    bias: Array | None = None,
    eps: float = 1e-5,
) -> ArrayT:
    """Normalise each example over its last dimensions: `torch.nn.functional.layer_norm`, by DJL.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``, example by example.

    Args:
        input: shape ``(..., *normalized_shape)``.
        normalized_shape: the shape of the last dimensions.
        weight: of the normalised shape, or none.
        bias: of the normalised shape, or none.
        eps: what is added to the variance.

    Returns:
        The shape of `input`, and the kind.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import torch
        >>> layer_norm(torch.tensor([[1.0, 3.0], [0.0, 8.0]]), (2,), eps=0)
        tensor([[-1.,  1.],
                [-1.,  1.]])
    """
    x = as_tensor(input, "input")
    shape = sizes("layer_norm: normalized_shape", normalized_shape)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ShapeError(
            f"layer_norm: input has shape {tuple(x.shape)}, but its last dimensions must be "
            f"normalized_shape, which is {shape}.",
            tuple(x.shape),
            shape,
        )
    affine: list[Tensor]
    missing: list[int]
    affine, missing = _affine("layer_norm", x, shape, weight, bias)
    arguments = (*missing, list(shape), real_number("layer_norm: eps", eps))
    y = call_java_for("layer_norm", "Layers.layerNorm", [x, *affine], *arguments)
    return cast("ArrayT", like(input, y))


class _BatchNorm(nn.modules.batchnorm._BatchNorm):
    """What the layers of every dimension share."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        layer = type(self).__name__
        whole(f"{layer}: num_features", num_features, least=0)
        real_number(f"{layer}: eps", eps)
        if momentum is not None:
            real_number(f"{layer}: momentum", momentum)
        check_place(layer, device, dtype)
        with torch_makes(layer):
            super().__init__(
                num_features, eps, momentum, affine, track_running_stats, device, dtype
            )

    def forward(self, input: Tensor) -> Tensor:
        """Normalise a batch, and update the running statistics when training."""
        self._check_input_dim(as_tensor(input, "input"))  # type: ignore[no-untyped-call]
        factor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the mean of all batches so far
                factor = 1.0 / float(self.num_batches_tracked)
        in_use = not self.training or self.track_running_stats
        return batch_norm(
            input,
            self.running_mean if in_use else None,
            self.running_var if in_use else None,
            self.weight,
            self.bias,
            self.training or (self.running_mean is None and self.running_var is None),
            factor,
            self.eps,
        )


class BatchNorm1d(_BatchNorm, nn.BatchNorm1d):
    """Normalise channels over a batch ``(N, C)`` or ``(N, C, L)``: `torch.nn.BatchNorm1d`, by DJL.

    The arguments, the parameters and the buffers are those of the PyTorch layer; `momentum` is
    PyTorch's, 1 minus DJL's.

    Example:
        >>> layer = BatchNorm1d(2, affine=False, eps=0)
        >>> layer(torch.tensor([[1.0, 4.0], [3.0, 0.0]]))
        tensor([[-1.,  1.],
                [ 1., -1.]])
        >>> layer.running_mean
        tensor([0.2000, 0.2000])
    """


class BatchNorm2d(_BatchNorm, nn.BatchNorm2d):
    """Normalise channels over a batch ``(N, C, H, W)``: `torch.nn.BatchNorm2d`, by DJL.

    The arguments, the parameters and the buffers are those of the PyTorch layer; `momentum` is
    PyTorch's, 1 minus DJL's.

    Example:
        >>> BatchNorm2d(3)(torch.ones(2, 3, 4, 5)).shape
        torch.Size([2, 3, 4, 5])
    """


class BatchNorm3d(_BatchNorm, nn.BatchNorm3d):
    """Normalise channels over a batch ``(N, C, D, H, W)``: `torch.nn.BatchNorm3d`, by DJL.

    The arguments, the parameters and the buffers are those of the PyTorch layer; `momentum` is
    PyTorch's, 1 minus DJL's.

    Example:
        >>> BatchNorm3d(3)(torch.ones(2, 3, 2, 4, 5)).shape
        torch.Size([2, 3, 2, 4, 5])
    """


class LayerNorm(nn.LayerNorm):
    """Normalise each example over its last dimensions: `torch.nn.LayerNorm`, computed by DJL.

    Example:
        >>> LayerNorm((4, 5))(torch.ones(2, 3, 4, 5)).shape
        torch.Size([2, 3, 4, 5])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        name = "LayerNorm: normalized_shape"
        shape = [whole(name, each, least=0) for each in elements(normalized_shape)]
        if not shape:
            raise ArgumentError(
                f"{name} is {normalized_shape!r}, but one number or more is needed."
            )
        real_number("LayerNorm: eps", eps)
        check_place("LayerNorm", device, dtype)
        with torch_makes("LayerNorm"):
            super().__init__(shape, eps, elementwise_affine, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise an input of shape ``(..., *normalized_shape)``."""
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


def _check_writable(**statistics: Array | None) -> None:
    for name, given in statistics.items():
        if isinstance(given, np.ndarray) and not given.flags.writeable:
            raise ArgumentError(
                f"batch_norm: {name} is a read-only NumPy array, which training=True would have "
                "to update: give a copy of it."
            )


def _affine(
    operation: str, x: Tensor, shape: Sequence[int], weight: Array | None, bias: Array | None
) -> tuple[list[Tensor], list[int]]:
    """Weight and bias, and a missing handle for each that is not given."""
    if bias is None:
        if weight is None:
            return [], [0, 0]
        return [_checked(operation, x, "weight", weight, shape, torch.ones)], [0]
    shift = _checked(operation, x, "bias", bias, shape, torch.zeros)
    # A bias alone is nothing that a layer has: ones stand for its weight.
    scale = _checked(operation, shift, "weight", weight, shape, torch.ones)
    return [scale, shift], []


def _checked(
    operation: str,
    model: Tensor,
    name: str,
    value: Array | None,
    shape: Sequence[int],
    otherwise: Callable[..., Tensor],
) -> Tensor:
    """A parameter, of the shape that is needed; if it is not given, one of the model's type."""
    if value is None:
        return otherwise(shape, dtype=model.dtype, device=model.device)
    tensor = as_tensor(value, name)
    if tensor.shape != shape:
        raise ShapeError(
            f"{operation}: {name} has shape {tuple(tensor.shape)}, but the input needs "
            f"{tuple(shape)}.",
            tuple(tensor.shape),
            tuple(shape),
        )
    return tensor
