"""Learning the edge kernel, solved on paper: the ground truth for every implementation.

Let E be the chapter's 6 × 8 image and Y = E ⋆ K its cross-correlation with K = [[1, -1]]. Of the
seven positions in a row of Y the window reads (1, 1) at two, (1, 0) and (0, 1) at one each, and
(0, 0) at three. So the mean of the half squared errors has, in the kernel w = [[w₁, w₂]], the
gradient (1/7)·[[3, 2], [2, 3]]·(w - K), the same in every row. Its eigenvectors are the sum and
the difference of the two weights' errors,

    s = w₁ + w₂          with eigenvalue λ = 5/7,
    d = w₁ - w₂ - 2      with eigenvalue λ = 1/7,

along which learning falls apart into two scalar sequences e (e = s or e = d), and the loss is
(5/28)·s² + (1/28)·d².

With a fresh gradient in each step, e ← e - lr·λ·e, so that e_t = e₀·(1 - lr·λ)ᵗ: learning
converges for lr < 14/5.

With gradients that add up, the steps remember: e_{t+1} - e_t = (e_t - e_{t-1}) - lr·λ·e_t, the
equation of an undamped oscillator. With x = 1 - lr·λ/2 it is the recurrence
e_{t+1} = 2x·e_t - e_{t-1} of the Chebyshev polynomials of the third kind, e_t = e₀·V_t(x); where
x = cos θ, e_t = e₀·cos((t + ½)θ)/cos(θ/2), which never decays, whatever the learning rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pydjl.errors import ShapeError
from pydjl.reference._checks import check_schedule

# Along the sum and along the difference of the weights' errors.
_EIGENVALUES = (5 / 7, 1 / 7)


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """What learning the edge kernel must give, in float64.

    Attributes:
        losses: one loss for each step, computed before that step's update.
        weight: the kernel after the last step, a float64 array of shape ``(1, 2)``.
    """

    losses: tuple[float, ...]
    weight: npt.NDArray[np.float64]


def learning_closed_form(
    initial: npt.ArrayLike, lr: float, steps: int, *, accumulate: bool = False
) -> ClosedForm:
    """Gives the losses and the kernel that gradient descent reaches on the chapter's edge image.

    It is what `learn_kernel` computes for ``X = edge_image()`` and ``Y = corr2d(X,
    edge_kernel())``, without a loss function, a convolution or a gradient; the module's docstring
    derives it.

    Args:
        initial: the two weights to start from, shape ``(1, 2)`` or ``(2,)``.
        lr: the learning rate, positive; above 14/5 learning diverges.
        steps: the number of updates, at least 0.
        accumulate: whether the gradients of all steps add up instead of being zeroed.

    Returns:
        The losses and the last kernel.

    Raises:
        ShapeError: ``initial`` is not two numbers.
        ArgumentError: ``lr`` is not positive and finite, or ``steps`` is negative.

    Source: own derivation from "Dive into Deep Learning", DJL edition, 6.2.4.

    Example:
        >>> solution = learning_closed_form((0, 0), lr=0.4, steps=10)
        >>> [round(loss, 6) for loss in solution.losses[:3]]
        [0.142857, 0.126997, 0.112898]
        >>> solution.weight.round(6)
        array([[ 0.444788, -0.444788]])
    """
    start = np.asarray(initial, dtype=np.float64)
    if start.shape not in ((1, 2), (2,)):
        raise ShapeError(
            f"initial has shape {start.shape}, but the edge kernel has two weights: pass a shape "
            "of (1, 2) or (2,).",
            start.shape,
        )
    check_schedule(lr, steps)
    w1, w2 = start.ravel()
    errors = np.array([w1 + w2, w1 - w2 - 2])
    eigenvalues = np.array(_EIGENVALUES)
    # Where learning diverges far enough, infinity is the right answer and no reason to warn.
    with np.errstate(over="ignore", invalid="ignore"):
        growth = (_oscillation if accumulate else _decay)(lr * eigenvalues, steps)
        path = growth * errors
        losses = (path[:-1] ** 2) @ (eigenvalues / 4)
        s, d = path[-1]
        weight = np.array([[1 + (s + d) / 2, -1 + (s - d) / 2]])
    return ClosedForm(tuple(losses.tolist()), weight)


def _decay(rates: npt.NDArray[np.float64], steps: int) -> npt.NDArray[np.float64]:
    """Returns (1 - rate)ᵗ for t = 0..steps, one column for each rate."""
    powers: npt.NDArray[np.float64] = (1 - rates) ** np.arange(steps + 1)[:, None]
    return powers


def _oscillation(rates: npt.NDArray[np.float64], steps: int) -> npt.NDArray[np.float64]:
    """Returns V_t(1 - rate/2) for t = 0..steps, one column for each rate.

    By the recurrence, because the quotient of cosines is 0/0 at rate 4 and imaginary beyond.
    """
    values = np.ones((steps + 2, rates.size))
    values[1] = 1 - rates
    for t in range(1, steps):
        values[t + 1] = (2 - rates) * values[t] - values[t - 1]
    return values[: steps + 1]
