"""What a model does with some inputs: the calls of its layers, its outputs and all gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from pydjl.comparison.casts import fresh_casts
from pydjl.comparison.draws import SEED, same_draws
from pydjl.comparison.layers import kind_of, parts, tensors_in, tensors_of

Model = nn.Module | Callable[..., Any]


class Watcher(Protocol):
    """Is told of the calls of a model's layers, which are numbered as they begin, from 0.

    The tensors are the model's own: who keeps one must know that the model may write into it.
    """

    def begins(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """A layer is called."""

    def ends(self, number: int, layer: nn.Module, outputs: tuple[Tensor, ...]) -> None:
        """It has returned."""


@dataclass(frozen=True)
class Call:
    """One call of a layer, without its numbers.

    Attributes:
        number: among all calls, as they begin.
        name: the layer's name in the model.
        kind: what it is, such as ``Conv2d``.
        module: the layer.
        input_count: how many tensors it takes.
        shapes: of its outputs.
        is_divided: whether it consists of layers that are called as well.
        is_overwritten: whether the model later writes into its outputs.
    """

    number: int
    name: str
    kind: str
    module: nn.Module
    input_count: int
    shapes: tuple[torch.Size, ...]
    is_divided: bool = False
    is_overwritten: bool = False


@dataclass(frozen=True)
class Observation:
    """What one pass through a model showed.

    Attributes:
        outputs: of the model.
        buffers: by name, as the pass left them.
        input_gradients: with respect to each input; None where there is none.
        parameter_gradients: by the parameter's name; None where there is none.
    """

    outputs: tuple[Tensor, ...]
    buffers: Mapping[str, Tensor] = field(default_factory=dict)
    input_gradients: tuple[Tensor | None, ...] = ()
    parameter_gradients: Mapping[str, Tensor | None] = field(default_factory=dict)


def outline(model: Model, inputs: Sequence[Tensor], *, gradients: bool = True) -> list[Call]:
    """Run a model once and note which layers it calls.

    Args:
        model: a module, or a function of tensors, which has no layers.
        inputs: what it is called with.
        gradients: whether it runs as for `observe` with gradients.

    Returns:
        The calls of the layers, and of what consists of layers, in the order in which they end.

    Raises:
        ArgumentTypeError: the model gives no tensors.

    Example:
        >>> calls = outline(nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), [torch.ones(1, 2, 2)])
        >>> [(call.number, call.name, call.kind) for call in calls]
        [(1, '0', 'Flatten'), (2, '1', 'Linear'), (0, '', 'Sequential')]
    """
    if not isinstance(model, nn.Module):
        return []
    watcher = _Outliner(model)
    with _running(model, inputs, watcher, gradients):
        return watcher.calls()


def watch(
    model: Model, inputs: Sequence[Tensor], watcher: Watcher, *, gradients: bool = True
) -> None:
    """Run a model once as `observe` does, without its backward pass.

    Args:
        model: a module, or a function of tensors, which has no layers.
        inputs: what it is called with.
        watcher: is told of its calls.
        gradients: whether it runs as for `observe` with gradients.
    """
    with _running(model, inputs, watcher, gradients):
        pass


def observe(
    model: Model,
    inputs: Sequence[Tensor],
    watcher: Watcher | None = None,
    *,
    gradients: bool = True,
) -> Observation:
    """Run a model once, forward and backward.

    The inputs, the model's buffers, PyTorch's generators and every ``grad`` are afterwards as they
    were.

    Args:
        model: a module, or a function of tensors, which has no layers.
        inputs: what it is called with.
        watcher: is told of the layers' calls.
        gradients: whether gradients are computed, of the outputs weighted by fixed random numbers:
            a plain sum would not see a gradient in the wrong place.

    Returns:
        The outputs, the buffers that the pass left, and the gradients.

    Raises:
        ArgumentTypeError: the model gives no tensors.

    Example:
        >>> seen = observe(nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), [torch.ones(1, 2, 2)])
        >>> seen.parameter_gradients["1.weight"].shape
        torch.Size([1, 4])
    """
    with _running(model, inputs, watcher, gradients) as (leaves, outputs):
        found = Observation(tuple(y.detach() for y in outputs), _buffers_of(model))
        # Before the buffers are put back: what is written into cannot be differentiated.
        return _with_gradients(found, model, leaves, outputs) if gradients else found


class _Outliner:
    """Notes the calls, and holds their outputs to see which are written into."""

    def __init__(self, model: nn.Module) -> None:
        self._places = {id(module): (name, divided) for name, module, divided in parts(model)}
        self._input_counts: dict[int, int] = {}
        self._calls: list[tuple[Call, list[tuple[Tensor, float]]]] = []

    def begins(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._input_counts[number] = len(inputs)

    def ends(self, number: int, layer: nn.Module, outputs: tuple[Tensor, ...]) -> None:
        if outputs:
            name, is_divided = self._places[id(layer)]
            shapes = tuple(y.shape for y in outputs)
            count = self._input_counts[number]
            call = Call(number, name, kind_of(layer), layer, count, shapes, is_divided)
            self._calls.append((call, [(y.detach(), _version_of(y)) for y in outputs]))

    def calls(self) -> list[Call]:
        return [
            replace(call, is_overwritten=any(_version_of(y) != version for y, version in outputs))
            for call, outputs in self._calls
        ]


def _version_of(y: Tensor) -> float:
    """How often it was written into; of an inference tensor nobody knows: not equal to itself."""
    return math.nan if y.is_inference() else y._version


@contextmanager
def _running(
    model: Model, inputs: Sequence[Tensor], watcher: Watcher | None, gradients: bool
) -> Iterator[tuple[list[Tensor], tuple[Tensor, ...]]]:
    """Run a model; until the end its buffers are as the pass left them."""
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(mode=False))
        stack.enter_context(torch.set_grad_enabled(gradients))
        stack.enter_context(same_draws())
        stack.enter_context(fresh_casts())
        leaves = [_leaf_of(x, gradients) for x in inputs]
        if isinstance(model, nn.Module):
            stack.enter_context(_buffers_kept(model))
        with _hooked(model, watcher):
            # Copies: the caller's memory is not the model's, and a leaf cannot be written into.
            outputs = tensors_of(model(*[leaf.clone() for leaf in leaves]))
        yield leaves, outputs


def _buffers_of(model: Model) -> dict[str, Tensor]:
    if not isinstance(model, nn.Module):
        return {}
    return {name: b.detach().clone() for name, b in model.named_buffers()}


def _leaf_of(x: Tensor, gradients: bool) -> Tensor:
    x = x.detach().clone()
    return x.requires_grad_() if gradients and x.is_floating_point() else x


@contextmanager
def _buffers_kept(model: nn.Module) -> Iterator[None]:
    kept = [
        (module, name, buffer, _values_of(buffer))
        for module in model.modules()
        for name, buffer in module._buffers.items()
    ]
    try:
        yield
    finally:
        for module, name, buffer, value in kept:
            if getattr(module, name, None) is not buffer:  # a model may put another tensor there
                module._buffers[name] = buffer
            # What was not changed is not written: somebody's graph may still need it.
            if buffer is not None and value is not None and not _same_bits(buffer, value):
                with torch.no_grad():
                    buffer.copy_(value)


def _values_of(buffer: Tensor | None) -> Tensor | None:
    return None if buffer is None or is_lazy(buffer) else buffer.detach().clone()


def _same_bits(a: Tensor, b: Tensor) -> bool:
    return bool(((a == b) | ((a != a) & (b != b))).all())  # noqa: PLR0124 - NaN is not itself


@contextmanager
def _hooked(model: Model, watcher: Watcher | None) -> Iterator[None]:
    if watcher is None or not isinstance(model, nn.Module):
        yield
        return
    begun: list[tuple[nn.Module, int]] = []
    count = 0

    def before(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        nonlocal count
        begun.append((module, count))
        count += 1
        watcher.begins(begun[-1][1], module, tensors_in(inputs))

    def after(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        layer, number = begun.pop()
        while layer is not module:  # calls that ended by an error which the model has caught
            layer, number = begun.pop()
        watcher.ends(number, module, tensors_in(output))

    handles = []
    try:
        for _, module, _ in parts(model):
            handles.append(module.register_forward_pre_hook(before))
            handles.append(module.register_forward_hook(after))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _with_gradients(
    found: Observation, model: Model, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
) -> Observation:
    named = dict(model.named_parameters()) if isinstance(model, nn.Module) else {}
    wanted = [x for x in (*inputs, *named.values()) if x.requires_grad]
    differentiable = [y for y in outputs if y.requires_grad]
    by_tensor: dict[int, Tensor | None] = {}
    if wanted and differentiable:
        generator = torch.Generator("cpu").manual_seed(SEED)
        weights = [_random_like(y, generator) for y in differentiable]
        gradients: Sequence[Tensor | None] = torch.autograd.grad(
            differentiable, wanted, weights, allow_unused=True
        )
        for x, gradient in zip(wanted, gradients, strict=True):
            # An embedding's may be sparse, which NumPy cannot hold.
            by_tensor[id(x)] = None if gradient is None else gradient.to_dense()
    return replace(
        found,
        input_gradients=tuple(by_tensor.get(id(x)) for x in inputs),
        parameter_gradients={name: by_tensor.get(id(p)) for name, p in named.items()},
    )


def _random_like(output: Tensor, generator: torch.Generator) -> Tensor:
    numbers = torch.randn(output.shape, generator=generator, dtype=torch.float64, device="cpu")
    return numbers.to(output.dtype).to(output.device)
