"""What it costs to compare two ResNet-18, beside running both alone.

Time and memory are taken in processes of their own: `python -m benchmarks.comparison time`,
`... memory alone`, `... memory compared`.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

import pydjl
from benchmarks.cases import Case
from benchmarks.measure import Effort
from benchmarks.rivals import Rivals
from benchmarks.rows import Bound, Samples
from examples.resnet18 import java_resnet18, torch_resnet18

BATCH = 8
ROUNDS = 5


def rows(_: Rivals) -> Iterator[Case]:
    """The time and the memory of a comparison, gradients included."""
    what = f"compare two ResNet-18, ({BATCH}, 3, 224, 224)"
    # Half of the time of both alone and a second may be added; the excess is what is bounded.
    yield Case(
        f"{what}: time beyond 1.5× of running both",
        _excess,
        bound=Bound(1.0, ratio_to=None),
        quick=False,
    )
    yield Case(
        f"{what}: peak memory",
        _peaks,
        bound=Bound(1.3, ratio_to="run both"),
        unit="MB",
        quick=False,
    )


def _excess(_: Effort) -> Samples:
    times = _in_a_process("time")
    return {
        "pydjl": {number: ours - 1.5 * alone for number, (ours, alone) in enumerate(times)},
    }


def _peaks(_: Effort) -> Samples:
    return {
        name: {0: _in_a_process("memory", which)}
        for name, which in (("pydjl", "compared"), ("run both", "alone"))
    }


def _in_a_process(*arguments: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.comparison", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _measure_time() -> list[tuple[float, float]]:
    """Seconds of a comparison and of both alone, in turn."""
    compared, alone, x = _works()
    for work in (compared, alone):
        work(x)
    return [(_seconds(compared, x), _seconds(alone, x)) for _ in range(ROUNDS)]


def _measure_memory(which: str) -> float:
    """Megabytes that one run takes at its peak, over those that are there before (Linux)."""
    compared, alone, x = _works()
    work = compared if which == "compared" else alone
    work(x[:1, :, :64, :64])  # what is loaded and compiled at the first use
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is now's size
    before = _peak_megabytes()
    work(x)
    return _peak_megabytes() - before


def _works() -> tuple[Callable[[torch.Tensor], object], Callable[[torch.Tensor], object], ...]:
    torch.manual_seed(0)
    x = torch.randn(BATCH, 3, 224, 224)
    java, python = pydjl.nn.from_block(java_resnet18), torch_resnet18()
    java.initialize(x)

    def alone(x: torch.Tensor) -> None:
        for model in (java, python):
            output = model(x)
            output.backward(torch.ones_like(output))
        for model in (java, python):
            model.zero_grad()

    return lambda x: pydjl.compare(java, python, x), alone, x


def _seconds(work: Callable[[torch.Tensor], object], x: torch.Tensor) -> float:
    begin = time.perf_counter()
    work(x)
    return time.perf_counter() - begin


def _peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if "VmHWM" in line).split()[1]) / 1024


if __name__ == "__main__":
    found = _measure_time() if sys.argv[1] == "time" else _measure_memory(sys.argv[2])
    print(json.dumps(found))
