"""Learning a kernel from an input and an output, in native PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import conv2d

from pydjl.errors import DtypeError, ShapeError
from pydjl.reference._checks import (
    SquaredError,
    check_loss,
    check_schedule,
    checked_kernel_shape,
    corr2d_output_shape,
)


@dataclass(frozen=True, eq=False)
class LearnedKernel:
    """What `learn_kernel` found.

    Attributes:
        losses: one loss for each step, computed before that step's update.
        weight: the kernel after the last step, shape ``kernel_shape``; it requires no gradient.
        initial: the kernel before the first step, shape ``kernel_shape``.
        device: where the learning ran.
        path: the kernel before the first step and after each one, shape ``(steps + 1, h, w)``.
        biases: the bias likewise, shape ``(steps + 1,)``; None if none was learned.
    """

    losses: tuple[float, ...]
    weight: torch.Tensor
    initial: torch.Tensor
    device: torch.device
    path: torch.Tensor
    biases: torch.Tensor | None


def learn_kernel(
    X: torch.Tensor,
    Y: torch.Tensor,
    kernel_shape: tuple[int, int] = (1, 2),
    lr: float = 0.4,
    steps: int = 10,
    initial: torch.Tensor | None = None,
    *,
    accumulate: bool = False,
    device: torch.device | str | None = None,
    loss: SquaredError = "mean_of_halves",
    bias: float | None = None,
) -> LearnedKernel:
    """Learns the kernel whose cross-correlation with ``X`` is ``Y``, by gradient descent.

    The model is a two-dimensional cross-correlation with one channel, and with a bias only if one
    is asked for. The loss is the mean of the half squared differences, as DJL's ``L2Loss``
    computes it, or the sum of the squared differences, and each step subtracts ``lr`` times the
    gradient in place. torch's grad mode stays as it is, and learning works under
    ``torch.no_grad()`` and ``torch.inference_mode()`` too.

    Args:
        X: the input, shape ``(H, W)``, float32 or float64.
        Y: the wanted output, shape ``(H - h + 1, W - w + 1)``, of the dtype of ``X``.
        kernel_shape: height and width of the kernel, ``(h, w)``.
        lr: the learning rate, positive.
        steps: the number of updates, at least 0.
        initial: the kernel to start from, shape ``(h, w)``; without it one is drawn from
            N(0, 0.01²) with torch's generator of the device. It is not modified.
        accumulate: whether the gradients of all steps add up, as they do in DJL's PyTorch engine
            when nobody zeroes them; then the kernel oscillates around the solution.
        device: where to compute; the device of ``X`` if not given.
        loss: ``"mean_of_halves"``, the mean of half the squared differences, or ``"sum"``, the sum
            of the squared differences.
        bias: the bias to start from, if one is to be learned too.

    Returns:
        The losses, the learned kernel and the way to it.

    Raises:
        ShapeError: the shapes of ``X``, ``Y``, ``kernel_shape`` and ``initial`` do not fit
            together.
        DtypeError: ``X`` and ``Y`` are not both float32 or both float64.
        ArgumentError: ``lr`` is not positive and finite, ``steps`` is negative, or the loss is
            neither of the two.

    Source: "Dive into Deep Learning", DJL edition, 6.2.4; the sum is the JAX edition's loss.

    Example:
        >>> from pydjl.reference import corr2d, edge_image, edge_kernel
        >>> X = edge_image()
        >>> start = torch.tensor([[0.002919, -0.007190]])
        >>> learned = learn_kernel(X, corr2d(X, edge_kernel()), initial=start)
        >>> [round(loss, 4) for loss in learned.losses[1::2]]
        [0.1257, 0.0994, 0.0785, 0.0621, 0.049]
        >>> learned.weight
        tensor([[ 0.4475, -0.4477]])
    """
    kernel_shape = checked_kernel_shape(kernel_shape)
    check_data(X, Y, kernel_shape)
    check_schedule(lr, steps)
    check_loss(loss)
    if initial is not None and tuple(initial.shape) != kernel_shape:
        raise ShapeError(
            f"initial has shape {tuple(initial.shape)}, but the kernel to learn has shape "
            f"{kernel_shape}; reshape it or set kernel_shape.",
            tuple(initial.shape),
            kernel_shape,
        )
    device = X.device if device is None else torch.device(device)

    # Neither the weight nor the data may be inference tensors, which autograd cannot save: hence
    # learning leaves inference mode, which enables gradients as well, and works on copies.
    with torch.inference_mode(mode=False):
        X, Y = (_batch_of_one(tensor, device) for tensor in (X, Y))
        if initial is None:
            start = torch.normal(0.0, 0.01, kernel_shape, dtype=X.dtype, device=device)
        else:
            start = initial.detach().to(device, X.dtype, copy=True)
        weight = start.clone().reshape(1, 1, *kernel_shape).requires_grad_()
        offset = None
        if bias is not None:
            offset = torch.tensor([bias], dtype=X.dtype, device=device).requires_grad_()
        parameters = [weight] if offset is None else [weight, offset]
        totals = tuple(torch.zeros_like(parameter) for parameter in parameters)
        path, losses = [start[None, None]], []
        biases = [] if offset is None else [offset.detach().clone()]
        for _ in range(steps):
            error = _error(Y, conv2d(X, weight, offset), loss)
            gradients = torch.autograd.grad(error, parameters)
            if accumulate:
                gradients = tuple(a + b for a, b in zip(totals, gradients, strict=True))
            totals = gradients
            with torch.no_grad():
                for parameter, total in zip(parameters, totals, strict=True):
                    parameter.sub_(total * lr)
                path.append(weight.clone())
                if offset is not None:
                    biases.append(offset.clone())
            losses.append(error.item())
        return LearnedKernel(
            losses=tuple(losses),
            weight=path[-1][0, 0].clone(),
            initial=start,
            device=start.device,
            path=torch.cat(path)[:, 0],
            biases=torch.cat(biases) if biases else None,
        )


def _error(Y: torch.Tensor, prediction: torch.Tensor, loss: SquaredError) -> torch.Tensor:
    squares = (Y - prediction).square()
    # In this order DJL's L2Loss computes; another order may round differently.
    return squares.sum() if loss == "sum" else squares.mul(0.5).mean()


def _batch_of_one(matrix: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Returns a copy of shape ``(1, 1, H, W)`` that has no part in the caller's graph."""
    return matrix.detach().to(device, copy=True)[None, None]


def check_data(X: torch.Tensor, Y: torch.Tensor, kernel_shape: tuple[int, int]) -> None:
    """Raises `ShapeError` or `DtypeError` unless a kernel can be learned from ``X`` and ``Y``."""
    x_shape, y_shape = tuple(X.shape), tuple(Y.shape)
    expected = corr2d_output_shape(x_shape, kernel_shape)
    if y_shape != expected:
        raise ShapeError(
            f"Y has shape {y_shape}, but a kernel of shape {kernel_shape} makes an output of "
            f"shape {expected} of X of shape {x_shape}; pass the Y or the kernel_shape that fits.",
            x_shape,
            y_shape,
            kernel_shape,
        )
    if X.dtype != Y.dtype or X.dtype not in (torch.float32, torch.float64):
        raise DtypeError(
            f"X has dtype {X.dtype} and Y {Y.dtype}, but learning needs both in torch.float32 or "
            "both in torch.float64; convert them with .to(torch.float32)."
        )
