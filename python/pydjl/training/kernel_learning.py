"""Learn the kernel of a cross-correlation with DJL's Conv2d, L2 loss and gradient collector."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import torch
from numpy.typing import NDArray as NumpyArray
from torch import Tensor

from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.ndarray import NDArray, as_tensor, call_java, from_torch
from pydjl.ndarray.numbers import java_int, real_number
from pydjl.nn.cross_correlation import check_corr2d
from pydjl.runtime import parse_device

Array = NDArray | Tensor | NumpyArray[Any]

SquaredError: TypeAlias = Literal["mean_of_halves", "sum"]
"""How squared differences become a loss: the mean of their halves, or their sum."""


@dataclass(frozen=True, eq=False)
class LearnedKernel:
    """What `learn_kernel` found.

    Attributes:
        losses: one for each step, each computed before that step's update.
        weight: the kernel after the last step, of the shape that was asked for.
        initial: the kernel before the first step.
        device: where the learning ran.
        path: the kernel before the first step and after each one, shape ``(steps + 1, h, w)``.
        biases: the bias likewise, shape ``(steps + 1,)``; None if none was learned.
    """

    losses: tuple[float, ...]
    weight: NDArray
    initial: NDArray
    device: torch.device
    path: NDArray
    biases: NDArray | None


def learn_kernel(
    X: Array,
    Y: Array,
    kernel_shape: tuple[int, int] = (1, 2),
    lr: float = 0.4,
    steps: int = 10,
    initial: Array | Sequence[Any] | None = None,
    device: str | torch.device | None = None,
    *,
    accumulate: bool = False,
    loss: SquaredError = "mean_of_halves",
    bias: float | None = None,
) -> LearnedKernel:
    """Learn the kernel whose cross-correlation with `X` is `Y`, by gradient descent in Java.

    DJL's Conv2d (one filter, and no bias unless one is asked for) predicts, DJL's L2 loss (the mean
    of half the squared differences, although its documentation says the sum) judges, its gradient
    collector differentiates, and each step takes ``lr`` times the gradient off the kernel. The
    loss is written out in DJL's operations, in the order of its class, which keeps a number in
    memory that Java may free before the gradient needs it. PyTorch's generator, grad mode and the
    graphs of `X` and `Y` stay as they are. DJL has one gradient collector, so threads learn in
    turn.

    Args:
        X: the input, shape ``(H, W)``, float32 or float64.
        Y: the output to reach, shape ``(H - h + 1, W - w + 1)``, of the same dtype.
        kernel_shape: the kernel's height and width, ``(h, w)``.
        lr: the learning rate, positive. On the chapter's data learning is stable below 2.8 with
            the mean of halves, below 1/30 with the sum.
        steps: the number of updates.
        initial: the kernel to start from, shape ``(h, w)`` or its elements row by row. Without
            it, DJL's NormalInitializer draws it from PyTorch's generator (standard deviation
            0.01), whose state is then put back: `torch.manual_seed` decides. (Numbers that other
            threads draw meanwhile are drawn again later.)
        device: where to learn; by default where `X` is.
        accumulate: let the gradients add up over the steps, as the chapter's printed code does on
            DJL's PyTorch engine. The kernel then oscillates around the solution.
        loss: ``"mean_of_halves"``, the mean of half the squared differences, or ``"sum"``, the sum
            of the squared differences.
        bias: the bias to start from, if one is to be learned too.

    Returns:
        The losses, the kernel and the way to it.

    Raises:
        ShapeError: the shapes of `X`, `Y`, the kernel and its start do not fit together.
        ArgumentError: the rate, the number of steps or the loss cannot be used.
        ArgumentTypeError: one of them is no number.
        DtypeError: `X` and `Y` are not both float32 or both float64.
        DeviceError: there is no such device here.

    Source: "Dive into Deep Learning", DJL edition, 6.2.4; the sum is the JAX edition's loss.

    Example:
        >>> import pydjl
        >>> X = pydjl.array([[1.0, 1, 0, 0, 0, 0, 1, 1]] * 6)
        >>> Y = pydjl.corr2d(X, pydjl.array([[1.0, -1.0]]))
        >>> learned = pydjl.training.learn_kernel(X, Y, initial=[0.002919, -0.007190])
        >>> [round(loss, 6) for loss in learned.losses[1::2]]
        [0.125718, 0.099352, 0.078516, 0.06205, 0.049037]
        >>> learned.weight
        ND: (1, 2) cpu() float32
        [[ 0.4475, -0.4477],
        ]
    """
    x, y = as_tensor(X, "X"), as_tensor(Y, "Y")
    shape = _pair(kernel_shape)
    _check_data(x, y, shape)
    rate, count = real_number("lr", lr), java_int("steps", steps)
    place = x.device if device is None else parse_device(device)
    start = None if initial is None else _weights(initial, shape)
    if loss not in get_args(SquaredError):
        raise ArgumentError(f"loss is {loss!r}, but it must be 'mean_of_halves' or 'sum'.")
    first_bias = None if bias is None else [real_number("bias", bias)]
    drawing = torch.random.fork_rng([place] if place.type == "cuda" else [])
    # Inference mode records nothing, not even where DJL asks for it, and its tensors cannot be
    # recorded later: they are copied. Autocast would go on with the weight of the first step,
    # because it does not see Java's updates in place.
    with (
        torch.inference_mode(mode=False),
        torch.autocast(place.type, enabled=False),
        drawing if start is None else nullcontext(),
    ):
        result = call_java(
            "learn_kernel",
            "Learning.learn",
            [each.to(place, copy=each.is_inference()) for each in (x, y)],
            list(shape),
            rate,
            count,
            start,
            accumulate,
            loss.upper(),
            first_bias,
        )
    path = torch.from_numpy(np.array(result.getPath())).reshape(-1, *shape)
    biases = None if bias is None else torch.from_numpy(np.array(result.getBiases()))
    return LearnedKernel(
        losses=tuple(float(value) for value in result.getLosses()),
        weight=_array(path[-1], x.dtype, place),
        initial=_array(path[0], x.dtype, place),
        device=place,
        path=_array(path, x.dtype, place),
        biases=None if biases is None else _array(biases, x.dtype, place),
    )


def _pair(kernel_shape: Sequence[int]) -> tuple[int, int]:
    try:
        height, width = (operator.index(length) for length in kernel_shape)
    except (TypeError, ValueError) as exc:
        raise ArgumentError(
            f"kernel_shape is {kernel_shape!r}, but it must be a height and a width, like (1, 2)."
        ) from exc
    return height, width


def _check_data(x: Tensor, y: Tensor, kernel_shape: tuple[int, int]) -> None:
    check_corr2d("X", tuple(x.shape), "kernel_shape", kernel_shape)
    expected = tuple(s - k + 1 for s, k in zip(x.shape, kernel_shape, strict=True))
    if tuple(y.shape) != expected:
        raise ShapeError(
            f"Y has shape {tuple(y.shape)}, but X of shape {tuple(x.shape)} and a kernel of shape "
            f"{kernel_shape} give {expected}.",
            tuple(x.shape),
            tuple(y.shape),
            kernel_shape,
        )
    if x.dtype is not y.dtype or x.dtype not in (torch.float32, torch.float64):
        raise DtypeError(
            f"X is {x.dtype} and Y {y.dtype}, but both must be torch.float32 or both "
            "torch.float64: convert them."
        )


def _weights(initial: Array | Sequence[Any], kernel_shape: tuple[int, int]) -> list[float]:
    if isinstance(initial, (NDArray, Tensor)):
        tensor = as_tensor(initial, "initial").detach()
    else:
        try:
            tensor = torch.from_numpy(np.array(initial))
        except (TypeError, ValueError) as exc:
            raise ArgumentError(f"initial cannot be read as numbers: {exc}") from exc
    if tensor.is_complex():
        raise DtypeError("initial is complex, but the kernel to learn is real.")
    height, width = kernel_shape
    if tuple(tensor.shape) not in (kernel_shape, (height * width,)):
        raise ShapeError(
            f"initial has shape {tuple(tensor.shape)}, but the kernel to learn has shape "
            f"{kernel_shape}.",
            tuple(tensor.shape),
            kernel_shape,
        )
    return [float(value) for value in tensor.double().flatten().tolist()]


def _array(values: Tensor, dtype: torch.dtype, device: torch.device) -> NDArray:
    # Java hands float32 over as float64, which holds it exactly. A copy, also on the CPU.
    return from_torch(values.to(device, dtype, copy=True))


class Schedule(NamedTuple):
    """How the chapter learns.

    Attributes:
        learning_rate: of every step.
        steps: how many there are.
        start: the two weights of the kernel before the first.
    """

    learning_rate: float
    steps: int
    start: tuple[float, float]


def chapter_schedule() -> Schedule:
    """The chapter's learning, as the constants of the Java class ``ConvLayer`` have it.

    Example:
        >>> chapter_schedule().start
        (0.002919, -0.00719)
    """

    def constant(method: str) -> Any:
        return call_java("chapter_schedule", f"Learning.{method}", [])

    first, second = map(float, constant("chapterStart"))
    rate, steps = float(constant("chapterLearningRate")), int(constant("chapterSteps"))
    return Schedule(rate, steps, (first, second))
