"""Compare two models layer by layer, output by output, gradient by gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from torch import Tensor, nn

from pydjl.comparison.alignment import align
from pydjl.comparison.causes import Cause, find_causes
from pydjl.comparison.difference import Difference, compare_values
from pydjl.comparison.observation import LayerCall, Model, Observation, materialize, observe
from pydjl.comparison.report import Report, Row
from pydjl.comparison.tolerance import Tolerance
from pydjl.comparison.weights import Pairing, copy_values, named_values, pair
from pydjl.errors import ArgumentError


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
        java: the Java model, as a module.
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
        ArgumentError: the mapping names what does not exist, or there are no inputs.
        ArgumentTypeError: a model gives no tensors.
    """
    if not inputs:
        raise ArgumentError("a comparison needs at least one input; none was given.")
    rows: list[Row] = []
    weights = _Weights({}, {}, Pairing(()))
    if isinstance(python, nn.Module):
        materialize(java, inputs)
        materialize(python, inputs)
        ours, theirs = named_values(java), named_values(python)
        weights = _Weights(ours, theirs, pair(ours, theirs, mapping))
        if copy_weights:
            copy_values(weights.pairing, ours, theirs)
        else:
            rows += [Row("weight", _compare(b, x, y, tolerance)) for _, b, x, y in weights]
    seen = observe(java, inputs, gradients=gradients)
    expected = observe(python, inputs, gradients=gradients)
    outputs = list(_outputs(seen, expected, tolerance))
    aligned = align(seen.calls, expected.calls, {id(x): id(y) for _, _, x, y in weights})
    pairs = [_Pair.of(a, b, tolerance) for a, b in aligned]
    pairs = _without_coincidences(pairs, all(each.ok for each in outputs), tolerance)
    layer_rows, causes = _layer_rows(pairs, weights, tolerance)
    rows += layer_rows
    rows += [Row("output", each) for each in outputs]
    rows += _buffer_rows(seen, expected, weights, tolerance)
    if gradients:
        rows += _gradient_rows(seen, expected, weights, tolerance)
    return Report(tuple(rows), tuple(causes), tuple(_unpaired(weights.pairing)))


@dataclass(frozen=True)
class _Weights:
    """What belongs together: iterates over names and tensors, Java's first."""

    java: Mapping[str, Tensor]
    python: Mapping[str, Tensor]
    pairing: Pairing

    def __iter__(self) -> Iterator[tuple[str, str, Tensor, Tensor]]:
        for a, b in self.pairing.pairs:
            yield a, b, self.java[a], self.python[b]

    def of(self, java: nn.Module, python: nn.Module) -> list[tuple[str, Tensor, Tensor]]:
        """Those of two layers, by their names in the Python model."""
        own, its = set(map(id, java.parameters())), set(map(id, python.parameters()))
        return [(b, x, y) for _, b, x, y in self if id(x) in own and id(y) in its]


@dataclass(frozen=True)
class _Pair:
    """A layer of the Java model with the Python model's, and how far their outputs are apart."""

    java: LayerCall
    python: LayerCall
    differences: list[Difference]

    @classmethod
    def of(cls, java: LayerCall, python: LayerCall, tolerance: Tolerance | None) -> _Pair:
        name = f"{python.name} {python.kind}".strip()
        return cls(java, python, list(_several(name, java.outputs, python.outputs, tolerance)))

    @property
    def ok(self) -> bool:
        same_count = len(self.java.outputs) == len(self.python.outputs)
        return same_count and all(each.ok for each in self.differences)

    def inputs_agree(self, tolerance: Tolerance | None) -> bool:
        a, b = self.java.inputs, self.python.inputs
        return len(a) == len(b) and all(each.ok for each in _several("", a, b, tolerance))


