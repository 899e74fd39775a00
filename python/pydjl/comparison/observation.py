"""What a model does with some inputs: every layer's output in order, and all gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_leaves

from pydjl.errors import ArgumentTypeError

Model = nn.Module | Callable[..., Any]

# The same for both models: dropout and other draws of PyTorch's generator are then the same.
_SEED = 0


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer.

    Attributes:
        name: the layer's name in the model.
        kind: what it is, such as ``Conv2d``.
        module: the layer.
        inputs: copies of its inputs, as they were before the call.
        outputs: copies of its outputs, as they were after the call.
        is_divided: whether it consists of layers that were called as well.
    """

    name: str
    kind: str
    module: nn.Module
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    is_divided: bool = False


@dataclass(frozen=True)
class Observation:
    """What one pass through a model showed.

    Attributes:
        calls: of the layers, and of what consists of layers, in the order in which they ended.
        outputs: of the model.
        buffers: by name, as the pass left them.
        input_gradients: with respect to each input; None where there is none.
        parameter_gradients: by the parameter's name; None where there is none.
    """

    calls: tuple[LayerCall, ...]
    outputs: tuple[Tensor, ...]
    buffers: Mapping[str, Tensor] = field(default_factory=dict)
    input_gradients: tuple[Tensor | None, ...] = ()
    parameter_gradients: Mapping[str, Tensor | None] = field(default_factory=dict)


def observe(model: Model, inputs: Sequence[Tensor], *, gradients: bool = True) -> Observation:
    """Run a model once and note what its layers give.

    The inputs, the model's buffers, PyTorch's generators and every ``grad`` are afterwards as they
    were.

    Args:
        model: a module, or a function of tensors, which has no layers.
        inputs: what it is called with.
        gradients: whether gradients are computed, of the outputs weighted by fixed random numbers:
            a plain sum would not see a gradient in the wrong place.

    Returns:
        Every layer's call, the outputs, the buffers that the pass left, and the gradients.

    Raises:
        ArgumentTypeError: the model gives no tensors.

    Example:
        >>> seen = observe(nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), [torch.ones(1, 2, 2)])
        >>> [(call.name, call.kind) for call in seen.calls]
        [('0', 'Flatten'), ('1', 'Linear'), ('', 'Sequential')]
        >>> seen.parameter_gradients["1.weight"].shape
        torch.Size([1, 4])
    """
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(mode=False))
        stack.enter_context(torch.set_grad_enabled(gradients))
        stack.enter_context(_seeded_generators())
        leaves = [_leaf_of(x, gradients) for x in inputs]
        calls: list[LayerCall] = []
        buffers: dict[str, Tensor] = {}
        if isinstance(model, nn.Module):
            stack.enter_context(_buffers_kept(model))
            stack.enter_context(_hooked(model, calls))
        # Copies: the caller's memory is not the model's, and a leaf cannot be written into.
        outputs = tensors_of(model(*[leaf.clone() for leaf in leaves]))
        if isinstance(model, nn.Module):
            buffers = {name: b.detach().clone() for name, b in model.named_buffers()}
        found = Observation(tuple(calls), outputs, buffers)
        # Before the buffers are put back: what is written into cannot be differentiated.
        return _with_gradients(found, model, leaves) if gradients else found


def materialize(model: Model, inputs: Sequence[Tensor]) -> None:
    """Let a lazy model learn the shapes of its parameters, and nothing else.

    Args:
        model: the model; nothing happens if it is not lazy.
        inputs: what it is called with.
    """
    if not isinstance(model, nn.Module) or not any(map(is_lazy, _all_tensors(model))):
        return
    modes = [(module, module.training) for module in model.modules()]
    model.eval()  # in training a normalisation would learn of the inputs
    try:
        with torch.inference_mode(mode=False), torch.no_grad(), _seeded_generators():
            model(*[x.detach().clone() for x in inputs])
    finally:
        for module, mode in modes:
            module.training = mode


