"""The median of some rounds, how far they spread, and how sure the median is."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb


@dataclass(frozen=True)
class Spread:
    """What several rounds gave.

    Attributes:
        median: the middle.
        low: the lower quartile.
        high: the upper quartile.
        least: where the 95 % confidence interval of the median begins.
        most: where it ends.
        rounds: how many rounds there were.
    """

    median: float
    low: float
    high: float
    least: float
    most: float
    rounds: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Sum up one or more values.

        Example:
            >>> spread = Spread.of([3.0, 1.0, 2.0, 5.0, 4.0])
            >>> spread.low, spread.median, spread.high
            (2.0, 3.0, 4.0)
        """
        ordered = sorted(values)
        count = len(ordered)
        if count == 1:
            only = ordered[0]
            return cls(only, only, only, only, only, 1)
        low, median, high = statistics.quantiles(ordered, n=4, method="inclusive")
        rank = interval_rank(count)
        return cls(median, low, high, ordered[rank], ordered[count - 1 - rank], count)


def interval_rank(count: int) -> int:
    """How many values lie outside of the median's confidence interval on either side.

    Each value is below the true median with a chance of one half, whatever the distribution is;
    so the number of those below it is binomial, and no more than 2.5 % may be given away on
    either side. Five rounds and fewer are too few for that: then the interval is all of them.

    Example:
        >>> interval_rank(5), interval_rank(6), interval_rank(20)
        (0, 0, 5)
    """
    rank, tail = 0, 1
    while tail / 2**count <= 0.025:
        rank += 1
        tail += comb(count, rank)
    return max(0, rank - 1)
