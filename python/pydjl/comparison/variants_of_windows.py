"""What a layer with a window that moves would give if it were wrong: convolutions and pooling."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from pydjl.comparison.variant import Variant, with_transposed_weights, without_bias

# A setting in a sentence, where it is not its own name.
_WORDS = {"kernel_size": "window", "output_padding": "output padding"}
_CONVOLUTIONS: dict[type[nn.Module], Callable[..., Tensor]] = {
    nn.Conv1d: F.conv1d,
    nn.Conv2d: F.conv2d,
    nn.Conv3d: F.conv3d,
    nn.ConvTranspose1d: F.conv_transpose1d,
    nn.ConvTranspose2d: F.conv_transpose2d,
    nn.ConvTranspose3d: F.conv_transpose3d,
}
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


def convolutions(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    """Of convolutions, transposed ones as well."""
    function = next((f for kind, f in _CONVOLUTIONS.items() if isinstance(module, kind)), None)
    if function is None or not isinstance(module, nn.modules.conv._ConvNd):
        return
    w, b = module.weight, module.bias
    names = ["stride", "padding", "dilation"]
    if module.transposed:
        names.append("output_padding")
    own = _settings(module, *names)
    spatial = tuple(range(2, w.dim()))

    def run(weight: Tensor = w, bias: Tensor | None = b, **changed: Any) -> Tensor:
        return function(x, weight, bias, groups=module.groups, **{**own, **changed})

    yield Variant(
        "flipped kernel",
        "a convolution, whose kernel is turned by 180 degrees, in place of a cross-correlation",
        lambda: run(w.flip(spatial)),
    )
    yield from without_bias(b, lambda: run(bias=None))
    yield from with_transposed_weights(w, run)
    largest = max(w.shape[2:])
    choices = {"padding": range(largest + 1), "stride": range(1, 5), "dilation": range(1, 4)}
    if module.transposed:
        choices["output_padding"] = range(4)
    yield from _otherwise(own, choices, lambda changed: run(**changed))


def pools(module: nn.Module, x: Tensor) -> Iterator[Variant]:
    """Of maximum and average pooling."""
    kind = type(module)
    if kind not in _MAXIMA and kind not in _MEANS:
        return
    is_max = kind in _MAXIMA
    table, others = (_MAXIMA, _MEANS) if is_max else (_MEANS, _MAXIMA)
    function, other = table[kind], list(others.values())[list(table).index(kind)]
    own = _settings(module, "kernel_size", "stride", "padding")
    more = ("dilation", "ceil_mode", "count_include_pad", "divisor_override")
    rest = {name: getattr(module, name) for name in more if hasattr(module, name)}

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
        area = math.prod(own["kernel_size"])
        if hasattr(module, "divisor_override") and module.divisor_override not in (None, area):
            yield Variant(
                "another divisor",
                f"sums that are divided by {area}, not by {module.divisor_override}",
                lambda: run({"divisor_override": None}),
            )
    choices = {"padding": range(4), "stride": range(1, 5), "kernel_size": range(1, 6)}
    yield from _otherwise(own, choices, run)


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
                    f"another {_WORDS.get(name, name)}",
                    f"{name} {changed} instead of {current}",
                    lambda name=name, changed=changed: run({name: changed}),  # type: ignore[misc]
                )
