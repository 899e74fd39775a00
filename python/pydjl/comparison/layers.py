"""What of a model counts as a layer, and which tensors a layer takes and gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn
from torch.jit import ScriptModule
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_leaves

from pydjl.errors import ArgumentError, ArgumentTypeError


def parts(model: nn.Module) -> Iterator[tuple[str, nn.Module, bool]]:
    """The layers that can be watched, and what consists of layers, each once.

    A module that says that it runs as a whole (``runs_as_a_whole``) is not divided, and what stands
    inside of it is left out wherever else it stands. What TorchScript runs takes no hooks: it is
    left out with all of its parts.

    Args:
        model: any module.

    Yields:
        Name, module, and whether it consists of others.

    Example:
        >>> [(name, divided) for name, _, divided in parts(nn.Sequential(nn.ReLU()))]
        [('', True), ('0', False)]
    """
    wholes = [m for m in model.modules() if _runs_as_a_whole(m)]
    inside = {id(m) for whole in wholes for m in whole.modules() if m is not whole}
    for name, module in model.named_modules():
        if id(module) not in inside and not isinstance(module, ScriptModule):
            whole = _runs_as_a_whole(module)
            yield name, module, not whole and any(True for _ in module.children())


def kind_of(module: nn.Module) -> str:
    """What a layer is: its own word for it (``kind``), or the name of its class.

    Example:
        >>> kind_of(nn.ReLU())
        'ReLU'
    """
    kind = getattr(module, "kind", None)
    return kind if isinstance(kind, str) else type(module).__name__


def tensors_in(values: Any) -> tuple[Tensor, ...]:
    """The tensors among the values, in whatever tuples, lists and dictionaries.

    Example:
        >>> len(tensors_in({"a": (Tensor(), None), "b": 3}))
        1
    """
    return tuple(each for each in tree_leaves(values) if isinstance(each, Tensor))


def tensors_of(output: Any) -> tuple[Tensor, ...]:
    """The tensors of a model's output: one, or in whatever tuples, lists and dictionaries.

    Args:
        output: what the model returned.

    Returns:
        The tensors in order.

    Raises:
        ArgumentTypeError: there are none, or something else is there.
    """
    leaves = tree_leaves(output)
    for each in leaves:
        if not isinstance(each, Tensor):
            raise ArgumentTypeError(
                f"the model gives a {type(each).__name__}, but only tensors can be compared: wrap "
                "it into a module that returns tensors."
            )
    if not leaves:
        raise ArgumentTypeError("the model gives no tensors, so there is nothing to compare.")
    return tuple(leaves)


def check_differentiable(model: nn.Module) -> None:
    """Refuse a model that PyTorch can neither differentiate nor train.

    Raises:
        ArgumentError: it was made in inference mode.

    Example:
        >>> check_differentiable(nn.Linear(2, 1))
    """
    parameters: Iterator[Tensor] = model.parameters()
    if any(not is_lazy(each) and each.is_inference() for each in parameters):
        raise ArgumentError(
            f"the parameters of the {kind_of(model)} were made in torch.inference_mode, so they "
            "have no gradients and cannot be trained: make the model outside of it, or compare "
            "with gradients=False and without steps."
        )


def _runs_as_a_whole(module: nn.Module) -> bool:
    return isinstance(module, ScriptModule) or bool(getattr(module, "runs_as_a_whole", False))
