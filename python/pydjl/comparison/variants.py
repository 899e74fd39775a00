"""What a layer would give if it were wrong in one of the ways in which layers are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pydjl.comparison.observation import LayerCall

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
    "Mish": F.mish,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Softplus": F.softplus,
    "Softsign": F.softsign,
}
_EPSILONS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-12, 0.0)


@dataclass(frozen=True)
class Variant:
    """A way in which the Java layer may differ from the Python layer.

    Attributes:
        cause: the kind of difference.
        description: it, in words.
        output: what the Python layer gives with it.
    """

    cause: str
    description: str
    output: Tensor


def variants(call: LayerCall) -> Iterator[Variant]:
    """Everything that the Python layer would give if it were made in another way.

    Args:
        call: of a layer of PyTorch's, with one input and one output.

    Yields:
        The variants that can be computed; those of the layer's own kind first.
    """
    x, module = call.inputs[0], call.module
    for made in _MAKERS:
        yield from made(module, x)
    yield from _of_any_layer(call.outputs[0])


def _convolutions(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if not isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        return
    function: Callable[..., Tensor] = (F.conv1d, F.conv2d, F.conv3d)[module.weight.dim() - 3]
    w, b = module.weight, module.bias
    spatial = tuple(range(2, w.dim()))
    own: dict[str, Any] = {
        "stride": module.stride,
        "padding": module.padding,
        "dilation": module.dilation,
        "groups": module.groups,
    }

    def run(weight: Tensor = w, bias: Tensor | None = b, **changed: Any) -> Tensor:
        return function(x, weight, bias, **{**own, **changed})

    yield Variant(
        "flipped kernel",
        "a convolution, whose kernel is turned by 180 degrees, in place of a cross-correlation",
        run(w.flip(spatial)),
    )
    if b is not None:
        yield Variant("missing bias", "its bias is not added", run(bias=None))
    for name, weight in _transposed(w):
        yield Variant("transposed weights", f"its weight is {name}", run(weight))
    largest = max(w.shape[2:])
    choices = product(range(largest + 1), (1, 2, 3), (1, 2))
    for padding, stride, dilation in choices:
        changed: dict[str, Any] = {"padding": padding, "stride": stride, "dilation": dilation}
        words = [f"{k} {v}" for k, v in changed.items() if own[k] != (v,) * len(spatial)]
        if len(words) == 1 and _fits(x, w, padding, dilation):
            cause = f"another {words[0].split()[0]}"
            yield Variant(
                cause, f"{words[0]} instead of {own[words[0].split()[0]]}", run(**changed)
            )


def _fits(x: Tensor, w: Tensor, padding: int, dilation: int) -> bool:
    sizes = zip(x.shape[2 - w.dim() :], w.shape[2:], strict=True)
    return all(n + 2 * padding > dilation * (k - 1) for n, k in sizes)


def _transposed(w: Tensor) -> Iterator[tuple[str, Tensor]]:
    if w.shape[0] == w.shape[1]:
        yield "transposed (inputs for outputs)", w.transpose(0, 1)
    if w.dim() > 3 and w.shape[-1] == w.shape[-2]:
        yield "transposed (height for width)", w.transpose(-1, -2)


def _linear(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if not isinstance(module, nn.Linear):
        return
    if module.bias is not None:
        yield Variant("missing bias", "its bias is not added", F.linear(x, module.weight))
    for name, weight in _transposed(module.weight):
        yield Variant(
            "transposed weights", f"its weight is {name}", F.linear(x, weight, module.bias)
        )


def _activations(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    kind = type(module).__name__
    if x.is_floating_point() and any(name.startswith(kind) for name in _ACTIVATIONS):
        for name, function in _ACTIVATIONS.items():
            yield Variant("another activation", f"{name} in place of {module}", function(x))


def _norms(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        w, b = module.weight, module.bias
        mean, variance = module.running_mean, module.running_var
        if mean is not None and variance is not None:
            for training in (False, True):
                for eps in _EPSILONS:
                    # Copies: in training mode the statistics are written.
                    y = F.batch_norm(x, mean.clone(), variance.clone(), w, b, training, 0.0, eps)
                    if training != module.training and eps == module.eps:
                        mode = "training" if training else "evaluation"
                        yield Variant("another mode", f"it is in {mode} mode", y)
                    elif training == module.training and eps != module.eps:
                        yield Variant("another epsilon", f"eps {eps:g}, not {module.eps:g}", y)
    elif isinstance(module, nn.LayerNorm):
        for eps in _EPSILONS:
            y = F.layer_norm(x, module.normalized_shape, module.weight, module.bias, eps)
            yield Variant("another epsilon", f"eps {eps:g}, not {module.eps:g}", y)


def _dropouts(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if isinstance(module, nn.modules.dropout._DropoutNd) and module.training:
        yield Variant("another mode", "it is in evaluation mode and drops nothing", x)


def _pools(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    pools = {nn.MaxPool1d: 1, nn.MaxPool2d: 2, nn.MaxPool3d: 3, nn.AvgPool1d: 1, nn.AvgPool2d: 2}
    dimensions = pools.get(type(module))
    if dimensions is None:
        return
    own: Any = module
    maxima: Any = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[dimensions - 1]
    means: Any = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[dimensions - 1]
    size, stride, padding = own.kernel_size, own.stride, own.padding
    is_max = "Max" in type(module).__name__
    other = means if is_max else maxima
    name = "averages in place of maxima" if is_max else "maxima in place of averages"
    yield Variant("another pooling", name, other(x, size, stride, padding))
    same = maxima if is_max else means
    yield Variant(
        "another rounding",
        f"ceil_mode {not own.ceil_mode}",
        same(x, size, stride, padding, ceil_mode=not own.ceil_mode),
    )
    if not is_max and padding not in (0, (0,) * dimensions):
        y = means(x, size, stride, padding, own.ceil_mode, not own.count_include_pad)
        yield Variant("padding counted", f"count_include_pad {not own.count_include_pad}", y)
    for p, s in product((0, 1), (1, 2, 3)):
        changed = [f"padding {p}"] * (p != padding) + [f"stride {s}"] * (s != stride)
        if len(changed) == 1 and 2 * p <= (size if isinstance(size, int) else min(size)):
            yield Variant(f"another {changed[0].split()[0]}", changed[0], same(x, size, s, p))


def _softmax(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if isinstance(module, (nn.Softmax, nn.LogSoftmax)):
        function = F.log_softmax if isinstance(module, nn.LogSoftmax) else F.softmax
        for axis in range(x.dim()):
            if axis != (module.dim or 0) % x.dim():
                yield Variant("another axis", f"axis {axis}, not {module.dim}", function(x, axis))
        other = F.softmax if isinstance(module, nn.LogSoftmax) else F.log_softmax
        name = "without a logarithm" if isinstance(module, nn.LogSoftmax) else "with a logarithm"
        yield Variant("another activation", name, other(x, module.dim))


def _flattens(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if isinstance(module, nn.Flatten) and module.start_dim == 1 and x.dim() > 2:
        y = x.movedim(1, -1).flatten(1, module.end_dim)
        yield Variant("channels last", "the channels of its input as the last axis", y)


def _of_any_layer(y: Tensor) -> Iterator[Variant]:
    if y.dim() > 2:
        last, first = y.movedim(1, -1), y.movedim(-1, 1)
        yield Variant("channels last", "its channels are the last axis", last)
        if y.shape[1] != y.shape[-1] or not math.prod(y.shape[2:]):
            yield Variant("channels first", "its channels are the second axis", first)
    if y.dim() > 3 and y.shape[-1] == y.shape[-2]:
        yield Variant("transposed picture", "height and width are exchanged", y.transpose(-1, -2))


_MAKERS = (_convolutions, _linear, _activations, _norms, _dropouts, _pools, _softmax, _flattens)
