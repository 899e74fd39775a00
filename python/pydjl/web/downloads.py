"""A problem and its result as a file: JSON, or a picture as SVG or PNG."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from pydjl.web.compute import compute
from pydjl.web.drawing import draw, to_png, to_svg
from pydjl.web.schema import Problem

Format = Literal["png", "svg", "json"]


@dataclass(frozen=True)
class File:
    """What is downloaded."""

    name: str
    media_type: str
    content: bytes


def file_of(problem: Problem, format: Format) -> File:
    """Make a file of a problem and its result.

    Args:
        problem: what is computed.
        format: ``"json"`` has all numbers; the pictures show input, kernels and output.

    Raises:
        ShapeError: the kernel is larger than the padded input.
        TooLargeError: the output would be too large.

    Example:
        >>> problem = Problem(input=[[[1, 2, 4]]], kernels=[[[[-1, 1]]]], bias=[0])
        >>> json.loads(file_of(problem, "json").content)["result"]["output"]
        [[[1.0, 2.0]]]
    """
    result = compute(problem)
    if format == "json":
        document = {"problem": problem.model_dump(), "result": result.model_dump()}
        content = json.dumps(document, indent=1, allow_nan=False).encode()
        return File("convolution.json", "application/json", content)
    drawing = draw(problem, result)
    if format == "svg":
        return File("convolution.svg", "image/svg+xml", to_svg(drawing).encode())
    return File("convolution.png", "image/png", to_png(drawing))
