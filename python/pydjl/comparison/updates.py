"""The updates of training steps: what a step took off each parameter, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from pydjl.comparison.difference import Difference, compare_values
from pydjl.comparison.report import Row
from pydjl.comparison.steps import Step
from pydjl.comparison.tolerance import Tolerance

# Of the largest update. Optimizers that are right differ by less: DJL's have float32 rates.
_RELATIVE = 1e-3
# How much more than a gradient an update may change: Adam's sign turns with that of a tiny one.
_SENSITIVITY = 10
_FOLLOWS = "follows from the gradient, which differs"


def rounding(step: Step, name: str) -> Tensor:
    """What rounding leaves in an update, which is a difference of weights; for each element."""
    before, after = step.before[name], step.after[name]
    facts = torch.finfo(before.dtype)
    size = torch.maximum(before.abs(), after.abs()).double()
    return 4 * facts.eps * (size + 4 * facts.tiny)


def flattened(tensors: Mapping[str, Tensor], names: Sequence[str]) -> Tensor:
    """Some of the tensors as one, of one dimension.

    Example:
        >>> flattened({"a": torch.ones(1, 2), "b": torch.zeros(1)}, ["a", "b"])
        tensor([1., 1., 0.])
    """
    return torch.cat([tensors[name].flatten() for name in names])


class UpdatesCompared:
    """Compares the updates of two trainings, step by step.

    The weights are no measure for them: an update of a small rate vanishes in what weights may be
    apart. Two updates may differ by what the rounding of the weights hides, and by what follows
    from the gradients of the steps so far, which are equal only within their own tolerance.

    Args:
        tolerance: how far results may be apart.
    """

    def __init__(self, tolerance: Tolerance | None = None) -> None:
        self._rtol = max(_RELATIVE, 0.0 if tolerance is None else tolerance.rtol)
        # How far the gradients were apart, at most, in parts of themselves.
        self._apart: dict[str, Tensor] = {}

    def rows(self, number: int, java: Step, python: Step) -> Iterator[Row]:
        """Compare the updates of one step.

        Args:
            number: of the step.
            java: Java's step, with Python's names.
            python: Python's step.

        Yields:
            A row for each parameter.
        """
        for name in python.after:
            yield Row("update", self._compare(name, java, python), step=number)

    def _compare(self, name: str, java: Step, python: Step) -> Difference:
        apart = self._gradients_apart(name, java, python)
        ours, theirs = java.update(name), python.update(name)
        exact = compare_values(name, ours, theirs, tolerance=Tolerance(0.0, 0.0))
        if exact.ok or ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            return exact
        noise = rounding(python, name)
        eps = torch.finfo(theirs.dtype).eps
        part = max(self._rtol, 8 * eps)
        ours, theirs = ours.to(theirs.device).double(), theirs.double()
        largest = torch.maximum(ours.abs().max(), theirs.abs().max())
        gap = (ours - theirs).abs()
        # Not the gap alone: two that are both infinite, or no number, are equal.
        equal = (ours == theirs) | (ours.isnan() & theirs.isnan())
        if ((gap <= noise + part * largest) | equal).all():
            return replace(exact, ok=True, note="")
        far = ~((gap <= noise + (part + _SENSITIVITY * apart) * largest) | equal)
        if not far.any():
            return replace(exact, ok=True, note=_FOLLOWS)
        first = tuple(int(i) for i in far.nonzero()[0])
        note = (
            f"{int(far.sum())} of {far.numel()} values of the update differ by more than rounding; "
            f"the first at {first}: java {ours[first]:.6g}, python {theirs[first]:.6g}"
        )
        return replace(exact, note=note)

    def _gradients_apart(self, name: str, java: Step, python: Step) -> Tensor | float:
        ours, theirs = java.gradients.get(name), python.gradients.get(name)
        if ours is None or theirs is None or ours.shape != theirs.shape:
            return self._apart.get(name, 0.0)
        ours, theirs = ours.to(theirs.device).double(), theirs.double()
        size = torch.maximum(ours.abs(), theirs.abs())
        apart = ((ours - theirs).abs() / size).nan_to_num(nan=0.0)  # both are 0, or infinite
        before = self._apart.get(name)
        self._apart[name] = apart if before is None else torch.maximum(before, apart)
        return self._apart[name]
