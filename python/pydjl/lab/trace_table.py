"""A trace on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.table import Table
from torch import Tensor

if TYPE_CHECKING:
    from pydjl.lab.trace import Trace
    from pydjl.lab.trace_step import Step

# More numbers in one cell than this are not read by anybody.
_MOST_NUMBERS = 200


def table(trace: Trace, start: int, count: int) -> Table:
    """Some steps of a trace: `pydjl.lab.trace.Trace.table` describes the arguments."""
    chosen = range(len(trace))[start : start + count]
    channels, height, width = trace.output_shape
    shape = f"{height}×{width}" if channels == 1 else f"{channels}×{height}×{width}"
    made = Table(
        title=f"Cross-correlation, output {shape}", title_justify="left", box=SIMPLE, pad_edge=False
    )
    for heading in ("output", "rows, columns", "window", "products", "sums"):
        made.add_column(heading, no_wrap=True)
    made.add_column("output cell", justify="right", no_wrap=True)
    for number in chosen:
        made.add_row(*_row(trace, trace[number]))
    if len(chosen) < len(trace):
        made.caption = (
            f"{len(chosen)} of {len(trace):,} steps, from step {chosen.start} on; "
            f"a count of {len(trace)} shows all"
        )
        made.caption_justify = "left"
    return made


def number_text(value: float, digits: int = 4) -> str:
    """A number in few digits; integers keep them all, and whole floats up to eleven.

    Example:
        >>> number_text(160.0), number_text(16777217), number_text(1 / 9), number_text(-0.0)
        ('160', '16777217', '0.1111', '0')
    """
    # A power of ten takes no less room than eleven digits.
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e11):
        return str(int(value))
    return f"{value:.6g}" if abs(value) >= 10000 else f"{value:.{digits}g}"


def _row(trace: Trace, step: Step) -> list[str]:
    i, j = step.position
    cell = f"({i}, {j})" if trace.output_shape[0] == 1 else f"({step.channel}, {i}, {j})"
    sums = [number_text(value) for value in step.channel_sums.torch().tolist()]
    bias = step.bias.torch().item()
    if bias:
        sums.append(f"bias {number_text(bias)}")
    mark = "" if step.agrees else " [red]✗[/red]"
    return [
        cell,
        f"{_places(step.rows)}, {_places(step.columns)}",
        grid(step.window.torch()),
        grid(step.products.torch()),
        "\n".join(sums),
        f"[bold]{number_text(step.sum.torch().item())}[/bold]{mark}",
    ]


def _places(places: range) -> str:
    text = f"{places[0]}-{places[-1]}" if len(places) > 1 else f"{places[0]}"
    return text if places.step == 1 else f"{text} by {places.step}"


def grid(values: Tensor) -> str:
    """Numbers in columns, channels below one another; only the shape, if there are too many.

    Example:
        >>> import torch
        >>> print(grid(torch.tensor([[19.0, 25], [-37, 43.5]])))
          19   25
         -37 43.5
    """
    if values.numel() > _MOST_NUMBERS:
        return "×".join(map(str, values.shape))
    planes = values[None] if values.dim() == 2 else values
    texts = [[[number_text(v) for v in row] for row in plane] for plane in planes.tolist()]
    width = max(len(text) for plane in texts for row in plane for text in row)
    return "\n\n".join(
        "\n".join(" ".join(text.rjust(width) for text in row) for row in plane) for plane in texts
    )
