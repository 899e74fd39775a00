"""Compare two models layer by layer, output by output, gradient by gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from pydjl.comparison.alignment import align
from pydjl.comparison.casts import fresh_casts
from pydjl.comparison.causes import Cause, find_buffer_cause, find_causes
from pydjl.comparison.compared import Compared, compare_all
from pydjl.comparison.difference import Difference, compare_values
from pydjl.comparison.gradient_row import gradient_row
from pydjl.comparison.layers import check_differentiable
from pydjl.comparison.lazy import materialize
from pydjl.comparison.missing_layers import MissingLayers, Side
from pydjl.comparison.observation import Call, Model, Observation, observe, outline
from pydjl.comparison.report import Report, Row
from pydjl.comparison.streams import CallPair, OutputsCompared, OutputsKept, compare_inputs, record
from pydjl.comparison.tolerance import Tolerance
from pydjl.comparison.weights import Pairing, copy_values, describe_unpaired, named_values, pair
from pydjl.errors import ArgumentError


@fresh_casts()  # the search for causes computes with the weights, too
def compare_models(
    java: nn.Module,
    python: Model,
    inputs: Sequence[Tensor],
    *,
    copy_weights: bool = True,
    mapping: Mapping[str, str] | None = None,
    gradients: bool = True,
    tolerance: Tolerance | None = None,
) -> Report:
    """Run two models on the same inputs and say where they part.

    Args:
        java: the Java model, as a module. One that says that it has buffers which cannot be read
            (``hides_buffers``) is compared without them.
        python: the Python model: a module, or a function of tensors.
        inputs: the tensors that both are called with.
        copy_weights: whether the Java model is given the Python model's weights first; otherwise
            the weights that both have are compared as well.
        mapping: Python's name of each of Java's weights, where order and shape do not tell.
        gradients: whether gradients are compared.
        tolerance: how far results may be apart; the dtype's own if not given.

    Returns:
        The report.

    Raises:
        ArgumentError: the mapping names what does not exist, there are no inputs, or gradients of
            a model that was made in inference mode are to be compared.
        ArgumentTypeError: a model gives no tensors.
    """
    if not inputs:
        raise ArgumentError("a comparison needs at least one input; none was given.")
    for model in (java, python):
        if gradients and isinstance(model, nn.Module):
            check_differentiable(model)
    rows: list[Row] = []
    weights = _Weights({}, {}, Pairing(()))
    if isinstance(python, nn.Module):
        materialize(java, inputs)
        materialize(python, inputs)
        ours, theirs = named_values(java), named_values(python)
        if getattr(java, "hides_buffers", False):  # there is nothing to pair or to list
            theirs = {n: each for n, each in theirs.items() if isinstance(each, nn.Parameter)}
        weights = _Weights(ours, theirs, pair(ours, theirs, mapping))
        if copy_weights:
            copy_values(weights.pairing, ours, theirs)
        else:
            rows += [Row("weight", _compare(b, x, y, tolerance)) for _, b, x, y in weights]
    runs = _Runs(java, python, inputs, gradients, tolerance)
    calls, its_calls = (outline(each, inputs, gradients=gradients) for each in (java, python))
    pairs = align(calls, its_calls, {id(x): id(y) for _, _, x, y in weights})
    kept = OutputsKept([a for a, _ in pairs])
    seen = observe(java, inputs, kept, gradients=gradients)
    comparing = OutputsCompared(pairs, kept, tolerance)
    expected = observe(python, inputs, comparing, gradients=gradients)
    outputs = _outputs(seen, expected, tolerance)
    layers = [_Layer(a, b, comparing.of(b)) for a, b in pairs]
    missing = MissingLayers(
        Side("Java", java, calls, seen.outputs),
        Side("Python", python, its_calls, expected.outputs),
        inputs,
        gradients,
        tolerance,
    )
    layer_rows, causes = _layer_rows(runs, missing, layers, outputs, weights)
    rows += layer_rows
    rows += [Row("output", *each) for each in outputs]
    buffer_rows = _buffer_rows(seen, expected, weights, tolerance)
    if all(row.ok for row in rows):
        causes = _buffer_causes(buffer_rows, seen, expected, weights, tolerance)
    rows += buffer_rows
    if gradients:
        rows += _gradient_rows(seen, expected, weights, tolerance)
    return Report(tuple(rows), tuple(causes), tuple(weights.unpaired()))


@dataclass(frozen=True)
class _Weights:
    """What belongs together: iterates over names and tensors, Java's first."""

    java: Mapping[str, Tensor]
    python: Mapping[str, Tensor]
    pairing: Pairing

    def __iter__(self) -> Iterator[tuple[str, str, Tensor, Tensor]]:
        for a, b in self.pairing.pairs:
            yield a, b, self.java[a], self.python[b]

    def unpaired(self) -> Iterator[str]:
        """What has no partner, in words."""
        return describe_unpaired(self.pairing, self.java, self.python)

    def of(self, java: nn.Module, python: nn.Module) -> list[tuple[str, Tensor, Tensor]]:
        """Those of two layers, by their names in the Python model."""
        own, its = set(map(id, java.parameters())), set(map(id, python.parameters()))
        return [(b, x, y) for _, b, x, y in self if id(x) in own and id(y) in its]


