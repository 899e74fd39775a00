"""What a comparison of two models found."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from pydjl.comparison.causes import Cause
from pydjl.comparison.difference import Difference, finite_or_none
from pydjl.comparison.error_map import ErrorMap
from pydjl.comparison.html import render

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


@dataclass(frozen=True)
class Row:
    """One thing that was compared.

    Attributes:
        kind: ``weight``, ``layer``, ``layer input``, ``output``, ``buffer``, ``input gradient`` or
            ``gradient``; of a training step ``loss``, ``gradient``, ``update`` or ``weight``.
        difference: its name, shapes and dtypes, and how far the two sides are apart.
        error_maps: pictures of where an output differs.
        step: the number of the training step, from 1; None outside of a training.
    """

    kind: str
    difference: Difference
    error_maps: tuple[ErrorMap, ...] = field(default=(), repr=False, compare=False)
    step: int | None = None

    @property
    def name(self) -> str:
        """What was compared."""
        return self.difference.name

    @property
    def title(self) -> str:
        """Its kind, and in a training the step: ``step 3 gradient``."""
        return self.kind if self.step is None else f"step {self.step} {self.kind}"

    @property
    def ok(self) -> bool:
        """Whether the two sides agree within the tolerance."""
        return self.difference.ok

    @property
    def shows_nothing(self) -> bool:
        """Whether the two sides agree in no finite value: there is none."""
        return self.ok and self.difference.bit_equal and bool(self.difference.note)

    def to_dict(self) -> dict[str, Any]:
        """Its kind and step, and the fields of its difference, as what JSON can hold."""
        return {"kind": self.kind, "step": self.step, **self.difference.to_dict()}


@dataclass(frozen=True, repr=False)
class Report:
    """Where two models part, and why.

    Attributes:
        rows: everything that was compared, in the order in which it is computed.
        causes: likely causes of the first difference, each with its evidence.
        unpaired: what only one of the models has, in words.
        losses: of each training step Java's loss and Python's.

    Example:
        >>> Report(())
        <Report of 0 rows. Both agree.>
    """

    rows: tuple[Row, ...]
    causes: tuple[Cause, ...] = ()
    unpaired: tuple[str, ...] = ()
    losses: tuple[tuple[float, float], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every row agrees; parameters without a partner are no agreement."""
        return all(row.ok for row in self.rows) and not self.unpaired

    @property
    def first_difference(self) -> Row | None:
        """The first row that does not agree."""
        return next((row for row in self.rows if not row.ok), None)

    @property
    def count_of_nothing(self) -> int:
        """How many rows agree only because there is no finite value to compare."""
        return sum(row.shows_nothing for row in self.rows)

    def followed_by(self, training: Report) -> Report:
        """This report of two models and that of their training as one."""
        return Report(
            self.rows + training.rows,
            training.causes if self.first_difference is None else self.causes,
            self.unpaired,
            training.losses,
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything, as what JSON can hold.

        Example:
            >>> document = Report(()).to_dict()
            >>> document["ok"], document["first_difference"], document["rows"]
            (True, None, [])
        """
        first = self.first_difference
        return {
            "ok": self.ok,
            "first_difference": None if first is None else first.to_dict(),
            "causes": [asdict(cause) for cause in self.causes],
            "unpaired": list(self.unpaired),
            "losses": [[finite_or_none(loss) for loss in pair] for pair in self.losses],
            "rows": [row.to_dict() for row in self.rows],
        }

    def to_json(self) -> str:
        """Everything as one JSON object."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False)

    def to_html(self) -> str:
        """Everything as one page, which needs no script, no other file and no network.

        It has a table of all rows, a picture of where each layer's outputs differ, and of a
        training the losses and differences as lines. It is for screens of either colour scheme,
        and for paper.
        """
        return render(self, whole_page=True)

    def _repr_html_(self) -> str:
        return render(self, whole_page=False)

    def __repr__(self) -> str:
        return f"<Report of {len(self.rows)} rows. {' '.join(self._sentences())}>"

    def __str__(self) -> str:
        from rich.console import Console  # noqa: PLC0415 - many programs import pydjl and print no report

        console = Console(width=110, color_system=None)
        with console.capture() as capture:
            console.print(self)
        return capture.get().rstrip("\n")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.table import Table  # noqa: PLC0415

        table = Table(box=None, pad_edge=False)
        for heading in ("", "kind", "name", "shape", "max abs", "max rel", "max ulp", ""):
            table.add_column(heading, justify="right" if heading.startswith("max") else "left")
        first = self.first_difference
        for row in self.rows:
            table.add_row(*_cells(row), style="bold" if row is first else None)
        yield table
        yield from self._sentences()

    def _sentences(self) -> Iterator[str]:
        yield from (f"- {each}" for each in self.unpaired)
        first = self.first_difference
        if first is None:
            yield "Nothing that both models have differs." if self.unpaired else "Both agree."
            if empty := self.count_of_nothing:
                yield f"But {empty} of {len(self.rows)} rows had no finite value to compare."
            return
        yield f"They part at {first.title} {first.name!r}: {first.difference.note}"
        for cause in self.causes:
            where = f" ({cause.where})" if cause.where else ""
            yield f"Likely cause: {cause.name}{where}: {cause.evidence}."
        if not self.causes:
            yield "No cause that is known explains it."


def _cells(row: Row) -> list[str]:
    d = row.difference
    ulp = "" if d.max_ulp is None else f"{d.max_ulp}"
    verdict = "equal bits" if d.bit_equal else "" if d.ok else "differs"
    if d.ok and d.note:
        verdict = d.note
    if d.java_shape != d.python_shape:
        verdict = f"Python's is {d.python_shape}"
    shape = str(d.java_shape)
    mark = "✓" if d.ok else "✗"
    return [
        mark,
        row.title,
        d.name,
        shape,
        _number(d.max_abs_diff),
        _number(d.max_rel_diff),
        ulp,
        verdict,
    ]


def _number(x: float) -> str:
    return "" if math.isnan(x) else f"{x:.3g}"
