"""Register a Java block's own parameters in a torch module, under PyTorch's names."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from pydjl.nn.bound_tensors import BoundTensor, tensor_of, values_of
from pydjl.nn.parameter_names import is_buffer, parameter_names
from pydjl.runtime import java_class


class JavaObjects:
    """What stands in Python for a Java object, by the object's identity."""

    def __init__(self) -> None:
        self._positions = java_class("java.util.IdentityHashMap")()
        self._found: list[Any] = []

    def get(self, java: Any) -> Any:
        """What was put there for this very object, or None."""
        position = self._positions.get(java)
        return None if position is None else self._found[int(position)]

    def put(self, java: Any, found: Any) -> None:
        """Remember what stands for an object."""
        self._positions.put(java, java_class("java.lang.Integer").valueOf(len(self._found)))
        self._found.append(found)


def is_taken(module: nn.Module, name: str) -> bool:
    """Whether a module uses a name itself, for a method or an attribute."""
    # Asked of the class first: a property may need what a module has not got yet.
    return hasattr(type(module), name) or hasattr(module, name)


def register_parameters(module: nn.Module, block: Any, seen: JavaObjects) -> list[BoundTensor]:
    """Register the parameters of a block, without its children's.

    Args:
        module: where they are registered: what is learned as parameters, the rest as buffers.
        block: the DJL block.
        seen: the Java parameters that stand elsewhere already; their tensors are registered here
            as well.

    Returns:
        What binds those that stand here first.
    """
    pairs = [(str(pair.getKey()), pair.getValue()) for pair in block.getDirectParameters()]
    kinds = [str(parameter.getType().name()) for _, parameter in pairs]
    named = [(key, kind) for (key, _), kind in zip(pairs, kinds, strict=True)]
    names = parameter_names(named, lambda name: is_taken(module, name))
    traced = isinstance(block, java_class("ai.djl.nn.SymbolBlock"))
    own = []
    for (_, parameter), name, kind in zip(pairs, names, kinds, strict=True):
        bound: BoundTensor | None = seen.get(parameter)
        tensor: Any = _tensor_of(parameter, kind, traced) if bound is None else bound.current()
        if is_buffer(kind):
            module.register_buffer(name, tensor)
        else:
            module.register_parameter(name, tensor)
        if bound is None:
            java = java_class("org.pydjl.bridge.BoundParameter")(parameter)
            bound = BoundTensor(java, module, name, only=tensor if traced else None)
            seen.put(parameter, bound)
            own.append(bound)
    return own


# A module that was made for inference may be trained later.
@torch.inference_mode(mode=False)
def _tensor_of(parameter: Any, kind: str, traced: bool) -> Any:
    learned = bool(parameter.requiresGradient())
    if not parameter.isInitialized():
        if is_buffer(kind):
            return UninitializedBuffer()
        return UninitializedParameter(requires_grad=learned)
    if traced:
        return _taken_over(parameter.getArray(), learned)
    values = values_of(parameter.getArray())
    if is_buffer(kind):
        return values
    return nn.Parameter(values, requires_grad=learned and values.is_floating_point())


def _taken_over(array: Any, learned: bool) -> Tensor:
    """The very tensor of a traced model, which computes with it whatever DJL's parameter is."""
    tensor = tensor_of(array)
    tensor.requires_grad_(learned)
    setattr(tensor, "_is_param", True)  # noqa: B010 - what makes it a torch.nn.Parameter
    return tensor
