"""Long runs, and what is counted during them.

`make soak` takes them whole and prints a table of what was seen; without ``--soak`` each is cut
down to some seconds, and the time that it takes proves nothing then.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jpype
import pytest
import torch
from torch import Tensor
from torch.autograd.profiler import profile

from pydjl.runtime import java_class

MEGABYTE = 2**20
SLICES = 20
ADDITIONS = 20_000
_ONES = torch.ones(8)
# Every allocation of libtorch's is looked at in a stretch of so many calls.
STRETCH = 2_000
CUT = 400
# Megabytes. A million calls keep less than one (seen); Java's compiler, which takes and gives 50
# meanwhile, leaves some behind after the shorter runs.
RESIDENT_KEPT = 20
# Objects of Python's: caches fill with one entry for each line that has run.
PYTHON_KEPT = 100
_ROWS = pytest.StashKey[list[tuple[str, ...]]]()


@dataclass(frozen=True)
class Counts:
    """Everything that is alive and can be counted exactly, and what the process takes.

    Attributes:
        references: how many Python objects, graphs and handles refer to each watched tensor.
        managed: the arrays and managers that the bridge holds.
        java: the live Java objects of each watched class, after a collection.
        python: the objects that Python's collector knows.
        resident: the bytes of the process in memory.
    """

    references: tuple[int, ...]
    managed: int
    java: tuple[int, ...]
    python: int
    resident: int


_WATCHED = ("ai.djl.pytorch.engine.PtNDArray", "ai.djl.pytorch.engine.PtNDManager")


class Soak:
    """Runs something many times and sees that nothing is left of it."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole
        self.rows: list[tuple[str, ...]] = []

    def count(self, tensors: Sequence[Tensor]) -> Counts:
        """Count, after both garbage collectors have run."""
        for _ in range(2):
            gc.collect()
            java_class("java.lang.System").gc()
            time.sleep(0.1)  # Java's cleaner has a thread of its own
        return Counts(
            references=tuple(tensor._use_count() for tensor in tensors),
            managed=int(java_class("org.pydjl.bridge.EngineRuntime").managedArrays()),
            java=_live_java_objects(),
            python=len(gc.get_objects()),
            resident=_resident(),
        )

    def run(
        self, name: str, work: Callable[[int], object], calls: int, tensors: Sequence[Tensor]
    ) -> None:
        """Call a function with 0, 1, 2, ..., and see that the end is as the start.

        Args:
            name: the row in the table.
            work: what is called; it leaves nothing behind, not even gradients.
            calls: how often in a whole run, after a fifth more, until compilers and caches rest.
            tensors: what it works on, whose references are counted.
        """
        stretch = min(calls, STRETCH if self.whole else CUT)
        for number in range(calls // 5 if self.whole else CUT // 4):
            work(number)
        before = self.count(tensors)
        times = self._time(work, calls // SLICES) if self.whole else []
        grown = (self.count(tensors).resident - before.resident) / MEGABYTE
        kept = bytes_kept(work, stretch)  # what the profiler takes for itself is not looked at
        after = self.count(tensors)
        if times:
            first, last = map(statistics.median, (times[: SLICES // 4], times[-SLICES // 4 :]))
            self.rows.append(
                (
                    name,
                    f"{calls:,}",
                    f"{after.managed - before.managed:+}",
                    " ".join(f"{b - a:+}" for a, b in zip(before.java, after.java, strict=True)),
                    f"{sum(after.references) - sum(before.references):+}",
                    f"{kept:+} B",
                    f"{grown:+.1f} MB",
                    f"{statistics.median(times):.1f}",
                    f"{last / first:.2f}",
                )
            )
            assert last < 1.25 * first, "it is slower at the end than at the start"
            assert grown < RESIDENT_KEPT
        assert after.references == before.references
        assert after.managed == before.managed
        assert after.java == before.java
        assert kept == 0
        assert abs(after.python - before.python) < PYTHON_KEPT

    def _time(self, work: Callable[[int], object], calls: int) -> list[float]:
        """How long the processor works on a call, in each of the slices.

        It is measured in additions of PyTorch's, since a processor that others use as well is
        faster at one time and slower at another.
        """
        times = []
        for _ in range(SLICES):
            start = time.thread_time()
            for number in range(calls):
                work(number)
            middle = time.thread_time()
            for _ in range(ADDITIONS):
                torch.add(_ONES, _ONES)
            times.append((middle - start) / calls / (time.thread_time() - middle) * ADDITIONS)
        return times


def bytes_kept(work: Callable[[int], object], calls: int) -> int:
    """What libtorch allocated on the CPU in some calls and did not free, to the byte.

    Its profiler sees every allocation and every release in this thread.
    """
    gc.collect()
    with profile(profile_memory=True) as profiler:
        for number in range(calls):
            work(number)
        gc.collect()
    events = profiler.kineto_results.events()
    return sum(event.nbytes() for event in events if event.name() == "[memory]")


def _live_java_objects() -> tuple[int, ...]:
    server = java_class("java.lang.management.ManagementFactory").getPlatformMBeanServer()
    texts = jpype.JArray(jpype.JString)
    table = server.invoke(
        java_class("javax.management.ObjectName")("com.sun.management:type=DiagnosticCommand"),
        "gcClassHistogram",
        jpype.JArray(jpype.JObject)([texts([])]),
        texts(["[Ljava.lang.String;"]),
    )
    rows = (line.split() for line in str(table).splitlines())
    counts = {row[3]: int(row[1]) for row in rows if len(row) >= 4 and row[1].isdigit()}
    return tuple(counts.get(name, 0) for name in _WATCHED)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> Iterator[Soak]:
    """Runs something many times; see `Soak`."""
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells how much of a process is in memory (/proc/self/statm)")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    soak = Soak(whole=request.config.getoption("soak"))
    yield soak
    torch.set_num_threads(threads)
    request.config.stash.setdefault(_ROWS, []).extend(soak.rows)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was seen, one row for each long run."""
    rows = config.stash.get(_ROWS, [])
    if not rows or not config.getoption("soak"):
        return
    head = ("run", "calls", "held", "arrays, managers", "references", "libtorch", "resident")
    table = [(*head, "a call/addition", "last/first"), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    terminalreporter.section("what was left of the long runs")
    for row in table:
        cells = zip(row, widths, strict=True)
        terminalreporter.line("  ".join(cell.ljust(width) for cell, width in cells))
