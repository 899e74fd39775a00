"""Convolutions of several sizes, forward and with all gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pydjl
from benchmarks.cases import Case, timed
from benchmarks.measure import Work
from benchmarks.rivals import Rivals, rival_conv2d
from benchmarks.rows import Bound
from pydjl.nn import functional

Shape = tuple[int, int, int, int]

# Input, kernels, the bound forward and the one with gradients. What takes torch less than a
# millisecond and has no bound of its own has none.
SIZES: tuple[tuple[Shape, Shape, float | None, float | None], ...] = (
    ((1, 1, 6, 8), (1, 1, 1, 2), 2.0, None),
    ((1, 3, 32, 32), (16, 3, 3, 3), None, None),
    ((1, 3, 224, 224), (64, 3, 7, 7), 1.01, 1.01),
    ((8, 64, 56, 56), (64, 64, 3, 3), 1.01, 1.01),
    ((32, 256, 56, 56), (64, 256, 3, 3), 1.01, 1.01),
)


def rows(rivals: Rivals) -> Iterator[Case]:
    """Functions of every size, then the layer of torch's signature."""
    for x_shape, w_shape, forward, with_gradients in SIZES:
        size = torch.Size(x_shape).numel()
        for what, prepare, bound in (
            ("forward", _forward, forward),
            ("forward and backward", _there_and_back, with_gradients),
        ):
            yield Case(
                f"conv2d {_words(x_shape)} ⋆ {_words(w_shape)}, {what}",
                timed(partial(prepare, rivals, x_shape, w_shape)),
                bound=Bound(bound) if bound else None,
                series=f"conv2d, {what}: elements of the input",
                size=size,
                quick=size < 10_000,
            )
    yield Case("layer Conv2d 1×1×6×8, forward", timed(_small_layer), bound=Bound(2.0))
    yield Case(
        "layer Conv2d 8×64×56×56, forward and backward",
        timed(_large_layer),
        bound=Bound(1.03),
        quick=False,
    )


def _forward(rivals: Rivals, x_shape: Shape, w_shape: Shape) -> dict[str, Work]:
    x, w = torch.randn(x_shape), torch.randn(w_shape)
    largest = _largest(x, w, F.conv2d(x, w))
    others = rivals.works(lambda rival: partial(rival_conv2d, rival, x, w), largest)
    return {"pydjl": lambda: functional.conv2d(x, w), "torch": lambda: F.conv2d(x, w), **others}


def _there_and_back(rivals: Rivals, x_shape: Shape, w_shape: Shape) -> dict[str, Work]:
    x, w = torch.randn(x_shape, requires_grad=True), torch.randn(w_shape, requires_grad=True)
    # Of ones that are there: what `sum` and its gradient take is no part of a convolution.
    g = torch.ones_like(F.conv2d(x, w))

    def run(conv2d: Callable[[Tensor, Tensor], Tensor]) -> None:
        torch.autograd.grad(conv2d(x, w), (x, w), g)

    others = rivals.works(
        lambda rival: partial(run, partial(rival_conv2d, rival)), _largest(x, w, g)
    )
    return {"pydjl": partial(run, functional.conv2d), "torch": partial(run, F.conv2d), **others}


def _small_layer() -> dict[str, Work]:
    x, weight = torch.randn(1, 1, 6, 8), torch.randn(1, 1, 1, 2)
    layer = pydjl.nn.Conv2d(1, 1, (1, 2), bias=False)
    layer.load_state_dict({"weight": weight})
    return {"pydjl": lambda: layer(x), "torch": lambda: F.conv2d(x, weight)}


def _large_layer() -> dict[str, Work]:
    x = torch.randn(8, 64, 56, 56)
    native = nn.Conv2d(64, 64, 3, padding=1)
    java = pydjl.nn.Conv2d(64, 64, 3, padding=1)
    java.load_state_dict(native.state_dict())

    def run(layer: nn.Module) -> None:
        layer.zero_grad()
        layer(x).sum().backward()

    return {"pydjl": partial(run, java), "torch": partial(run, native)}


def _largest(*tensors: Tensor) -> int:
    return max(tensor.nbytes for tensor in tensors)


def _words(shape: Shape) -> str:
    return "×".join(map(str, shape))
