"""The chapter's kernel learning, by DJL, by PyTorch, on paper and by Flax, from the same settings.

Source: "Dive into Deep Learning", DJL edition, 6.2.4, and the JAX edition, "Learning the kernel".
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from pydjl import reference
from pydjl.errors import ArgumentError
from pydjl.training import learn_kernel

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Settings:
    """What a run of learning is given.

    Attributes:
        loss: ``"mean_of_halves"``, as DJL's L2 loss, or ``"sum"``, as in the JAX edition.
        lr: the learning rate.
        steps: the number of updates.
        initial: the two weights to start from.
        bias: the bias to start from, if one is learned too.
        accumulate: whether gradients add up over the steps.
        dtype: ``"float32"`` or ``"float64"``.
    """

    loss: Literal["mean_of_halves", "sum"] = "mean_of_halves"
    lr: float = 0.4
    steps: int = 10
    initial: tuple[float, float] = (0.0, 0.0)
    bias: float | None = None
    accumulate: bool = False
    dtype: Literal["float32", "float64"] = "float32"


DJL_EDITION = Settings("mean_of_halves", 0.4, 10, (0.002919, -0.007190))
"""The loss and the rate of the DJL edition, from a start that gives its printed losses."""

JAX_EDITION = Settings("sum", 0.03, 10, (0.0079916, 0.0238817))
"""The loss and the rate of the JAX edition, from a start that gives its printed losses."""


@dataclass(frozen=True, eq=False)
class Form:
    """What one form of the computation gave, in the dtype in which it computed.

    Attributes:
        name: ``"DJL"``, ``"PyTorch"``, ``"closed form"`` or ``"Flax"``.
        losses: shape ``(steps,)``, each loss computed before its step's update.
        path: the kernel before the first step and after each one, shape ``(steps + 1, 2)``.
        biases: the bias likewise, shape ``(steps + 1,)``; None if none was learned.
    """

    name: str
    losses: Numbers
    path: Numbers
    biases: Numbers | None

    @property
    def weight(self) -> Numbers:
        """The kernel after the last step, shape ``(2,)``."""
        weight: Numbers = self.path[-1]
        return weight


def has_flax() -> bool:
    """Whether Flax is installed, without importing it."""
    return importlib.util.find_spec("flax") is not None


def edge_data(dtype: str = "float32") -> tuple[torch.Tensor, torch.Tensor]:
    """The 6×8 edge image and its cross-correlation with [[1, -1]].

    Raises:
        ArgumentError: the dtype is neither float32 nor float64.

    Example:
        >>> [tuple(each.shape) for each in edge_data()]
        [(6, 8), (6, 7)]
    """
    if dtype not in ("float32", "float64"):
        raise ArgumentError(f"dtype is {dtype!r}, but it must be 'float32' or 'float64'.")
    X = reference.edge_image().to(getattr(torch, dtype))
    return X, reference.corr2d(X, reference.edge_kernel().to(X.dtype))


def learn_by_djl(settings: Settings = DJL_EDITION) -> Form:
    """Learns the chapter's edge kernel by DJL.

    Args:
        settings: loss, rate, steps, start.

    Returns:
        The losses, the kernel's path and the biases.

    Raises:
        ArgumentError: the rate, the number of steps, the loss or the dtype cannot be used.

    Source: "Dive into Deep Learning", DJL edition, 6.2.4.

    Example:
        >>> str(learn_by_djl(DJL_EDITION).losses[1])
        '0.12571818'
    """
    learned = learn_kernel(*edge_data(settings.dtype), **_arguments(settings))
    biases = None if learned.biases is None else learned.biases.numpy()
    return _form("DJL", settings, learned.losses, learned.path.numpy(), biases)


def learn_by_torch(settings: Settings = DJL_EDITION) -> Form:
    """Learns the chapter's edge kernel by native PyTorch, as `learn_by_djl` does."""
    learned = reference.learn_kernel(*edge_data(settings.dtype), **_arguments(settings))
    return _of_tensors("PyTorch", settings, learned)


def learn_by_flax(settings: Settings = DJL_EDITION) -> Form:
    """Learns the chapter's edge kernel by Flax, if `has_flax`, as `learn_by_djl` does."""
    learned = reference.learn_kernel_flax(*edge_data(settings.dtype), **_arguments(settings))
    return _of_tensors("Flax", settings, learned)


def learn_by_closed_form(settings: Settings = DJL_EDITION) -> Form:
    """Learns the chapter's edge kernel on paper, in float64, as `learn_by_djl` does."""
    solution = reference.learning_closed_form(
        # The forms that iterate start from what the dtype holds.
        np.array(settings.initial, settings.dtype),
        settings.lr,
        settings.steps,
        accumulate=settings.accumulate,
        loss=settings.loss,
        bias=None if settings.bias is None else float(np.array(settings.bias, settings.dtype)),
    )
    return Form(
        "closed form", np.array(solution.losses), solution.path.reshape(-1, 2), solution.biases
    )


def _arguments(settings: Settings) -> dict[str, Any]:
    return {
        "lr": settings.lr,
        "steps": settings.steps,
        "initial": torch.tensor([settings.initial], dtype=getattr(torch, settings.dtype)),
        "accumulate": settings.accumulate,
        "loss": settings.loss,
        "bias": settings.bias,
    }


def _of_tensors(name: str, settings: Settings, learned: reference.LearnedKernel) -> Form:
    biases = None if learned.biases is None else learned.biases.numpy()
    return _form(name, settings, learned.losses, learned.path.numpy(), biases)


def _form(
    name: str, settings: Settings, losses: Any, path: Numbers, biases: Numbers | None
) -> Form:
    return Form(name, np.array(losses, settings.dtype), path.reshape(-1, 2), biases)
