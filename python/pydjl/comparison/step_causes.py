"""Why two trainings part at a step: what the numbers of loss, gradients and update show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from pydjl.comparison.causes import Cause
from pydjl.comparison.likeness import agree, best_factor
from pydjl.comparison.steps import Step
from pydjl.comparison.tolerance import Tolerance
from pydjl.comparison.update_causes import find_nesterov, find_update_causes
from pydjl.comparison.updates import flattened, rounding


@dataclass(frozen=True)
class History:
    """What a search for causes needs of the steps so far: the last ones, and sums of all.

    Attributes:
        number: how many steps there are.
        java: Java's last step.
        python: Python's last step.
        java_previous: Java's step before it; None in the first.
        previous: Python's step before it; None in the first.
        summed: the sums of Python's gradients in all steps, by name.
    """

    number: int
    java: Step
    python: Step
    java_previous: Step | None
    previous: Step | None
    summed: Mapping[str, Tensor]

    @classmethod
    def of(cls, before: History | None, java: Step, python: Step) -> History:
        """The history that goes on with a step, or begins with it."""
        if before is None:
            return cls(1, java, python, None, None, python.gradients)
        summed = {
            name: gradient + before.summed.get(name, 0)
            for name, gradient in python.gradients.items()
        }
        return cls(before.number + 1, java, python, before.java, before.python, summed)


def find_step_causes(history: History, tolerance: Tolerance | None = None) -> Iterator[Cause]:
    """Find out why the last of some steps is the first that differs.

    Args:
        history: of the steps so far.
        tolerance: how far results may be apart.

    Yields:
        The causes that the numbers show.
    """
    java, python = history.java, history.python
    if any(java.before[name].shape != each.shape for name, each in python.before.items()):
        return
    where = f"step {history.number}"
    same_loss = agree(java.loss, python.loss, tolerance)
    names = [
        name for name, each in python.gradients.items() if name in java.gradients and each.numel()
    ]
    if not names:
        return
    if not same_loss:
        if _weights_agree(history):
            yield from _of_loss(java, python, names, where, tolerance)
        return
    wrong = [n for n in names if not agree(java.gradients[n], python.gradients[n], tolerance)]
    if not wrong:
        yield from find_update_causes(history.number, java, python, history.previous, names)
    elif _weights_agree(history):
        yield from _of_gradients(java, python, history, wrong, tolerance)


def find_second_causes(history: History, causes: Sequence[Cause]) -> Iterator[Cause]:
    """Look at what the first step showed once more, when there is a second one.

    Args:
        history: of two steps.
        causes: of the difference that the first step has.

    Yields:
        The same; or Nesterov's momentum, whose first step only is as of another learning rate.
    """
    for cause in causes:
        java, python = history.java_previous, history.previous
        if cause.name == "another learning rate" and java is not None and python is not None:
            yield find_nesterov((java, history.java), (python, history.python)) or cause
        else:
            yield cause


def _weights_agree(history: History) -> bool:
    """Whether both began the step with the same weights, up to the rounding of the steps before."""
    java, python = history.java.before, history.python.before
    return all(
        ((java[name] - theirs).abs() <= history.number * rounding(history.python, name)).all()
        for name, theirs in python.items()
    )


def _of_loss(
    java: Step, python: Step, names: list[str], where: str, tolerance: Tolerance | None
) -> Iterator[Cause]:
    if python.loss == 0 or not python.loss.isfinite() or not java.loss.isfinite():
        return
    factor = (java.loss.double() / python.loss.double()).item()
    # Gradients that are smaller than the tolerance agree with any factor: they need one of their
    # own, which says the same.
    own = best_factor(*(flattened(each.gradients, names) for each in (java, python)))
    if own is None or abs(own - factor) > 0.05 * abs(factor - 1):
        return
    if not all(
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
