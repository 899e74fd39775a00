"""What there is to choose from: inputs, kernels, limits, versions."""

from __future__ import annotations

import platform
from functools import cache

import numpy as np
import torch
from skimage import data
from torch import Tensor

from pydjl import __version__
from pydjl.lab import presets
from pydjl.lab.kernels import GALLERY
from pydjl.runtime import engine_name
from pydjl.web import schema
from pydjl.web.answers import Catalog, CatalogInput, CatalogKernel
from pydjl.web.pictures import shrink

# Small photographs that scikit-image ships; the largest side of a picture of the page.
_SIDE = schema.LARGEST_INPUT


@cache
def catalog() -> Catalog:
    """Everything that the page offers; made once.

    Example:
        >>> [each.name for each in catalog().inputs][:4]
        ['ramp', 'edges', 'diagonal', 'gradient']
    """
    inputs = [
        CatalogInput(name=name, title=title, values=make().unsqueeze(0).tolist())
        for name, title, make in _PRESETS
    ]
    inputs += [
        CatalogInput(name=name, title=title, values=_photograph(name).tolist())
        for name, title in _PHOTOGRAPHS
    ]
    kernels = [
        CatalogKernel(
            name=kernel.name,
            weights=[list(row) for row in kernel.weights],
            formula=kernel.formula,
            use=kernel.use,
            effect=kernel.effect,
            is_signed=kernel.is_signed,
        )
        for kernel in GALLERY
    ]
    djl, torch_version = engine_name().split(", ")
    versions = {
        "pydjl": __version__,
        "DJL": djl.removeprefix("DJL "),
        "PyTorch": torch_version.removeprefix("PyTorch "),
        "NumPy": np.__version__,
        "Python": platform.python_version(),
    }
    return Catalog(inputs=inputs, kernels=kernels, limits=schema.limits(), versions=versions)


_PRESETS = (
    ("ramp", "The course's ramp, 10·(i + 1)·(j + 1)", presets.ramp),
    ("edges", "The chapter's edges", presets.edges),
    ("diagonal", "A diagonal, white on black", presets.diagonal),
    ("gradient", "A gradient, i + 2·j", presets.gradient),
    ("bilinear", "A bilinear surface, i·j", presets.bilinear),
    ("checker", "A chequerboard", presets.checker),
    ("noise", "Noise, the same each time", presets.noise),
    ("shapes", "Shapes that tell all kernels apart", presets.shapes),
    ("counting", "The numbers 0 to 8", presets.counting),
)
_PHOTOGRAPHS = (
    ("astronaut", "Eileen Collins, in colour"),
    ("chelsea", "Chelsea the cat, in colour"),
    ("camera", "A man with a camera"),
    ("coins", "Coins of Pompeii"),
)


def _photograph(name: str) -> Tensor:
    picture = torch.from_numpy(np.array(getattr(data, name)())).float() / 255
    planes = picture[None] if picture.dim() == 2 else picture.permute(2, 0, 1)
    _, height, width = planes.shape
    longest = max(height, width)
    return shrink(planes, round(height * _SIDE / longest), round(width * _SIDE / longest))
