"""Why two layers differ: each cause is named only with the evidence for it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pydjl.comparison.alignment import family
from pydjl.comparison.likeness import agree, best_factor
from pydjl.comparison.streams import LayerCall
from pydjl.comparison.tolerance import Tolerance
from pydjl.comparison.variant import Variant
from pydjl.comparison.variants import variants


@dataclass(frozen=True)
class Cause:
    """A likely cause of a difference.

    Attributes:
        name: the kind of cause, such as ``flipped kernel``.
        where: the layer's or parameter's name in the Python model; of a layer that only Java has,
            its name in Java's.
        evidence: what was seen that speaks for it.
    """

    name: str
    where: str
    evidence: str


def find_causes(
    java: LayerCall,
    python: LayerCall,
    weights: Sequence[tuple[str, Tensor, Tensor]] = (),
    tolerance: Tolerance | None = None,
) -> list[Cause]:
    """Find out why a layer gives something else in Java than in Python, for the same inputs.

    Each way in which layers go wrong is tried on the Python layer; the one that gives what Java
    gave is the cause. A cause that leaves the Python layer's output as it is explains nothing and
    is not named.

    Args:
        java: the call of the Java layer.
        python: the call of the Python layer.
        weights: the parameters that belong together: Python's name, Java's, Python's.
        tolerance: how far results may be apart.

    Returns:
        The causes, the likeliest first; empty if nothing that is known explains it.
    """
    found = [*_of_kinds(java, python), *_of_values(weights, tolerance)]
    if not found and len(java.outputs) == len(python.outputs) == len(python.inputs) == 1:
        found += _of_variants(java, python, tolerance)
        if not found:
            found += _of_patterns(java, python, tolerance)
    # One cause may have shown itself in two ways; the first is the plainer one.
    return list({cause.name: cause for cause in reversed(found)}.values())[::-1]


def _of_kinds(java: LayerCall, python: LayerCall) -> Iterator[Cause]:
    """What can be read off, without a number."""
    a, b = java.outputs[0], python.outputs[0]
    if a.dtype != b.dtype:
        yield Cause(
            "another dtype", python.name, f"Java computes in {a.dtype}, Python in {b.dtype}"
        )
    if a.device != b.device:
        yield Cause("another device", python.name, f"Java is on {a.device}, Python on {b.device}")


@torch.no_grad()
def _of_values(
    weights: Sequence[tuple[str, Tensor, Tensor]], tolerance: Tolerance | None
) -> Iterator[Cause]:
    """Parameters that differ, and may be each other's transposition or reflection."""
    for name, ours, theirs in weights:
        values = ours.to(theirs.dtype).to(theirs.device)
        if agree(values, theirs, tolerance):
            continue
        for words, cause, changed in _rearranged(theirs):
            if changed.shape == ours.shape and torch.equal(values, changed):
                yield Cause(cause, name, f"Java's values are Python's {words}")
                break
        else:
            yield Cause("other weights", name, "the two sides have other values there")


def _rearranged(w: Tensor) -> Iterator[tuple[str, str, Tensor]]:
    if w.dim() >= 2:
        yield "with outputs and inputs exchanged", "transposed weights", w.transpose(0, 1)
    if w.dim() > 2:
        turned = w.flip(tuple(range(2, w.dim())))
        yield "with the kernels turned by 180 degrees", "flipped kernel", turned
        yield "with the channels last", "channels last", w.movedim(1, -1)
        yield "with the outputs last", "channels last", w.movedim(0, -1)
    if w.dim() > 3:
        yield "with height and width exchanged", "transposed weights", w.transpose(-1, -2)


@torch.no_grad()
def _of_variants(
    java: LayerCall, python: LayerCall, tolerance: Tolerance | None
) -> Iterator[Cause]:
    seen: set[str] = set()
    for variant in variants(python):
        new = variant.cause not in seen
        if new and _explains(variant, java.outputs[0], python.outputs[0], tolerance):
            seen.add(variant.cause)
            yield Cause(
                variant.cause,
                python.name,
                f"Python's layer gives Java's result when {_when(variant.description)}",
            )


