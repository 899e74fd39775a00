"""Blocks of Java under torch.utils.checkpoint: recomputed in the backward pass."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

from pydjl.nn import from_block
from pydjl.runtime import java_class


def gradients(model, x, run):
    model.zero_grad()
    torch.manual_seed(3)
    x = x.clone().requires_grad_()
    run(model, x).square().sum().backward()
    return [x.grad, *(p.grad.clone() for p in model.parameters())]


@pytest.mark.parametrize("reentrant", [True, False])
def test_gradients_are_those_without_a_checkpoint(make_block, reentrant):
    dropout = java_class("ai.djl.nn.norm.Dropout").builder().optRate(0.4).build()
    calls = []

    class Counted(nn.Module):
        def __init__(self):
            super().__init__()
            self.block, self.dropout = from_block(make_block), from_block(dropout)

        def forward(self, x):
            calls.append(torch.is_grad_enabled())
            return self.dropout(self.block(x))

    model, x = Counted(), torch.randn(3, 2, 7, 7)
    model(x)
    plain = gradients(model, x, lambda model, x: model(x))
    calls.clear()
    recomputed = gradients(model, x, lambda model, x: checkpoint(model, x, use_reentrant=reentrant))
    assert calls == ([False, True] if reentrant else [True, True])
    for ours, expected in zip(recomputed, plain, strict=True):
        assert torch.equal(ours, expected)


def test_a_chain_of_blocks_in_segments(make_block):
    def linear():
        return from_block(java_class("ai.djl.nn.core.Linear").builder().setUnits(4).build())

    model = nn.Sequential(linear(), nn.ReLU(), linear(), nn.Tanh(), linear())
    x = torch.randn(3, 4)
    model(x)
    plain = gradients(model, x, lambda model, x: model(x))
    in_segments = gradients(
        model, x, lambda model, x: checkpoint_sequential(model, 2, x, use_reentrant=False)
    )
    for ours, expected in zip(in_segments, plain, strict=True):
        assert torch.equal(ours, expected)


def test_saved_tensors_of_java_pass_through_hooks(make_block):
    """As torch.autograd.graph.save_on_cpu and checkpoint rely on."""
    module, x = from_block(make_block), torch.randn(3, 2, 7, 7)
    module(x)
    plain = gradients(module, x, lambda model, x: model(x))
    packed = []

    def pack(tensor):
        packed.append(tensor.shape)
        return tensor.clone()

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        hooked = gradients(module, x, lambda model, x: model(x))
    assert torch.Size([3, 2, 7, 7]) in packed
    for ours, expected in zip(hooked, plain, strict=True):
        assert torch.equal(ours, expected)


def test_what_a_hook_below_java_raises_comes_back_as_it_is(make_block):
    class PackingError(Exception):
        pass

    def pack(tensor):
        raise PackingError("full")

    module, x = from_block(make_block), torch.randn(3, 2, 7, 7)
    y = module(x)
    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        pytest.raises(PackingError, match="full"),
    ):
        module(x)
    assert torch.equal(module(x), y)