def tensors_of(output: Any) -> tuple[Tensor, ...]:
    """The tensors of a model's output: one, or in whatever tuples, lists and dictionaries.

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


def parts(model: nn.Module) -> Iterator[tuple[str, nn.Module, bool]]:
    """The model and its submodules, each once: name, module, and whether it consists of others.

    A module that says that it runs as a whole (``runs_as_a_whole``) is not divided, and what stands
    inside of it is left out wherever else it stands.
    """
    wholes = [m for m in model.modules() if getattr(m, "runs_as_a_whole", False)]
    inside = {id(m) for whole in wholes for m in whole.modules() if m is not whole}
    for name, module in model.named_modules():
        if id(module) not in inside:
            whole = getattr(module, "runs_as_a_whole", False)
            yield name, module, not whole and any(True for _ in module.children())


def kind_of(module: nn.Module) -> str:
    """What a layer is: its own word for it (``kind``), or the name of its class."""
    kind = getattr(module, "kind", None)
    return kind if isinstance(kind, str) else type(module).__name__


def _all_tensors(model: nn.Module) -> Iterator[Tensor]:
    yield from model.parameters()
    yield from model.buffers()


def _leaf_of(x: Tensor, gradients: bool) -> Tensor:
    x = x.detach().clone()
    return x.requires_grad_() if gradients and x.is_floating_point() else x


@contextmanager
def _seeded_generators() -> Iterator[None]:
    used = torch.cuda.is_available() and torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if used else []):
        # Not torch.manual_seed, which would leave a seed for a GPU that is not in use yet.
        torch.default_generator.manual_seed(_SEED)
        if used:
            torch.cuda.manual_seed_all(_SEED)
        yield


@contextmanager
def _buffers_kept(model: nn.Module) -> Iterator[None]:
    kept = [
        (module._buffers, dict(module._buffers), _values(module._buffers))
        for module in model.modules()
    ]
    try:
        yield
    finally:
        for registry, buffers, values in kept:
            registry.update(buffers)  # a model may put another tensor there
            for name, value in values.items():
                buffer = buffers[name]
                # What was not changed is not written: somebody's graph may still need it.
                if buffer is not None and not _same_bits(buffer, value):
                    with torch.no_grad():
                        buffer.copy_(value)


def _values(buffers: Mapping[str, Tensor | None]) -> dict[str, Tensor]:
    return {n: b.detach().clone() for n, b in buffers.items() if b is not None and not is_lazy(b)}


def _same_bits(a: Tensor, b: Tensor) -> bool:
    return bool(((a == b) | ((a != a) & (b != b))).all())  # noqa: PLR0124 - NaN is not itself


@contextmanager
def _hooked(model: nn.Module, calls: list[LayerCall]) -> Iterator[None]:
    waiting: list[tuple[Tensor, ...]] = []  # inputs of the calls that have begun

    def before(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        waiting.append(_copies(inputs))

    def after(name: str, is_divided: bool) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            call = LayerCall(name, kind_of(module), module, waiting.pop(), _copies(output))
            if call.outputs:
                calls.append(replace(call, is_divided=is_divided))

        return hook

    handles = []
    try:
        for name, module, is_divided in parts(model):
            handles.append(module.register_forward_pre_hook(before))
            handles.append(module.register_forward_hook(after(name, is_divided)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _copies(values: Any) -> tuple[Tensor, ...]:
    """Copies: what comes later may write into them."""
    leaves = (each for each in tree_leaves(values) if isinstance(each, Tensor))
    return tuple(each.detach().clone() for each in leaves)


def _with_gradients(found: Observation, model: Model, inputs: Sequence[Tensor]) -> Observation:
    named = dict(model.named_parameters()) if isinstance(model, nn.Module) else {}
    wanted = [x for x in (*inputs, *named.values()) if x.requires_grad]
    differentiable = [y for y in found.outputs if y.requires_grad]
    by_tensor: dict[int, Tensor | None] = {}
    if wanted and differentiable:
        generator = torch.Generator("cpu").manual_seed(_SEED)
        weights = [_random_like(y, generator) for y in differentiable]
        gradients = torch.autograd.grad(differentiable, wanted, weights, allow_unused=True)
        by_tensor = {id(x): gradient for x, gradient in zip(wanted, gradients, strict=True)}
    return replace(
        found,
        input_gradients=tuple(by_tensor.get(id(x)) for x in inputs),
        parameter_gradients={name: by_tensor.get(id(p)) for name, p in named.items()},
    )


def _random_like(output: Tensor, generator: torch.Generator) -> Tensor:
    numbers = torch.randn(output.shape, generator=generator, dtype=torch.float64, device="cpu")
    return numbers.to(output.dtype).to(output.device)
