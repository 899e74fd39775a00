"""What is measured of pictures: the gallery at the size of a camera."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F

from benchmarks.rows import Row, ratio
from pydjl.lab.gallery import apply_all
from pydjl.lab.kernels import GALLERY, PREWITT_Y


def gallery() -> Iterator[Row]:
    """The course's eight kernels and the lecture's on a grey picture of 12 megapixels."""
    kernels = (*GALLERY[:8], PREWITT_Y)
    picture = torch.rand(3000, 4000)
    weights = torch.tensor([kernel.weights for kernel in kernels])[:, None]
    yield ratio(
        "nine kernels on a picture of 12 megapixels",
        lambda: apply_all(picture, kernels),
        lambda: F.conv2d(picture[None, None], weights, padding=1),
        1.2,
        seconds=0.5,
    )
