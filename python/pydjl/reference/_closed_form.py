"""Learning the edge kernel, solved on paper: the ground truth for every implementation.

Let E be the chapter's 6 × 8 image and Y = E ⋆ K its cross-correlation with K = [[1, -1]]. Of the
seven positions in a row of Y the window reads (1, 1) at two, (1, 0) and (0, 1) at one each, and
(0, 0) at three. So the mean of the half squared errors has, in the kernel w = [[w₁, w₂]], the
gradient (1/7)·[[3, 2], [2, 3]]·(w - K), the same in every row. Its eigenvectors are the sum and
the difference of the two weights' errors,

    s = w₁ + w₂          with eigenvalue λ = 5/7,
    d = w₁ - w₂ - 2      with eigenvalue λ = 1/7,

along which learning falls apart into two scalar sequences e (e = s or e = d), and the loss is
(5/28)·s² + (1/28)·d². The sum of the squared errors is 2·6·7 = 84 times that: its eigenvalues are
60 and 12, the loss 15·s² + 3·d².

With a bias b the matrix is (1/7)·[[3, 2, 3], [2, 3, 3], [3, 3, 7]]. The difference d keeps its
eigenvalue 1/7; the sum mixes with the bias, with eigenvalues (6 ± √19)/7 along the directions
(3, 3, 1 ± √19).

With a fresh gradient in each step, e ← e - lr·λ·e, so that e_t = e₀·(1 - lr·λ)ᵗ: learning
converges for lr < 2/λ with the largest λ.

With gradients that add up, the steps remember: e_{t+1} - e_t = (e_t - e_{t-1}) - lr·λ·e_t, the
equation of an undamped oscillator. With x = 1 - lr·λ/2 it is the recurrence
e_{t+1} = 2x·e_t - e_{t-1} of the Chebyshev polynomials of the third kind, e_t = e₀·V_t(x); where
x = cos θ, e_t = e₀·cos((t + ½)θ)/cos(θ/2), which never decays, whatever the learning rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pydjl.errors import ShapeError
from pydjl.reference._checks import SquaredError, check_loss, check_schedule

_ROOT = math.sqrt(19)
# Directions in (w₁, w₂) and in (w₁, w₂, b), as columns, and 7λ for each.
_MODES = np.array([[1.0, 1], [1, -1]])
_SEVENFOLD = np.array([5.0, 1])
_MODES_WITH_BIAS = np.array([[3, 3, 1.0], [3, 3, -1], [1 + _ROOT, 1 - _ROOT, 0]])
_SEVENFOLD_WITH_BIAS = np.array([6 + _ROOT, 6 - _ROOT, 1])
# The sum of squares is 2·42 times the mean of half squares of the 6 × 7 errors.
_FACTORS = {"mean_of_halves": 1.0, "sum": 84.0}


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """What learning the edge kernel must give, in float64.

    Attributes:
        losses: one loss for each step, computed before that step's update.
        weight: the kernel after the last step, a float64 array of shape ``(1, 2)``.
        path: the kernel before the first step and after each one, shape ``(steps + 1, 1, 2)``.
        biases: the bias likewise, shape ``(steps + 1,)``; None if none was learned.
    """

    losses: tuple[float, ...]
    weight: npt.NDArray[np.float64]
    path: npt.NDArray[np.float64]
    biases: npt.NDArray[np.float64] | None


def learning_closed_form(
    initial: npt.ArrayLike,
    lr: float,
    steps: int,
    *,
    accumulate: bool = False,
    loss: SquaredError = "mean_of_halves",
    bias: float | None = None,
) -> ClosedForm:
    """Gives the losses and the kernel that gradient descent reaches on the chapter's edge image.

    It is what `learn_kernel` computes for ``X = edge_image()`` and ``Y = corr2d(X,
    edge_kernel())``, without a loss function, a convolution or a gradient; the module's docstring
    derives it.

    Args:
        initial: the two weights to start from, shape ``(1, 2)`` or ``(2,)``.
        lr: the learning rate, positive; above `learning_rate_limit` learning diverges.
        steps: the number of updates, at least 0.
        accumulate: whether the gradients of all steps add up instead of being zeroed.
        loss: ``"mean_of_halves"``, the mean of half the squared differences, or ``"sum"``, the sum
            of the squared differences.
        bias: the bias to start from, if one is to be learned too.

    Returns:
        The losses, the last kernel and the way to it.

    Raises:
        ShapeError: ``initial`` is not two numbers.
        ArgumentError: ``lr`` is not positive and finite, ``steps`` is negative, or the loss is
            neither of the two.

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
    eigenvalues, modes = _eigensystem(loss, bias is not None)
    target = np.array([1.0, -1, 0])[: len(eigenvalues)]
    errors = np.append(start, [] if bias is None else bias) - target
    # The modes are orthogonal: a component is a projection.
    lengths = (modes**2).sum(0)
    components = errors @ modes / lengths
    # Where learning diverges far enough, infinity is the right answer and no reason to warn.
    with np.errstate(over="ignore", invalid="ignore"):
        growth = (_oscillation if accumulate else _decay)(lr * eigenvalues, steps)
        path = growth * components
        losses = path[:-1] ** 2 @ (eigenvalues * lengths / 2)
        parameters = target + path @ modes.T
    weights = parameters[:, :2].reshape(-1, 1, 2)
    biases = None if bias is None else parameters[:, 2]
    return ClosedForm(tuple(losses.tolist()), weights[-1], weights, biases)


def learning_rate_limit(loss: SquaredError = "mean_of_halves", *, bias: bool = False) -> float:
    """Gives the learning rate below which learning the chapter's edge kernel converges.

    Args:
        loss: ``"mean_of_halves"`` or ``"sum"``, as in `learning_closed_form`.
        bias: whether a bias is learned too.

    Returns:
        2/λ with the largest eigenvalue λ of the loss's second derivatives.

    Raises:
        ArgumentError: the loss is neither of the two.

    Source: own derivation from "Dive into Deep Learning", DJL edition, 6.2.4.

    Example:
        >>> learning_rate_limit()
        2.8
        >>> round(learning_rate_limit("sum", bias=True), 6)
        0.016089
    """
    eigenvalues, _ = _eigensystem(loss, bias)
    return float(2 / eigenvalues.max())


def _eigensystem(
    loss: SquaredError, bias: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Returns the eigenvalues of the loss's second derivatives, and its modes as columns."""
    check_loss(loss)
    sevenfold, modes = (_SEVENFOLD_WITH_BIAS, _MODES_WITH_BIAS) if bias else (_SEVENFOLD, _MODES)
    return _FACTORS[loss] * sevenfold / 7, modes


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
