"""Whatever a hook raises that libtorch calls below Java comes back as it is, and nothing is freed
that Java has freed already."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import pydjl
from pydjl.nn import functional
from pydjl.training import GradientCollector, Trainer, losses, optimizers


class UsersError(Exception):
    pass


# JPype raises the first two as well, for arguments that Java cannot take.
KINDS = [TypeError, OverflowError, ValueError, SystemError, KeyboardInterrupt, UsersError]


def pack_with(hook: Callable[[Tensor], Tensor], compute: Callable[..., object], *operands: Tensor):
    with torch.autograd.graph.saved_tensors_hooks(hook, lambda tensor: tensor):
        compute(*operands)


def backward_with(hook: Callable[[Tensor], Tensor], image: Tensor, kernel: Tensor):
    handle = kernel.register_hook(hook)
    try:
        with GradientCollector() as collector:
            collector.backward((functional.conv2d(image, kernel) ** 2).sum())
    finally:
        handle.remove()


def step_with(hook: Callable[[Tensor], Tensor], image: Tensor, kernel: Tensor):
    network = torch.nn.Conv2d(1, 2, (3, 2))
    network.weight.register_hook(hook)
    optimizer = optimizers.Sgd(network.parameters(), lr=0.1)
    with Trainer(network, losses.L2Loss(), optimizer) as trainer:
        trainer.step(image.detach(), functional.conv2d(image, kernel).detach())


def lent(hook: Callable[[Tensor], Tensor], image: Tensor, kernel: Tensor):
    pack_with(hook, functional.conv2d, image, kernel)


def handed_over(hook: Callable[[Tensor], Tensor], image: Tensor, kernel: Tensor):
    pack_with(hook, pydjl.corr2d, image[0, 0], kernel[0, 0])


@pytest.fixture
def operands() -> tuple[Tensor, Tensor]:
    return torch.randn(1, 1, 6, 8, requires_grad=True), torch.randn(2, 1, 3, 2, requires_grad=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", [lent, handed_over, backward_with, step_with])
def test_what_a_hook_raises_comes_back_and_the_operands_live_on(operands, way, kind):
    raised = kind("of a hook")

    def hook(_: Tensor) -> Tensor:
        raise raised

    references = [operand._use_count() for operand in operands]
    with pytest.raises(kind) as caught:
        way(hook, *operands)
    assert caught.value is raised
    del caught
    raised.__traceback__ = None  # its frames hold the operands
    assert [operand._use_count() for operand in operands] == references
    image, kernel = operands
    expected = torch.nn.functional.conv2d(image, kernel)
    assert torch.equal(functional.conv2d(image, kernel), expected)


@pytest.mark.parametrize("way", [lent, handed_over, backward_with])
def test_so_does_what_a_function_of_c_raises_which_leaves_no_frame(operands, way):
    references = [operand._use_count() for operand in operands]
    with pytest.raises(TypeError, match="only integer tensors of a single element"):
        way(operator.index, *operands)
    assert [operand._use_count() for operand in operands] == references