def _without_coincidences(
    pairs: list[_Pair], outputs_agree: bool, tolerance: Tolerance | None
) -> list[_Pair]:
    """Leave out layers without parameters that were paired, but are not each other's.

    Of two that are, a difference between their outputs shows in what comes after.
    """
    kept: list[_Pair] = []

    def shows() -> bool:
        return not (kept[-1].inputs_agree(tolerance) if kept else outputs_agree)

    for each in reversed(pairs):
        has_parameters = any(True for _ in each.python.module.parameters())
        if each.ok or has_parameters or shows():
            kept.append(each)
    return kept[::-1]


def _layer_rows(
    pairs: Sequence[_Pair], weights: _Weights, tolerance: Tolerance | None
) -> tuple[list[Row], list[Cause]]:
    """The rows of all layers, and the causes of the first difference."""
    rows: list[Row] = []
    causes: list[Cause] = []
    parted = False
    for matched in pairs:
        a, b = matched.java, matched.python
        if not parted and not all(each.ok for each in matched.differences):
            parted = True  # what comes after has other inputs
            if matched.inputs_agree(tolerance):
                causes = find_causes(a, b, weights.of(a.module, b.module), tolerance)
            else:  # it is not the layer: something before it, that is no layer, differs
                name = f"input of {b.name} {b.kind}"
                before = _several(name, a.inputs, b.inputs, tolerance)
                rows += [Row("layer input", each) for each in before]
        rows += [Row("layer", each) for each in matched.differences]
    return rows, causes


def _several(
    name: str,
    java: Sequence[Tensor],
    python: Sequence[Tensor],
    tolerance: Tolerance | None,
) -> Iterator[Difference]:
    for i, (ours, theirs) in enumerate(zip(java, python, strict=False)):
        yield _compare(f"{name} [{i}]" if len(python) > 1 else name, ours, theirs, tolerance)


def _outputs(
    java: Observation, python: Observation, tolerance: Tolerance | None
) -> Iterator[Difference]:
    if len(java.outputs) != len(python.outputs):
        raise ArgumentError(
            f"the Java model gives {len(java.outputs)} outputs and the Python model "
            f"{len(python.outputs)}: they must give as many."
        )
    return _several("output", java.outputs, python.outputs, tolerance)


def _buffer_rows(
    java: Observation, python: Observation, weights: _Weights, tolerance: Tolerance | None
) -> list[Row]:
    """What the pass has left in the buffers that belong together, such as running statistics."""
    return [
        Row("buffer", _compare(b, java.buffers[a], python.buffers[b], tolerance))
        for a, b, _, _ in weights
        if a in java.buffers and b in python.buffers
    ]


def _gradient_rows(
    java: Observation, python: Observation, weights: _Weights, tolerance: Tolerance | None
) -> list[Row]:
    rows = []
    gradients = zip(java.input_gradients, python.input_gradients, strict=True)
    for i, (ours, theirs) in enumerate(gradients):
        rows += _gradient("input gradient", f"input {i}", ours, theirs, tolerance)
    for a, b, _, _ in weights:
        if a in java.parameter_gradients and b in python.parameter_gradients:
            ours, theirs = java.parameter_gradients[a], python.parameter_gradients[b]
            rows += _gradient("gradient", b, ours, theirs, tolerance)
    return rows


def _gradient(
    kind: str, name: str, java: Tensor | None, python: Tensor | None, tolerance: Tolerance | None
) -> list[Row]:
    found = python if java is None else java
    if found is None:
        return []
    if java is None or python is None:
        whose = "Java" if java is None else "Python"
        note = f"{whose} has no gradient, the other side has one"
        return [Row(kind, replace(_compare(name, found, found, tolerance), ok=False, note=note))]
    return [Row(kind, _compare(name, java, python, tolerance))]


def _compare(name: str, java: Tensor, python: Tensor, tolerance: Tolerance | None) -> Difference:
    return compare_values(name, java.detach(), python.detach(), tolerance=tolerance)


def _unpaired(weights: Pairing) -> Iterator[str]:
    for names, whose, other in (
        (weights.only_java, "Java", "Python"),
        (weights.only_python, "Python", "Java"),
    ):
        for name in names:
            yield f"{whose}'s weight {name!r} has no partner in the {other} model"
