"""Blocks of somebody's own that do nothing but run their children in order, as their children."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor, nn

from pydjl.comparison import compare_values
from pydjl.comparison.lazy import materialize
from pydjl.comparison.observation import Observation, observe, outline
from pydjl.comparison.streams import record
from pydjl.errors import PydjlError
from pydjl.nn import BlockModule


def opened(model: nn.Module, inputs: Sequence[Tensor], *, gradients: bool) -> nn.Module:
    """Divide what Java runs as a whole into its children, where that changes no bit.

    A class that extends ``AbstractBlock`` has a forward pass of its own, which may do anything. So
    the children are run one after the other, and take its place only if outputs, buffers and
    gradients are then the same to the last bit.

    Args:
        model: the Java model.
        inputs: what it is called with.
        gradients: whether gradients are compared as well.

    Returns:
        The model; or its children, and theirs, with the same parameters of the same names.
    """
    if not any(map(_is_own_whole, model.modules())):
        return model
    materialize(model, inputs)
    return _opened(model, inputs, gradients)


class _InOrder(nn.Module):
    """The children of a block, one after the other."""

    def __init__(self, kind: str, children: dict[str, nn.Module]) -> None:
        super().__init__()
        self.kind = kind
        for name, child in children.items():
            self.add_module(name, child)

    def forward(self, *inputs: Tensor) -> Any:
        output: Any = inputs
        for child in self.children():
            output = child(*output) if isinstance(output, tuple) else child(output)
        return output


def _is_own_whole(module: nn.Module) -> bool:
    """Whether it is a block that runs as a whole, of a class that is none of DJL's."""
    return (
        isinstance(module, BlockModule)
        and module.runs_as_a_whole
        and not str(module.block.getClass().getName()).startswith("ai.djl.")
    )


def _opened(module: nn.Module, inputs: Sequence[Tensor], gradients: bool) -> nn.Module:
    children = dict(module.named_children())
    if (
        not isinstance(module, BlockModule)
        or not any(map(_is_own_whole, module.modules()))
        or list(module.parameters(recurse=False))
    ):
        return module
    divided = _InOrder(module.kind, children)
    divided.training = module.training
    try:
        whole = observe(module, inputs, gradients=gradients)
        if not _same(whole, observe(divided, inputs, gradients=gradients)):
            return module
        calls = [each for each in outline(divided, inputs) if each.name in children]
        taken = {each.name: each.inputs for each in record(divided, inputs, calls)}
    except (PydjlError, RuntimeError, TypeError, ValueError):  # a child takes something else
        return module
    for name, child in children.items():
        setattr(divided, name, _opened(child, taken[name], gradients))
    return divided


def _same(a: Observation, b: Observation) -> bool:
    return all(
        (x is y) if x is None or y is None else compare_values("", x, y).bit_equal
        for x, y in _pairs(a, b)
    )


def _pairs(a: Observation, b: Observation) -> Iterator[tuple[Tensor | None, Tensor | None]]:
    yield from zip(a.outputs, b.outputs, strict=True)
    yield from zip(a.input_gradients, b.input_gradients, strict=True)
    for ours, theirs in ((a.buffers, b.buffers), (a.parameter_gradients, b.parameter_gradients)):
        yield from ((ours[name], theirs[name]) for name in {**ours, **theirs})
