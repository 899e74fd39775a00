"""A boolean is no whole number and a number no boolean, as PyTorch has it: both are asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import pydjl
from pydjl.errors import ArgumentTypeError
from pydjl.nn import functional

X = torch.arange(48.0).reshape(1, 1, 6, 8)
K = torch.ones(1, 1, 2, 3)
BOTH = {
    "stride": lambda f: f.conv2d(X, K, stride=True),
    "one of two strides": lambda f: f.conv2d(X, K, stride=(True, 1)),
    "padding": lambda f: f.conv2d(X, K, padding=True),
    "dilation": lambda f: f.conv2d(X, K, dilation=True),
    "groups": lambda f: f.conv2d(X, K, groups=True),
    "transposed": lambda f: f.conv_transpose2d(X, K, stride=True),
    "kernel_size": lambda f: f.max_pool2d(X, (True, 2)),
    "output_size": lambda f: f.adaptive_avg_pool2d(X, True),
    "dim": lambda f: f.softmax(X, dim=True),
    "normalized_shape": lambda f: f.layer_norm(X, (True,)),
}
ARRAYS = {
    "axis": lambda x: x.sum(True),
    "shape": lambda x: x.reshape(True, -1),
    "transpose": lambda x: x.transpose(True, False, 2, 3),
    "repeats": lambda x: (
        x.repeat_interleave(True, 0) if isinstance(x, torch.Tensor) else x.repeat(True, 0)
    ),
    "sections": lambda x: x.split(True),
}

SWITCHES = {
    "ceil_mode": lambda f, value: f.max_pool2d(X, 2, ceil_mode=value),
    "ceil_mode of norms": lambda f, value: f.lp_pool2d(X, 2, 2, ceil_mode=value),
    "count_include_pad": lambda f, value: f.avg_pool2d(X, 2, 1, 1, count_include_pad=value),
    "training": lambda f, value: f.dropout(X, 0.5, training=value),
    "training of a norm": lambda f, value: f.batch_norm(X, None, None, training=value),
    "sparse": lambda f, value: f.embedding(torch.tensor([0]), K[0, 0], sparse=value),
    "scale_grad_by_freq": lambda f, value: f.embedding(
        torch.tensor([0]), K[0, 0], scale_grad_by_freq=value
    ),
}


@pytest.mark.parametrize("value", ["False", "no", 1, 1.5, None, torch.tensor(True)])
@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_takes_no_numbers_and_no_text_as_in_torch(name, value):
    with pytest.raises(TypeError):
        SWITCHES[name](nn.functional, value)
    with pytest.raises(ArgumentTypeError, match="but True or False is needed"):
        SWITCHES[name](functional, value)


def test_a_sum_takes_no_number_as_keepdims_either_and_numpys_truth_values():
    with pytest.raises(TypeError):
        X.sum(0, keepdim=1)
    with pytest.raises(ArgumentTypeError, match="keepdims is 1, but True or False"):
        pydjl.from_torch(X).sum(0, keepdims=1)
    assert pydjl.from_torch(X).sum(0, keepdims=np.True_).shape == (1, 1, 6, 8)


@pytest.mark.parametrize("name", BOTH)
def test_a_function_refuses_a_boolean_as_torch_does(name):
    with pytest.raises(TypeError):
        BOTH[name](nn.functional)
    with pytest.raises(ArgumentTypeError):
        BOTH[name](functional)


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_refuses_a_boolean_as_torch_does(name):
    with pytest.raises(TypeError):
        ARRAYS[name](X)
    with pytest.raises(ArgumentTypeError):
        ARRAYS[name](pydjl.from_torch(X))


def test_where_torch_takes_a_boolean_for_a_number_so_do_we():
    assert torch.equal(functional.leaky_relu(-X, True), nn.functional.leaky_relu(-X, True))
    assert torch.equal(functional.elu(-X, alpha=True), nn.functional.elu(-X, alpha=True))
