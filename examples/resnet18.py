"""ResNet-18 twice: of DJL's blocks, and in PyTorch; compared layer by layer, gradients included.

Run it with `python examples/resnet18.py`.

Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", 2015, table 1.
"""

from __future__ import annotations

from typing import Any

import jpype
import numpy as np
import torch
from torch import Tensor, nn

import pydjl
from pydjl.runtime import java_class

# Channels and first stride of the four stages of two residual blocks each.
STAGES = ((64, 1), (128, 2), (256, 2), (512, 2))
# DJL keeps the small number of a normalisation in float32; PyTorch's own is 2e-13 larger.
EPSILON = float(np.float32(1e-5))


class Residual(nn.Module):
    """Two convolutions beside a shortcut, added up."""

    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(filters, eps=EPSILON),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters, filters, 3, padding=1, bias=False),
            nn.BatchNorm2d(filters, eps=EPSILON),
        )
        self.shortcut = nn.Sequential()
        if stride > 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, filters, 1, stride, bias=False),
                nn.BatchNorm2d(filters, eps=EPSILON),
            )

    def forward(self, x: Tensor) -> Tensor:
        """The sum of branch and shortcut, without what is negative."""
        return torch.relu_(self.branch(x) + self.shortcut(x))


def torch_resnet18(classes: int = 1000) -> nn.Sequential:
    """The network in PyTorch, with random weights."""
    layers = [
        nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(64, eps=EPSILON),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
    ]
    channels = 64
    for filters, stride in STAGES:
        layers += [Residual(channels, filters, stride), Residual(filters, filters, 1)]
        channels = filters
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)
    return nn.Sequential(*layers, *head)


def java_resnet18(classes: int = 1000) -> Any:
    """The network as a DJL block, not initialized."""
    shape = java_class("ai.djl.ndarray.types.Shape")
    pool = java_class("ai.djl.nn.pooling.Pool")
    net = java_class("ai.djl.nn.SequentialBlock")()
    net.add(_convolution(64, 7, 2)).add(_norm()).add(java_class("ai.djl.nn.Activation").reluBlock())
    net.add(pool.maxPool2dBlock(shape(3, 3), shape(2, 2), shape(1, 1)))
    for filters, stride in STAGES:
        net.add(_residual(filters, stride)).add(_residual(filters, 1))
    net.add(pool.globalAvgPool2dBlock())
    return net.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(classes).build())


def _residual(filters: int, stride: int) -> Any:
    branch = java_class("ai.djl.nn.SequentialBlock")()
    branch.add(_convolution(filters, 3, stride)).add(_norm())
    branch.add(java_class("ai.djl.nn.Activation").reluBlock())
    branch.add(_convolution(filters, 3, 1)).add(_norm())
    shortcut = java_class("ai.djl.nn.Blocks").identityBlock()
    if stride > 1:
        shortcut = java_class("ai.djl.nn.SequentialBlock")()
        shortcut.add(_convolution(filters, 1, stride)).add(_norm())
    both = java_class("ai.djl.nn.ParallelBlock")(
        jpype.JProxy("java.util.function.Function", dict={"apply": _sum})
    )
    return both.add(branch).add(shortcut)


def _sum(outputs: Any) -> Any:
    total = outputs[0].head().add(outputs[1].head())
    return java_class("ai.djl.ndarray.NDList")(
        jpype.JArray(java_class("ai.djl.ndarray.NDArray"))(
            [java_class("ai.djl.nn.Activation").relu(total)]
        )
    )


def _convolution(filters: int, size: int, stride: int) -> Any:
    shape = java_class("ai.djl.ndarray.types.Shape")
    builder = java_class("ai.djl.nn.convolutional.Conv2d").builder()
    builder.setFilters(filters).setKernelShape(shape(size, size)).optBias(False)
    padding = shape(size // 2, size // 2)
    return builder.optStride(shape(stride, stride)).optPadding(padding).build()


def _norm() -> Any:
    return java_class("ai.djl.nn.norm.BatchNorm").builder().build()


def main() -> None:
    """Compare the two and print the report."""
    torch.manual_seed(0)
    print(pydjl.compare(java_resnet18, torch_resnet18(), torch.randn(2, 3, 64, 96)))


if __name__ == "__main__":
    main()
