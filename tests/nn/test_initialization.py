"""init="djl": DJL's own initializer draws, from PyTorch's generator."""

from __future__ import annotations

import copy
import math
import pickle

import pytest
import torch

import pydjl
from pydjl.errors import ArgumentError

# Layer, arguments, keywords, fan-in.
LAYERS = [
    ("Conv1d", (30, 40, 5), {"groups": 2}, 75),
    ("Conv2d", (30, 40, (2, 3)), {}, 180),
    ("Conv3d", (10, 40, (1, 2, 3)), {}, 60),
    ("ConvTranspose1d", (30, 40, 5), {"groups": 2}, 75),
    ("ConvTranspose2d", (30, 40, (2, 3)), {}, 180),
    ("ConvTranspose3d", (10, 40, (1, 2, 3)), {}, 60),
    ("Linear", (50, 100), {}, 50),
    ("Embedding", (100, 50), {}, 50),
]
every_layer = pytest.mark.parametrize(("name", "args", "kwargs", "fan_in"), LAYERS)


@every_layer
def test_weights_have_djls_distribution_and_biases_are_zero(name, args, kwargs, fan_in):
    layer = getattr(pydjl.nn, name)(*args, **kwargs, init="djl")
    weight = layer.weight
    assert isinstance(weight, torch.nn.Parameter)
    assert weight.requires_grad
    # 5 standard errors of the mean and of the standard deviation of as many normal numbers.
    expected = math.sqrt(2 / fan_in)
    n = weight.numel()
    assert abs(weight.mean().item()) < 5 * expected / math.sqrt(n)
    assert abs(weight.std().item() - expected) < 5 * expected / math.sqrt(2 * n)
    if name != "Embedding":
        assert not layer.bias.any()
    torchs = getattr(pydjl.nn, name)(*args, **kwargs)
    assert torchs.weight.std().item() != pytest.approx(expected, rel=0.2) or name == "Linear"


def test_one_seed_gives_the_numbers_of_djls_linear_block():
    from pydjl.nn import from_block
    from pydjl.runtime import java_class

    torch.manual_seed(4)
    ours = pydjl.nn.Linear(5, 3, init="djl")
    torch.manual_seed(4)
    djls = from_block(java_class("ai.djl.nn.core.Linear").builder().setUnits(3).build())
    x = torch.randn(2, 5, generator=torch.Generator().manual_seed(0))
    expected = djls(x)
    assert torch.equal(ours.weight, djls.weight)
    torch.testing.assert_close(ours(x), expected)


@every_layer
def test_the_rule_is_kept_and_shown(name, args, kwargs, fan_in):
    layer = getattr(pydjl.nn, name)(*args, **kwargs, init="djl")
    assert repr(layer).endswith(", init='djl')")
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        torch.manual_seed(1)
        layer.reset_parameters()
        torch.manual_seed(1)
        twin.reset_parameters()
        assert torch.equal(twin.weight, layer.weight)
    state = layer.weight
    layer.reset_parameters()
    assert layer.weight is state
    assert not torch.equal(layer.weight, twin.weight)


def test_dtype_and_device():
    layer = pydjl.nn.Linear(3, 2, dtype=torch.float64, init="djl")
    assert layer.weight.dtype is torch.float64
    meta = pydjl.nn.Linear(3, 2, device="meta", init="djl")
    meta.to_empty(device="cpu").reset_parameters()
    assert meta.weight.any()


def test_the_padding_row_of_an_embedding_stays_zero():
    layer = pydjl.nn.Embedding(4, 3, padding_idx=1, init="djl")
    assert not layer.weight[1].any()
    assert layer.weight[0].any()


def test_another_rule_is_refused():
    with pytest.raises(ArgumentError, match="init is 'xavier'"):
        pydjl.nn.Conv2d(1, 1, 1, init="xavier")
