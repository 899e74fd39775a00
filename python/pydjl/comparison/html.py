"""A report as a page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pydjl.comparison.line_chart import HEIGHT, WIDTH, Chart, line_chart
from pydjl.comparison.png import colours, data_url

if TYPE_CHECKING:
    from jinja2 import Template

    from pydjl.comparison.error_map import ErrorMap
    from pydjl.comparison.report import Report


def render(report: Report, *, whole_page: bool) -> str:
    """Write a report in HTML.

    Args:
        report: what a comparison found.
        whole_page: whether the result is a page, or a part of one, as for a notebook.

    Returns:
        The text; every name in it is escaped.
    """
    return _template().render(
        report=report,
        whole_page=whole_page,
        charts=list(_charts(report)),
        width=WIDTH,
        height=HEIGHT,
    )


@functools.cache
def _template() -> Template:
    # Only for a page: it takes a tenth of what importing pydjl takes.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("pydjl.comparison", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(number=_number, picture=_picture, caption=_caption, shape=_shape)
    return environment.get_template("report.html.j2")


def _charts(report: Report) -> Iterator[Chart]:
    if not report.losses:
        return
    java, python = zip(*report.losses, strict=True)
    largest: dict[str, list[float]] = {
        kind: [0.0] * len(report.losses) for kind in ("loss", "gradient", "update", "weight")
    }
    for row in report.rows:
        if row.step is not None:
            line, at = largest[row.kind], row.step - 1
            line[at] = float(np.maximum(line[at], row.difference.max_abs_diff))  # keeps a NaN
    charts = (
        line_chart("loss", {"Java": java, "Python": python}),
        line_chart("largest difference in each step", largest, logarithmic=True),
    )
    yield from (chart for chart in charts if chart is not None)


def _number(x: float | None) -> str:
    return "" if x is None or math.isnan(x) else f"{x:.3g}"


def _shape(sizes: tuple[int, ...]) -> str:
    return " × ".join(map(str, sizes)) or "scalar"


def _picture(error_map: ErrorMap) -> dict[str, Any]:
    """The address of a map's picture, and how large it is shown: no cell smaller than 3 pixels."""
    rows, columns = error_map.errors.shape
    cell = max(3, min(16, 192 // max(rows, columns)))
    return {
        "url": data_url(colours(error_map.errors)),
        "width": cell * columns,
        "height": cell * rows,
    }


def _caption(error_map: ErrorMap) -> str:
    rows, columns = error_map.axes
    finite = error_map.errors[error_map.errors < math.inf]
    largest = f"{finite.max(initial=0.0):.3g}"
    more = "; violet: only one side is a number" if finite.size < error_map.errors.size else ""
    return f"axes {rows} × {columns}: {_shape(error_map.sizes)}, darkest {largest}{more}"
