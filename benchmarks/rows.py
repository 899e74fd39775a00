"""A line of the result, and how it is made of two times."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch

from benchmarks.measure import Work, paired, resident_kilobytes


@dataclass(frozen=True)
class Row:
    """A line of the result: a figure, what it is compared with, and the bound that was set."""

    name: str
    ours: str
    native: str = ""
    ratio: str = ""
    bound: str = ""
    met: bool | None = None


def machine() -> str:
    """What the figures were measured on."""
    return (
        f"{os.cpu_count()} processors, {torch.get_num_threads()} threads, torch "
        f"{torch.__version__}, Python {sys.version.split()[0]}"
    )


def ratio(
    name: str, ours: Work, native: Work, bound: float | None = None, seconds: float = 0.05
) -> Row:
    """Time ours against native."""
    result = paired(ours, native, seconds=seconds)
    return Row(
        name,
        in_words(result.ours),
        in_words(result.native),
        f"{result.ratio:.2f}× ({result.low:.2f}-{result.high:.2f})",
        "" if bound is None else f"≤ {bound}×",
        None if bound is None else result.ratio <= bound,
    )


def in_words(seconds: float) -> str:
    """Seconds in micro- or milliseconds."""
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def growth(what: str, count: int, work: Callable[[int], None], *, warm_up: int) -> Row:
    """Memory that the process takes for many of something, when Java has compiled what is hot."""
    work(warm_up)
    before = resident_kilobytes()
    work(count)
    grown = (resident_kilobytes() - before) / 1024
    return Row(f"growth over {count:,} {what}", f"{grown:.2f} MB", "", "", "< 5 MB", grown < 5)
