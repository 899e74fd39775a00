"""Going through a loader once: what it gave, and a bar meanwhile."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pydjl.errors import ArgumentTypeError
from pydjl.training.losses import Arrays


@dataclass(frozen=True)
class Epoch:
    """What an epoch, or an evaluation, gave.

    Attributes:
        number: which epoch, counted from 1; of an evaluation, how many were before it.
        losses: of each batch, before that batch's update.
        metrics: the evaluators' values over all batches, by their names.
    """

    number: int
    losses: tuple[float, ...]
    metrics: dict[str, float]

    @property
    def loss(self) -> float:
        """The mean of the batches' losses."""
        return sum(self.losses) / len(self.losses) if self.losses else float("nan")


class Epochs(Iterator[Epoch]):
    """Trains an epoch at each step of an iteration, and warns if nobody ever iterates."""

    def __init__(self, run: Iterator[Epoch]) -> None:
        self._run = run
        self._is_begun = False

    def __next__(self) -> Epoch:
        self._is_begun = True
        return next(self._run)

    def __del__(self) -> None:
        if not self._is_begun:
            warnings.warn(
                "nothing was trained, since nobody iterated over what Trainer.fit returned: write "
                "`for epoch in trainer.fit(...)`.",
                RuntimeWarning,
                stacklevel=2,
            )


def pairs(batches: Any) -> Iterator[tuple[Arrays, Arrays]]:
    """The batches of a loader, once it is sure that each is one of inputs and labels.

    Raises:
        ArgumentTypeError: something is no pair, or the loader none.
    """
    if not isinstance(batches, Iterable):
        raise ArgumentTypeError(
            f"the loader is a {type(batches).__name__}, but batches are needed, in a list or a "
            "torch.utils.data.DataLoader."
        )
    for batch in batches:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            count = f" of {len(batch)}" if isinstance(batch, (tuple, list)) else ""
            raise ArgumentTypeError(
                f"the loader gave a {type(batch).__name__}{count}, but a batch is a pair (x, y) of "
                "inputs and labels; several of either are a tuple in it."
            )
        yield batch[0], batch[1]


@contextmanager
def progress_bar(
    loader: Iterable[tuple[Arrays, Arrays]], title: str, *, shown: bool
) -> Iterator[Iterable[tuple[Arrays, Arrays]]]:
    """The batches, with a bar while they are gone through."""
    if not (shown and sys.stderr.isatty()):
        yield loader
        return
    from rich.console import Console  # noqa: PLC0415 - only where somebody looks
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        total = len(loader) if isinstance(loader, Sized) else None
        yield bar.track(loader, total=total, description=title)
