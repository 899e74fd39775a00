"""Time two ways of doing one thing in turn, so that a change of the machine's speed hits both."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Work = Callable[[], object]


@dataclass(frozen=True)
class Paired:
    """Medians over rounds, in seconds for one call, and the spread of the ratio."""

    ours: float
    native: float
    ratio: float
    low: float
    high: float


def paired(ours: Work, native: Work, *, rounds: int = 15, seconds: float = 0.05) -> Paired:
    """Time both, round by round in turn.

    Args:
        ours: what is measured.
        native: what it is compared with.
        rounds: how many pairs.
        seconds: about how long one side of a round takes.

    Returns:
        The medians, the median ratio, and its lower and upper quartile.
    """
    for work in (ours, native):
        _warm_up(work)
    counts = [_calls_in(work, seconds) for work in (ours, native)]
    times: list[tuple[float, float]] = []
    gc.collect()
    for _ in range(rounds):
        first, second = (
            _time(work, count) for work, count in zip((ours, native), counts, strict=True)
        )
        times.append((first, second))
    ratios = sorted(first / second for first, second in times)
    return Paired(
        ours=statistics.median(first for first, _ in times),
        native=statistics.median(second for _, second in times),
        ratio=statistics.median(ratios),
        low=ratios[len(ratios) // 4],
        high=ratios[-1 - len(ratios) // 4],
    )


def once(work: Work, *, rounds: int = 15, seconds: float = 0.02) -> float:
    """The median time of one call, in seconds."""
    _warm_up(work)
    count = _calls_in(work, seconds)
    return statistics.median(_time(work, count) for _ in range(rounds))


def resident_kilobytes() -> int:
    """The memory of this process that is in use, in kB (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def _warm_up(work: Work, seconds: float = 1.5) -> None:
    """Run until Java has compiled what is hot; its compiler takes a core meanwhile."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        work()


def _calls_in(work: Work, seconds: float) -> int:
    """How many calls fill the time."""
    count, elapsed = 1, 0.0
    while elapsed < seconds:
        elapsed = _time(work, count) * count
        if elapsed < seconds:
            count *= 2
    return count


def _time(work: Work, count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - begin) / count
