"""Learning the chapter's kernel in every form, and how the forms compare.

Four computations of one gradient descent: DJL in Java, native PyTorch, the closed form, where
nothing is iterated, and Flax where it is installed (`learning_forms.py`).

Source: "Dive into Deep Learning", DJL edition, 6.2.4, and the JAX edition, "Learning the kernel".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from rich.table import Table

from pydjl.comparison import Difference, compare_values
from pydjl.errors import ArgumentError
from pydjl.lab.learning_forms import (
    DJL_EDITION,
    Form,
    Numbers,
    Settings,
    has_flax,
    learn_by_closed_form,
    learn_by_djl,
    learn_by_flax,
    learn_by_torch,
)


@dataclass(frozen=True)
class Row:
    """A row of the comparison: one quantity of DJL's beside another form's."""

    quantity: str
    against: str
    difference: Difference


@dataclass(frozen=True, eq=False)
class LearningRun:
    """One gradient descent in every form.

    Attributes:
        settings: what all forms were given.
        forms: what each gave; DJL's first.
        comparison: DJL's losses, kernel path and biases beside those of every other form.
    """

    settings: Settings
    forms: tuple[Form, ...]
    comparison: tuple[Row, ...]

    def form(self, name: str) -> Form:
        """The form of a name.

        Raises:
            ArgumentError: it was not computed.
        """
        for form in self.forms:
            if form.name == name:
                return form
        names = ", ".join(form.name for form in self.forms)
        raise ArgumentError(f"there is no form {name!r} in this run, only {names}.")

    @property
    def ok(self) -> bool:
        """Whether every row of the comparison is within the dtype's tolerance."""
        return all(row.difference.ok for row in self.comparison)


def learn_in_every_form(settings: Settings = DJL_EDITION) -> LearningRun:
    """Learns the chapter's edge kernel in every form that can run here.

    All forms learn the kernel [[1, -1]] from the 6×8 image with two edges and from its
    cross-correlation with that kernel. Flax takes part where it is installed. The closed form
    computes in float64; for the comparison it is rounded to the dtype of the others.

    Args:
        settings: loss, rate, steps, start.

    Returns:
        What each form gave, and how the others differ from DJL.

    Raises:
        ArgumentError: the rate, the number of steps, the loss or the dtype cannot be used.

    Source: "Dive into Deep Learning", DJL edition, 6.2.4; JAX edition, "Learning the kernel".

    Example:
        >>> from pydjl.lab.learning_forms import JAX_EDITION
        >>> run = learn_in_every_form(JAX_EDITION)
        >>> run.ok
        True
        >>> [f"{loss:.3f}" for loss in run.form("DJL").losses[1::2]]
        ['5.003', '0.842', '0.142', '0.024', '0.004']
    """
    forms = [
        learn_by_djl(settings),
        learn_by_torch(settings),
        learn_by_closed_form(settings),
    ]
    if has_flax():
        forms.append(learn_by_flax(settings))
    return LearningRun(settings, tuple(forms), tuple(_compared(forms[0], forms[1:])))


def first_update_where(
    settings: Settings, holds: Callable[[float, Numbers], bool], most: int = 1000
) -> int:
    """Counts the updates that DJL needs until something holds of the loss and the kernel.

    Args:
        settings: how to learn; the number of steps is not used.
        holds: whether it holds, given the loss and the two weights after some updates.
        most: when to give up.

    Returns:
        The number of updates after which it holds for the first time.

    Raises:
        ArgumentError: it does not hold after any of the first `most` updates.

    Example:
        >>> first_update_where(Settings(), lambda loss, weight: loss < 1e-3)
        43
    """
    # The loss after t updates is the one that step t + 1 begins with.
    learned = learn_by_djl(replace(settings, steps=most + 1))
    for updates, (loss, weight) in enumerate(zip(learned.losses, learned.path, strict=False)):
        if holds(float(loss), weight):
            return updates
    raise ArgumentError(f"what was asked for does not hold after any of {most} updates.")


def expected_first_loss(
    standard_deviation: float, loss: Literal["mean_of_halves", "sum"] = "sum"
) -> float:
    """Computes by DJL the expected first loss, where both weights are drawn with mean 0.

    The loss is quadratic in the weights, so its mean over the four starts (±σ, ±σ) is its
    expectation over every distribution of independent weights with mean 0 and this standard
    deviation. Flax's ``lecun_normal`` has σ² = 1/2 here, one over the two inputs of the kernel.

    Args:
        standard_deviation: σ of each weight.
        loss: as in `Settings`.

    Returns:
        The expected loss before the first update.

    Source: "Dive into Deep Learning", JAX edition, the comment on ``kernel_init``.

    Example:
        >>> round(expected_first_loss(0.01), 4), round(expected_first_loss(0.5**0.5), 4)
        (12.0036, 30.0)
    """
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    first = [
        learn_by_djl(
            Settings(
                loss,
                lr=1e-3,
                steps=1,
                initial=(a * standard_deviation, b * standard_deviation),
                dtype="float64",
            )
        ).losses[0]
        for a, b in signs
    ]
    return float(np.mean(first))


def comparison_table(run: LearningRun) -> Table:
    """The comparison of a run as a table for the terminal.

    Args:
        run: what `learn_in_every_form` returned.

    Returns:
        A rich table: quantity, form, largest absolute difference and distance in units in the last
        place from DJL, and whether that is within the tolerance.

    Example:
        >>> comparison_table(learn_in_every_form()).row_count >= 4
        True
    """
    table = Table("quantity", "DJL against", "max abs", "max ulp", "", title=_title(run.settings))
    for row in run.comparison:
        facts = row.difference
        verdict = "bit-equal" if facts.bit_equal else "within tolerance" if facts.ok else "differs"
        ulp = "-" if facts.max_ulp is None else str(facts.max_ulp)
        table.add_row(row.quantity, row.against, f"{facts.max_abs_diff:.3g}", ulp, verdict)
    return table


def _title(settings: Settings) -> str:
    loss = "mean of half squares" if settings.loss == "mean_of_halves" else "sum of squares"
    extras = [] if settings.bias is None else ["with a bias"]
    extras += ["gradients add up"] if settings.accumulate else []
    return ", ".join([loss, f"rate {settings.lr:g}", f"{settings.steps} steps", *extras])


def _compared(djl: Form, others: list[Form]) -> list[Row]:
    rows = []
    for other in others:
        for quantity in ("losses", "path", "biases"):
            ours, theirs = getattr(djl, quantity), getattr(other, quantity)
            if ours is not None:
                with np.errstate(over="ignore"):
                    theirs = theirs.astype(ours.dtype)
                rows.append(Row(quantity, other.name, compare_values(quantity, ours, theirs)))
    return rows
