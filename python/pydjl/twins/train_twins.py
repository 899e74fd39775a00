"""Train a Java model as DJL does and its Python twin as PyTorch does, and compare the steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pydjl.comparison import Report, Tolerance, compare_steps, train
from pydjl.comparison.observation import observe
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
    trained = [[p for p in m.parameters() if p.requires_grad] for m in (java, python)]
    if not all(trained):
        raise ArgumentError("there is nothing to train: a model has no parameters that learn.")
    if targets is None:
        targets = _random_targets(python, inputs)
    losses: tuple[nn.Module, nn.Module] = L2Loss(1.0), nn.MSELoss()
    if not targets.is_floating_point():
        losses = SoftmaxCrossEntropyLoss(), nn.CrossEntropyLoss()
    batches = [(tuple(inputs), targets)] * steps
    with _state_kept(java), _state_kept(python):
        return compare_steps(
            train(java, losses[0], Sgd(trained[0], lr=lr), batches),
            train(python, losses[1], torch.optim.SGD(trained[1], lr=lr), batches),
            mapping=mapping,
            tolerance=tolerance,
        )


def _random_targets(model: nn.Module, inputs: Sequence[Tensor]) -> Tensor:
    outputs = observe(model, inputs, gradients=False).outputs
    if len(outputs) != 1:
        raise ArgumentError(
            f"a model that is trained must give one tensor, and this one gives {len(outputs)}."
        )
    generator = torch.Generator().manual_seed(0)
    return torch.randn(outputs[0].shape, generator=generator).to(outputs[0])


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
