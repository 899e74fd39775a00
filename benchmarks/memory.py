"""Memory that many operations and many training steps take for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

import pydjl
from benchmarks.cases import Case
from benchmarks.measure import Effort, threads
from benchmarks.resident import resident_megabytes
from benchmarks.rivals import Rivals
from benchmarks.rows import Bound, Samples
from examples import digits

LIMIT = Bound(5.0, ratio_to=None)  # MB

Work = Callable[[int], None]


def rows(_: Rivals) -> Iterator[Case]:
    """What the process has grown by, when Java has compiled what is hot."""
    for count, what, prepare, warm_up in (
        (100_000, "operations", _operations, 50_000),
        (10_000, "training steps", _training, 5_000),
    ):
        yield Case(
            f"growth over {count:,} {what}",
            partial(_growth, prepare, count, warm_up),
            unit="MB",
            bound=LIMIT,
            quick=False,
        )


def _growth(prepare: Callable[[], Work], count: int, warm_up: int, _: Effort) -> Samples:
    """Once: the growth is what counts, and not how it spreads."""
    with threads(1):
        work = prepare()
        work(warm_up)
        before = resident_megabytes()
        work(count)
        return {"pydjl": {0: resident_megabytes() - before}}


def _operations() -> Work:
    x = pydjl.array(np.ones((6, 8), dtype=np.float32))
    t = x.torch()

    def work(count: int) -> None:
        for _ in range(count // 4):  # four operations in each turn
            x + x
            x[1:, 2].sum()
            pydjl.from_torch(t).numpy()

    return work


def _training() -> Work:
    model = digits.java_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    pictures, labels = torch.randn(8, 1, 8, 8), torch.randint(10, (8,))

    def work(count: int) -> None:
        for _ in range(count):
            loss = F.cross_entropy(model(pictures), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()

    return work
