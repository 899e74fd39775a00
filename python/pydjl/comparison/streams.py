"""Compare two models' layers as they run, so that only one side's results wait for the other's.

Java runs first and its layers' outputs are held, most of which its autograd graph holds anyway;
each is compared and let go when Python's layer returns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from torch import Tensor, nn

from pydjl.comparison.compared import Compared, compare_all
from pydjl.comparison.observation import Call, Model, watch
from pydjl.comparison.tolerance import Tolerance
from pydjl.errors import ArgumentError

CallPair = tuple[Call, Call]


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer with its numbers.

    Attributes:
        name: the layer's name in the model.
        kind: what it is, such as ``Conv2d``.
        module: the layer.
        inputs: copies of its inputs, as they were before the call.
        outputs: copies of its outputs, as they were after the call.
    """

    name: str
    kind: str
    module: nn.Module
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


class OutputsKept:
    """Holds the outputs of some calls; copies only of those that the model will write into."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._wanted = {call.number: call for call in calls}
        self._kept: dict[int, tuple[Tensor, ...]] = {}

    def begins(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """There is nothing to hold yet."""

    def ends(self, number: int, layer: nn.Module, outputs: tuple[Tensor, ...]) -> None:
        """Hold the outputs."""
        call = self._wanted.get(number)
        if call is not None and call.module is layer:
            held = tuple(y.detach() for y in outputs)
            self._kept[number] = tuple(y.clone() for y in held) if call.is_overwritten else held

    def take(self, call: Call) -> tuple[Tensor, ...]:
        """The outputs of a call, which are held no longer."""
        return _found(call, self._kept.pop(call.number, None))


class OutputsCompared:
    """Compares what Python's layers give with what is held of Java's."""

    def __init__(
        self, pairs: Sequence[CallPair], java: OutputsKept, tolerance: Tolerance | None
    ) -> None:
        self._pairs = {b.number: (a, b) for a, b in pairs}
        self._java = java
        self._tolerance = tolerance
        self._compared: dict[int, list[Compared]] = {}

    def begins(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """There is nothing to compare yet."""

    def ends(self, number: int, layer: nn.Module, outputs: tuple[Tensor, ...]) -> None:
        """Compare the outputs."""
        a, b = self._pairs.get(number, (None, None))
        if a is not None and b is not None and b.module is layer:
            ours = self._java.take(a)
            self._compared[number] = compare_all(title_of(b), ours, outputs, self._tolerance)

    def of(self, call: Call) -> list[Compared]:
        """What a call of the Python model gives, beside what Java's gives."""
        return _found(call, self._compared.get(call.number))


class _Copies:
    """Copies of what some calls take and give."""

    def __init__(self, calls: Sequence[Call], *, outputs: bool) -> None:
        self._wanted = {call.number: call for call in calls}
        self._with_outputs = outputs
        self._inputs: dict[int, tuple[Tensor, ...]] = {}
        self._outputs: dict[int, tuple[Tensor, ...]] = {}

    def begins(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if number in self._wanted and self._wanted[number].module is layer:
            self._inputs[number] = tuple(x.detach().clone() for x in inputs)

    def ends(self, number: int, layer: nn.Module, outputs: tuple[Tensor, ...]) -> None:
        if self._with_outputs and number in self._inputs:
            self._outputs[number] = tuple(y.detach().clone() for y in outputs)

    def inputs(self, call: Call) -> tuple[Tensor, ...]:
        return _found(call, self._inputs.get(call.number))

    def outputs(self, call: Call) -> tuple[Tensor, ...]:
        return _found(call, self._outputs.get(call.number))


def compare_inputs(
    java: Model,
    python: Model,
    inputs: Sequence[Tensor],
    pairs: Sequence[CallPair],
    *,
    gradients: bool,
    tolerance: Tolerance | None,
) -> list[list[Compared]]:
    """Run both once more and compare what their layers take.

    Args:
        java: the Java model.
        python: the Python model.
        inputs: what both are called with.
        pairs: the calls that belong together.
        gradients: whether they run as for gradients.
        tolerance: how far inputs may be apart.

    Returns:
        Of each pair the comparisons of its inputs.
    """
    java_inputs = _Copies([a for a, _ in pairs], outputs=False)
    watch(java, inputs, java_inputs, gradients=gradients)
    python_inputs = _Copies([b for _, b in pairs], outputs=False)
    watch(python, inputs, python_inputs, gradients=gradients)
    return [
        compare_all(
            f"input of {title_of(b)}", java_inputs.inputs(a), python_inputs.inputs(b), tolerance
        )
        for a, b in pairs
    ]


def record(
    model: Model, inputs: Sequence[Tensor], calls: Sequence[Call], *, gradients: bool = True
) -> list[LayerCall]:
    """Run a model once more and copy what some of its calls take and give.

    Args:
        model: the model.
        inputs: what it is called with.
        calls: those that are wanted.
        gradients: whether it runs as for gradients.

    Returns:
        The calls, in the order in which they were given.

    Raises:
        ArgumentError: the model calls other layers than before.

    Example:
        >>> import torch
        >>> from pydjl.comparison.observation import outline
        >>> net, x = nn.Sequential(nn.ReLU(), nn.Tanh()), [torch.zeros(2)]
        >>> [call.outputs[0].tolist() for call in record(net, x, outline(net, x))]
        [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    """
    kept = _Copies(calls, outputs=True)
    watch(model, inputs, kept, gradients=gradients)
    return [LayerCall(c.name, c.kind, c.module, kept.inputs(c), kept.outputs(c)) for c in calls]


def title_of(call: Call) -> str:
    """A layer's name and kind, as a report shows them."""
    return f"{call.name} {call.kind}".strip()


_T = TypeVar("_T")


def _found(call: Call, noted: _T | None) -> _T:
    if noted is None:
        raise ArgumentError(
            f"the model called its layer {title_of(call)!r} in one run and not in the next: a "
            "comparison needs models that do the same whenever they are called."
        )
    return noted
