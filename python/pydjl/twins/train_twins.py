"""Train a Java model as DJL does and its Python twin as PyTorch does, and compare the steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn

from pydjl.comparison import Report, Tolerance, compare_steps, train
from pydjl.errors import ArgumentError
from pydjl.training.losses import L2Loss, SoftmaxCrossEntropyLoss
from pydjl.training.optimizers import Sgd


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
        ArgumentError: the model gives several outputs, or has nothing to train.
    """
    with ExitStack() as stack:
        for model in (java, python):
            stack.enter_context(_state_kept(model))
        if targets is None:
            targets = _random_targets(python, inputs)
        classes = not targets.is_floating_point()
        losses = (
            (SoftmaxCrossEntropyLoss(), nn.CrossEntropyLoss())
            if classes
            else (L2Loss(1.0), nn.MSELoss())
        )
        batches = [(tuple(inputs), targets)] * steps
        trained = [[p for p in m.parameters() if p.requires_grad] for m in (java, python)]
        if not all(trained):
            raise ArgumentError("there is nothing to train: a model has no parameters.")
        return compare_steps(
            train(java, losses[0], Sgd(trained[0], lr=lr), batches),
            train(python, losses[1], torch.optim.SGD(trained[1], lr=lr), batches),
            mapping=mapping,
            tolerance=tolerance,
        )


@torch.no_grad()
def _random_targets(model: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    output = model(*inputs)
    if not isinstance(output, Tensor):
        raise ArgumentError(
            f"a model that is trained must give one tensor, not a {type(output).__name__}."
        )
    generator = torch.Generator().manual_seed(0)
    return torch.randn(output.shape, generator=generator).to(output)


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
