"""Jacobians: DJL's autograd against closed forms, torch's autograd and the lecture's formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError, JavaError, ShapeError
from pydjl.lab.jacobians import (
    input_jacobian,
    input_jacobian_in_closed_form,
    kernel_jacobian,
    kernel_jacobian_in_closed_form,
)
from pydjl.training import GradientCollector

ALL = [
    input_jacobian,
    kernel_jacobian,
    input_jacobian_in_closed_form,
    kernel_jacobian_in_closed_form,
]


@given(st.data())
def test_autograd_of_djl_closed_form_and_autograd_of_torch_agree(drawn_layer, data):
    x, w, how = drawn_layer(data, largest=4, most=2)

    def layer(x, w):
        return F.conv2d(x[None], w, None, *how).flatten()

    by_input, by_kernel = torch.autograd.functional.jacobian(layer, (x, w))
    by_input, by_kernel = by_input.flatten(1), by_kernel.flatten(1)
    torch.testing.assert_close(input_jacobian(x, w, *how), by_input)
    torch.testing.assert_close(kernel_jacobian(x, w, *how), by_kernel)
    assert torch.equal(input_jacobian_in_closed_form(x, w, *how), by_input)
    assert torch.equal(kernel_jacobian_in_closed_form(x, w, *how), by_kernel)


@given(st.data())
def test_lines_and_planes_without_channels(drawn_layer, data):
    x, w, (stride, padding, dilation, _) = drawn_layer(data, largest=4, most=2)
    plane, kernel = x[0], w[0, 0]
    how = (stride, padding, dilation)
    channels = x[:1], w[:1, :1]
    assert torch.equal(input_jacobian(plane, kernel, *how), input_jacobian(*channels, *how))
    line, taps, how = plane[:, 0], kernel[:, 0], (stride[0], padding[0], dilation[0])
    for autograd, closed in (ALL[::2], ALL[1::2]):
        torch.testing.assert_close(autograd(line, taps, *how), closed(line, taps, *how))


def test_jacobian_is_the_matrix_of_the_lecture_not_its_transpose():
    x, kernel = torch.randn(3, 3), torch.tensor([[1.0, 2], [3, 4]])
    expected = [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]
    jacobian = input_jacobian(x, kernel)
    assert jacobian.tolist() == expected
    # It maps a step of the input to the change of the output, which its transpose cannot.
    step = torch.randn(3, 3)
    change = pydjl.corr2d(x + step, kernel) - pydjl.corr2d(x, kernel)
    torch.testing.assert_close((jacobian @ step.flatten()).reshape(2, 2), change)
    # What is multiplied in a backward pass is the transpose.
    g = torch.randn(2, 2)
    transposed = F.conv_transpose2d(g[None, None], kernel[None, None])[0, 0]
    torch.testing.assert_close((jacobian.T @ g.flatten()).reshape(3, 3), transposed)


def test_derivative_by_a_cell_is_the_element_under_it():
    x, kernel = torch.randn(4, 5), torch.randn(2, 3)
    jacobian = kernel_jacobian(x, kernel).reshape(3, 3, 2, 3)
    for i, j, p, q in np.ndindex(3, 3, 2, 3):
        assert jacobian[i, j, p, q] == x[i + p, j + q]


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("kind", [pydjl.array, torch.tensor, np.asarray])
def test_the_result_is_of_the_kind_of_the_input(function, kind):
    x, kernel = kind([[1.0, 2, 3], [4, 5, 6]]), kind([[1.0, -1]])
    result = function(x, kernel)
    assert type(result) is type(x)
    assert str(result.dtype).endswith(str(x.dtype).removeprefix("torch."))


@pytest.mark.parametrize("function", [input_jacobian, kernel_jacobian])
def test_graphs_gradients_and_modes_of_the_caller_stay(function):
    x = torch.randn(3, 4, requires_grad=True)
    kernel = torch.randn(2, 2, requires_grad=True)
    derived = kernel * 2
    expected = function(x.detach(), derived.detach())
    for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode):
        with mode():
            grad_mode = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
            result = function(x, derived)
            assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == grad_mode
        assert torch.equal(result, expected)
        assert not result.requires_grad
    assert x.grad is None
    assert kernel.grad is None
    assert x.requires_grad
    derived.sum().backward()
    assert kernel.grad.tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize("function", [input_jacobian, kernel_jacobian])
def test_tensors_of_inference_mode_can_be_asked(function):
    with torch.inference_mode():
        x, kernel = torch.ones(3, 4), torch.ones(2, 2)
    assert torch.equal(function(x, kernel), function(x.clone(), kernel.clone()))


def test_an_open_collector_is_named():
    x, kernel = torch.ones(3, 3), torch.ones(2, 2)
    with GradientCollector(), pytest.raises(JavaError, match="already collecting"):
        input_jacobian(x, kernel)
    assert input_jacobian(x, kernel).shape == (4, 9)


def test_closed_forms_stay_in_the_graph():
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    kernel = torch.randn(2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda k: input_jacobian_in_closed_form(x, k), (kernel,))
    assert torch.autograd.gradcheck(lambda x: kernel_jacobian_in_closed_form(x, kernel), (x,))


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    ("X", "K", "arguments", "kind", "words"),
    [
        (torch.ones(2, 2), torch.ones(3, 1), {}, ShapeError, "kernel_size 3 .* size 2"),
        (torch.ones(3), torch.ones(2, 2), {}, ShapeError, "do not fit together"),
        (torch.ones(0, 3), torch.ones(1, 1), {}, (ShapeError, ArgumentError), "0"),
        (torch.ones(2, 3, 3), torch.ones(3, 1, 2, 2), {"groups": 2}, ShapeError, "groups=2"),
        (torch.ones(3, 3), torch.ones(2, 2), {"stride": 0}, ArgumentError, "stride is 0"),
        (torch.ones(3, 3), torch.ones(2, 2), {"padding": -1}, ArgumentError, "padding is -1"),
        (torch.ones(3, 3), torch.ones(2, 2).double(), {}, DtypeError, "float32, torch.float64"),
        (torch.ones(3, 3).int(), torch.ones(2, 2).int(), {}, DtypeError, "int32, but floating"),
        (torch.ones(3, 3), [[1.0]], {}, ArgumentTypeError, "K must be .* not list"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(function, X, K, arguments, kind, words):
    with pytest.raises(kind, match=words):
        function(X, K, **arguments)
