"""from_block: initialization at the first input, as torch's lazy modules have it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.nn.parameter import UninitializedParameter

from pydjl.errors import PydjlError
from pydjl.nn import from_block


def test_parameters_have_no_shape_before_the_first_input(small_net):
    module = from_block(small_net.block())
    assert not module.is_initialized
    assert all(isinstance(p, UninitializedParameter) for p in module.parameters())
    assert [name for name, _ in module.named_buffers()] == ["1.running_mean", "1.running_var"]
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    x = torch.randn(small_net.input_shape)
    module(x).square().sum().backward()
    twin = small_net.twin_of(module)
    twin(x).square().sum().backward()
    before = module.state_dict()["3.weight"].clone()
    optimizer.step()
    torch.optim.SGD(twin.parameters(), lr=0.1).step()
    assert module.is_initialized
    assert not torch.equal(module.state_dict()["3.weight"], before)
    for ours, torchs in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(ours, torchs, atol=1e-6)


def test_a_state_dict_gives_an_uninitialized_module_its_shapes(small_net):
    module = from_block(small_net.block)
    twin = small_net.torch()
    for buffer in (twin[1].running_mean, twin[1].running_var):
        buffer.uniform_(1, 2)
    assert module.load_state_dict(twin.state_dict()).missing_keys == []
    assert module.is_initialized
    x = torch.randn(small_net.input_shape)
    assert torch.equal(module.eval()(x), twin.eval()(x))
    assert torch.equal(module.train()(x), twin.train()(x))


def test_a_part_of_a_state_dict_stays_when_the_rest_is_initialized(djl):
    module = from_block(djl.linear(2))
    weight = torch.randn(2, 3)
    result = module.load_state_dict({"weight": weight}, strict=False)
    assert result.missing_keys == ["bias"]
    assert not module.is_initialized
    x = torch.randn(4, 3)
    assert torch.equal(module(x), F.linear(x, weight, torch.zeros(2)))


def test_an_uninitialized_state_dict_can_be_saved_and_loaded(djl):
    module = from_block(djl.linear(2))
    state = module.state_dict()
    assert isinstance(state["weight"], UninitializedParameter)
    other = from_block(djl.linear(2))
    other.load_state_dict(state)
    assert not other.is_initialized
    assert other(torch.ones(1, 3)).shape == (1, 2)


def test_a_failed_initialization_can_be_repeated(djl, managed_arrays):
    before = managed_arrays()
    module = from_block(djl.sequential(djl.linear(3), djl.conv2d(2, (2, 2))))
    for _ in range(2):
        with pytest.raises(PydjlError):
            module(torch.ones(2, 3, 4, 4, 4, 4, 4))
        assert not module.is_initialized
    assert module(torch.ones(1, 2, 4, 4)).shape == (1, 2, 3, 2)
    del module
    assert managed_arrays(before) == before


def test_dtype_and_device_before_the_first_input_are_the_parameters(djl):
    module = from_block(djl.linear(2)).double()
    assert module(torch.ones(1, 3).double()).dtype == torch.float64
    assert module.weight.dtype == torch.float64
    frozen = from_block(djl.linear(2))
    for parameter in frozen.parameters():
        parameter.requires_grad = False
    assert not frozen(torch.ones(1, 3)).requires_grad
    with torch.inference_mode():
        module = from_block(djl.linear(2))
        module(torch.ones(1, 3))
    module(torch.ones(1, 3)).sum().backward()
    assert module.weight.grad is not None
