"""Compare two models layer by layer, output by output, gradient by gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from pydjl.comparison.alignment import align
from pydjl.comparison.causes import Cause, find_causes
from pydjl.comparison.difference import Difference, compare_values
from pydjl.comparison.observation import LayerCall, Model, Observation, observe
from pydjl.comparison.report import Report, Row
from pydjl.comparison.tolerance import Tolerance
from pydjl.comparison.weights import Pairing, copy_values, named_values, pair
from pydjl.errors import ArgumentError

_NO_WEIGHTS = Pairing(())


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
    """
    if not inputs:
        raise ArgumentError("a comparison needs at least one input; none was given.")
    weights, rows = _NO_WEIGHTS, []
    if isinstance(python, nn.Module):
        with torch.no_grad():  # a lazy model learns its shapes from its first inputs
            observe(java, inputs, gradients=False)
        ours, theirs = named_values(java), named_values(python)
        weights = pair(ours, theirs, mapping)
        if copy_weights:
            copy_values(weights, ours, theirs)
        else:
            rows += _weight_rows(weights, ours, theirs, tolerance)
    seen = observe(java, inputs, gradients=gradients)
    expected = observe(python, inputs, gradients=gradients)
    causes: list[Cause] = []
    parted = False
    for a, b in align(seen.calls, expected.calls, weights):
        differences = list(_calls(a, b, tolerance))
        rows += [Row("layer", each) for each in differences]
        if not parted and not all(each.ok for each in differences):
            parted = True  # what comes after has other inputs
            causes = find_causes(a, b, tolerance)
    rows += [Row("output", each) for each in _outputs("output", seen, expected, tolerance)]
    if gradients:
        rows += _gradient_rows(seen, expected, weights, tolerance)
    return Report(tuple(rows), tuple(causes), tuple(_unpaired(weights)))


def _weight_rows(
    weights: Pairing,
    java: Mapping[str, Tensor],
    python: Mapping[str, Tensor],
    tolerance: Tolerance | None,
) -> list[Row]:
    return [Row("weight", _compare(b, java[a], python[b], tolerance)) for a, b in weights.pairs]


def _calls(a: LayerCall, b: LayerCall, tolerance: Tolerance | None) -> Iterator[Difference]:
    several = len(b.outputs) > 1
    for i, (ours, theirs) in enumerate(zip(a.outputs, b.outputs, strict=False)):
        name = f"{b.name} {b.kind}".strip() + (f" [{i}]" if several else "")
        yield _compare(name, ours, theirs, tolerance)


def _outputs(
    name: str, java: Observation, python: Observation, tolerance: Tolerance | None
) -> Iterator[Difference]:
    if len(java.outputs) != len(python.outputs):
        raise ArgumentError(
            f"the Java model gives {len(java.outputs)} outputs and the Python model "
            f"{len(python.outputs)}: they must give as many."
        )
    several = len(python.outputs) > 1
    for i, (ours, theirs) in enumerate(zip(java.outputs, python.outputs, strict=True)):
        yield _compare(f"{name} {i}" if several else name, ours, theirs, tolerance)


def _gradient_rows(
    java: Observation, python: Observation, weights: Pairing, tolerance: Tolerance | None
) -> list[Row]:
    rows = []
    gradients = zip(java.input_gradients, python.input_gradients, strict=True)
    for i, (ours, theirs) in enumerate(gradients):
        rows += _gradient("input gradient", f"input {i}", ours, theirs, tolerance)
    for a, b in weights.pairs:
        if a in java.parameter_gradients and b in python.parameter_gradients:
            ours, theirs = java.parameter_gradients[a], python.parameter_gradients[b]
            rows += _gradient("gradient", b, ours, theirs, tolerance)
    return rows


def _gradient(
    kind: str, name: str, java: Tensor | None, python: Tensor | None, tolerance: Tolerance | None
) -> list[Row]:
    if java is None and python is None:
        return []
    if java is None or python is None:
        found = java if python is None else python
        assert found is not None
        whose = "Java" if java is None else "Python"
        absent = _compare(name, found, found, tolerance)
        note = f"{whose} has no gradient, the other side has one"
        return [Row(kind, replace(absent, ok=False, note=note))]
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