@dataclass(frozen=True)
class _Runs:
    """What runs both models once more, to look closer at where they differ."""

    java: nn.Module
    python: Model
    inputs: Sequence[Tensor]
    gradients: bool
    tolerance: Tolerance | None

    def inputs_of(self, layers: Sequence[_Layer]) -> list[list[Compared]]:
        """Of each layer the comparisons of its inputs."""
        return compare_inputs(
            self.java,
            self.python,
            self.inputs,
            [each.calls for each in layers],
            gradients=self.gradients,
            tolerance=self.tolerance,
        )

    def causes_of(self, layer: _Layer, weights: _Weights) -> list[Cause]:
        """Why a layer differs whose inputs do not."""
        [ours] = record(self.java, self.inputs, [layer.java], gradients=self.gradients)
        [theirs] = record(self.python, self.inputs, [layer.python], gradients=self.gradients)
        return find_causes(ours, theirs, weights.of(ours.module, theirs.module), self.tolerance)


@dataclass(frozen=True)
class _Layer:
    """A layer of the Java model with the Python model's, and how far their outputs are apart."""

    java: Call
    python: Call
    outputs: list[Compared]

    @property
    def calls(self) -> CallPair:
        return self.java, self.python

    @property
    def ok(self) -> bool:
        same_count = len(self.java.shapes) == len(self.python.shapes)
        return same_count and _agree(self.outputs)

    @property
    def is_certain(self) -> bool:
        """Whether the two are each other's: layers that have the same parameters are."""
        layer = self.python
        return not layer.is_divided and any(True for _ in layer.module.parameters())


def _layer_rows(
    runs: _Runs,
    missing: MissingLayers,
    layers: Sequence[_Layer],
    outputs: Sequence[Compared],
    weights: _Weights,
) -> tuple[list[Row], list[Cause]]:
    """The rows of all layers, and the causes of the first difference up to the outputs."""
    rows: list[Row] = []
    causes: list[Cause] = []
    layers = _that_show(layers, _agree(outputs))
    if not all(layer.ok for layer in layers):
        inputs = runs.inputs_of(layers)
        kept = _without_coincidences(layers, inputs, _agree(outputs))
        layers, inputs = [layers[i] for i in kept], [inputs[i] for i in kept]
        first = next((i for i, layer in enumerate(layers) if not layer.ok), None)
        if first is not None:  # what comes after it has other inputs
            if _same_inputs(layers[first], inputs[first]):
                causes = runs.causes_of(layers[first], weights) or missing.at_the_end(
                    layers[first].calls
                )
            else:  # it is not the layer: something before it, that is no layer, differs
                rows += [Row("layer", *each) for layer in layers[:first] for each in layer.outputs]
                rows += [Row("layer input", *each) for each in inputs[first]]
                causes = missing.between([each.calls for each in layers], first)
                layers = layers[first:]
    if all(layer.ok for layer in layers) and not _agree(outputs):
        causes = missing.between([each.calls for each in layers], len(layers))
    rows += [Row("layer", *each) for layer in layers for each in layer.outputs]
    return rows, causes


