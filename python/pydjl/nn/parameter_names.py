"""DJL's names of parameters and children in PyTorch's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

# PyTorch calls the scale and the shift of a normalisation weight and bias.
_BY_TYPE = {
    "GAMMA": "weight",
    "BETA": "bias",
    "RUNNING_MEAN": "running_mean",
    "RUNNING_VAR": "running_var",
}
_BUFFERS = ("RUNNING_MEAN", "RUNNING_VAR")
_CONTAINERS = ("ai.djl.nn.SequentialBlock", "ai.djl.nn.ParallelBlock")
_RECURRENT = re.compile(r"([lr])_(\d+)_([ih])2h_(WEIGHT|BIAS)")


def parameter_name(name: str, parameter_type: str) -> str:
    """The name under which a parameter is registered.

    Args:
        name: DJL's name.
        parameter_type: the name of DJL's ``Parameter.Type``.

    Example:
        >>> parameter_name("gamma", "GAMMA"), parameter_name("runningMean", "RUNNING_MEAN")
        ('weight', 'running_mean')
        >>> parameter_name("weight", "WEIGHT"), parameter_name("embedding", "WEIGHT")
        ('weight', 'weight')
        >>> parameter_name("queryWeight", "OTHER")
        'query_weight'
        >>> parameter_name("l_0_i2h_WEIGHT", "WEIGHT"), parameter_name("r_1_h2h_BIAS", "BIAS")
        ('weight_ih_l0', 'bias_hh_l1_reverse')
    """
    if parameter_type in _BY_TYPE:
        return _BY_TYPE[parameter_type]
    if name == "embedding":
        return "weight"
    recurrent = _RECURRENT.fullmatch(name)
    if recurrent:
        direction, layer, source, kind = recurrent.groups()
        suffix = "_reverse" if direction == "r" else ""
        return f"{kind.lower()}_{source}h_l{layer}{suffix}"
    return _snake_case(name)


def parameter_names(
    parameters: Sequence[tuple[str, str]], is_taken: Callable[[str], bool]
) -> list[str]:
    """The names of a block's parameters, each once and none that the module uses itself.

    Args:
        parameters: DJL's name and type of each.
        is_taken: whether a name cannot be used.

    Example:
        >>> parameter_names([("gamma", "GAMMA"), ("gamma2", "GAMMA")], lambda name: False)
        ['gamma', 'gamma2']
    """
    wanted = [parameter_name(name, kind) for name, kind in parameters]
    plain = [_snake_case(name) for name, _ in parameters]
    return _unique(
        [w if wanted.count(w) == 1 else p for w, p in zip(wanted, plain, strict=True)], is_taken
    )


def is_buffer(parameter_type: str) -> bool:
    """Whether PyTorch would keep such a parameter as a buffer: it is not learned."""
    return parameter_type in _BUFFERS


def child_names(
    kind: str, children: Sequence[tuple[str, Any]], is_taken: Callable[[str], bool]
) -> list[str]:
    """The names of a block's children, each once and none that the module uses itself.

    Args:
        kind: the Java class of the block; sequences number their children from 0, as in PyTorch.
        children: DJL's name and the block of each child, in their order.
        is_taken: whether a name cannot be used.

    Example:
        >>> free = lambda name: name == "block"
        >>> child_names("ai.djl.nn.SequentialBlock", [("01Conv2d", None), ("02Linear", None)], free)
        ['0', '1']
        >>> child_names("org.example.Net", [("01conv", None), ("02block", None)], free)
        ['conv', 'block_']
    """
    if kind in _CONTAINERS:
        return [str(position) for position in range(len(children))]
    plain = [re.sub(r"^\d{2}", "", name).replace(".", "_") or name for name, _ in children]
    # Two children of one name keep the numbers that DJL gave them.
    return _unique(
        [
            name if plain.count(name) == 1 else full.replace(".", "_")
            for name, (full, _) in zip(plain, children, strict=True)
        ],
        is_taken,
    )


def block_names(names: Sequence[str]) -> list[str]:
    """DJL's names for a module's tensors, each once: DJL has no dots in a name.

    Example:
        >>> block_names(["0.weight", "fc.bias", "fc_bias"])
        ['0_weight', 'fc_bias', 'fc_bias_']
    """
    return _unique([name.replace(".", "_") for name in names], lambda name: False)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower().replace(".", "_")


def _unique(names: Sequence[str], is_taken: Callable[[str], bool]) -> list[str]:
    found: list[str] = []
    for name in names:
        free = name
        while is_taken(free) or free in found:
            free += "_"
        found.append(free)
    return found
