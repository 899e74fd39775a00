"""Time several ways of doing one thing in turn, so that a change of the machine hits all alike."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

import torch

from benchmarks.rows import Samples

Work = Callable[[], object]


@dataclass(frozen=True)
class Effort:
    """How long to measure.

    Attributes:
        warm_up: seconds for a contender before it counts: Java compiles what is hot.
        slice: seconds for a contender in one round, if one call is not longer.
        seconds: about how long a contender is measured in all.
        most_rounds: no more rounds than these.
        least_rounds: no fewer, however long they take.
    """

    warm_up: float
    slice: float
    seconds: float
    most_rounds: int
    least_rounds: int

    def for_others(self) -> Effort:
        """Less, for a contender whose ratio has no bound."""
        return replace(
            self,
            warm_up=self.warm_up / 2,
            seconds=self.seconds / 3,
            least_rounds=self.least_rounds // 2,
        )

    def rounds(self, seconds: float) -> int:
        """How many rounds of so many seconds fit."""
        return max(self.least_rounds, min(self.most_rounds, int(self.seconds / seconds)))


FULL = Effort(warm_up=0.8, slice=0.01, seconds=1.5, most_rounds=61, least_rounds=7)
QUICK = Effort(warm_up=0.05, slice=0.002, seconds=0.1, most_rounds=11, least_rounds=3)


def interleaved(works: Mapping[str, Work], effort: Effort) -> Samples:
    """Time one call of each, in rounds of a random order.

    The first two contenders, whose ratio is what matters, take part in every round; of the others
    those that are slow take part in fewer rounds, evenly spread.

    Args:
        works: the contenders; each is called many times.
        effort: how long.

    Returns:
        For each contender the seconds that one call took, by the round's number.
    """
    compared = list(islice(works, 2))
    efforts = {name: effort if name in compared else effort.for_others() for name in works}
    calls, times = {}, {}
    for name, work in works.items():
        calls[name], times[name] = _calls_in_slice(work, efforts[name])
    rounds = effort.rounds(max(times[name] for name in compared))
    parts = {
        name: rounds if name in compared else min(rounds, efforts[name].rounds(times[name]))
        for name in works
    }
    samples: dict[str, dict[int, float]] = {name: {} for name in works}
    order = random.Random(0)
    names = list(works)
    with garbage_frozen():
        for number in range(rounds):
            order.shuffle(names)
            for name in names:
                if number * parts[name] % rounds < parts[name]:
                    samples[name][number] = _time(works[name], calls[name])
    return samples


@contextmanager
def garbage_frozen() -> Iterator[None]:
    """Let Python's collector look only at what is new: what PyTorch consists of takes it long."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let PyTorch, and with it DJL in this process, use so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _calls_in_slice(work: Work, effort: Effort) -> tuple[int, float]:
    """Warm up; return how many calls fill a slice, and the seconds that so many take."""
    work()  # the first call may load what all others need, and Java itself
    end = time.perf_counter() + effort.warm_up
    seconds = _time(work, 1)
    while time.perf_counter() < end:
        # Most calls are as quick as the quickest, which nothing interrupted.
        seconds = min(seconds, _time(work, 1))
    count = max(1, round(effort.slice / seconds))
    return count, count * seconds


def _time(work: Work, count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - begin) / count
