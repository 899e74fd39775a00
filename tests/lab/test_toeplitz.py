"""The sparse matrix of a cross-correlation, against the sources' numbers, torch and SciPy."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import toeplitz as toeplitz_of_scipy

import pydjl
from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    DtypeError,
    NotSupportedError,
    ShapeError,
)
from pydjl.lab.im2col import im2col
from pydjl.lab.toeplitz import toeplitz, windows

K = torch.tensor([[1.0, 2], [3, 4]])


def test_matrix_of_the_lecture_and_its_transpose():
    matrix = toeplitz(K, (3, 3))
    rows = [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]
    assert matrix.dense().tolist() == rows
    assert matrix.T.dense().tolist() == [list(column) for column in zip(*rows, strict=True)]
    assert matrix.T.T.shape == matrix.shape == (4, 9)


def test_edge_detector_is_a_matrix_of_84_elements():
    edges = torch.tensor([1.0, 1, 0, 0, 0, 0, 1, 1]).repeat(6, 1)
    matrix = toeplitz(torch.tensor([[1.0, -1]]), (6, 8))
    assert matrix.shape == (42, 48)
    assert matrix.values.shape == (84,)
    assert int(matrix.dense().count_nonzero()) == 84
    assert (matrix @ edges).tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6
    transposed = toeplitz(torch.tensor([[1.0, -1]]), (8, 6))
    assert not (transposed @ edges.T.contiguous()).any()


def test_figure_as_a_matrix_product():
    figure = toeplitz(torch.arange(4).reshape(2, 2), (3, 3))
    assert (figure @ torch.arange(9).reshape(3, 3)).tolist() == [[19, 25], [37, 43]]
    assert (figure @ torch.arange(9)).tolist() == [19, 25, 37, 43]


@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 2**31))
def test_matrix_of_a_line_is_scipys_toeplitz_matrix(more, k, seed):
    kernel = np.random.default_rng(seed).standard_normal(k)
    row = np.concatenate([kernel, np.zeros(more - 1)])
    column = np.zeros(more)
    column[0] = kernel[0]
    expected = toeplitz_of_scipy(column, row)
    assert np.array_equal(toeplitz(kernel, (more + k - 1,)).dense(), expected)


@given(st.data())
def test_product_is_torchs_convolution_and_the_transpose_its_gradient(drawn_layer, data):
    x, w, how = drawn_layer(data)
    matrix = toeplitz(w, tuple(x.shape), *how)
    leaf = x.clone().requires_grad_()
    y = F.conv2d(leaf[None], w, None, *how)[0]
    assert matrix.output_shape == tuple(y.shape)
    torch.testing.assert_close(matrix @ x, y.detach())
    g = torch.randn_like(y)
    (gradient,) = torch.autograd.grad(y, leaf, g)
    torch.testing.assert_close(matrix.T @ g, gradient)
    torch.testing.assert_close(matrix.dense() @ x.flatten(), y.detach().flatten())


@given(st.data())
def test_transpose_is_torchs_transposed_convolution(drawn_layer, data):
    x, w, (stride, padding, dilation, groups) = drawn_layer(data)
    matrix = toeplitz(w, tuple(x.shape), stride, padding, dilation, groups)
    g = torch.randn(matrix.output_shape, dtype=torch.float64)
    # What the stride leaves unused at the end of the input.
    measures = zip(x.shape[1:], w.shape[2:], stride, padding, dilation, strict=True)
    missing = [(n + 2 * p - d * (k - 1) - 1) % s for n, k, s, p, d in measures]
    expected = F.conv_transpose2d(g[None], w, None, stride, padding, missing, groups, dilation)
    torch.testing.assert_close(matrix.T @ g, expected[0])
    ours = pydjl.nn.functional.conv_transpose2d(
        g[None], w, None, stride, padding, missing, groups, dilation
    )
    torch.testing.assert_close(matrix.T @ g, ours[0])


@given(st.data())
def test_lines_with_channels(drawn_layer, data):
    x, w, how = drawn_layer(data)
    x, w = x[..., 0], w[..., 0]
    stride, padding, dilation, groups = how
    how = (stride[0], padding[0], dilation[0], groups)
    expected = F.conv1d(x[None], w, None, *how)[0]
    torch.testing.assert_close(toeplitz(w, tuple(x.shape), *how) @ x, expected)
    torch.testing.assert_close(windows(x, tuple(w.shape), *how) @ w, expected)


@given(st.data())
def test_windows_times_kernels_is_the_same_convolution(drawn_layer, data):
    x, w, how = drawn_layer(data)
    expected = F.conv2d(x[None], w, None, *how)[0]
    torch.testing.assert_close(windows(x, tuple(w.shape), *how) @ w, expected)


@given(st.data())
def test_windows_of_a_plane_are_the_columns_of_im2col(drawn_layer, data):
    x, w, (stride, padding, dilation, _) = drawn_layer(data)
    plane, kernel = x[0], tuple(w.shape[2:])
    rows = windows(plane, kernel, stride, padding, dilation).dense()
    assert torch.equal(rows, im2col(plane, kernel, stride, padding, dilation).T)


@given(st.data())
def test_elements_are_sorted_and_none_lies_in_the_padding(drawn_layer, data):
    x, w, how = drawn_layer(data)
    matrix = toeplitz(w, tuple(x.shape), *how)
    rows, columns = matrix.indices
    assert ((rows * matrix.shape[1] + columns).diff() > 0).all()
    for numbers, end in zip(matrix.indices, matrix.shape, strict=True):
        assert ((numbers >= 0) & (numbers < end)).all()


def test_exports_are_the_same_matrix():
    matrix = toeplitz(torch.randn(2, 3, dtype=torch.float64), (4, 5), (1, 2), 1)
    assert torch.equal(matrix.torch().to_dense(), matrix.dense())
    assert np.array_equal(matrix.scipy().toarray(), matrix.dense().numpy())
    x = torch.randn(4, 5, dtype=torch.float64)
    product = matrix.scipy().tocsr() @ x.flatten().numpy()
    np.testing.assert_allclose(product, (matrix @ x).flatten().numpy())


def test_without_scipy_the_export_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(NotSupportedError, match="pip install scipy"):
        toeplitz(K, (3, 3)).scipy()


@pytest.mark.parametrize("dtype", [torch.float32, torch.int64, torch.int32, torch.uint8])
def test_the_dtype_is_kept(dtype):
    matrix = toeplitz(K.to(dtype), (3, 3))
    assert matrix.dense().dtype is matrix.values.dtype is dtype
    y = matrix @ torch.arange(9).reshape(3, 3).to(dtype)
    assert y.dtype is dtype
    assert y.tolist() == [[27, 37], [57, 67]]


@pytest.mark.parametrize("kind", [pydjl.array, torch.tensor, np.asarray])
def test_all_arrays_are_of_the_kind_of_the_kernel(kind):
    matrix = toeplitz(kind([[1.0, 2]]), (2, 3))
    for array in (matrix.indices, matrix.values, matrix.dense(), matrix.T.indices):
        assert type(array) is type(kind([1.0]))
    x = kind([[1.0, 2, 4], [0, 1, 0]])
    assert type(matrix @ x) is type(x)
    assert (matrix @ x).tolist() == [[5, 10], [2, 1]]
    assert type(windows(x, (1, 2)).values) is type(x)


def test_gradients_flow_to_kernel_input_and_product():
    kernel = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    product = lambda k, x: toeplitz(k, (4, 5), (2, 1), 1) @ x  # noqa: E731
    assert torch.autograd.gradcheck(product, (kernel, x))
    assert torch.autograd.gradgradcheck(product, (kernel, x))
    assert torch.autograd.gradcheck(lambda k: toeplitz(k, (4, 5)).dense(), (kernel,))
    assert torch.autograd.gradcheck(lambda x: windows(x, (2, 3)) @ kernel.detach(), (x,))


def test_kernel_that_sees_nothing_but_padding():
    matrix = toeplitz(torch.ones(2), (1,), padding=2, dilation=4)
    assert matrix.shape == (1, 1)
    assert matrix.values.numel() == 0
    assert matrix.dense().tolist() == [[0]]
    assert (matrix @ torch.ones(1)).tolist() == [0]


@pytest.mark.slow
def test_nothing_leaks(leaked_bytes):
    x = torch.randn(5, 6)
    work = lambda: toeplitz(K, (5, 6), padding=1).T @ (toeplitz(K, (5, 6), padding=1) @ x)  # noqa: E731
    assert leaked_bytes(work, 150) < 40


def test_picture_of_224_by_224():
    x = torch.randn(224, 224)
    kernel = torch.randn(3, 3)
    matrix = toeplitz(kernel, (224, 224), padding=1)
    assert matrix.shape == (50176, 50176)
    assert matrix.values.numel() == 9 * 50176 - 2 * 3 * 2 * 224 + 4
    expected = F.conv2d(x[None, None], kernel[None, None], padding=1)[0, 0]
    torch.testing.assert_close(matrix @ x, expected, rtol=1e-4, atol=1e-5)
    back = F.conv_transpose2d(expected[None, None], kernel[None, None], padding=1)[0, 0]
    torch.testing.assert_close(matrix.T @ expected, back, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: toeplitz(K, (3, 1)), ShapeError, r"\(3, 1\) and .* kernel_size 2 .* size 1"),
        (lambda: toeplitz(K, (3,)), ShapeError, r"shape \(3,\) and a kernel of shape \(2, 2\)"),
        (lambda: toeplitz(K, (1, 3, 3)), ShapeError, "do not fit together"),
        (lambda: toeplitz(K[None], (3, 3)), ShapeError, r"kernels of shape \(1, 2, 2\)"),
        (lambda: toeplitz(K, (3, 0)), ArgumentError, r"input_shape is \(3, 0\)"),
        (lambda: toeplitz(K, 3), ArgumentTypeError, "input_shape is 3"),
        (lambda: toeplitz(K[:0], (3, 3)), ShapeError, "kernel_size is 0"),
        (lambda: toeplitz(K, (3, 3), 0), ArgumentError, "stride is 0"),
        (lambda: toeplitz(K, (3, 3), padding=-1), ArgumentError, "padding is -1"),
        (lambda: toeplitz(K, (3, 3), groups=2), ArgumentError, "no channels to divide"),
        (lambda: toeplitz(K[None, None], (2, 3, 3)), ShapeError, "groups=1 do not fit"),
        (lambda: toeplitz(K > 0, (3, 3)), DtypeError, "kernel is torch.bool"),
        (lambda: toeplitz(K.bfloat16(), (3, 3)), DtypeError, "bfloat16"),
        (lambda: toeplitz(K, (3, 3)) @ torch.ones(3, 4), ShapeError, r"\(3, 3\), or \(9,\)"),
        (lambda: toeplitz(K, (3, 3)) @ torch.ones(3, 3).double(), DtypeError, "float64"),
        (lambda: windows(K * 1j, (1, 1)), DtypeError, "X is torch.complex64"),
        (lambda: windows(K, (3, 1)), ShapeError, "kernel_size 3 .* size 2"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