def _that_show(layers: Sequence[_Layer], outputs_agree: bool) -> list[_Layer]:
    """Leave out uncertain layers that differ where all that comes after them agrees."""
    kept: list[_Layer] = []
    all_agree = outputs_agree
    for layer in reversed(layers):
        if layer.ok or layer.is_certain or not all_agree:
            kept.append(layer)
            all_agree = all_agree and layer.ok
    return kept[::-1]


def _without_coincidences(
    layers: Sequence[_Layer], inputs: Sequence[list[Compared]], outputs_agree: bool
) -> list[int]:
    """Leave out layers that were paired, but are not each other's.

    Of two that are, a difference between their outputs shows in what comes after. So layers without
    parameters are left out, and what consists of layers: one of the two may end earlier than the
    other, before an activation for instance.
    """
    kept: list[int] = []
    shows = not outputs_agree
    for i in reversed(range(len(layers))):
        if layers[i].ok or layers[i].is_certain or shows:
            kept.append(i)
            shows = not _same_inputs(layers[i], inputs[i])
    return kept[::-1]


def _same_inputs(layer: _Layer, inputs: list[Compared]) -> bool:
    return layer.java.input_count == layer.python.input_count and _agree(inputs)


def _agree(compared: Sequence[Compared]) -> bool:
    return all(each.difference.ok for each in compared)


def _outputs(java: Observation, python: Observation, tolerance: Tolerance | None) -> list[Compared]:
    if len(java.outputs) != len(python.outputs):
        raise ArgumentError(
            f"the Java model gives {len(java.outputs)} outputs and the Python model "
            f"{len(python.outputs)}: they must give as many."
        )
    return compare_all("output", java.outputs, python.outputs, tolerance)


def _buffer_rows(
    java: Observation, python: Observation, weights: _Weights, tolerance: Tolerance | None
) -> list[Row]:
    """What the pass has left in the buffers that belong together, such as running statistics."""
    return [
        Row("buffer", _compare(b, java.buffers[a], python.buffers[b], tolerance))
        for a, b, _, _ in weights
        if a in java.buffers and b in python.buffers
    ]


def _buffer_causes(
    rows: Sequence[Row],
    java: Observation,
    python: Observation,
    weights: _Weights,
    tolerance: Tolerance | None,
) -> list[Cause]:
    first = next((row.name for row in rows if not row.ok), None)
    return [
        cause
        for a, b, _, before in weights
        if b == first
        for cause in find_buffer_cause(b, before, java.buffers[a], python.buffers[b], tolerance)
    ]


def _gradient_rows(
    java: Observation, python: Observation, weights: _Weights, tolerance: Tolerance | None
) -> Iterator[Row]:
    gradients = zip(java.input_gradients, python.input_gradients, strict=True)
    for i, (ours, theirs) in enumerate(gradients):
        yield from gradient_row("input gradient", f"input {i}", ours, theirs, tolerance)
    for a, b, _, _ in weights:
        if a in java.parameter_gradients and b in python.parameter_gradients:
            ours, theirs = java.parameter_gradients[a], python.parameter_gradients[b]
            yield from gradient_row("gradient", b, ours, theirs, tolerance)


def _compare(name: str, java: Tensor, python: Tensor, tolerance: Tolerance | None) -> Difference:
    return compare_values(name, java.detach(), python.detach(), tolerance=tolerance)
