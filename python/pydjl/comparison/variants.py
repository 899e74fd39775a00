"""What a layer would give if it were wrong in one of the ways in which layers are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pydjl.comparison.streams import LayerCall

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


@dataclass(frozen=True)
class Variant:
    """A way in which the Java layer may differ from the Python layer.

    Attributes:
        cause: the kind of difference.
        description: it, in words.
        compute: what the Python layer gives with it; raises if there is no such layer.
    """

    cause: str
    description: str
    compute: Callable[[], Tensor]


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


def _convolutions(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    functions: dict[type[nn.Module], Callable[..., Tensor]] = {
        nn.Conv1d: F.conv1d,
        nn.Conv2d: F.conv2d,
        nn.Conv3d: F.conv3d,
    }
    function = next((f for kind, f in functions.items() if isinstance(module, kind)), None)
    if function is None or not isinstance(module, nn.modules.conv._ConvNd):
        return
    w, b, own = module.weight, module.bias, _settings(module, "stride", "padding", "dilation")
    spatial = tuple(range(2, w.dim()))

    def run(weight: Tensor = w, bias: Tensor | None = b, **changed: Any) -> Tensor:
        return function(x, weight, bias, groups=module.groups, **{**own, **changed})

    yield Variant(
        "flipped kernel",
        "a convolution, whose kernel is turned by 180 degrees, in place of a cross-correlation",
        lambda: run(w.flip(spatial)),
    )
    yield from _without_bias(b, lambda: run(bias=None))
    for name, weight in _transposed(w):
        yield _transposed_weights(name, lambda weight=weight: run(weight))  # type: ignore[misc]
    largest = max(w.shape[2:])
    choices = {"padding": range(largest + 1), "stride": range(1, 5), "dilation": range(1, 4)}
    yield from _otherwise(own, choices, lambda changed: run(**changed))


def _settings(module: nn.Module, *names: str) -> dict[str, Any]:
    """A layer's settings, each with one number for each dimension of its window."""
    size = getattr(module, "kernel_size")  # noqa: B009
    digits = [c for c in type(module).__name__ if c.isdigit()]
    count = int(digits[-1]) if digits else len(size)

    def several(value: Any) -> Any:
        return (value,) * count if isinstance(value, int) else value

    return {name: several(getattr(module, name)) for name in names}


def _otherwise(
    own: Mapping[str, Any],
    choices: Mapping[str, range],
    run: Callable[[dict[str, Any]], Tensor],
) -> Iterator[Variant]:
    """One setting changed: for all dimensions, or for one of them."""
    for name, values in choices.items():
        current = own[name]
        if isinstance(current, str):
            continue
        count = len(current)
        tried = [(value,) * count for value in values]
        tried += [
            (*current[:i], value, *current[i + 1 :]) for i in range(count) for value in values
        ]
        for changed in dict.fromkeys(tried):
            if changed != current:
                yield Variant(
                    f"another {name}",
                    f"{name} {changed} instead of {current}",
                    lambda name=name, changed=changed: run({name: changed}),  # type: ignore[misc]
                )


def _without_bias(bias: Tensor | None, compute: Callable[[], Tensor]) -> Iterator[Variant]:
    if bias is not None:
        yield Variant("missing bias", "its bias is not added", compute)


def _transposed_weights(name: str, compute: Callable[[], Tensor]) -> Variant:
    return Variant("transposed weights", f"its weight is {name}", compute)


def _transposed(w: Tensor) -> Iterator[tuple[str, Tensor]]:
    if w.shape[0] == w.shape[1]:
        yield "transposed (inputs for outputs)", w.transpose(0, 1)
    if w.dim() > 3 and w.shape[-1] == w.shape[-2]:
        yield "transposed (height for width)", w.transpose(-1, -2)


def _linear(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    if not isinstance(module, nn.Linear):
        return
    w, b = module.weight, module.bias
    yield from _without_bias(b, lambda: F.linear(x, w))
    for name, weight in _transposed(w):
        yield _transposed_weights(name, lambda weight=weight: F.linear(x, weight, b))  # type: ignore[misc]


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


_MAXIMA: dict[Any, Any] = {
    nn.MaxPool1d: F.max_pool1d,
    nn.MaxPool2d: F.max_pool2d,
    nn.MaxPool3d: F.max_pool3d,
}
_MEANS: dict[Any, Any] = {
    nn.AvgPool1d: F.avg_pool1d,
    nn.AvgPool2d: F.avg_pool2d,
    nn.AvgPool3d: F.avg_pool3d,
}


def _pools(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    kind = type(module)
    if kind not in _MAXIMA and kind not in _MEANS:
        return
    is_max = kind in _MAXIMA
    table, others = (_MAXIMA, _MEANS) if is_max else (_MEANS, _MAXIMA)
    function, other = table[kind], list(others.values())[list(table).index(kind)]
    own = _settings(module, "kernel_size", "stride", "padding")
    more = ("dilation", "ceil_mode") if is_max else ("ceil_mode", "count_include_pad")
    rest = {name: getattr(module, name) for name in more}

    def run(changed: dict[str, Any]) -> Tensor:
        result: Tensor = function(x, **{**own, **rest, **changed})
        return result

    yield Variant(
        "another pooling",
        "averages in place of maxima" if is_max else "maxima in place of averages",
        lambda: other(x, **own, ceil_mode=rest["ceil_mode"]),
    )
    changed = not rest["ceil_mode"]
    yield Variant("another rounding", f"ceil_mode {changed}", lambda: run({"ceil_mode": changed}))
    if not is_max:
        counted = not rest["count_include_pad"]
        yield Variant(
            "padding counted",
            f"count_include_pad {counted}",
            lambda: run({"count_include_pad": counted}),
        )
    yield from _otherwise(own, {"padding": range(4), "stride": range(1, 5)}, run)


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


_MAKERS = (_convolutions, _linear, _activations, _norms, _dropouts, _pools, _softmax, _flattens)
