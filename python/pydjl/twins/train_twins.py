"""Train a Java model as DJL does and its Python twin as PyTorch does, and compare the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pydjl.comparison import Report, Tolerance, compare_steps, train
from pydjl.comparison.layers import check_differentiable
from pydjl.comparison.observation import observe
from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.training.losses import L2Loss, SoftmaxCrossEntropyLoss
from pydjl.training.optimizers import Sgd

Loss = Callable[[Tensor, Tensor], Tensor]


def compare_trainings(
    java: nn.Module,
    python: nn.Module,
    inputs: Sequence[Tensor],
    targets: Tensor | None,
    *,
    steps: int,
    lr: float,
    mapping: dict[str, str],
    tolerance: Tolerance | None,
) -> Report:
    """Train both on one batch: Java's by DJL's optimizer and loss, Python's by PyTorch's.

    Both are afterwards as they were.

    Args:
        java: the Java model.
        python: the Python model.
        inputs: the batch.
        targets: integers for the cross-entropy, other numbers for the mean square; random numbers
            if not given.
        steps: how many.
        lr: the learning rate.
        mapping: Python's name of each of Java's parameters.
        tolerance: how far results may be apart.

    Returns:
        The report of `pydjl.comparison.compare_steps`.

    Raises:
        ArgumentError: the model gives several outputs, has nothing to train, or was made in
            inference mode; or (`ShapeError`) the targets have another shape than it needs.
        DtypeError: the targets are of another type than the outputs.
    """
    trained = [[p for p in m.parameters() if p.requires_grad] for m in (java, python)]
    if not all(trained):
        raise ArgumentError("there is nothing to train: a model has no parameters that learn.")
    check_differentiable(java)
    check_differentiable(python)
    with _state_kept(java), _state_kept(python):
        # Copies: what inference mode has made cannot be saved for a backward pass.
        batch = tuple(x.detach().clone() for x in inputs)
        y = _output(python, batch)
        goal = _random_like(y) if targets is None else _targets_for(y, targets.detach().clone())
        batches = [(batch, goal)] * steps
        losses = _losses_for(y, goal)
        return compare_steps(
            train(java, losses[0], Sgd(trained[0], lr=lr), batches),
            train(python, losses[1], torch.optim.SGD(trained[1], lr=lr), batches),
            mapping=mapping,
            tolerance=tolerance,
        )


def _output(model: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    outputs = observe(model, inputs, gradients=False).outputs
    if len(outputs) != 1:
        raise ArgumentError(
            f"a model that is trained must give one tensor, and this one gives {len(outputs)}."
        )
    y = outputs[0]
    # PyTorch's losses compute in single precision there, whatever the model gives.
    return y.float() if torch.is_autocast_enabled(y.device.type) else y


def _random_like(y: Tensor) -> Tensor:
    return torch.randn(y.shape, generator=torch.Generator().manual_seed(0)).to(y)


def _targets_for(y: Tensor, targets: Tensor) -> Tensor:
    """Targets that both losses take for such an output; each alone takes others, too."""
    if targets.dtype == torch.bool or targets.is_complex():
        raise DtypeError(
            f"targets are {targets.dtype}, but whole numbers of classes or, for the mean square, "
            f"{y.dtype} are needed, as of targets.to({y.dtype})."
        )
    if targets.is_floating_point():
        if targets.dtype != y.dtype:
            raise DtypeError(
                f"targets are {targets.dtype} and the outputs {y.dtype}: convert them, as by "
                f"targets.to({y.dtype})."
            )
        shape, what = tuple(y.shape), "numbers for the mean square have the outputs' shape"
    else:
        shape = (*y.shape[:1], *y.shape[2:]) if y.dim() > 1 else ()
        what = "classes have the outputs' shape without axis 1"
        targets = targets.long()
    if tuple(targets.shape) != shape:
        raise ShapeError(
            f"targets have shape {tuple(targets.shape)} and the outputs {tuple(y.shape)}, but "
            f"{what}: {shape} is needed.",
            tuple(targets.shape),
            tuple(y.shape),
        )
    return targets.to(y.device)


def _losses_for(y: Tensor, targets: Tensor) -> tuple[Loss, Loss]:
    """DJL's loss and PyTorch's."""
    if targets.is_floating_point():
        ours: nn.Module = L2Loss(1.0)
        theirs: nn.Module = nn.MSELoss()
    else:
        ours = SoftmaxCrossEntropyLoss(class_axis=min(1, y.dim() - 1))
        theirs = nn.CrossEntropyLoss()
    return (lambda output, goal: ours(output.to(y.dtype), goal)), theirs


@contextmanager
def _state_kept(model: nn.Module) -> Iterator[None]:
    parameters = [(p, p.grad) for p in model.parameters()]
    kept = [(t, t.detach().clone()) for t in (*model.parameters(), *model.buffers())]
    try:
        with torch.inference_mode(mode=False), torch.set_grad_enabled(True):
            yield
    finally:
        with torch.no_grad():
            for tensor, values in kept:
                tensor.copy_(values)
        for parameter, gradient in parameters:
            parameter.grad = gradient
