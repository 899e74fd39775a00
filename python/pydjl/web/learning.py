"""A kernel that is learned from what it makes of an input: by DJL, by PyTorch and on paper."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from pydjl import reference
from pydjl.comparison import compare_values
from pydjl.errors import ShapeError
from pydjl.ndarray import array
from pydjl.nn.functional import corr2d
from pydjl.training import learn_kernel
from pydjl.web.answers import Learning
from pydjl.web.schema import LearnQuestion

Numbers = npt.NDArray[Any]


def learn(question: LearnQuestion) -> Learning:
    """Learn a kernel by gradient descent from zeros, on the mean of half the squared differences.

    Args:
        question: the input, the true kernel, rate and steps.

    Raises:
        ShapeError: the kernel is larger than the input.

    Example:
        >>> edges = [[1, 1, 0, 0, 0, 0, 1, 1]] * 6
        >>> found = learn(
        ...     LearnQuestion(input=edges, kernel=[[1, -1]], learning_rate=0.4, steps=10)
        ... )
        >>> [round(loss, 4) for loss in found.losses[:3]], round(found.stable_rate, 4)
        ([0.1429, 0.127, 0.1129], 2.8)
        >>> found.bit_equal, np.round(found.closed_form, 4).tolist()
        (True, [[1.0, -1.0]])
    """
    X, K = (array(each, dtype="float32") for each in (question.input, question.kernel))
    if K.shape[0] > X.shape[0] or K.shape[1] > X.shape[1]:
        raise ShapeError(
            f"the kernel of shape {K.shape} is larger than the input of shape {X.shape}: take a "
            "smaller kernel.",
            X.shape,
            K.shape,
        )
    Y, shape, start = corr2d(X, K), (K.shape[0], K.shape[1]), torch.zeros(K.shape)
    rate, steps = question.learning_rate, question.steps
    options: dict[str, Any] = {"initial": start, "accumulate": question.accumulate}
    ours = learn_kernel(X, Y, shape, rate, steps, **options)
    theirs = reference.learn_kernel(X.torch(), Y.torch(), shape, rate, steps, **options)
    paper = ClosedForm(X.numpy(), K.numpy())
    path = ours.path.numpy()
    first = next((n for n, loss in enumerate(ours.losses) if not math.isfinite(loss)), None)
    return Learning(
        losses=_finite(ours.losses),
        torch_losses=_finite(theirs.losses),
        closed_form_losses=_finite(paper.losses(rate, steps, accumulate=question.accumulate)),
        kernel=_finite_plane(path[-1]),
        kernels=[_finite_plane(each) for each in path[1:]],
        closed_form=paper.kernel.tolist(),
        closed_form_loss=paper.least_loss,
        stable_rate=paper.stable_rate,
        bit_equal=(
            compare_values("losses", ours.losses, theirs.losses).bit_equal
            and compare_values("path", path, theirs.path).bit_equal
        ),
        diverged=first,
    )


class ClosedForm:
    """Learning a kernel from zeros, solved on paper in float64.

    With the windows of the input as the rows of A, the loss is ``|A (k - K)|² / 2n``. In the
    directions of the eigenvectors of ``AᵀA / n`` the error of the kernel falls apart into single
    numbers e, each with its eigenvalue λ: ``e ← e - lr·λ·e``. With gradients that add up, the
    steps remember the one before: ``e_{t+1} = (2 - lr·λ)·e_t - e_{t-1}``.

    Args:
        X: the input, ``(H, W)``.
        K: the true kernel, ``(h, w)``.

    Attributes:
        kernel: of all kernels with the least loss the smallest, which is what learning from zeros
            comes to.
        least_loss: the loss of that kernel.
        stable_rate: the rate below which learning converges; None for an input of zeros, from
            which nothing is learned at any rate.
    """

    def __init__(self, X: Numbers, K: Numbers) -> None:
        X, K = X.astype(np.float64), K.astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(X, K.shape)
        A = windows.reshape(-1, K.size)
        truth = K.ravel()
        wanted = A @ truth
        found, *_ = np.linalg.lstsq(A, wanted)
        self.kernel: Numbers = found.reshape(K.shape)
        self.least_loss = float(np.mean((A @ found - wanted) ** 2) / 2)
        eigenvalues, directions = np.linalg.eigh(A.T @ A / len(A))
        self._eigenvalues = np.maximum(eigenvalues, 0)
        self._errors = -truth @ directions
        largest = float(self._eigenvalues[-1])
        self.stable_rate = 2 / largest if largest > 0 else None

    def losses(self, rate: float, steps: int, *, accumulate: bool) -> list[float]:
        """The loss before each step."""
        factors = rate * self._eigenvalues
        errors, before = self._errors, self._errors
        found = []
        # Where learning diverges far enough, infinity is the right answer and no reason to warn.
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(steps):
                found.append(float(self._eigenvalues @ errors**2 / 2))
                if accumulate:
                    errors, before = (2 - factors) * errors - before, errors
                else:
                    errors = (1 - factors) * errors
        return found


def _finite(losses: Iterable[float]) -> list[float | None]:
    return [loss if math.isfinite(loss) else None for loss in losses]


def _finite_plane(plane: Numbers) -> list[list[float]] | None:
    return plane.tolist() if np.isfinite(plane).all() else None
