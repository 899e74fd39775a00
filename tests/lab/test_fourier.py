"""Convolution by Fourier transforms, against SciPy's and against direct convolution."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import pydjl
from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.lab.correlation import convolve1d, convolve2d
from pydjl.lab.fourier import fft_convolve

size = st.integers(1, 9)
dtypes = st.sampled_from([torch.float32, torch.float64])


def random(shape, dtype, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@given(st.integers(1, 2), st.tuples(size, size, size, size), dtypes, st.integers(0, 2**31))
def test_agrees_with_scipy_and_with_direct_convolution(mode, dimensions, shape, dtype, seed):
    x = random(shape[:dimensions], dtype, seed)
    k = random(shape[2 : 2 + dimensions], dtype, seed + 1)
    if mode == "valid" and any(a < b for a, b in zip(x.shape, k.shape, strict=True)):
        with pytest.raises(ShapeError, match="smaller kernel"):
            fft_convolve(x, k, mode)
        return
    result = fft_convolve(x, k, mode)
    assert result.dtype is dtype
    tolerance = 1e-4 if dtype is torch.float32 else 1e-12
    expected = signal.fftconvolve(x.double().numpy(), k.double().numpy(), mode)
    np.testing.assert_allclose(result.numpy(), expected, atol=tolerance)
    direct = (convolve1d, convolve2d)[dimensions - 1](x, k, mode)
    torch.testing.assert_close(result, direct, rtol=0, atol=tolerance)


def test_table_of_full_convolutions():
    x, k = torch.arange(9.0).reshape(3, 3), torch.arange(4.0).reshape(2, 2)
    table = torch.tensor([[0.0, 0, 1, 2], [0, 5, 11, 11], [6, 23, 29, 23], [12, 32, 37, 24]])
    torch.testing.assert_close(fft_convolve(x, k), table, rtol=0, atol=1e-5)
    torch.testing.assert_close(fft_convolve(k, x), table, rtol=0, atol=1e-5)


def test_float64_has_the_precision_of_float64():
    x, k = random((40, 31), torch.float64, 1), random((30, 17), torch.float64, 2)
    exact = signal.convolve2d(x.numpy(), k.numpy())
    assert np.abs(fft_convolve(x, k).numpy() - exact).max() < 1e-12


def test_kernel_as_large_as_the_picture():
    x, k = random((128, 100), torch.float32, 1), random((127, 101), torch.float32, 2)
    expected = signal.fftconvolve(x.double().numpy(), k.double().numpy())
    np.testing.assert_allclose(fft_convolve(x, k).numpy(), expected, atol=1e-5 * expected.max())


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_gradients_of_both_arguments(mode):
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    k = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x, k: fft_convolve(x, k, mode), (x, k))


@pytest.mark.parametrize("kind", [pydjl.array, torch.tensor, np.asarray])
def test_the_result_is_of_the_kind_of_the_input(kind):
    result = fft_convolve(kind(np.eye(3)), kind(np.ones((1, 2))))
    assert type(result) is type(kind(np.eye(3)))
    expected = signal.fftconvolve(np.eye(3), np.ones((1, 2)))
    np.testing.assert_allclose(np.asarray(result), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("X", "K", "mode", "kind", "words"),
    [
        (torch.ones(3).long(), torch.ones(2).long(), "full", DtypeError, "int64, but a Fourier"),
        (torch.ones(3).half(), torch.ones(2).half(), "full", DtypeError, "float16, but a Fourier"),
        (torch.ones(3) * 1j, torch.ones(2), "full", DtypeError, "complex64"),
        (torch.ones(3), torch.ones(2), "all", ArgumentError, "mode is 'all'"),
        (torch.ones(3), torch.ones(2, 2), "full", ShapeError, r"K has shape \(2, 2\)"),
        (torch.ones(3, 3, 3), torch.ones(2, 2, 2), "full", ShapeError, r"X has shape \(3, 3, 3\)"),
        (torch.ones(0), torch.ones(2), "full", ShapeError, r"X has shape \(0,\)"),
        (torch.ones(2), torch.ones(3), "valid", ShapeError, "kernel_size 3"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(X, K, mode, kind, words):
    with pytest.raises(kind, match=words):
        fft_convolve(X, K, mode)