def _when(description: str) -> str:
    return description if description.startswith("it") else f"it has {description}"


def _explains(variant: Variant, java: Tensor, python: Tensor, tolerance: Tolerance | None) -> bool:
    try:
        y = variant.compute()
    except (RuntimeError, ValueError):  # the layer cannot be made so, or not for such an input
        return False
    return agree(java, y, tolerance) and not agree(python, y, tolerance)


@torch.no_grad()
def _of_patterns(
    java: LayerCall, python: LayerCall, tolerance: Tolerance | None
) -> Iterator[Cause]:
    """What the numbers themselves show, where the layer is none of PyTorch's."""
    x, a, b = python.inputs[0], java.outputs[0], python.outputs[0]
    if a.shape != b.shape or not a.is_floating_point() or not a.numel():
        return
    name = python.name
    if family(python.kind) == family("Dropout") and not python.module.training:
        kept, used = (a != 0) & (x != 0), x != 0
        scale = best_factor(a[kept], x[kept])
        if scale and not kept.equal(used) and agree(a[kept], x[kept] * scale, tolerance):
            part = 1 - kept.sum().item() / used.sum().item()
            yield Cause("another mode", name, f"Java's layer drops {part:.0%} of its input")
            return
    difference = (a - b).double()
    if a.dim() > 1 and a.shape[0] * math.prod(a.shape[2:]) > 1 and list(python.module.parameters()):
        per_channel = difference.transpose(0, 1).flatten(1)
        constant = per_channel.mean(1, keepdim=True)
        if agree(per_channel.to(a.dtype), constant.expand_as(per_channel).to(a.dtype), tolerance):
            yield Cause(
                "another bias", name, "the difference is one number in each channel, as of a bias"
            )
            return
    factor = best_factor(a, b)
    if factor is not None and agree(a, (b.double() * factor).to(a.dtype), tolerance):
        yield Cause("another scale", name, f"Java's result is {factor:.6g} times Python's")
    elif x.shape == a.shape:
        yield from _slope(x, a, b, name, tolerance)


def _slope(
    x: Tensor, java: Tensor, python: Tensor, name: str, tolerance: Tolerance | None
) -> Iterator[Cause]:
    negative = x < 0
    if not negative.any() or not agree(java[~negative], python[~negative], tolerance):
        return
    slope = best_factor(java[negative], x[negative])
    if slope is not None and agree(java[negative], x[negative] * slope, tolerance):
        yield Cause(
            "another activation",
            name,
            f"where its input is negative, Java multiplies by {slope:.6g}",
        )


def find_buffer_cause(
    name: str, before: Tensor, java: Tensor, python: Tensor, tolerance: Tolerance | None = None
) -> list[Cause]:
    """Find out why a pass leaves other running statistics in Java than in Python.

    Args:
        name: the buffer's name in the Python model.
        before: what it held before the pass, in both.
        java: what Java's holds after it.
        python: what Python's holds after it.
        tolerance: how far results may be apart.

    Returns:
        Another momentum, if Java's went another part of the way.

    Example:
        >>> start, goal = torch.zeros(2), torch.tensor([1.0, 3.0])
        >>> find_buffer_cause("mean", start, 0.9 * goal, 0.1 * goal)[0].evidence
        "in Java it goes 9 times as far towards the batch's as in Python"
    """
    if not java.is_floating_point() or java.shape != python.shape or java.dtype != python.dtype:
        return []
    way = python - before
    factor = best_factor(java - before, way)
    if factor is None or not agree(java, before + factor * way, tolerance):
        return []
    evidence = f"in Java it goes {factor:.6g} times as far towards the batch's as in Python"
    return [Cause("another momentum", name, evidence)]
