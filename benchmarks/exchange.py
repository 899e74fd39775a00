"""To and from DJL: nothing of pydjl's may depend on the size, since nothing is copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import pydjl
from benchmarks.cases import Case, timed
from benchmarks.measure import Work
from benchmarks.rivals import Rivals
from benchmarks.rows import Bound

SIZES = {"1 KB": 2**10, "32 KB": 2**15, "1 MB": 2**20, "32 MB": 2**25, "1 GB": 2**30}
LARGE = 100 * 2**20
LIMIT = Bound(20e-6, ratio_to=None)

Function = Callable[[NDArray[np.float32], Tensor, pydjl.NDArray], Any]
FUNCTIONS: dict[str, Function] = {
    "from_numpy": lambda a, t, nd: pydjl.from_numpy(a),
    "from_torch": lambda a, t, nd: pydjl.from_torch(t),
    "nd.numpy()": lambda a, t, nd: nd.numpy(),
    "nd.torch()": lambda a, t, nd: nd.torch(),
    "torch → Java → torch": lambda a, t, nd: nd.detach(),
}


def rows(rivals: Rivals) -> Iterator[Case]:
    """Each function at two sizes, then there and back at many, beside one copy and the rivals."""
    for name, function in FUNCTIONS.items():
        yield Case(f"{name} of 100 MB", timed(partial(_two_sizes, function)), bound=LIMIT)
    for words, size in SIZES.items():
        yield Case(
            f"exchange of {words}, there and back",
            timed(partial(_there_and_back, rivals, size)),
            series="exchange, there and back: bytes",
            size=size,
            bound=LIMIT,
            quick=size < 2**20,
        )


def _two_sizes(function: Function) -> dict[str, Work]:
    def work(size: int) -> Work:
        a = np.ones(size // 4, dtype=np.float32)
        t = torch.from_numpy(a)
        return partial(function, a, t, pydjl.from_torch(t))

    return {"pydjl": work(LARGE), "1 KB": work(1024)}


def _there_and_back(rivals: Rivals, size: int) -> dict[str, Work]:
    t = torch.ones(size // 4)
    others = rivals.works(lambda rival: partial(_by_rival, rival.exchange, t), size)
    return {
        "pydjl": lambda: pydjl.from_torch(t).torch(),
        "one copy": t.clone,
        **others,
    }


def _by_rival(exchange: Callable[[NDArray[np.float32]], NDArray[np.float32]], t: Tensor) -> Tensor:
    return torch.from_numpy(exchange(t.numpy()))
