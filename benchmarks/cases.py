"""What is measured of single calls: operators, exchange, memory, start-up."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F

import pydjl
from benchmarks.measure import once
from benchmarks.rows import Row, growth, in_words, ratio
from pydjl import reference
from pydjl.nn import functional

MEGABYTE = 2**20


def operators() -> Iterator[Row]:
    """Convolutions through Java and natively."""
    for x_shape, w_shape, bound in (
        ((1, 1, 6, 8), (1, 1, 1, 2), None),
        ((1, 3, 224, 224), (64, 3, 7, 7), 1.05),
        ((8, 64, 56, 56), (64, 64, 3, 3), 1.05),
    ):
        x, w = torch.randn(x_shape), torch.randn(w_shape)
        name = f"conv2d {x_shape} ⋆ {w_shape}"
        yield ratio(name, lambda: functional.conv2d(x, w), lambda: F.conv2d(x, w), bound)  # noqa: B023
    X, K = reference.edge_image(), reference.edge_kernel()
    yield ratio(
        "corr2d 6×8, Java's loop / PyTorch's loop",
        lambda: pydjl.corr2d(X, K),
        lambda: reference.corr2d(X, K),
    )


def exchange() -> Iterator[Row]:
    """To and from NumPy and PyTorch, small and large: nothing may depend on the size."""
    for name, make in (
        ("from_numpy", lambda a, t, nd: lambda: pydjl.from_numpy(a)),
        ("from_torch", lambda a, t, nd: lambda: pydjl.from_torch(t)),
        ("nd.numpy()", lambda a, t, nd: nd.numpy),
        ("nd.torch()", lambda a, t, nd: nd.torch),
        ("torch → Java → torch", lambda a, t, nd: nd.detach),
    ):
        times = []
        for size in (1024, 100 * MEGABYTE):
            a = np.zeros(size // 4, dtype=np.float32)
            t = torch.from_numpy(a)
            times.append(once(make(a, t, pydjl.from_torch(t))))
        small, large = times
        yield Row(
            f"{name}, 100 MB / 1 KB",
            in_words(large),
            in_words(small),
            f"{large / small:.2f}×",
            "< 20 µs",
            large < 20e-6,
        )


def start_up() -> Iterator[Row]:
    """A fresh process: PyTorch alone, and with Java's first result."""
    base = "import time, torch; torch.ones(2).sum(); "
    java = base + "t = time.perf_counter(); import pydjl; pydjl.array([1.0]).sum(); "
    java += "print(time.perf_counter() - t)"
    whole: list[float] = []
    native: list[float] = []
    first: list[float] = []
    for _ in range(5):
        for script, times in ((base, native), (java, whole)):
            begin = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", script], check=True, capture_output=True, text=True
            )
            times.append(time.perf_counter() - begin)
        first.append(float(done.stdout))
    median = [sorted(times)[2] for times in (whole, native, first)]
    yield Row(
        "process with first result / import torch",
        f"{median[0]:.2f} s",
        f"{median[1]:.2f} s",
        f"{median[0] / median[1]:.2f}×",
    )
    yield Row("import pydjl to first result", f"{median[2]:.2f} s")


def memory(operations: int = 100_000) -> Iterator[Row]:
    """Growth over many operations, after a warm-up of a tenth of them."""
    x = pydjl.array(np.ones((6, 8), dtype=np.float32))
    t = x.torch()

    def some(count: int) -> None:
        for _ in range(count // 4):
            x + x
            x[1:, 2].sum()
            pydjl.from_torch(t).numpy()

    yield growth("operations", operations, some, warm_up=operations // 10)
