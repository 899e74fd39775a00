"""Cross-correlation and convolution against SciPy, NumPy, torch and the sources' numbers."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError
from pydjl.lab.correlation import (
    convolution,
    convolve1d,
    convolve2d,
    correlate1d,
    correlate2d,
    turn,
)

X = np.arange(9, dtype=np.float32).reshape(3, 3)
K = np.arange(4, dtype=np.float32).reshape(2, 2)
MODES = ["valid", "same", "full"]
TOLERANCE = {np.float32: 1e-4, np.float64: 1e-12, np.int64: 0, np.int32: 0}

size, small = st.integers(1, 7), st.integers(1, 3)
dtypes = st.sampled_from(list(TOLERANCE))
pairs = st.tuples(small, small)


def numbers(shape, dtype, seed):
    generator = np.random.default_rng(seed)
    if np.issubdtype(dtype, np.integer):
        return generator.integers(-9, 10, shape).astype(dtype)
    return generator.standard_normal(shape).astype(dtype)


def dilated(kernel, dilation):
    spread = np.zeros([d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation, strict=True)])
    spread[tuple(slice(None, None, d) for d in dilation)] = kernel
    return spread


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("ours", "theirs"), [(correlate2d, signal.correlate2d), (convolve2d, signal.convolve2d)]
)
@given(st.tuples(size, size, size, size), pairs, pairs, pairs, dtypes, st.integers(0, 2**31))
def test_planes_agree_with_scipy(ours, theirs, mode, shape, stride, padding, dilation, dtype, seed):
    x, k = numbers(shape[:2], dtype, seed), numbers(shape[2:], dtype, seed + 1)
    p = (padding[0] - 1, padding[1] - 1)
    padded, spread = np.pad(x, [(p[0], p[0]), (p[1], p[1])]), dilated(k, dilation)
    arguments = {"stride": stride, "padding": p, "dilation": dilation}
    if mode == "valid" and any(a < b for a, b in zip(padded.shape, spread.shape, strict=True)):
        with pytest.raises(ShapeError, match="smaller kernel, or more padding"):
            ours(x, k, mode, **arguments)
        return
    expected = theirs(padded.astype(float), spread, mode)[:: stride[0], :: stride[1]]
    result = ours(x, k, mode, **arguments)
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("ours", "theirs"), [(correlate1d, signal.correlate), (convolve1d, signal.convolve)]
)
@given(st.tuples(size, size), small, st.integers(0, 2), small, dtypes, st.integers(0, 2**31))
def test_lines_agree_with_scipy(ours, theirs, mode, shape, stride, padding, dilation, dtype, seed):
    x, k = numbers(shape[:1], dtype, seed), numbers(shape[1:], dtype, seed + 1)
    padded, spread = np.pad(x, padding), dilated(k, (dilation,))
    arguments = {"stride": stride, "padding": padding, "dilation": dilation}
    if mode == "valid" and len(padded) < len(spread):
        with pytest.raises(ShapeError, match="smaller kernel, or more padding"):
            ours(x, k, mode, **arguments)
        return
    expected = theirs(padded.astype(float), spread, mode, method="direct")[::stride]
    result = ours(x, k, mode, **arguments)
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("mode", MODES)
@given(size, small, st.integers(0, 2**31))
def test_lines_agree_with_numpy(mode, longer, k, seed):
    x, kernel = numbers(longer + k, float, seed), numbers(k, float, seed + 1)
    np.testing.assert_allclose(
        correlate1d(x, kernel, mode), np.correlate(x, kernel, mode), atol=1e-12
    )
    np.testing.assert_allclose(
        convolve1d(x, kernel, mode), np.convolve(x, kernel, mode), atol=1e-12
    )


@given(st.tuples(size, size, size, size), pairs, st.integers(0, 2**31))
def test_same_puts_the_odd_row_of_zeros_where_torch_does(shape, dilation, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(shape[:2], generator=generator, dtype=torch.float64)
    k = torch.randn(shape[2:], generator=generator, dtype=torch.float64)
    zeros = [d * (n - 1) for n, d in zip(k.shape, dilation, strict=True)]
    border = [zeros[1] // 2, -(-zeros[1] // 2), zeros[0] // 2, -(-zeros[0] // 2)]
    expected = F.conv2d(F.pad(x, border)[None, None], k[None, None], dilation=dilation)[0, 0]
    torch.testing.assert_close(correlate2d(x, k, "same", dilation=dilation), expected)


def test_figure_of_cross_correlation_and_its_true_convolution():
    assert correlate2d(X, K).tolist() == [[19, 25], [37, 43]]
    assert convolve2d(X, K).tolist() == [[5, 11], [23, 29]]
    assert correlate2d(X, K, stride=(3, 2), padding=1).tolist() == [[0, 8], [6, 8]]


def test_edges_of_the_image_and_of_its_transpose():
    edges = np.tile(np.array([1, 1, 0, 0, 0, 0, 1, 1], dtype=np.float32), (6, 1))
    kernel = np.array([[1, -1]], dtype=np.float32)
    assert correlate2d(edges, kernel).tolist() == [[0, 1, 0, 0, 0, -1, 0]] * 6
    assert correlate2d(np.ascontiguousarray(edges.T), kernel).tolist() == [[0] * 5] * 8
    assert convolve2d(edges, kernel).tolist() == [[0, -1, 0, 0, 0, 1, 0]] * 6


def test_full_convolution_commutes_and_full_correlation_does_not():
    table = [[0, 0, 1, 2], [0, 5, 11, 11], [6, 23, 29, 23], [12, 32, 37, 24]]
    assert convolve2d(X, K, "full").tolist() == table
    assert convolve2d(K, X, "full").tolist() == table
    correlated = correlate2d(X, K, "full")
    assert correlated.tolist() == [[0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]]
    exchanged = correlate2d(K, X, "full")
    assert exchanged.tolist() != correlated.tolist()
    assert exchanged.tolist() == correlated[::-1, ::-1].tolist()


def test_turning_is_flipping_in_both_dimensions_not_in_one():
    random = numbers((3, 4), float, 0)
    assert np.array_equal(turn(random), random[::-1, ::-1])
    assert np.array_equal(turn(random), np.rot90(random, 2))
    assert np.array_equal(turn(random, 1), random[:, ::-1])
    np.testing.assert_allclose(
        convolve2d(numbers((5, 6), float, 1), random),
        correlate2d(numbers((5, 6), float, 1), turn(random)),
    )


def test_smallest_derivatives_are_the_difference_kernel_applied_again():
    again, line = np.array([1]), np.arange(9)
    for degree, weights in enumerate([[1, -1], [1, -2, 1], [1, -3, 3, -1], [1, -4, 6, -4, 1]], 1):
        again = convolve1d(again, np.array([1, -1]), "full")
        assert again.tolist() == weights
        assert convolve1d(line**degree, again).tolist() == [factorial(degree)] * (9 - degree)
        assert not convolve1d(line ** (degree - 1), again).any()


def test_ones_on_a_line_with_zeros_before_it_are_a_cumulative_sum():
    line = np.array([3, 1, 4, 1, 5, 9, 2, 6])
    zeros = np.zeros(len(line) - 1, dtype=int)
    summed = correlate1d(np.concatenate([zeros, line]), np.ones(len(line), dtype=int))
    assert summed.tolist() == [3, 4, 8, 9, 14, 23, 25, 31]


def test_laplace_of_a_bowl_is_four_and_of_a_saddle_nothing():
    laplace = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    i, j = np.mgrid[:5, :6]
    assert correlate2d(i**2 + j**2, laplace).tolist() == [[4] * 4] * 3
    assert correlate2d(i**2 - j**2, laplace).tolist() == [[0] * 4] * 3


@given(
    st.integers(1, 3), st.tuples(small, small, small), pairs, pairs, pairs, st.integers(0, 2**31)
)
def test_layer_of_true_convolutions_is_torchs_with_turned_kernels(
    dimensions, channels, stride, padding, dilation, seed
):
    generator = torch.Generator().manual_seed(seed)
    groups, c_in, c_out = channels
    shape, kernel = (5, 6, 7)[-dimensions:], (2, 3, 2)[-dimensions:]
    x = torch.randn(2, groups * c_in, *shape, generator=generator, dtype=torch.float64)
    w = torch.randn(groups * c_out, c_in, *kernel, generator=generator, dtype=torch.float64)
    b = torch.randn(groups * c_out, generator=generator, dtype=torch.float64)
    arguments = (stride[0], padding[0], dilation[0], groups)
    turned = w.flip(tuple(range(2, 2 + dimensions)))
    expected = getattr(F, f"conv{dimensions}d")(x, turned, b, *arguments)
    torch.testing.assert_close(convolution(x, w, b, *arguments), expected)


def test_layer_of_true_convolutions_sums_scipys_over_channels():
    x, w = numbers((3, 6, 5), float, 1), numbers((2, 3, 2, 3), float, 2)
    expected = [sum(signal.convolve2d(x[r], w[s, r], "valid") for r in range(3)) for s in range(2)]
    np.testing.assert_allclose(convolution(x, w), expected, atol=1e-12)


def test_channels_of_what_the_chapter_leads_on_to():
    x = torch.stack([torch.arange(9.0), torch.arange(1.0, 10)]).reshape(1, 2, 3, 3)
    kernel = torch.tensor([[[0.0, 1], [2, 3]], [[1, 2], [3, 4]]])
    y = pydjl.nn.functional.conv2d(x, torch.stack([kernel, kernel + 1, kernel + 2]))
    assert y.tolist() == [
        [[[56, 72], [104, 120]], [[76, 100], [148, 172]], [[96, 128], [192, 224]]]
    ]
    assert [correlate2d(x[0, 0], k).tolist() for k in kernel[:1]] == [[[19, 25], [37, 43]]]


def test_eye_detects_diagonal_edges():
    eye, kernel = np.eye(6), np.array([[1.0, -1]])
    rows = np.eye(6, 5) - np.eye(6, 5, -1)
    assert correlate2d(eye, kernel).tolist() == rows.tolist()
    assert correlate2d(eye, kernel.T).tolist() == (np.eye(5, 6) - np.eye(5, 6, 1)).tolist()


def test_the_operator_is_equivariant_to_shifts():
    x, k = numbers((6, 9), float, 5), numbers((2, 3), float, 6)
    shifted = np.roll(x, 2, axis=1)
    np.testing.assert_allclose(correlate2d(shifted, k)[:, 2:], correlate2d(x, k)[:, :-2])


@pytest.mark.parametrize("function", [correlate2d, convolve2d])
@pytest.mark.parametrize("mode", MODES)
def test_gradients_of_both_arguments(function, mode):
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    k = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    moved = lambda x, k: function(x, k, mode, stride=(1, 2), padding=(1, 0))  # noqa: E731
    assert torch.autograd.gradcheck(moved, (x, k))
    line = torch.randn(6, dtype=torch.float64, requires_grad=True)
    taps = torch.randn(2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, k: convolve1d(x, k, mode), (line, taps))


def test_layer_of_true_convolutions_has_right_gradients():
    operands = [
        torch.randn(shape, dtype=torch.float64, requires_grad=True)
        for shape in ((1, 2, 4, 5), (4, 1, 2, 3), (4,))
    ]
    assert torch.autograd.gradcheck(lambda x, w, b: convolution(x, w, b, groups=2), operands)


@pytest.mark.parametrize("kind", [pydjl.array, torch.tensor, np.asarray])
def test_results_are_of_the_kind_of_the_input(kind):
    for function in (correlate2d, convolve2d):
        assert type(function(kind(X), kind(K))) is type(kind(X))
    assert type(correlate1d(kind(X[0]), K[0])) is type(kind(X))
    assert type(turn(kind(K))) is type(kind(K))
    assert type(convolution(kind(X[None]), kind(K[None, None]))) is type(kind(X))


def test_dtypes_are_promoted_as_torch_does():
    picture, kernel = (X * 20).astype(np.uint8), K.astype(np.float64) / 3
    result = correlate2d(picture, kernel)
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, signal.correlate2d(picture.astype(float), kernel, "valid"))
    assert correlate2d(X.astype(np.int8), K.astype(np.int32)).dtype == np.int32
    half = correlate2d(torch.tensor(X).half(), torch.tensor(K).half())
    assert half.dtype is torch.float16
    assert half.tolist() == [[19, 25], [37, 43]]


def test_integers_wrap_around_as_in_numpy():
    x, k = numbers((6, 7), np.int64, 3) * 40, numbers((2, 3), np.int64, 4) * 7
    expected = signal.correlate2d(x, k, "valid")
    for dilation in (1, 2):
        found = correlate2d(x.astype(np.uint8), k.astype(np.uint8), dilation=dilation)
        spread = dilated(k, (dilation, dilation)).astype(np.int64)
        expected = signal.correlate2d(x, spread, "valid")
        assert np.array_equal(found, expected.astype(np.uint8))


PLANE, LINE = torch.ones(2, 2), torch.ones(3)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: correlate2d(PLANE, torch.ones(3, 1)), ShapeError, r"kernel_size 3 .* size 2"),
        (lambda: correlate2d(PLANE, PLANE, dilation=2), ShapeError, "dilation 2 spans 3"),
        (lambda: correlate1d(LINE, torch.ones(4)), ShapeError, r"\(3,\) and .* \(4,\)"),
        (lambda: correlate2d(LINE, PLANE), ShapeError, r"X has shape \(3,\), but \(height"),
        (lambda: correlate1d(LINE, PLANE), ShapeError, r"K has shape \(2, 2\), but \(length"),
        (lambda: convolve2d(torch.ones(0, 2), PLANE), ShapeError, r"\(0, 2\)"),
        (lambda: convolve2d(PLANE, torch.ones(2, 0), "full"), ShapeError, r"\(2, 0\)"),
        (lambda: convolve2d(PLANE, PLANE, "vaild"), ArgumentError, "mode is 'vaild'"),
        (lambda: convolve2d(PLANE, PLANE, stride=0), ArgumentError, "stride is 0"),
        (lambda: convolve2d(PLANE, PLANE, padding=-1), ArgumentError, "padding is -1"),
        (lambda: convolve2d(PLANE, PLANE, dilation=(1, 0)), ArgumentError, r"\(1, 0\)"),
        (lambda: convolve2d(PLANE, PLANE, stride=1.5), ArgumentTypeError, "stride is 1.5"),
        (lambda: convolve2d(PLANE > 0, PLANE > 0), DtypeError, "convolve2d: X is torch.bool"),
        (lambda: convolve2d(PLANE * 1j, PLANE), DtypeError, "complex64"),
        (lambda: convolve2d(PLANE.bfloat16(), PLANE.bfloat16()), DtypeError, "bfloat16"),
        (lambda: convolve2d(PLANE.byte(), PLANE.char()), DtypeError, "int16"),
        (lambda: convolve2d([[1.0]], PLANE), ArgumentTypeError, "X must be .* not list"),
        (lambda: convolution(PLANE, PLANE), ShapeError, r"weight has shape \(2, 2\)"),
        (lambda: convolution(PLANE[None], torch.ones(1, 2, 1, 1)), ShapeError, "takes 2"),
        (lambda: turn(LINE), ShapeError, r"\(3,\), which has no 2 dimension"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
