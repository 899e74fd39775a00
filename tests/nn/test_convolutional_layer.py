"""The chapter's layer, against the Java loop, against Java's layer and against PyTorch."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl import reference
from pydjl.errors import ArgumentTypeError, DtypeError, OutOfMemoryError, ShapeError
from pydjl.nn import ConvolutionalLayer, from_block
from pydjl.runtime import java_class


@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 5)),
    extra=st.tuples(st.integers(0, 4), st.integers(0, 6)),
    seed=st.integers(0, 2**31),
)
def test_outputs_and_gradients_are_those_of_the_loop_and_of_the_reference(kernel, extra, seed):
    torch.manual_seed(seed)
    layer = ConvolutionalLayer(kernel).double()
    twin = reference.ConvolutionalLayer(kernel).double()
    twin.load_state_dict(layer.state_dict())
    X = torch.randn(kernel[0] + extra[0], kernel[1] + extra[1], dtype=torch.float64)
    X.requires_grad_()
    result = layer(X)
    loop = pydjl.corr2d(X, layer.weight) + layer.bias
    expected = twin(X)
    torch.testing.assert_close(result, loop)
    torch.testing.assert_close(result, expected)
    seed_gradient = torch.randn_like(result)
    ours = torch.autograd.grad(result, (X, *layer.parameters()), seed_gradient)
    loops = torch.autograd.grad(loop, (X, *layer.parameters()), seed_gradient)
    references = torch.autograd.grad(expected, (X, *twin.parameters()), seed_gradient)
    for gradient, of_loop, of_reference in zip(ours, loops, references, strict=True):
        torch.testing.assert_close(gradient, of_loop)
        torch.testing.assert_close(gradient, of_reference)


def test_gradcheck_and_gradgradcheck():
    layer = ConvolutionalLayer((2, 3)).double()
    X = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)

    def run(X, weight, bias):
        parameters = {"weight": weight, "bias": bias}
        return torch.func.functional_call(layer, parameters, (X,))

    assert torch.autograd.gradcheck(run, (X, *layer.parameters()))
    assert torch.autograd.gradgradcheck(run, (X, *layer.parameters()))


def test_one_seed_gives_the_start_and_the_output_of_the_java_layer():
    torch.manual_seed(6)
    layer = ConvolutionalLayer((2, 3))
    shape = java_class("ai.djl.ndarray.types.Shape")(2, 3)
    java = from_block(java_class("org.pydjl.nn.convolutional.ConvolutionalLayer")(shape))
    X = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(6)
    expected = java(X)
    # Java's 0.01 is a float: the last bits differ.
    torch.testing.assert_close(layer.weight, java.weight, rtol=1e-6, atol=0)
    torch.testing.assert_close(layer.bias, java.bias, rtol=1e-6, atol=0)
    torch.testing.assert_close(layer(X), expected)


def test_first_values_are_small_and_normal():
    layer = ConvolutionalLayer((90, 110))
    assert abs(layer.weight.mean().item()) < 5 * 0.01 / 99
    assert abs(layer.weight.std().item() - 0.01) < 5 * 0.01 / 140
    assert layer.bias.shape == (1,)


def test_it_learns_the_edge_kernel():
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    Y = torch.zeros(6, 7)
    Y[:, 1], Y[:, 5] = 1, -1
    layer = ConvolutionalLayer((1, 2))
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.4)
    losses = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = (layer(X) - Y).square().mean() / 2
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 1e-6 * losses[0]
    torch.testing.assert_close(
        layer.weight.detach(), torch.tensor([[1.0, -1.0]]), atol=5e-3, rtol=0
    )


def test_kinds_of_arrays_copies_and_text():
    layer = ConvolutionalLayer((2, 3))
    assert repr(layer) == "ConvolutionalLayer(kernel_shape=(2, 3))"
    X = torch.randn(4, 6)
    expected = layer(X)
    assert torch.equal(layer(pydjl.from_torch(X)).torch(), expected)
    np.testing.assert_array_equal(layer(X.numpy()), expected.detach())
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(twin(X), expected)
    with torch.no_grad():
        assert not layer(X).requires_grad


@pytest.mark.parametrize(
    ("kernel", "kind", "words"),
    [
        ((0, 2), ShapeError, r"\(0, 2\)"),
        ((1, 2, 3), ShapeError, r"\(1, 2, 3\)"),
        (3, ArgumentTypeError, "kernel_shape is 3"),
        ((1, 2.5), ArgumentTypeError, r"\(1, 2.5\)"),
        ((True, True), ArgumentTypeError, r"\(True, True\)"),
        ((2**70, 1), ShapeError, "from 1 to 2"),
        ((2**40, 2**40), OutOfMemoryError, "ConvolutionalLayer: PyTorch cannot make it"),
    ],
)
def test_impossible_kernels_are_refused(kernel, kind, words):
    with pytest.raises(kind, match=words):
        ConvolutionalLayer(kernel)


@pytest.mark.parametrize(
    ("X", "kind", "words"),
    [
        (torch.ones(1, 5), ShapeError, r"\(1, 5\).*\(2, 3\)"),
        (torch.ones(1, 4, 5), ShapeError, r"\(1, 4, 5\)"),
        (torch.ones(4, 5).double(), DtypeError, "float32, torch.float64"),
        ([[1.0]], ArgumentTypeError, "X must be .* not list"),
    ],
)
def test_impossible_inputs_are_refused(X, kind, words):
    with pytest.raises(kind, match=words):
        ConvolutionalLayer((2, 3))(X)
