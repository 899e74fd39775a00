"""Training: steps wholly in Java, and an epoch of a network whose convolutions are Java's."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

import pydjl
from benchmarks.cases import Case, timed
from benchmarks.measure import Work
from benchmarks.rivals import Rival, Rivals, rival_conv2d
from benchmarks.rows import Bound
from examples import digits
from pydjl import reference
from pydjl.training import learn_kernel

STEPS = 1000
LARGEST = 32 * 16 * 8 * 8 * 4  # the bytes of the digits' first feature maps


def rows(rivals: Rivals) -> Iterator[Case]:
    """The chapter's learning and the digits; both are small, so each has one thread."""
    yield Case(
        f"{STEPS:,} learning steps in Java / PyTorch's loop in Python",
        timed(partial(_learning, rivals), one_thread=True),
        bound=Bound(1.0),
    )
    yield Case(
        "an epoch of digits, its convolutions by layers",
        timed(partial(_epoch_by_layers, rivals), one_thread=True),
        bound=Bound(1.05),
        quick=False,
    )
    yield Case(
        "an epoch of digits, its six layers one DJL block",
        timed(_epoch_by_a_block, one_thread=True),
        bound=Bound(1.05),
        quick=False,
    )


def _learning(rivals: Rivals) -> dict[str, Work]:
    X = reference.edge_image()
    Y = reference.corr2d(X, reference.edge_kernel())
    start = torch.zeros(1, 2)
    return {
        "pydjl": lambda: learn_kernel(X, Y, steps=STEPS, initial=start),
        "torch": lambda: reference.learn_kernel(X, Y, steps=STEPS, initial=start),
        **rivals.works(
            lambda rival: partial(rival.learn, X.numpy(), Y.numpy(), STEPS),
            X.nbytes,
            one_thread=True,
        ),
    }


def _epoch_by_layers(rivals: Rivals) -> dict[str, Work]:
    data = digits.Digits.load()
    native, _ = digits.start()
    return {
        "pydjl": _epoch(_with(_djl_layer, native), data),
        "torch": _epoch(native, data),
        **rivals.works(
            lambda rival: _epoch(_with(partial(_RivalConv2d, rival), native), data),
            LARGEST,
            one_thread=True,
        ),
    }


def _epoch_by_a_block() -> dict[str, Work]:
    data = digits.Digits.load()
    native, mixed = digits.start()
    return {"pydjl": _epoch(mixed, data), "torch": _epoch(native, data)}


def _epoch(model: nn.Module, data: digits.Digits) -> Work:
    return partial(digits.train_by_torch, model, data, epochs=1)


class _RivalConv2d(nn.Module):
    """A convolution layer that a rival computes; the bias is added by torch."""

    def __init__(self, rival: Rival, layer: nn.Conv2d) -> None:
        super().__init__()
        assert layer.bias is not None
        self.rival, self.weight, self.bias = rival, layer.weight, layer.bias

    def forward(self, x: Tensor) -> Tensor:
        return rival_conv2d(self.rival, x, self.weight, padding=1) + self.bias[:, None, None]


def _djl_layer(layer: nn.Conv2d) -> nn.Module:
    """The same layer, computed by DJL."""
    same = pydjl.nn.Conv2d(layer.in_channels, layer.out_channels, kernel_size=3, padding=1)
    same.load_state_dict(layer.state_dict())
    return same


def _with(convolution: Callable[[nn.Conv2d], nn.Module], native: nn.Sequential) -> nn.Sequential:
    """A copy of the digits' network whose convolutions somebody else computes."""
    model = copy.deepcopy(native)
    layers = model[0]
    assert isinstance(layers, nn.Sequential)
    for number, layer in enumerate(layers):
        if isinstance(layer, nn.Conv2d):
            layers[number] = convolution(layer)
    return model
