"""How the cost grows with the size: a panel for each series, a line for each contender."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.rows import Row

_COLOURS = {
    "pydjl": "C3",
    "torch": "black",
    "one copy": "black",
    "JPype, lists": "C0",
    "JPype, float[]": "C9",
    "Py4J": "C2",
    "files": "C1",
}


def save(rows: Sequence[Row], file: Path) -> None:
    """Plot the rows that belong to a series.

    Args:
        rows: of all series; those without one are left out.
        file: where to write; its ending says the format.

    Raises:
        ValueError: no row belongs to a series.
    """
    series = list(dict.fromkeys(row.series for row in rows if row.series))
    if not series:
        raise ValueError("none of the rows that were chosen belongs to a series, so nothing grows.")
    columns = min(2, len(series))
    lines = -(-len(series) // columns)
    figure = Figure(figsize=(5.5 * columns, 3.8 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, name in zip(panels, series, strict=False):
        chosen = [row for row in rows if row.series == name]
        for contender in dict.fromkeys(name for row in chosen for name in row.measured):
            taking_part = [row for row in chosen if contender in row.measured]
            sizes = [float(row.size or 0) for row in taking_part]
            spreads = [row.measured[contender] for row in taking_part]
            style = {"color": _COLOURS.get(contender), "marker": "o", "markersize": 3}
            drawn = axes.plot(sizes, [it.median for it in spreads], label=contender, **style)
            axes.fill_between(
                sizes,
                [it.low for it in spreads],
                [it.high for it in spreads],
                color=drawn[0].get_color(),
                alpha=0.2,
            )
        title, of_what = name.split(": ")
        axes.set(xscale="log", yscale="log", xlabel=of_what, ylabel="seconds", title=title)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    for axes in panels[len(series) :]:
        axes.remove()
    figure.savefig(file, dpi=120)
