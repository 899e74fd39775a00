"""Everything that takes a device, on CUDA: by handle, in the device's own memory, as on the CPU."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import pydjl
from pydjl.nn import from_block, functional, to_block
from pydjl.runtime import java_class
from pydjl.training import GradientCollector, Trainer, losses, optimizers

pytestmark = pytest.mark.gpu


@pytest.fixture
def device() -> torch.device:
    return torch.device("cuda", 0)


def test_a_tensor_crosses_by_handle_and_never_leaves_the_device(device):
    tensor = torch.arange(12.0, device=device).reshape(3, 4)
    array = pydjl.from_torch(tensor)
    assert array.device == device
    assert str(array.java.getDevice()) == "gpu(0)"
    assert pydjl.from_java(array.java).torch().data_ptr() == tensor.data_ptr()
    assert array.reshape(4, 3).torch().data_ptr() == tensor.data_ptr()
    array[0] = 7.0
    assert tensor[0].tolist() == [7.0] * 4


def test_operations_stay_on_the_device(device):
    array = pydjl.array([[1.0, 2.0], [3.0, 4.0]], device="gpu(0)")
    results = [array + array, array * 2, array @ array, array[0], array.sum(axis=1), array.T]
    results += [pydjl.concat([array, array]), pydjl.where(array > 2, array, 0.0), array.copy()]
    assert {result.device for result in results} == {device}
    assert (array @ array).to_device("cpu").tolist() == [[7.0, 10.0], [15.0, 22.0]]


def test_operands_on_two_devices_are_refused(device):
    x = torch.ones(2, device=device)
    with pytest.raises(pydjl.errors.DeviceError):
        pydjl.from_torch(x) + pydjl.array([1.0, 2.0])


FUNCTIONS = {
    "conv2d": lambda f, x, w: f.conv2d(x, w, stride=(1, 2), padding=1),
    "conv_transpose2d": lambda f, x, w: f.conv_transpose2d(x, w.transpose(0, 1), stride=2),
    "max_pool2d": lambda f, x, w: f.max_pool2d(x, (2, 3)),
    "adaptive_avg_pool2d": lambda f, x, w: f.adaptive_avg_pool2d(x, (2, 1)),
    "layer_norm": lambda f, x, w: f.layer_norm(x, x.shape[-1:]),
    "softmax": lambda f, x, w: f.softmax(x, dim=-1),
    "gelu": lambda f, x, w: f.gelu(x),
    "linear": lambda f, x, w: f.linear(x, torch.ones(5, 9, device=x.device)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_and_their_gradients_are_torchs(device, name):
    results = []
    for f in (functional, nn.functional):
        torch.manual_seed(3)
        x = torch.randn(2, 3, 7, 9, device=device, requires_grad=True)
        w = torch.randn(4, 3, 3, 2, device=device, requires_grad=True)
        y = FUNCTIONS[name](f, x, w)
        assert y.device == device
        y.square().sum().backward()
        results.append((y, x.grad, w.grad))
    for ours, torchs in zip(*results, strict=True):
        assert (ours is None) == (torchs is None)
        if ours is not None:
            torch.testing.assert_close(ours, torchs)


def test_the_chapters_operator_and_layer(device):
    X, K = torch.randn(6, 8, device=device), torch.randn(2, 3, device=device)
    Y = pydjl.corr2d(X, K)
    assert Y.device == device
    torch.testing.assert_close(Y, pydjl.reference.corr2d(X, K))
    layer = pydjl.nn.ConvolutionalLayer((2, 3)).to(device)
    layer(X).sum().backward()
    assert layer.weight.grad.device == device


def test_blocks_of_both_languages(device):
    block = java_class("ai.djl.nn.SequentialBlock")()
    block.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(3).build())
    block.add(to_block(nn.Tanh()))
    module = from_block(block).to(device)
    x = torch.randn(4, 5, device=device, requires_grad=True)
    y = module(x)
    y.sum().backward()
    weight, bias = module.parameters()
    torch.testing.assert_close(y, torch.tanh(nn.functional.linear(x, weight, bias)))
    assert {x.grad.device, weight.device, weight.grad.device} == {device}


def test_the_collector_and_the_trainer(device):
    w = torch.tensor([1.0, 2.0], device=device, requires_grad=True)
    with GradientCollector() as collector:
        collector.backward((w * w).sum())
    assert w.grad.tolist() == [2.0, 4.0]
    module = nn.Linear(4, 1).to(device)
    before = module.weight.detach().clone()
    with Trainer(module, losses.L2Loss(), optimizers.Sgd(module.parameters(), lr=0.1)) as trainer:
        loss = trainer.step(torch.ones(3, 4, device=device), torch.ones(3, 1, device=device))
    assert loss.device == module.weight.device == device
    assert not torch.equal(before, module.weight)


def test_memory_of_the_device_is_given_back(device):
    x = torch.randn(256, 256, device=device)
    array = pydjl.from_torch(x)

    def work():
        for _ in range(400):
            (array @ array).sum()
            functional.conv2d(x[None, None], x[None, None, :3, :2])

    work()
    before = torch.cuda.memory_allocated(device)
    work()
    assert torch.cuda.memory_allocated(device) == before


def test_more_memory_than_the_device_has_is_an_error_and_all_goes_on(device):
    x = pydjl.from_torch(torch.ones(1, device=device))
    with pytest.raises(MemoryError):
        x.broadcast_to(2**40) * 2
    assert (x * 2).item() == 2.0


def test_the_generator_of_the_device_is_left_alone(device):
    before = torch.cuda.get_rng_state(device)
    x = torch.randn(1, 1, 6, 8).to(device)
    functional.conv2d(x, x[..., :2, :3])
    assert torch.equal(torch.cuda.get_rng_state(device), before)
