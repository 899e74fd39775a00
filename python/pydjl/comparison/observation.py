"""What a model does with some inputs: every layer's output in order, and all gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

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
        inputs: its inputs, as they were before the call.
        outputs: its outputs.
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
        input_gradients: with respect to each input; None where there is none.
        parameter_gradients: by the parameter's name; None where there is none.
    """

    calls: tuple[LayerCall, ...]
    outputs: tuple[Tensor, ...]
    input_gradients: tuple[Tensor | None, ...] = ()
    parameter_gradients: Mapping[str, Tensor | None] = ()  # type: ignore[assignment]


def observe(model: Model, inputs: Sequence[Tensor], *, gradients: bool = True) -> Observation:
    """Run a model once and note what its layers give.

    The model's buffers, PyTorch's generator and every ``grad`` are
    afterwards as they were.

    Args:
        model: a module, or a function of tensors, which has no layers.
        inputs: what it is called with.
        gradients: whether gradients are computed, of the outputs weighted by fixed random numbers:
            a plain sum would not see a gradient in the wrong place.

    Returns:
        Every layer's call, the outputs, and the gradients.

    Raises:
        ArgumentTypeError: the model gives something else than tensors.

    Example:
        >>> seen = observe(nn.Sequential(nn.Flatten(), nn.Linear(4, 1)), [torch.ones(1, 2, 2)])
        >>> [(call.name, call.kind) for call in seen.calls]
        [('0', 'Flatten'), ('1', 'Linear'), ('', 'Sequential')]
        >>> seen.parameter_gradients["1.weight"].shape
        torch.Size([1, 4])
    """
    given = [_as_leaf(x, gradients) for x in inputs]
    with ExitStack() as stack:
        stack.enter_context(torch.random.fork_rng(devices=_cuda_devices(given)))
        stack.enter_context(torch.set_grad_enabled(gradients))
        torch.manual_seed(_SEED)
        calls: list[LayerCall] = []
        if isinstance(model, nn.Module):
            stack.enter_context(_buffers_kept(model))
            stack.enter_context(_hooked(model, calls))
        outputs = tensors_of(model(*given), "the model")
        found = Observation(tuple(calls), outputs)
        # Before the buffers are put back: what is written into cannot be differentiated.
        return _with_gradients(found, model, given) if gradients else found


def tensors_of(output: Any, whose: str) -> tuple[Tensor, ...]:
    """The tensors of an output, which may be one or a sequence.

    Raises:
        ArgumentTypeError: it is something else.
    """
    several = tuple(output) if isinstance(output, (tuple, list)) else (output,)
    for each in several:
        if not isinstance(each, Tensor):
            raise ArgumentTypeError(
                f"{whose} gives a {type(each).__name__}, but only tensors can "
                "be compared: wrap it into a module that returns tensors."
            )
    return several


def parts(model: nn.Module, name: str = "") -> Iterator[tuple[str, nn.Module, bool]]:
    """The model and its submodules: name, module, and whether it consists of others.

    A module that says that it runs as a whole (``runs_as_a_whole``) is not divided.
    """
    children = [] if getattr(model, "runs_as_a_whole", False) else list(model.named_children())
    yield name, model, bool(children)
    for child_name, child in children:
        yield from parts(child, f"{name}.{child_name}" if name else child_name)


def kind_of(module: nn.Module) -> str:
    """What a layer is: its own word for it (``kind``), or the name of its class."""
    kind = getattr(module, "kind", None)
    return kind if isinstance(kind, str) else type(module).__name__


def _as_leaf(x: Tensor, gradients: bool) -> Tensor:
    x = x.detach()
    return x.requires_grad_() if gradients and x.is_floating_point() else x


def _cuda_devices(tensors: Sequence[Tensor]) -> list[int]:
    return sorted({x.device.index or 0 for x in tensors if x.device.type == "cuda"})


@contextmanager
def _buffers_kept(model: nn.Module) -> Iterator[None]:
    kept = [(buffer, buffer.detach().clone()) for buffer in model.buffers() if not _is_lazy(buffer)]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, values in kept:
                buffer.copy_(values)


def _is_lazy(tensor: Tensor) -> bool:
    return torch.nn.parameter.is_lazy(tensor)


@contextmanager
def _hooked(model: nn.Module, calls: list[LayerCall]) -> Iterator[None]:
    def save(name: str, is_divided: bool) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            given = tuple(x for x in inputs if isinstance(x, Tensor))
            outputs = tensors_of(output, f"layer {name!r}")
            calls.append(LayerCall(name, kind_of(module), module, given, outputs, is_divided))

        return hook

    def before(module: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...] | None:
        # What a layer writes into was another layer's output, which is still to be compared.
        if getattr(module, "inplace", False):
            return tuple(x.clone() if isinstance(x, Tensor) else x for x in inputs)
        return None

    handles = []
    try:
        for name, module, is_divided in parts(model):
            handles.append(module.register_forward_pre_hook(before))
            handles.append(module.register_forward_hook(save(name, is_divided)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _with_gradients(found: Observation, model: Model, inputs: Sequence[Tensor]) -> Observation:
    named = dict(model.named_parameters()) if isinstance(model, nn.Module) else {}
    wanted = [x for x in (*inputs, *named.values()) if x.requires_grad]
    differentiable = [y for y in found.outputs if y.requires_grad]
    if not wanted or not differentiable:
        none: dict[str, Tensor | None] = dict.fromkeys(named)
        return Observation(found.calls, found.outputs, (None,) * len(inputs), none)
    gradients = torch.autograd.grad(
        differentiable, wanted, [_weights_of(y) for y in differentiable], allow_unused=True
    )
    by_tensor = {id(x): gradient for x, gradient in zip(wanted, gradients, strict=True)}
    return Observation(
        found.calls,
        found.outputs,
        tuple(by_tensor.get(id(x)) for x in inputs),
        {name: by_tensor.get(id(parameter)) for name, parameter in named.items()},
    )


def _weights_of(output: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(_SEED)
    weights = torch.randn(output.shape, generator=generator, dtype=torch.float64)
    return weights.to(output.dtype).to(output.device)
