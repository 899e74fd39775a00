"""The chapter's operator: as its loop over cells, and as a convolution of one channel."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
import torch.nn.functional as F

import pydjl
from benchmarks.cases import Case, timed
from benchmarks.measure import Work
from benchmarks.rivals import Rivals, rival_conv2d
from benchmarks.rows import Bound
from pydjl import reference
from pydjl.nn import functional

Shape = tuple[int, int]

# Inputs and kernels; the second are the chapter's. With four cells a call costs more than its loop.
LOOPS: tuple[tuple[Shape, Shape, float | None], ...] = (
    ((3, 3), (2, 2), None),
    ((6, 8), (1, 2), 1 / 5),
    ((32, 32), (2, 2), 1 / 5),
    ((128, 128), (2, 2), 1 / 5),
)
SIDES = (3, 32, 256, 2048)


def rows(rivals: Rivals) -> Iterator[Case]:
    """The loop in Java against the same in Python, then what computes large planes."""
    for x, k, bound in LOOPS:
        yield Case(
            f"corr2d {x[0]}×{x[1]} ⋆ {k[0]}×{k[1]}, the loop in Java / in Python",
            timed(partial(_loop, x, k)),
            series="corr2d, the loop: elements of the input",
            size=x[0] * x[1],
            bound=Bound(bound) if bound else None,
            quick=x[0] < 100,
        )
    for side in SIDES:
        yield Case(
            f"corr2d {side}×{side} ⋆ 2×2 by conv2d",
            timed(partial(_convolution, rivals, side)),
            series="corr2d by conv2d: elements of the input",
            size=side**2,
            bound=Bound(2.0 if side < 100 else 1.1),
            quick=side < 100,
        )


def _loop(x: Shape, k: Shape) -> dict[str, Work]:
    X, K = torch.randn(x), torch.randn(k)
    return {"pydjl": lambda: pydjl.corr2d(X, K), "torch": lambda: reference.corr2d(X, K)}


def _convolution(rivals: Rivals, side: int) -> dict[str, Work]:
    X, K = torch.randn(1, 1, side, side), torch.randn(1, 1, 2, 2)
    others = rivals.works(lambda rival: partial(rival_conv2d, rival, X, K), X.nbytes)
    return {"pydjl": lambda: functional.conv2d(X, K), "torch": lambda: F.conv2d(X, K), **others}
