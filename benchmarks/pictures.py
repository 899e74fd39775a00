"""Pictures: the gallery at the size of a camera."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F

from benchmarks.cases import Case, timed
from benchmarks.measure import Work
from benchmarks.rivals import Rivals
from benchmarks.rows import Bound
from pydjl.lab.gallery import apply_all
from pydjl.lab.kernels import GALLERY, PREWITT_Y


def rows(_: Rivals) -> Iterator[Case]:
    """The course's eight kernels and the lecture's on a grey picture."""
    yield Case(
        "nine kernels on a picture of 12 megapixels",
        timed(_gallery),
        bound=Bound(1.2),
        quick=False,
    )


def _gallery() -> dict[str, Work]:
    kernels = (*GALLERY[:8], PREWITT_Y)
    picture = torch.rand(3000, 4000)
    weights = torch.tensor([kernel.weights for kernel in kernels])[:, None]
    return {
        "pydjl": lambda: apply_all(picture, kernels),
        "torch": lambda: F.conv2d(picture[None, None], weights, padding=1),
    }
