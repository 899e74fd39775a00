"""Why two trainings part at a step: what the numbers of loss, gradients and update show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from pydjl.comparison.causes import Cause
from pydjl.comparison.likeness import agree, best_factor
from pydjl.comparison.steps import Step
from pydjl.comparison.tolerance import Tolerance


@dataclass(frozen=True)
class History:
    """What a search for causes needs of the steps so far: the last ones, and sums of all.

    Attributes:
        number: how many steps there are.
        java: Java's last step.
        python: Python's last step.
        previous: Python's step before it; None in the first.
        summed: the sums of Python's gradients in all steps, by name.
    """

    number: int
    java: Step
    python: Step
    previous: Step | None
    summed: Mapping[str, Tensor]

    @classmethod
    def of(cls, before: History | None, java: Step, python: Step) -> History:
        """The history that goes on with a step, or begins with it."""
        if before is None:
            return cls(1, java, python, None, python.gradients)
        summed = {
            name: gradient + before.summed.get(name, 0)
            for name, gradient in python.gradients.items()
        }
        return cls(before.number + 1, java, python, before.python, summed)


def find_step_causes(history: History, tolerance: Tolerance | None = None) -> Iterator[Cause]:
    """Find out why the last of some steps is the first that differs.

    Args:
        history: of the steps so far.
        tolerance: how far results may be apart.

    Yields:
        The causes that the numbers show.
    """
    java, python = history.java, history.python
    where = f"step {history.number}"
    if not agree(java.loss, python.loss, tolerance):
        yield from _of_loss(java, python, where, tolerance)
        return
    names = [
        name for name, each in python.gradients.items() if name in java.gradients and each.numel()
    ]
    wrong = [n for n in names if not agree(java.gradients[n], python.gradients[n], tolerance)]
    if wrong:
        yield from _of_gradients(java, python, history, wrong, tolerance)
    else:
        yield from _of_updates(java, python, history, names)


def _of_loss(java: Step, python: Step, where: str, tolerance: Tolerance | None) -> Iterator[Cause]:
    if python.loss == 0 or not python.loss.isfinite() or not java.loss.isfinite():
        return
    factor = (java.loss.double() / python.loss.double()).item()
    names = [name for name in python.gradients if name in java.gradients]
    if not names or not all(
        agree(java.gradients[name], python.gradients[name] * factor, tolerance) for name in names
    ):
        return
    words = {0.5: "half of Python's", 2.0: "twice Python's"}
    near = next((text for value, text in words.items() if abs(factor / value - 1) < 1e-4), None)
    if near is None:
        near = f"{factor:.6g} times Python's"
        whole = factor if factor > 1 else 1 / factor
        if whole > 1.5 and abs(whole - round(whole)) < 1e-5 * whole:
            kinds = ("a sum", "a mean") if factor > 1 else ("a mean", "a sum")
            near += f", as {kinds[0]} is of what {kinds[1]} is taken of"
    yield Cause("another loss", where, f"loss and gradients are {near}")


def _of_gradients(
    java: Step, python: Step, history: History, names: list[str], tolerance: Tolerance | None
) -> Iterator[Cause]:
    where = f"step {history.number}"
    if history.number > 1 and all(
        agree(java.gradients[name], history.summed[name], tolerance) for name in names
    ):
        yield Cause(
            "accumulated gradients",
            where,
            f"Java's gradients are the sum of those of all {history.number} steps: nothing zeroes "
            "them",
        )
        return
    factor = best_factor(java.gradients[names[0]], python.gradients[names[0]])
    if factor is not None and all(
        agree(java.gradients[name], python.gradients[name] * factor, tolerance) for name in names
    ):
        yield Cause("scaled gradients", where, f"Java's gradients are {factor:.6g} times Python's")


def _of_updates(java: Step, python: Step, history: History, names: list[str]) -> Iterator[Cause]:
    where = f"step {history.number}"
    if _clipped(java, python, names):
        yield Cause(
            "clipped gradients", where, "Java's update stays below what Python's goes beyond"
        )
        return
    updates = [
        _Change(name, java.update(name), python.update(name), _noise(python, name))
        for name in names
    ]
    rate = _one_factor(updates)
    if rate is not None:
        yield Cause("another learning rate", where, f"Java's update is {rate:.6g} times Python's")
        return
    if history.number == 1 and all(_differs_by_epsilon(java, python, name) for name in names):
        yield Cause(
            "another epsilon",
            where,
            "Java's update differs where gradients are small, as of an ε added to their size",
        )
        return
    # Of Java's updates what Python's have not, where it is more than rounding.
    rests = [
        each
        for each in (_Change(n, a - b, b, noise) for n, a, b, noise in updates)
        if each.ours.abs().max() > 10 * each.noise
    ]
    decay = _one_factor([each._replace(theirs=python.before[each.name]) for each in rests])
    if decay is not None:
        yield Cause(
            "another weight decay",
            where,
            f"Java's update of {rests[0].name} has {decay:.6g} times the weight more in it",
        )
    elif history.previous is not None:
        last = history.previous
        momentum = _one_factor([each._replace(theirs=last.update(each.name)) for each in rests])
        if momentum is not None:
            yield Cause(
                "another momentum",
                where,
                f"Java's update of {rests[0].name} has {momentum:.6g} times the last one more "
                "in it",
            )


class _Change(NamedTuple):
    """What is asked to be a multiple of what, and how much of it may be rounding."""

    name: str
    ours: Tensor
    theirs: Tensor
    noise: float


def _noise(step: Step, name: str) -> float:
    """What rounding leaves in an update, which is a difference of weights."""
    weight = step.before[name]
    return 4 * torch.finfo(weight.dtype).eps * weight.abs().max().item()


def _one_factor(changes: Sequence[_Change]) -> float | None:
    """The one number that all changes are multiples by; None if there is none."""
    if not changes:
        return None
    factor = best_factor(
        torch.cat([each.ours.flatten() for each in changes]),
        torch.cat([each.theirs.flatten() for each in changes]),
    )
    if factor is None:
        return None
    for _, ours, theirs, noise in changes:
        allowed = (1 + abs(factor)) * noise + 1e-4 * ours.abs().max()
        if not ((ours - theirs * factor).abs() <= allowed).all():
            return None
    return factor


def _differs_by_epsilon(java: Step, python: Step, name: str) -> bool:
    """In Adam's first step ``|g| / |update| = (|g| + eps) / lr``: two differ by one number."""
    size = java.gradients[name].abs().double()
    ours, theirs = java.update(name).abs().double(), python.update(name).abs().double()
    used = (size > 0) & (ours > 0) & (theirs > 0)
    if used.sum() < 2:
        return False
    gap = (size / ours - size / theirs)[used]
    return bool((gap - gap.mean()).abs().max() <= 0.05 * gap.mean().abs())


def _clipped(java: Step, python: Step, names: list[str]) -> bool:
    """Whether Java's updates are Python's up to a bound that some of them reach."""
    ours = torch.cat([java.update(name).flatten() for name in names])
    theirs = torch.cat([python.update(name).flatten() for name in names])
    bound = ours.max()
    reached = (theirs > bound * (1 + 1e-4)) & (bound > 0)
    below = ~reached
    return bool(
        reached.any()
        and below.any()
        and torch.allclose(ours[reached], bound.expand_as(ours[reached]), rtol=1e-4)
        and torch.allclose(ours[below], theirs[below], rtol=1e-3, atol=1e-7)
    )
