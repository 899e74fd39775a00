"""What a layer would give if it were wrong in one of the ways in which layers are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pydjl.comparison.streams import LayerCall
from pydjl.comparison.variant import Variant, with_transposed_weights, without_bias
from pydjl.comparison.variants_of_windows import convolutions, pools

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "no activation": lambda x: x,
    "ReLU": F.relu,
    "ReLU6": F.relu6,
    "LeakyReLU(0.01)": lambda x: F.leaky_relu(x, 0.01),
    "LeakyReLU(0.2)": lambda x: F.leaky_relu(x, 0.2),
    "LeakyReLU(0.3)": lambda x: F.leaky_relu(x, 0.3),
    "ELU": F.elu,
    "SELU": F.selu,
    "GELU": F.gelu,
    "GELU(tanh)": lambda x: F.gelu(x, approximate="tanh"),
    "SiLU": F.silu,
    "Hardswish": F.hardswish,
    "Mish": F.mish,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Softplus": F.softplus,
    "Softsign": F.softsign,
}
_EPSILONS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-12, 0.0)


def variants(call: LayerCall) -> Iterator[Variant]:
    """Ways in which the Python layer may have been made otherwise.

    Args:
        call: of a layer with one input and one output; those of PyTorch's classes are known.

    Yields:
        The variants; those of the layer's own kind first.
    """
    for made in _MAKERS:
        yield from made(call.module, call.inputs[0])
    yield from _of_any_layer(call.outputs[0])


def _linear(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if not isinstance(module, nn.Linear):
        return
    w, b = module.weight, module.bias
    yield from without_bias(b, lambda: F.linear(x, w))
    yield from with_transposed_weights(w, lambda weight: F.linear(x, weight, b))


def _activations(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    kind = type(module).__name__
    if x.is_floating_point() and any(name.startswith(kind) for name in _ACTIVATIONS):
        for name, function in _ACTIVATIONS.items():
            yield Variant(
                "another activation",
                f"{name} in place of {module}",
                lambda function=function: function(x),  # type: ignore[misc]
            )


def _norms(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    own: Any = module
    run: Callable[[float], Tensor]
    if isinstance(module, nn.modules.batchnorm._BatchNorm):

        def normalized(eps: float, training: bool) -> Tensor:
            # Copies, since in training mode the statistics are written.
            mean, variance = (
                None if each is None else each.clone()
                for each in (own.running_mean, own.running_var)
            )
            return F.batch_norm(x, mean, variance, own.weight, own.bias, training, 0.0, eps)

        if module.running_mean is not None:
            mode = "evaluation" if module.training else "training"
            yield Variant(
                "another mode",
                f"it is in {mode} mode",
                lambda: normalized(own.eps, not own.training),
            )
        uses_batch = module.training or module.running_mean is None
        run = lambda eps: normalized(eps, uses_batch)  # noqa: E731
    elif isinstance(module, nn.LayerNorm):
        run = lambda eps: F.layer_norm(x, own.normalized_shape, own.weight, own.bias, eps)  # noqa: E731
    elif isinstance(module, nn.GroupNorm):
        run = lambda eps: F.group_norm(x, own.num_groups, own.weight, own.bias, eps)  # noqa: E731
    else:
        return
    for eps in _EPSILONS:
        if eps != own.eps:
            yield Variant(
                "another epsilon",
                f"eps {eps:g}, not {own.eps:g}",
                lambda eps=eps: run(eps),  # type: ignore[misc]
            )


def _dropouts(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if isinstance(module, nn.modules.dropout._DropoutNd) and module.training:
        yield Variant("another mode", "it is in evaluation mode and drops nothing", lambda: x)


def _softmax(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if not isinstance(module, (nn.Softmax, nn.LogSoftmax)) or module.dim is None:
        return
    own = module.dim
    is_log = isinstance(module, nn.LogSoftmax)
    function, other = (F.log_softmax, F.softmax) if is_log else (F.softmax, F.log_softmax)
    for axis in range(x.dim()):
        if axis != own % x.dim():
            yield Variant(
                "another axis",
                f"axis {axis}, not {own}",
                lambda axis=axis: function(x, axis),  # type: ignore[misc]
            )
    name = "no logarithm" if is_log else "a logarithm"
    yield Variant("another activation", name, lambda: other(x, own))


def _flattens(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if isinstance(module, nn.Flatten) and module.start_dim == 1 and x.dim() > 2:
        yield Variant(
            "channels last",
            "the channels of its input as the last axis",
            lambda: x.movedim(1, -1).flatten(1, module.end_dim),
        )


def _of_any_layer(y: Tensor) -> Iterator[Variant]:
    if y.dim() > 2:
        last, first = "its channels are the last axis", "its channels are the second axis"
        yield Variant("channels last", last, lambda: y.movedim(1, -1))
        yield Variant("channels first", first, lambda: y.movedim(-1, 1))
    if y.dim() > 3:
        words = "height and width are exchanged"
        yield Variant("transposed picture", words, lambda: y.transpose(-1, -2))


_MAKERS = (convolutions, _linear, _activations, _norms, _dropouts, pools, _softmax, _flattens)
