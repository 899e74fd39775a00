"""Copies of block modules: a new Java block by the same recipe, with the state of the old module.

A Java object can be neither copied nor pickled. What makes it can, and so can everything that
PyTorch knows of the module: tensors, hooks, modes, attributes, submodules of its own.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jpype
from torch import Tensor, nn

from pydjl.errors import ArgumentTypeError
from pydjl.runtime import java_class, translate

Recipe = Callable[[], Any] | str


def make_block(recipe: Recipe) -> Any:
    """Make a Java block by its recipe.

    Raises:
        ArgumentTypeError: there is no such class, or it cannot be made without arguments.
        PydjlError: of the kind that fits what Java threw in a function that makes the block.
    """
    if not isinstance(recipe, str):
        try:
            return recipe()
        except jpype.JException as exc:
            raise translate(exc, "from_block: the function that makes the block") from exc
    kind = java_class(recipe)
    try:
        return kind()
    except Exception as exc:
        raise ArgumentTypeError(
            f"the Java class {recipe!r} could not be made without arguments "
            f"({' '.join(str(exc).split())}): give "
            "from_block a function that makes the block, by its builder or constructor."
        ) from exc


def require_recipe(recipe: Recipe | None, purpose: str) -> Recipe:
    """The recipe of a module that is to be copied or pickled.

    Raises:
        TypeError: there is none.
    """
    if recipe is None:
        raise TypeError(
            f"This module wraps a Java object, which cannot be {purpose}: make it by "
            "from_block(function), with a function that makes the block, or by the name of its "
            "class. (A block's children are copied with the block only.)"
        )
    return recipe


def state_of(modules: list[nn.Module]) -> list[dict[str, Any]]:
    """The state of a block's modules, without anything of Java's."""
    return [_own_state(module) for module in modules]


def take_state(modules: list[nn.Module], states: list[dict[str, Any]]) -> None:
    """Give a new block's modules the state of those that they are to be copies of."""
    for module, state in zip(modules, states, strict=True):
        if is_of_block(module):
            state["_modules"] = {**module._modules, **state["_modules"]}
            module.__dict__.update(state)
            continue
        for name, tensor in state["tensors"].items():
            owner, _, own_name = name.rpartition(".")
            registries = module.get_submodule(owner)
            registry: dict[str, Any] = (
                registries._parameters if isinstance(tensor, nn.Parameter) else registries._buffers
            )
            registry[own_name] = tensor
        for each, mode in zip(module.modules(), state["modes"], strict=True):
            each.training = mode


def copy_state(modules: list[nn.Module], twins: list[nn.Module], memo: dict[int, Any]) -> None:
    """Make modules of a new block copies of another's, as `copy.deepcopy` does.

    Raises:
        TypeError: both blocks hold the same torch module.
    """
    if not set(map(id, modules)).isdisjoint(map(id, twins)):
        raise TypeError(
            "This block holds a torch module that its function does not make anew, so a copy "
            "would share it: make the module inside of the function."
        )
    for module, twin in zip(modules, twins, strict=True):
        memo[id(module)] = twin
    take_state(twins, copy.deepcopy(state_of(modules), memo))
    for module, twin in zip(modules, twins, strict=True):
        if is_of_block(module):  # torch.nn.utils.parametrize gives a module a class of its own
            twin.__class__ = module.__class__


def _own_state(module: nn.Module) -> dict[str, Any]:
    if not is_of_block(module):  # of to_block: the recipe makes it anew, its values are copied
        tensors: dict[str, Tensor] = dict(module.named_parameters())
        tensors.update(module.named_buffers())
        return {"tensors": tensors, "modes": [each.training for each in module.modules()]}
    of_java: Any = module._of_java
    state = {name: value for name, value in module.__dict__.items() if name not in of_java}
    children: Any = module._children
    state["_modules"] = {
        name: child for name, child in module._modules.items() if name not in children
    }
    return state


def is_of_block(module: nn.Module) -> bool:
    """Whether a module was made by `from_block`, and not of a block that `to_block` made."""
    return hasattr(module, "_of_java")
