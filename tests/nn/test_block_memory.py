"""Training through blocks of Java needs no more memory after many steps than after a few."""

from __future__ import annotations

import torch
from torch import nn

from pydjl.nn import from_block, to_block


def test_training_leaks_nothing(djl, managed_arrays, leaked_bytes):
    module = from_block(
        djl.sequential(
            djl.conv2d(4, (3, 2)),
            djl.batch_norm(),
            to_block(nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(120, 8))),
            djl.linear(2),
        )
    )
    x, y = torch.randn(3, 2, 7, 7), torch.randn(3, 2)
    module(x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.001)

    def step():
        optimizer.zero_grad()
        nn.functional.mse_loss(module(x), y).backward()
        optimizer.step()

    before = managed_arrays()
    assert leaked_bytes(step, 150) < 40
    assert managed_arrays(before) == before
