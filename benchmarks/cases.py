"""A case: what is to be measured, under a name by which it can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.measure import Effort, Work, interleaved, threads
from benchmarks.rows import Bound, Row, Samples, Unit, ratios, spreads

Measure = Callable[[Effort], Samples]


@dataclass(frozen=True)
class Case:
    """What is to be measured; nothing is, nor made, before `row`.

    Attributes:
        name: what the table calls it, and what ``-k`` looks at.
        measure: gives the values of each contender, pydjl's first: mostly `timed`.
        bound: what is to be reached, if anything is.
        unit: of the values.
        series: what the cases of different sizes have in common, for the plot.
        size: the size within the series.
        quick: whether ``--quick`` measures it too.
    """

    name: str
    measure: Measure
    bound: Bound | None = None
    unit: Unit = "s"
    series: str = ""
    size: int | None = None
    quick: bool = True

    def row(self, effort: Effort) -> Row:
        """Measure."""
        samples = self.measure(effort)
        return Row(
            self.name,
            self.series,
            self.size,
            self.unit,
            spreads(samples),
            ratios(samples),
            self.bound,
        )


def timed(prepare: Callable[[], Mapping[str, Work]], *, one_thread: bool = False) -> Measure:
    """Time contenders in turn.

    Args:
        prepare: makes what they work on, and returns them: pydjl's first, what it is compared with
            next, then any others.
        one_thread: whether PyTorch uses one thread only; what is small is slower on several.

    Returns:
        What a `Case` measures.
    """

    def measure(effort: Effort) -> Samples:
        works = prepare()
        if not one_thread:
            return interleaved(works, effort)
        with threads(1):
            return interleaved(works, effort)

    return measure
