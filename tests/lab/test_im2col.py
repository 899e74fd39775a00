"""Windows as columns against torch's unfold, and the products against torch's convolutions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError
from pydjl.lab.im2col import im2col, matrix_convolution, pointwise_convolution

size, small = st.integers(3, 8), st.integers(1, 3)
pairs = st.tuples(small, small)
seeds = st.integers(0, 2**31)


def fits(shape, kernel, padding, dilation):
    return all(
        n + 2 * p >= d * (k - 1) + 1
        for n, k, p, d in zip(shape, kernel, padding, dilation, strict=True)
    )


@given(st.tuples(small, small, size, size), pairs, pairs, pairs, pairs, seeds)
def test_columns_are_those_of_torchs_unfold(shape, kernel, stride, zeros, dilation, seed):
    padding = (zeros[0] - 1, zeros[1] - 1)
    assume(fits(shape[2:], kernel, padding, dilation))
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    expected = F.unfold(x, kernel, dilation=dilation, padding=padding, stride=stride)
    assert torch.equal(im2col(x, kernel, stride, padding, dilation), expected)
    assert torch.equal(im2col(x[0], kernel, stride, padding, dilation), expected[0])
    of_one = im2col(x[0, 0], kernel, stride, padding, dilation)
    assert torch.equal(of_one, expected[0, : kernel[0] * kernel[1]])


@given(size, small, small, st.integers(0, 2), small, seeds)
def test_columns_of_lines_are_numpys_sliding_windows(n, k, stride, padding, dilation, seed):
    assume(fits((n,), (k,), (padding,), (dilation,)))
    line = np.random.default_rng(seed).integers(-99, 99, n)
    extent = dilation * (k - 1) + 1
    view = np.lib.stride_tricks.sliding_window_view(np.pad(line, padding), extent)
    expected = view[::stride, ::dilation].T
    assert np.array_equal(im2col(line, (k,), stride, padding, dilation), expected)


@given(
    st.tuples(small, small, small, small), st.tuples(size, size), pairs, pairs, pairs, pairs, seeds
)
def test_product_is_torchs_convolution(channels, shape, kernel, stride, zeros, dilation, seed):
    n, groups, c_in, c_out = channels
    padding = (zeros[0] - 1, zeros[1] - 1)
    assume(fits(shape, kernel, padding, dilation))
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, groups * c_in, *shape, generator=generator, dtype=torch.float64)
    w = torch.randn(groups * c_out, c_in, *kernel, generator=generator, dtype=torch.float64)
    b = torch.randn(groups * c_out, generator=generator, dtype=torch.float64)
    arguments = (stride, padding, dilation, groups)
    expected = F.conv2d(x, w, b, *arguments)
    torch.testing.assert_close(matrix_convolution(x, w, b, *arguments), expected)
    torch.testing.assert_close(
        matrix_convolution(x[0], w, None, *arguments), expected[0] - b[:, None, None]
    )
    line = F.conv1d(x[..., 0], w[..., 0], b, stride[0], padding[0], dilation[0], groups)
    found = matrix_convolution(x[..., 0], w[..., 0], b, stride[0], padding[0], dilation[0], groups)
    torch.testing.assert_close(found, line)


def test_exercise_three():
    windows = im2col(np.arange(9).reshape(3, 3), (2, 2)).T
    assert windows.tolist() == [[0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]]
    product = pydjl.array(windows) @ pydjl.array(np.arange(4))
    assert product.tolist() == [19, 25, 37, 43]


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32, torch.uint8, torch.float16])
def test_dilated_kernels_of_integers_which_libtorch_lacks(dtype):
    x = torch.arange(35).reshape(1, 1, 5, 7).to(dtype) % 5
    w = torch.arange(6).reshape(1, 1, 2, 3).to(dtype) % 3
    expected = F.conv2d(x.double(), w.double(), dilation=2)
    found = matrix_convolution(x, w, dilation=2)
    assert found.dtype is dtype
    assert torch.equal(found.double(), expected)


def test_infinity_stays_in_the_windows_that_see_it():
    x = torch.zeros(4, 5)
    x[0, 0] = torch.inf
    assert torch.isfinite(im2col(x, (2, 2))[:, 1:]).all()


@given(st.tuples(small, small, small), st.lists(st.integers(1, 4), min_size=1, max_size=3), seeds)
def test_one_cell_is_a_matrix_product_over_channels(channels, sizes, seed):
    n, c_in, c_out = channels
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(n, c_in, *sizes, generator=generator, dtype=torch.float64)
    w = torch.randn(c_out, c_in, generator=generator, dtype=torch.float64)
    b = torch.randn(c_out, generator=generator, dtype=torch.float64)
    layer = getattr(F, f"conv{len(sizes)}d")
    expected = layer(x, w.reshape(c_out, c_in, *(1 for _ in sizes)), b)
    found = pointwise_convolution(x, w, b)
    torch.testing.assert_close(found, expected)
    by_hand = torch.einsum("oi,ni...->no...", w, x)
    torch.testing.assert_close(pointwise_convolution(x, w), by_hand)


def test_gradients_of_all_arguments():
    x, w, b = (
        torch.randn(shape, dtype=torch.float64, requires_grad=True)
        for shape in ((2, 4, 4, 5), (6, 2, 2, 3), (6,))
    )
    assert torch.autograd.gradcheck(lambda x: im2col(x, (2, 3), 2, 1, (2, 1)), (x,))
    layer = lambda x, w, b: matrix_convolution(x, w, b, 2, 1, (2, 1), 2)  # noqa: E731
    assert torch.autograd.gradcheck(layer, (x, w, b))
    matrix = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(pointwise_convolution, (x, matrix, b))


@pytest.mark.parametrize("kind", [pydjl.array, torch.tensor, np.asarray])
def test_results_are_of_the_kind_of_the_input(kind):
    x, w = kind(np.ones((1, 2, 3, 4))), kind(np.ones((3, 2, 2, 2)))
    assert type(im2col(x, (2, 2))) is type(x)
    assert type(matrix_convolution(x, w)) is type(x)
    assert type(pointwise_convolution(x, kind(np.ones((3, 2))))) is type(x)


PLANE = torch.ones(3, 3)
LAYER = torch.ones(1, 2, 3, 3), torch.ones(4, 2, 2, 2)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: im2col(PLANE, 2), ArgumentTypeError, "kernel_size is 2, but a sequence"),
        (lambda: im2col(PLANE, (2, 0)), ArgumentError, r"kernel_size is \(2, 0\)"),
        (lambda: im2col(PLANE, (2, 1.5)), ArgumentTypeError, r"kernel_size is \(2, 1\.5\)"),
        (lambda: im2col(PLANE, (4, 2)), ShapeError, "kernel_size 4 .* size 3"),
        (lambda: im2col(PLANE, (2, 2, 2)), ArgumentError, r"kernel_size is \(2, 2, 2\)"),
        (lambda: im2col(PLANE[0], (2, 2)), ShapeError, r"X has shape \(3,\)"),
        (lambda: im2col(torch.ones(0, 3), (1, 1)), ShapeError, "size is 0"),
        (lambda: im2col(PLANE, (2, 2), stride=0), ArgumentError, "stride is 0"),
        (lambda: im2col(PLANE, (2, 2), padding=-1), ArgumentError, "padding is -1"),
        (lambda: im2col(PLANE.bfloat16(), (2, 2)), DtypeError, "bfloat16"),
        (lambda: matrix_convolution(PLANE, LAYER[1]), ShapeError, r"input has shape \(3, 3\)"),
        (lambda: matrix_convolution(LAYER[0], PLANE), ShapeError, r"weight has shape \(3, 3\)"),
        (lambda: matrix_convolution(*LAYER, groups=2), ShapeError, "groups=2 takes 4"),
        (lambda: matrix_convolution(*LAYER, groups=3), ArgumentError, "groups is 3"),
        (lambda: matrix_convolution(*LAYER, dilation=3), ShapeError, "dilation 3 spans 4"),
        (lambda: matrix_convolution(LAYER[0].double(), LAYER[1]), DtypeError, "float64"),
        (lambda: matrix_convolution(*LAYER, torch.ones(3)), ShapeError, r"bias has shape \(3,\)"),
        (lambda: pointwise_convolution(LAYER[0], PLANE), ShapeError, r"weight \(3, 3\)"),
        (
            lambda: pointwise_convolution(LAYER[0], torch.ones(3, 2), torch.ones(2)),
            ShapeError,
            r"bias has shape \(2,\), but one number for each of the 3",
        ),
        (lambda: pointwise_convolution(LAYER[0], torch.ones(3, 2).half()), DtypeError, "float16"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
