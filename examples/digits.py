"""Handwritten digits, learned three times from one start: the same network, the same batches.

Each way has its own mixture of Java and Python:

    by PyTorch        the network, its gradients and the updates are PyTorch's
    through Java      the convolutions are DJL's, in a torch model that torch.optim trains
    by DJL's Trainer  the convolutions, the loss, the gradients and the updates are DJL's

Run it with `python examples/digits.py`; it needs scikit-learn for its 1797 pictures of 8 x 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from pydjl.nn import from_block
from pydjl.runtime import java_class
from pydjl.training import Trainer
from pydjl.training.evaluators import Accuracy
from pydjl.training.losses import SoftmaxCrossEntropyLoss
from pydjl.training.optimizers import Sgd

TEST_PICTURES = 400
BATCH_SIZE = 32
EPOCHS = 15
OPTIONS = {"lr": 0.03125, "momentum": 0.875}


@dataclass(frozen=True)
class Digits:
    """Pictures of shape (N, 1, 8, 8), from 0 to 1, and the digits that they show."""

    training: TensorDataset
    test: TensorDataset

    @classmethod
    def load(cls) -> Digits:
        """Take scikit-learn's pictures, some of them, drawn at random, for the test."""
        bunch: Any = load_digits()
        pictures = torch.tensor(bunch.images, dtype=torch.float32).unsqueeze(1) / 16
        labels = torch.tensor(bunch.target)
        # Neighbours are of one hand.
        drawn = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        test, training = drawn[:TEST_PICTURES], drawn[TEST_PICTURES:]
        return cls(
            TensorDataset(pictures[training], labels[training]),
            TensorDataset(pictures[test], labels[test]),
        )

    def batches(self) -> DataLoader[tuple[Tensor, ...]]:
        """The training pictures, in an order that is new in each epoch and the same in each run."""
        order = torch.Generator().manual_seed(0)
        return DataLoader(self.training, BATCH_SIZE, shuffle=True, generator=order)


@dataclass(frozen=True)
class Run:
    """What one way of learning gave.

    Attributes:
        losses: of each batch, before its update.
        accuracy: on the test pictures.
    """

    losses: list[float]
    accuracy: float


def torch_model() -> nn.Sequential:
    """The network in PyTorch; 6,090 parameters."""
    return nn.Sequential(
        nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ),
        nn.Flatten(),
        nn.Linear(128, 10),
    )


def java_model() -> nn.Sequential:
    """The same network with DJL's layers in front: a torch module like any other."""
    return nn.Sequential(from_block(java_layers), nn.Flatten(), nn.Linear(128, 10))


def java_layers() -> Any:
    """DJL's layers, as one would build them in Java."""
    shape = java_class("ai.djl.ndarray.types.Shape")
    convolution = java_class("ai.djl.nn.convolutional.Conv2d")
    relu = java_class("ai.djl.nn.Activation").reluBlock
    pool = java_class("ai.djl.nn.pooling.Pool").maxPool2dBlock
    layers = java_class("ai.djl.nn.SequentialBlock")()
    for channels in (16, 32):
        layers.add(
            convolution.builder()
            .setKernelShape(shape(3, 3))
            .setFilters(channels)
            .optPadding(shape(1, 1))
            .build()
        )
        layers.add(relu())
        layers.add(pool(shape(2, 2), shape(2, 2)))
    return layers


def start() -> tuple[nn.Sequential, nn.Sequential]:
    """A model in PyTorch and one with Java layers, with the same weights."""
    torch.manual_seed(0)
    native, mixed = torch_model(), java_model()
    mixed(torch.zeros(1, 1, 8, 8))  # DJL's layers take their shapes from the first input
    mixed.load_state_dict(native.state_dict())
    return native, mixed


def train_by_torch(model: nn.Module, digits: Digits, epochs: int = EPOCHS) -> Run:
    """Train a model, whatever its layers are, in the loop that every PyTorch user writes."""
    optimizer = torch.optim.SGD(model.parameters(), **OPTIONS)
    criterion = nn.CrossEntropyLoss()
    batches = digits.batches()
    losses = []
    for _ in range(epochs):
        for pictures, labels in batches:
            optimizer.zero_grad()
            loss = criterion(model(pictures), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return Run(losses, accuracy(model, digits))


def train_by_djl(model: nn.Module, digits: Digits, epochs: int = EPOCHS) -> Run:
    """Train a model by DJL's Trainer."""
    loss, optimizer = SoftmaxCrossEntropyLoss(), Sgd(model.parameters(), **OPTIONS)
    losses: list[float] = []
    with Trainer(model, loss, optimizer, [Accuracy()]) as trainer:
        for epoch in trainer.fit(digits.batches(), epochs):
            losses.extend(epoch.losses)
        test = trainer.evaluate(DataLoader(digits.test, TEST_PICTURES))
    return Run(losses, test.metrics["Accuracy"])


@torch.no_grad()
def accuracy(model: nn.Module, digits: Digits) -> float:
    """The part of the test pictures that a model reads rightly."""
    pictures, labels = digits.test.tensors
    model.eval()
    correct = (model(pictures).argmax(1) == labels).double().mean().item()
    model.train()
    return correct


def main() -> None:
    """Train three times and compare."""
    torch.set_num_threads(1)  # pictures of 8 x 8 are too small to share out
    digits = Digits.load()
    native, mixed = start()
    by_torch = train_by_torch(native, digits)
    through_java = train_by_torch(mixed, digits)
    by_djl = train_by_djl(start()[1], digits)
    print(f"{'':18}{'first loss':>12}{'last loss':>12}{'accuracy':>10}{'equal losses':>14}")
    for name, run in (
        ("by PyTorch", by_torch),
        ("through Java", through_java),
        ("by DJL's Trainer", by_djl),
    ):
        equal = sum(a == b for a, b in zip(run.losses, by_torch.losses, strict=True))
        print(
            f"{name:18}{run.losses[0]:12.6f}{run.losses[-1]:12.6f}{run.accuracy:10.2%}"
            f"{equal:7} of {len(run.losses)}"
        )


if __name__ == "__main__":
    main()
