"""Everything that this package computes in Java, against native PyTorch and NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from pydjl import nn as java_nn
from pydjl import reference
from pydjl.comparison import Report, Row, compare_values
from pydjl.nn import functional
from pydjl.training import learn_kernel

_CONVOLUTIONS: dict[int, tuple[Callable[..., Tensor], Callable[..., Tensor]]] = {
    1: (functional.conv1d, F.conv1d),
    2: (functional.conv2d, F.conv2d),
    3: (functional.conv3d, F.conv3d),
}


def crosscheck(seed: int = 0) -> Report:
    """Compare the operator, the layer, learning and convolutions with native PyTorch and NumPy.

    Convolutions go over a grid of strides, paddings, dilations, groups and dtypes in one, two and
    three dimensions, with their gradients.

    Args:
        seed: decides the random inputs.

    Returns:
        A report; each row says what it was compared with.

    Example:
        >>> report = crosscheck()
        >>> report.ok, len(report.rows) > 100
        (True, True)
    """
    generator = torch.Generator().manual_seed(seed)
    rows = [*_operator(generator), *_layer(generator), *_learning(), *_convolutions(generator)]
    return Report(tuple(rows))


def _operator(generator: torch.Generator) -> Iterator[Row]:
    for dtype in (torch.float32, torch.float64):
        X = torch.randn(13, 17, generator=generator, dtype=dtype)
        K = torch.randn(3, 5, generator=generator, dtype=dtype)
        java, kind = functional.corr2d(X, K), f"corr2d {str(dtype)[6:]}"
        numpy = torch.from_numpy(reference.corr2d_numpy(X.numpy(), K.numpy()))
        yield Row(kind, compare_values("PyTorch's loop", java, reference.corr2d(X, K)))
        yield Row(
            kind, compare_values("F.conv2d", java, F.conv2d(X[None, None], K[None, None])[0, 0])
        )
        yield Row(kind, compare_values("NumPy", java, numpy))


def _layer(generator: torch.Generator) -> Iterator[Row]:
    X = torch.randn(6, 8, generator=generator, requires_grad=True)
    weight = torch.randn(2, 3, generator=generator)
    java, python = java_nn.ConvolutionalLayer((2, 3)), reference.ConvolutionalLayer((2, 3))
    for layer in (java, python):
        with torch.no_grad():
            layer.weight.copy_(weight)
            layer.bias.fill_(0.5)
    y, expected = java(X), python(X)
    yield Row("layer", compare_values("output", y.detach(), expected.detach()))
    ours = torch.autograd.grad(y.square().sum(), [X, java.weight, java.bias])
    theirs = torch.autograd.grad(expected.square().sum(), [X, python.weight, python.bias])
    for name, a, b in zip(("X", "K", "b"), ours, theirs, strict=True):
        yield Row("layer", compare_values(f"gradient of {name}", a, b))


def _learning() -> Iterator[Row]:
    X = reference.edge_image()
    Y = reference.corr2d(X, reference.edge_kernel())
    start = torch.tensor([[0.002919, -0.00719]])
    java = learn_kernel(X, Y, initial=start)
    python = reference.learn_kernel(X, Y, initial=start)
    losses = torch.tensor(java.losses), torch.tensor(python.losses)
    yield Row("learning", compare_values("losses", *losses))
    yield Row("learning", compare_values("weight", java.weight.torch(), python.weight))


def _convolutions(generator: torch.Generator) -> Iterator[Row]:
    choices = product((1, 2, 3), (torch.float32, torch.float64), (1, 2), (0, 1), (1, 2), (1, 2))
    for dimensions, dtype, stride, padding, dilation, groups in choices:
        spatial, kernel = (9, 8, 7)[:dimensions], (3, 2, 3)[:dimensions]
        x = torch.randn(2, 4, *spatial, generator=generator, dtype=dtype, requires_grad=True)
        w = torch.randn(6, 4 // groups, *kernel, generator=generator, dtype=dtype)
        b = torch.randn(6, generator=generator, dtype=dtype)
        w, b = w.requires_grad_(), b.requires_grad_()
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        java, python = _CONVOLUTIONS[dimensions]
        y, expected = java(x, w, b, **options), python(x, w, b, **options)
        kind = f"conv{dimensions}d {str(dtype)[6:]}"
        name = ", ".join(f"{key} {value}" for key, value in options.items())
        yield Row(kind, compare_values(name, y.detach(), expected.detach()))
        seeds = torch.randn(y.shape, generator=generator, dtype=dtype)
        ours = torch.autograd.grad(y, [x, w, b], seeds)
        theirs = torch.autograd.grad(expected, [x, w, b], seeds)
        for argument, a, c in zip(("input", "weight", "bias"), ours, theirs, strict=True):
            yield Row(f"{kind} gradient", compare_values(f"{argument}, {name}", a, c))
