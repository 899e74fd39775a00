"""corr2d: the chapter's Java loop, against PyTorch, SciPy and its own definition."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import correlate2d

import pydjl
from pydjl import reference
from pydjl.errors import ArgumentTypeError, DtypeError, ShapeError

FIGURE_X = np.arange(9, dtype=np.float32).reshape(3, 3)
FIGURE_K = np.arange(4, dtype=np.float32).reshape(2, 2)

shapes = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 4), st.integers(0, 6)).map(
    lambda s: ((s[0] + s[2], s[1] + s[3]), (s[0], s[1]))
)


def test_the_figure_prints_as_in_the_book():
    result = pydjl.corr2d(pydjl.array(FIGURE_X), pydjl.array(FIGURE_K))
    assert str(result.java.toString()) == (
        "ND: (2, 2) cpu() float32\n[[19., 25.],\n [37., 43.],\n]\n"
    )


@given(shapes, st.integers(0, 2**31))
def test_bit_equal_to_the_same_loop_in_torch_and_close_to_scipy(both, seed):
    x_shape, k_shape = both
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(x_shape, generator=generator)
    K = torch.randn(k_shape, generator=generator)
    result = pydjl.corr2d(X, K)
    assert torch.equal(result, reference.corr2d(X, K))
    expected = correlate2d(X.double().numpy(), K.double().numpy(), mode="valid")
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "dtype",
    [
        torch.float32,
        torch.float64,
        torch.float16,
        torch.int32,
        torch.int64,
        torch.uint8,
        torch.int8,
    ],
)
def test_the_dtype_is_kept(dtype):
    X = torch.tensor(FIGURE_X).to(dtype)
    K = torch.tensor(FIGURE_K).to(dtype)
    result = pydjl.corr2d(X, K)
    assert result.dtype is dtype
    assert torch.equal(result, torch.tensor([[19, 25], [37, 43]]).to(dtype))


@pytest.mark.parametrize("kind", [pydjl.array, torch.tensor, np.asarray])
def test_the_result_is_of_the_kind_of_the_input(kind):
    result = pydjl.corr2d(kind(FIGURE_X), kind(FIGURE_K))
    assert type(result) is type(kind(FIGURE_X))
    assert result.tolist() == [[19, 25], [37, 43]]


def test_numpy_views_that_torch_cannot_share_are_read_right():
    X = np.random.default_rng(0).random((5, 7))[::-1, ::-2]
    K = np.broadcast_to(np.array([[1.0, 2.0]]), (2, 2))
    np.testing.assert_allclose(pydjl.corr2d(X, K), correlate2d(X, K, mode="valid"))


def test_gradients_of_both_arguments():
    torch.manual_seed(0)
    X = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    K = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(pydjl.corr2d, (X, K))
    assert torch.autograd.gradgradcheck(pydjl.corr2d, (X, K))


def test_no_graph_is_recorded_under_no_grad():
    X = torch.ones(3, 3, requires_grad=True)
    with torch.no_grad():
        assert not pydjl.corr2d(X, torch.ones(2, 2)).requires_grad
    assert pydjl.corr2d(X, torch.ones(2, 2)).requires_grad


def test_a_random_kernel_is_not_flipped():
    X = torch.randn(6, 4)
    K = torch.randn(3, 2)
    right = F.conv2d(X[None, None], K[None, None])[0, 0]
    flipped = F.conv2d(X[None, None], K.flip(0, 1)[None, None])[0, 0]
    torch.testing.assert_close(pydjl.corr2d(X, K), right)
    assert not torch.allclose(pydjl.corr2d(X, K), flipped)


@pytest.mark.parametrize(
    ("X", "K", "kind", "words"),
    [
        (torch.ones(2, 2), torch.ones(3, 1), ShapeError, r"\(3, 1\).*\(2, 2\)"),
        (torch.ones(2), torch.ones(1, 1), ShapeError, r"X has shape \(2,\)"),
        (torch.ones(2, 2), torch.ones(1, 1, 1), ShapeError, r"K has shape \(1, 1, 1\)"),
        (torch.ones(0, 2), torch.ones(1, 1), ShapeError, r"\(0, 2\)"),
        ([[1.0]], torch.ones(1, 1), ArgumentTypeError, "X must be .* not list"),
        (torch.ones(2, 2), None, ArgumentTypeError, "K must be .* not NoneType"),
        (torch.ones(2, 2, dtype=torch.bfloat16), torch.ones(1, 1), DtypeError, "bfloat16"),
        (torch.ones(2, 2) > 0, torch.ones(1, 1) > 0, DtypeError, "bool"),
        (torch.ones(2, 2) * 1j, torch.ones(1, 1), DtypeError, "complex64"),
        (torch.ones(2, 2).byte(), torch.ones(1, 1).char(), DtypeError, "int16"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(X, K, kind, words):
    with pytest.raises(kind, match=words):
        pydjl.corr2d(X, K)
    assert pydjl.corr2d(FIGURE_X, FIGURE_K).tolist() == [[19, 25], [37, 43]]
