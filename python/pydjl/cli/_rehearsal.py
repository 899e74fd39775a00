"""What programs commonly do first, once: ``python -m pydjl.cli._rehearsal JVM_OPTION...``.

Java notes the classes that it loads for it, if it is told so; see `_prepare.py`.
"""

from __future__ import annotations

import sys

import torch

import pydjl
from pydjl.nn import functional
from pydjl.training import learn_kernel


def rehearse() -> None:
    """Exchange arrays, compute with them, run layers forward and backward, train."""
    X = pydjl.array([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]])
    K = pydjl.array([[0.0, 1], [2, 3]])
    Y = pydjl.corr2d(X, K)
    learn_kernel(X, Y, (2, 2), steps=2)
    assert Y.sum().item() == 124  # 19 + 25 + 37 + 43
    pictures = torch.arange(2.0 * 3 * 8 * 6).reshape(2, 3, 8, 6).requires_grad_()
    network = torch.nn.Sequential(
        pydjl.nn.Conv2d(3, 4, 3, padding=1),
        pydjl.nn.ReLU(),
        pydjl.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        pydjl.nn.Linear(48, 5),
    )
    torch.autograd.backward(network(pictures).sum())
    kernels = torch.ones(1, 3, 2, 3)
    torch.autograd.backward(functional.conv2d(pictures, kernels, torch.ones(1)).sum())


if __name__ == "__main__":
    pydjl.start(jvm_options=sys.argv[1:])
    rehearse()
