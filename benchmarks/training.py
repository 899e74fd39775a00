"""What is measured of training: layers with their gradients, an epoch, steps, memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pydjl
from benchmarks.rows import Row, growth, ratio
from examples import digits
from pydjl import reference
from pydjl.training import learn_kernel


def layers() -> Iterator[Row]:
    """Layers in Java and natively, with equal weights."""
    x = torch.randn(1, 1, 6, 8)
    weight = torch.randn(1, 1, 1, 2)
    ours = pydjl.nn.Conv2d(1, 1, (1, 2), bias=False)
    ours.load_state_dict({"weight": weight})
    yield ratio("Conv2d (1, 1, 6, 8), forward", lambda: ours(x), lambda: F.conv2d(x, weight), 3.0)
    big = torch.randn(8, 64, 56, 56)
    native = nn.Conv2d(64, 64, 3, padding=1)
    java = pydjl.nn.Conv2d(64, 64, 3, padding=1)
    java.load_state_dict(native.state_dict())
    yield ratio(
        "Conv2d (8, 64, 56, 56), forward and backward",
        _there_and_back(java, big),
        _there_and_back(native, big),
        1.03,
        seconds=0.4,
    )


def epoch() -> Iterator[Row]:
    """An epoch of the network on handwritten digits, of 44 batches, on one thread."""
    data = digits.Digits.load()
    native, mixed = digits.start()
    with _one_thread():
        yield ratio(
            "an epoch of digits, Java layers / PyTorch's",
            lambda: digits.train_by_torch(mixed, data, epochs=1),
            lambda: digits.train_by_torch(native, data, epochs=1),
            1.05,
            seconds=0.5,
        )


def learning() -> Iterator[Row]:
    """The chapter's kernel, learned in Java and in a loop of PyTorch's."""
    X = reference.edge_image()
    Y = reference.corr2d(X, reference.edge_kernel())
    start = torch.zeros(1, 2)
    yield ratio(
        "1,000 learning steps",
        lambda: learn_kernel(X, Y, steps=1000, initial=start),
        lambda: reference.learn_kernel(X, Y, steps=1000, initial=start),
        seconds=0.2,
    )


def memory(steps: int = 10_000) -> Iterator[Row]:
    """Growth over many training steps, when Java has compiled what is hot."""
    model = digits.java_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001)
    pictures, labels = torch.randn(8, 1, 8, 8), torch.randint(10, (8,))

    def train(count: int) -> None:
        for _ in range(count):
            loss = F.cross_entropy(model(pictures), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()

    with _one_thread():
        row = growth("training steps", steps, train, warm_up=steps // 2)
    yield row


def _there_and_back(layer: nn.Module, x: Tensor) -> Callable[[], None]:
    def run() -> None:
        layer.zero_grad()
        layer(x).sum().backward()

    return run


@contextmanager
def _one_thread() -> Iterator[None]:
    """What is small is slower on several."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
