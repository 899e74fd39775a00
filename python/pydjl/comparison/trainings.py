"""Compare two trainings step by step, and say at which step they part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from torch import Tensor

from pydjl.comparison.causes import Cause
from pydjl.comparison.difference import compare_values
from pydjl.comparison.gradient_row import gradient_row
from pydjl.comparison.report import Report, Row
from pydjl.comparison.step_causes import History, find_second_causes, find_step_causes
from pydjl.comparison.steps import Step
from pydjl.comparison.tolerance import Tolerance
from pydjl.comparison.updates import UpdatesCompared
from pydjl.errors import ArgumentError


def compare_steps(
    java: Iterable[Step],
    python: Iterable[Step],
    *,
    mapping: Mapping[str, str] | None = None,
    tolerance: Tolerance | None = None,
) -> Report:
    """Say at which step two trainings part: in the loss, in a gradient or in an update; and why.

    Args:
        java: the steps of the Java training.
        python: the steps of the Python training, from the same weights on the same batches.
        mapping: Python's name of each of Java's parameters, where the names differ.
        tolerance: how far results may be apart; the dtype's own if not given.

    Returns:
        A report, whose first difference names the step.

    Raises:
        ArgumentError: one training has fewer steps, or a parameter that the other does not have.
    """
    rows: list[Row] = []
    losses: list[tuple[float, float]] = []
    causes: list[Cause] | None = None
    history: History | None = None
    updates = UpdatesCompared(tolerance)
    for number, (a, b) in enumerate(_in_pairs(java, python), start=1):
        ours = _renamed(a, b, mapping)
        new = list(_rows(number, ours, b, updates, tolerance))
        rows += new
        losses.append((a.loss.item(), b.loss.item()))
        if causes is None or number == 2:
            history = History.of(history, ours, b)
            if causes is not None:  # a second step may show what the first was
                causes = list(find_second_causes(history, causes))
            elif not all(row.ok for row in new):
                causes = list(find_step_causes(history, tolerance))
    return Report(tuple(rows), tuple(causes or ()), losses=tuple(losses))


def _in_pairs(java: Iterable[Step], python: Iterable[Step]) -> Iterator[tuple[Step, Step]]:
    # Not zip(strict=True), whose error would not be told from one of the trainings' own.
    for ours, theirs in zip_longest(java, python):
        if ours is None or theirs is None:
            raise ArgumentError(
                "one of the trainings has fewer steps than the other: give both as many batches."
            )
        yield ours, theirs


def _renamed(java: Step, python: Step, mapping: Mapping[str, str] | None) -> Step:
    names = {name: name for name in java.before} if mapping is None else mapping
    if set(names) != set(java.before) or set(names.values()) != set(python.before):
        raise ArgumentError(
            f"Java trains {', '.join(java.before)} and Python {', '.join(python.before)}: give a "
            "mapping from all of Java's names to Python's."
        )

    def by_its_name(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {names[name]: tensor for name, tensor in tensors.items()}

    return Step(
        java.loss, by_its_name(java.before), by_its_name(java.gradients), by_its_name(java.after)
    )


def _rows(
    number: int, java: Step, python: Step, updates: UpdatesCompared, tolerance: Tolerance | None
) -> Iterator[Row]:
    yield Row(
        "loss", compare_values("loss", java.loss, python.loss, tolerance=tolerance), step=number
    )
    for name in python.after:
        ours, theirs = java.gradients.get(name), python.gradients.get(name)
        yield from gradient_row("gradient", name, ours, theirs, tolerance, number)
    yield from updates.rows(number, java, python)
    for name, theirs in python.after.items():
        ours = java.after[name]
        yield Row("weight", compare_values(name, ours, theirs, tolerance=tolerance), step=number)
