"""What layers refuse when they are made, beside PyTorch's layers with the same arguments."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch
from torch import nn

import pydjl
from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    DeviceError,
    DivisionByZeroError,
    DtypeError,
    NotSupportedError,
    OutOfMemoryError,
    PydjlError,
    ShapeError,
)

X = torch.linspace(-2, 2, 2 * 4 * 8 * 8).view(2, 4, 8, 8)
ROWS = torch.tensor([1])
INPUTS = {"Linear": X[..., :4], "Embedding": ROWS}
# Name, arguments, keywords; our error, and what it says. PyTorch's layer fails with all of them,
# when it is made or when it is applied.
REFUSED = [
    ("Conv2d", (2, 4, -3), {}, ArgumentError, "Conv2d: kernel_size is -3"),
    ("Conv2d", (4, 4, 0), {}, ArgumentError, "Conv2d: kernel_size is 0"),
    ("Conv2d", (4, 4, 3.0), {}, ArgumentTypeError, "kernel_size is 3.0"),
    ("Conv2d", (4, 4, (3,)), {}, ArgumentError, r"kernel_size is \(3,\), but one number or 2"),
    ("Conv2d", (4, 4, (3, 3, 3)), {}, ArgumentError, r"kernel_size is \(3, 3, 3\)"),
    ("Conv2d", (2, "4", 3), {}, ArgumentTypeError, "out_channels is '4', but a whole number"),
    ("Conv2d", (-1, 4, 3), {}, ArgumentError, "in_channels is -1"),
    ("Conv2d", (4, 4, 3), {"groups": 3}, ArgumentError, "in_channels is 4, but the number of gro"),
    ("Conv2d", (4, 3, 3), {"groups": 2}, ArgumentError, "out_channels is 3, but the number of gr"),
    ("Conv2d", (4, 4, 3), {"groups": 0}, ArgumentError, "groups is 0"),
    ("Conv2d", (4, 4, 3), {"groups": True}, ArgumentTypeError, "groups is True"),
    ("Conv2d", (4, 4, 3), {"groups": "2"}, ArgumentTypeError, "groups is '2'"),
    ("Conv2d", (4, 4, 3, 0), {}, ArgumentError, "stride is 0"),
    ("Conv2d", (4, 4, 3, True), {}, ArgumentTypeError, "stride is True"),
    ("Conv2d", (4, 4, 3, 1, -1), {}, ArgumentError, "padding is -1"),
    ("Conv2d", (4, 4, 3, 1, None), {}, ArgumentTypeError, "padding is None"),
    ("Conv2d", (4, 4, 3, 1, "foo"), {}, ArgumentError, "padding is 'foo'.*'valid' or 'same'"),
    ("Conv2d", (4, 4, 3, 2, "same"), {}, ArgumentError, "padding='same' needs stride 1, not 2"),
    ("Conv2d", (4, 4, 3), {"dilation": 0}, ArgumentError, "dilation is 0"),
    ("Conv2d", (4, 4, 3), {"padding_mode": "bogus"}, ArgumentError, "padding_mode is 'bogus'"),
    ("Conv2d", (4, 4, 3), {"dtype": "float32"}, DtypeError, "dtype is 'float32'"),
    ("Conv2d", (4, 4, 3), {"dtype": torch.int64}, DtypeError, "dtype is torch.int64"),
    ("Conv2d", (4, 4, 3), {"device": "foo"}, DeviceError, "device 'foo' cannot be used"),
    ("Conv2d", (4, 4, 3), {"device": 1.5}, ArgumentTypeError, "device is a float"),
    ("Conv2d", (10**10, 10**10, 3), {}, OutOfMemoryError, "Conv2d: PyTorch cannot make it"),
    ("ConvTranspose2d", (4, 4, 3), {"groups": 3}, ArgumentError, "in_channels is 4"),
    ("ConvTranspose2d", (4, 4, 3, 1, "same"), {}, ArgumentTypeError, "no padding by name"),
    ("ConvTranspose2d", (4, 4, 3, 1, 0, -1), {}, ArgumentError, "output_padding is -1"),
    ("Linear", (-1, 4), {}, ArgumentError, "Linear: in_features is -1"),
    ("Linear", (2.5, 4), {}, ArgumentTypeError, "in_features is 2.5"),
    ("Linear", (2**70, 4), {}, ArgumentError, r"in_features is 11.*from 0 to 2\*\*63 - 1"),
    ("Linear", (2**45, 4), {}, OutOfMemoryError, "Linear: PyTorch cannot make it"),
    ("BatchNorm2d", (-4,), {}, ArgumentError, "BatchNorm2d: num_features is -4"),
    ("BatchNorm2d", (4, "a"), {}, ArgumentTypeError, "eps is 'a'"),
    ("BatchNorm2d", (4, None), {}, ArgumentTypeError, "eps is None"),
    ("BatchNorm2d", (4,), {"momentum": "a"}, ArgumentTypeError, "momentum is 'a'"),
    ("LayerNorm", (-8,), {}, ArgumentError, "LayerNorm: normalized_shape is -8"),
    ("LayerNorm", ("8",), {}, ArgumentTypeError, "normalized_shape is '8'"),
    ("LayerNorm", ((),), {}, ArgumentError, r"normalized_shape is \(\)"),
    ("LayerNorm", (8, "a"), {}, ArgumentTypeError, "eps is 'a'"),
    ("Embedding", (10, 3, 10), {}, ArgumentError, "padding_idx is 10.*from -10 to 9"),
    ("Embedding", (10, 3, 1.5), {}, ArgumentTypeError, "padding_idx is 1.5"),
    ("Embedding", (10, 3, True), {}, ArgumentTypeError, "padding_idx is True"),
    ("Embedding", (-1, 3), {}, ArgumentError, "num_embeddings is -1"),
    ("Embedding", (10, 3), {"sparse": "no"}, ArgumentTypeError, "sparse is 'no'"),
    ("Embedding", (10, 3), {"_weight": X[0, 0]}, ShapeError, r"_weight has shape \(8, 8\)"),
    ("MaxPool2d", (-1,), {}, ArgumentError, "MaxPool2d: kernel_size is -1"),
    ("MaxPool2d", (2, 0), {}, ArgumentError, "stride is 0"),
    ("MaxPool2d", (True,), {}, ArgumentTypeError, "kernel_size is True"),
    ("MaxPool2d", (3,), {"ceil_mode": "no"}, ArgumentTypeError, "ceil_mode is 'no'"),
    ("MaxPool2d", (3,), {"ceil_mode": 1}, ArgumentTypeError, "ceil_mode is 1"),
    ("AvgPool1d", (-2,), {}, ArgumentError, "AvgPool1d: kernel_size is -2"),
    ("AvgPool2d", (2,), {"count_include_pad": "no"}, ArgumentTypeError, "include_pad is 'no'"),
    ("AvgPool2d", (2,), {"divisor_override": 0}, NotSupportedError, "divisor_override=0"),
    ("LPPool2d", (0, 2), {}, DivisionByZeroError, "LPPool2d: norm_type is 0"),
    ("AdaptiveAvgPool2d", (-1,), {}, ArgumentError, "output_size is -1"),
    ("AdaptiveAvgPool2d", (2.5,), {}, ArgumentTypeError, "output_size is 2.5"),
    ("AdaptiveMaxPool2d", ((1, 2, 3),), {}, ArgumentError, r"output_size is \(1, 2, 3\)"),
    ("Dropout", (2,), {}, ArgumentError, "Dropout: p is 2"),
    ("Dropout", (math.nan,), {}, ArgumentError, "Dropout: p is nan"),
    ("Dropout", ("a",), {}, ArgumentTypeError, "p is 'a'"),
    ("LeakyReLU", ("a",), {}, ArgumentTypeError, "negative_slope is 'a'"),
    ("ELU", (None,), {}, ArgumentTypeError, "alpha is None"),
    ("PReLU", (-1,), {}, ArgumentError, "num_parameters is -1"),
    ("PReLU", (4, "a"), {}, ArgumentTypeError, "init is 'a'"),
    ("GELU", ("erf",), {}, ArgumentError, "GELU: approximate is 'erf'"),
    ("GELU", (None,), {}, ArgumentTypeError, "approximate is a NoneType"),
    ("Softplus", ("a",), {}, ArgumentTypeError, "Softplus: beta is 'a'"),
    ("Softmax", (1.5,), {}, ArgumentTypeError, "Softmax: dim is 1.5"),
    ("LogSoftmax", ("1",), {}, ArgumentTypeError, "LogSoftmax: dim is '1'"),
]
# What PyTorch takes as well, in every kind of number and sequence.
TAKEN = [
    ("Conv2d", (np.int64(4), np.int8(4), np.int64(3)), {"groups": np.int64(2)}),
    ("Conv2d", (torch.tensor(4), 4, [3, 2], torch.Size((1, 2))), {"groups": torch.tensor(2)}),
    ("Conv2d", (4, 4, np.array([3, 2]), (2,), [1]), {"bias": None}),
    ("Conv2d", (4, 4, 3, 1, "valid"), {"dtype": float, "device": torch.device("cpu")}),
    ("Conv2d", (0, 4, 3), {}),
    ("ConvTranspose2d", (4, 4, torch.Size((3, 2)), np.array([2, 1])), {"padding": [1]}),
    ("Linear", (4, 0), {}),
    ("Linear", (np.array(4), torch.tensor(3)), {"bias": 0}),
    ("BatchNorm2d", (np.int64(4), np.float32(1e-3), True), {}),
    ("BatchNorm2d", (4, 0, None), {}),
    ("LayerNorm", (np.int64(8),), {}),
    ("LayerNorm", (torch.Size((8, 8)), 1), {}),
    ("LayerNorm", (np.array([8]),), {}),
    ("Embedding", (np.int64(10), 3, np.int64(-1)), {"norm_type": None}),
    ("Embedding", (10, 3, torch.tensor(2)), {"sparse": True}),
    ("MaxPool2d", (np.int64(2), []), {}),
    ("MaxPool2d", ([2], torch.Size((1, 2))), {}),
    ("AvgPool2d", ((2, 3), None, [1]), {}),
    ("LPPool2d", (True, 2), {}),
    ("LPPool2d", (math.inf, (2, 3)), {}),
    ("AdaptiveAvgPool2d", (0,), {}),
    ("AdaptiveAvgPool2d", (np.array([3, 2]),), {}),
    ("AdaptiveMaxPool2d", ([None, 3],), {}),
    ("Dropout", (True,), {}),
    ("Dropout", (torch.tensor(0.5),), {}),
    ("ELU", (np.float32(0.5),), {}),
    ("PReLU", (np.int64(4), torch.tensor(0.5)), {}),
    ("Softplus", (1, -5), {}),
    ("Softmax", (np.int64(-1),), {}),
]


def _made_and_applied(room, name, args, kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, about parameters without elements
        torch.manual_seed(0)
        layer = getattr(room, name)(*args, **kwargs)
        x = INPUTS.get(name, X)
        if "dtype" in kwargs:
            x = x.double()
        if name == "Conv2d" and args[0] == 0:
            x = x[:, :0]
        return layer(x)


def _ids(rows):
    return [f"{name}{args}{kwargs or ''}"[:50] for name, args, kwargs, *_ in rows]


@pytest.mark.parametrize(("name", "args", "kwargs", "kind", "words"), REFUSED, ids=_ids(REFUSED))
def test_what_torch_cannot_use_is_refused_when_the_layer_is_made(name, args, kwargs, kind, words):
    with pytest.raises(Exception) as of_torch:
        _made_and_applied(nn, name, args, kwargs)
    assert not isinstance(of_torch.value, PydjlError)
    with pytest.raises(kind, match=words):
        getattr(pydjl.nn, name)(*args, **kwargs)


@pytest.mark.parametrize(("name", "args", "kwargs"), TAKEN, ids=_ids(TAKEN))
def test_whatever_torch_takes_is_taken(name, args, kwargs):
    ours = _made_and_applied(pydjl.nn, name, args, kwargs)
    torchs = _made_and_applied(nn, name, args, kwargs)
    torch.testing.assert_close(ours, torchs)


def test_a_dimension_must_be_given_when_the_layer_is_made():
    for layer in (pydjl.nn.Softmax, pydjl.nn.LogSoftmax):
        with pytest.raises(ArgumentError, match="dim is None"):
            layer()


def test_a_boolean_is_no_number_of_channels_though_torch_takes_it():
    nn.Linear(True, 4)
    with pytest.raises(ArgumentTypeError, match="in_features is True"):
        pydjl.nn.Linear(True, 4)


def test_a_module_of_no_block_is_refused():
    with pytest.raises(ArgumentTypeError, match="BlockModule takes a DJL Block, not a str"):
        pydjl.nn.BlockModule("ai.djl.nn.core.Linear")


def test_an_error_of_torchs_constructor_is_chained():
    with pytest.raises(OutOfMemoryError) as raised:
        pydjl.nn.Linear(2**45, 4)
    assert isinstance(raised.value.__cause__, RuntimeError)
    assert isinstance(raised.value, MemoryError)
