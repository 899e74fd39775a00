"""The steps of a training: loss, gradients, update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from pydjl.comparison.casts import fresh_casts
from pydjl.comparison.draws import same_draws


@dataclass(frozen=True)
class Step:
    """One step of a training.

    Attributes:
        loss: before the update.
        before: the parameters before the update, by name.
        gradients: as the update used them, by name.
        after: the parameters after the update.
    """

    loss: Tensor
    before: Mapping[str, Tensor] = field(repr=False)
    gradients: Mapping[str, Tensor] = field(repr=False)
    after: Mapping[str, Tensor] = field(repr=False)

    def update(self, name: str) -> Tensor:
        """What the step took off a parameter."""
        return self.before[name] - self.after[name]


def train(
    model: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    batches: Iterable[tuple[Tensor | tuple[Tensor, ...], Tensor]],
) -> Iterator[Step]:
    """Train a model as everybody does, and note every step.

    What a step draws at random, such as dropout, is the same in every training.

    Args:
        model: what is trained.
        loss: of predictions and targets, in this order.
        optimizer: of the model's parameters.
        batches: inputs (a tuple if there are several) and targets.

    Yields:
        The steps, as they are made.

    Example:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> _ = nn.init.ones_(model.weight)
        >>> sgd = torch.optim.SGD(model.parameters(), lr=0.5)
        >>> data = [(torch.ones(1, 1), torch.zeros(1, 1))]
        >>> [step.gradients["weight"].item() for step in train(model, nn.MSELoss(), sgd, data)]
        [2.0]
    """
    for number, (x, y) in enumerate(batches):
        optimizer.zero_grad()
        with same_draws(number), fresh_casts():
            value = loss(model(*x) if isinstance(x, tuple) else model(x), y)
            value.backward()  # type: ignore[no-untyped-call]
        named = dict(model.named_parameters())
        before = {name: p.detach().clone() for name, p in named.items()}
        gradients = {
            name: p.grad.detach().to_dense().clone()
            for name, p in named.items()
            if p.grad is not None
        }
        optimizer.step()
        after = {name: p.detach().clone() for name, p in named.items()}
        yield Step(value.detach(), before, gradients, after)
