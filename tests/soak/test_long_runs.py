"""A million operations and exchanges, 100,000 training steps, 10,000 exceptions: nothing is left.

What is left is counted exactly, so a leak in one call of 400 is seen as well as one in each:
tests/soak/test_leaks.py makes some.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import pydjl
from pydjl.errors import PydjlError
from pydjl.nn import from_block, functional, to_block
from pydjl.runtime import java_class
from pydjl.training import GradientCollector, Trainer, losses, optimizers

MILLION = 1_000_000


def test_operations(soak):
    x, row = torch.randn(16, 64), torch.randn(64)
    image, kernel, bias = torch.randn(1, 1, 24, 36), torch.randn(1, 1, 3, 2), torch.randn(1)
    cell, small = torch.randn(7, 9), torch.randn(2, 3)
    array, other = pydjl.from_torch(x), pydjl.from_torch(row)
    operations: list[Callable[[], object]] = [
        lambda: array + other,
        lambda: array * 2.0,
        lambda: array.reshape(64, 16),
        lambda: array[3:10, ::2],
        lambda: array.sum(axis=1),
        lambda: array @ other,
        lambda: array.T,
        lambda: pydjl.where(array > 0, array, 0.0),
        lambda: pydjl.concat([array[0], other]),
        lambda: functional.conv2d(image, kernel, bias),
        lambda: functional.max_pool2d(image, (2, 3)),
        lambda: functional.relu(array),
        lambda: functional.layer_norm(x, (64,), row),
        lambda: functional.linear(small, small),
        lambda: pydjl.corr2d(cell, small),
        lambda: array.astype("float64").close(),
    ]
    count = len(operations)
    soak.run(
        "operations",
        lambda number: operations[number % count](),
        MILLION,
        [x, row, image, kernel, bias, cell, small],
    )


def test_recorded_operations(soak):
    x = torch.randn(16, 64, requires_grad=True)
    weight = torch.randn(3, 64, requires_grad=True)

    def work(_: int) -> None:
        y = functional.linear(functional.tanh(x), weight)
        y.sum().backward()
        x.grad = weight.grad = None

    soak.run("recorded operations", work, MILLION // 10, [x, weight])


def test_exchanges(soak):
    tensor, own = torch.randn(16, 64), np.random.default_rng(0).random((16, 64), np.float32)
    memory = torch.from_numpy(own)

    def by_java():
        return pydjl.from_java(pydjl.from_torch(tensor).java).torch()

    def by_java_view():
        java = pydjl.from_torch(tensor).java
        view = java.reshape(java_class("ai.djl.ndarray.types.Shape")(64, 16))
        taken = pydjl.from_java(view)
        view.close()
        return taken

    exchanges: list[Callable[[], object]] = [
        lambda: pydjl.from_torch(tensor).torch(),
        by_java,
        by_java_view,
        lambda: pydjl.from_numpy(own).numpy(),
        lambda: np.asarray(pydjl.from_torch(memory)),
        lambda: torch.from_dlpack(pydjl.from_dlpack(tensor)),
        lambda: pydjl.array(own).close(),
        lambda: pydjl.array([1.0, 2.0, 3.0]).tolist(),
    ]
    count = len(exchanges)
    soak.run(
        "exchanges",
        lambda number: exchanges[number % count](),
        MILLION,
        [tensor, memory],
    )


def linear(units: int) -> object:
    return java_class("ai.djl.nn.core.Linear").builder().setUnits(units).build()


def test_steps_of_torch_through_java_and_python(soak):
    block = java_class("ai.djl.nn.SequentialBlock")()
    for each in (linear(3), to_block(nn.Tanh()), linear(2)):
        block.add(each)
    module = from_block(block)
    x, y = torch.randn(16, 64), torch.randn(16, 2)
    module(x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.001)

    def step(_: int) -> None:
        nn.functional.mse_loss(module(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()

    parameters = list(module.parameters())
    soak.run("steps of torch", step, 50_000, [x, y, *parameters])


def test_steps_of_djls_trainer(soak):
    module = nn.Linear(64, 2)
    x, y = torch.randn(16, 64), torch.randn(16, 2)
    optimizer = optimizers.Adam(module.parameters(), lr=0.001)
    with Trainer(module, losses.L2Loss(), optimizer) as trainer:

        def step(_: int) -> None:
            trainer.step(x, y)
            module.zero_grad()

        soak.run(
            "steps of DJL's Trainer",
            step,
            50_000,
            [x, y, module.weight, module.bias],
        )


def test_exceptions(soak):
    x, y = torch.randn(16, 64), torch.randn(7)
    leaf = torch.randn(16, 64, requires_grad=True)
    array, other = pydjl.from_torch(x), pydjl.from_torch(y)

    class Fails(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            raise LookupError("as planted")

    failing = java_class("ai.djl.nn.SequentialBlock")()
    failing.add(to_block(Fails()))
    module = from_block(failing)

    def in_a_collector() -> None:
        with GradientCollector() as collector:
            collector.backward((pydjl.from_torch(leaf) * 2)[0] + array + other)

    attempts: list[tuple[type[Exception], Callable[[], object]]] = [
        (PydjlError, lambda: array + other),
        (PydjlError, lambda: array @ other),
        (PydjlError, lambda: array.reshape(5)),
        (PydjlError, lambda: array.reshape(2**70)),
        (PydjlError, lambda: pydjl.concat([array, other])),
        (PydjlError, lambda: functional.conv2d(x, y)),
        (PydjlError, lambda: array.astype("bfloat16")),
        (PydjlError, lambda: pydjl.from_torch(leaf).__iadd__(1)),
        (PydjlError, in_a_collector),
        (LookupError, lambda: module(x)),
    ]
    count = len(attempts)

    def fail(number: int) -> None:
        kind, attempt = attempts[number % count]
        with pytest.raises(kind):
            attempt()

    soak.run("exceptions", fail, 10_000, [x, y, leaf])
