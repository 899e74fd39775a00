from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import conv2d

from pydjl.errors import DtypeError, ShapeError
from pydjl.reference import corr2d, corr2d_numpy, edge_image, edge_kernel

FIGURE_X = torch.arange(9.0).reshape(3, 3)
FIGURE_K = torch.arange(4.0).reshape(2, 2)


@st.composite
def problems(draw, dtype):
    """A random input and a random kernel that fits, of any heights and widths."""
    h, w = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    height, width = h + draw(st.integers(0, 5)), w + draw(st.integers(0, 5))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    if dtype.is_floating_point or dtype.is_complex:
        X = torch.randn(height, width, dtype=dtype, generator=generator)
        K = torch.randn(h, w, dtype=dtype, generator=generator)
    else:
        X = torch.randint(-1000, 1000, (height, width), dtype=dtype, generator=generator)
        K = torch.randint(-1000, 1000, (h, w), dtype=dtype, generator=generator)
    return X, K


# --- the numbers of the chapter -------------------------------------------------------------


def test_the_figure_of_the_chapter():
    Y = corr2d(FIGURE_X, FIGURE_K)
    assert Y.dtype == torch.float32
    assert Y.tolist() == [[19, 25], [37, 43]]


@pytest.mark.parametrize(
    ("cell", "terms"),
    [
        ((0, 0), [0 * 0, 1 * 1, 3 * 2, 4 * 3]),
        ((0, 1), [1 * 0, 2 * 1, 4 * 2, 5 * 3]),
        ((1, 0), [3 * 0, 4 * 1, 6 * 2, 7 * 3]),
        ((1, 1), [4 * 0, 5 * 1, 7 * 2, 8 * 3]),
    ],
)
def test_each_cell_is_the_sum_of_its_four_terms(cell, terms):
    assert corr2d(FIGURE_X, FIGURE_K)[cell].item() == sum(terms)


def test_flipping_the_kernel_by_180_degrees_makes_it_a_convolution():
    Y = corr2d(FIGURE_X, FIGURE_K.flip(0, 1))
    assert Y.tolist() == [[5, 11], [23, 29]]
    convolved = scipy.signal.convolve2d(FIGURE_X, FIGURE_K, mode="valid")
    np.testing.assert_array_equal(Y, convolved)


def test_an_impulse_shows_the_kernel_flipped():
    impulse = torch.zeros(5, 7)
    impulse[2, 3] = 1
    K = torch.arange(1.0, 7.0).reshape(2, 3)
    assert torch.equal(corr2d(impulse, K)[1:3, 1:4], K.flip(0, 1))


def test_the_edge_map():
    Y = corr2d(edge_image(), edge_kernel())
    assert Y.tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6


def test_the_kernel_sees_no_edge_in_the_transposed_image():
    assert torch.equal(corr2d(edge_image().T, edge_kernel()), torch.zeros(8, 5))


def test_diagonal_edges():
    eye, K = torch.eye(6), edge_kernel()
    rows, columns = torch.meshgrid(torch.arange(6), torch.arange(5), indexing="ij")
    expected = (columns == rows).float() - (columns == rows - 1).float()
    assert torch.equal(corr2d(eye, K), expected)
    assert torch.equal(corr2d(eye.T, K), expected)
    # The transposed kernel: shape (5, 6), +1 on the diagonal, -1 right of it.
    rows, columns = torch.meshgrid(torch.arange(5), torch.arange(6), indexing="ij")
    expected = (columns == rows).float() - (columns == rows + 1).float()
    assert torch.equal(corr2d(eye, K.T), expected)


@given(problems(torch.float64))
def test_transposing_both_transposes_the_output(problem):
    X, K = problem
    torch.testing.assert_close(corr2d(X, K).T, corr2d(X.T, K.T))


# --- against other libraries ----------------------------------------------------------------


@given(problems(torch.float64))
def test_equals_scipy(problem):
    X, K = problem
    expected = scipy.signal.correlate2d(X.numpy(), K.numpy(), mode="valid")
    np.testing.assert_allclose(corr2d(X, K), expected, rtol=1e-12, atol=1e-12)


@given(problems(torch.float32))
def test_equals_torch_conv2d(problem):
    X, K = problem
    torch.testing.assert_close(corr2d(X, K), conv2d(X[None, None], K[None, None])[0, 0])


@given(problems(torch.int16))
def test_integers_equal_numpy_and_wrap_around_like_it(problem):
    X, K = problem
    Y = corr2d(X, K)
    assert Y.dtype == torch.int16
    np.testing.assert_array_equal(Y, corr2d_numpy(X.numpy(), K.numpy()))


@given(problems(torch.complex128))
def test_complex_numbers_equal_numpy(problem):
    X, K = problem
    np.testing.assert_allclose(corr2d(X, K), corr2d_numpy(X.numpy(), K.numpy()), rtol=1e-12)


@given(problems(torch.float32))
def test_strides_do_not_matter(problem):
    X, K = problem
    wide = torch.full((2 * X.shape[0], 3 * X.shape[1]), torch.nan)
    wide[::2, ::3] = X
    assert torch.equal(corr2d(wide[::2, ::3], K.T.contiguous().T), corr2d(X, K))


# --- dtypes and gradients -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "k"),
    [
        (torch.float16, torch.float16),
        (torch.bfloat16, torch.bfloat16),
        (torch.float32, torch.float64),
        (torch.int32, torch.float32),
        (torch.uint8, torch.int8),
        (torch.bool, torch.int64),
        (torch.float32, torch.complex64),
    ],
)
def test_the_dtype_is_the_promoted_one(x, k):
    Y = corr2d(FIGURE_X.to(x), FIGURE_K.to(k))
    assert Y.dtype == torch.promote_types(x, k)


@given(problems(torch.float64))
def test_gradients_by_input_and_kernel(problem):
    X, K = (tensor.requires_grad_() for tensor in problem)
    assert torch.autograd.gradcheck(corr2d, (X, K))


def test_second_gradients():
    X = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    K = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(corr2d, (X, K))


# --- wrong arguments ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "k", "message"),
    [
        ((2, 5), (3, 4), r"K of shape \(3, 4\) does not fit into X of shape \(2, 5\)"),
        ((5, 2), (3, 4), r"K of shape \(3, 4\) does not fit into X of shape \(5, 2\)"),
        ((3,), (2, 2), r"X has shape \(3,\)"),
        ((1, 1, 6, 8), (1, 2), r"X has shape \(1, 1, 6, 8\)"),
        ((6, 8), (1, 1, 1, 2), r"K has shape \(1, 1, 1, 2\)"),
        ((3, 3), (0, 2), r"kernel's shape is \(0, 2\)"),
    ],
)
@pytest.mark.parametrize("operator", [corr2d, corr2d_numpy])
def test_shapes_that_do_not_fit(operator, x, k, message):
    with pytest.raises(ShapeError, match=message) as caught:
        operator(torch.zeros(x), torch.zeros(k))
    assert k in caught.value.shapes


def test_booleans_have_no_sum():
    with pytest.raises(DtypeError, match=r"torch\.bool"):
        corr2d(torch.ones(3, 3, dtype=torch.bool), torch.ones(2, 2, dtype=torch.bool))
