"""A row of the result: what was measured, its ratios, its bound, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from benchmarks.spread import Spread

# What each contender gave: a value for each round in which it took part.
Samples = Mapping[str, Mapping[int, float]]

Verdict = Literal["met", "unclear", "missed"]
Unit = Literal["s", "MB"]


@dataclass(frozen=True)
class Bound:
    """What was set: an upper limit of a contender's value, or of the ratio to a contender.

    Attributes:
        limit: seconds or MB, or a factor.
        ratio_to: the contender below the line; None if the first contender's own value counts.
    """

    limit: float
    ratio_to: str | None = "torch"

    def verdict(self, measured: Spread) -> Verdict:
        """Judge; noise is not taken for a miss.

        Returns:
            "met" if the median is within the limit, "missed" if the median's whole confidence
            interval lies above it, and else "unclear".
        """
        if measured.median <= self.limit:
            return "met"
        return "missed" if measured.least > self.limit else "unclear"


@dataclass(frozen=True)
class Row:
    """What a case gave.

    Attributes:
        name: what was measured.
        series: the cases of different sizes that it is one of; empty if it is none.
        size: how large it is within its series, in what `series` says.
        unit: of the measured values.
        measured: seconds for one call, or MB, for each contender; pydjl's is the first.
        ratios: the first contender's value over each other's, round by round.
        bound: what was set, if anything was.
    """

    name: str
    series: str
    size: int | None
    unit: Unit
    measured: Mapping[str, Spread]
    ratios: Mapping[str, Spread]
    bound: Bound | None

    @property
    def verdict(self) -> Verdict | None:
        """Whether the bound is met; None where none was set."""
        if self.bound is None:
            return None
        if self.bound.ratio_to is None:
            return self.bound.verdict(next(iter(self.measured.values())))
        return self.bound.verdict(self.ratios[self.bound.ratio_to])

    def to_json(self) -> dict[str, Any]:
        """Everything, in types that JSON has."""
        return {**asdict(self), "verdict": self.verdict}


def spreads(samples: Samples) -> dict[str, Spread]:
    """Sum up each contender's values."""
    return {name: Spread.of(list(values.values())) for name, values in samples.items()}


def ratios(samples: Samples) -> dict[str, Spread]:
    """The first contender's value over each other's, in the rounds that both took part in."""
    (_, first), *others = samples.items()
    return {
        name: Spread.of([first[number] / values[number] for number in values if number in first])
        for name, values in others
    }
