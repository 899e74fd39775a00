from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pydjl.errors import DtypeError
from pydjl.reference import corr2d_numpy


@st.composite
def problems(draw, elements, dtype):
    h, w = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    height, width = h + draw(st.integers(0, 4)), w + draw(st.integers(0, 3))
    return (
        draw(hnp.arrays(dtype, (height, width), elements=elements)),
        draw(hnp.arrays(dtype, (h, w), elements=elements)),
    )


FLOATS = st.floats(-1e3, 1e3, width=32, allow_subnormal=False)


def exact(X, K):
    """The definition, in rational numbers."""
    h, w = K.shape
    return [
        [
            sum(
                Fraction(float(X[i + p, j + q])) * Fraction(float(K[p, q]))
                for p in range(h)
                for q in range(w)
            )
            for j in range(X.shape[1] - w + 1)
        ]
        for i in range(X.shape[0] - h + 1)
    ]


def test_the_figure_of_the_chapter():
    Y = corr2d_numpy([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
    np.testing.assert_array_equal(Y, [[19, 25], [37, 43]])


@given(problems(FLOATS, np.float32))
def test_single_precision_is_exact_but_for_double_precision_rounding(problem):
    X, K = problem
    Y = corr2d_numpy(X, K)
    assert Y.dtype == np.float32
    scale = np.abs(X).max(initial=0.0) * np.abs(K).sum()
    for row, exact_row in zip(Y.tolist(), exact(X, K), strict=True):
        for value, exact_value in zip(row, exact_row, strict=True):
            # Half a unit in the last place, and nothing that cancellation would have lost.
            allowed = 2.0**-24 * abs(exact_value) + Fraction(2.0**-48 * float(scale)) + 1e-45
            assert abs(Fraction(value) - exact_value) <= allowed


def test_cancellation_does_not_lose_what_double_precision_holds():
    X = np.array([[1e8, 1, -1e8]], dtype=np.float32)
    assert corr2d_numpy(X, np.ones((1, 3), np.float32)).item() == 1


@given(problems(st.integers(-(2**31), 2**31 - 1), np.int64))
def test_integers_equal_scipy(problem):
    X, K = problem
    Y = corr2d_numpy(X, K)
    assert Y.dtype == np.int64
    np.testing.assert_array_equal(Y, scipy.signal.correlate2d(X, K, mode="valid"))


@given(problems(st.complex_numbers(max_magnitude=1e3), np.complex128))
def test_complex_numbers_are_not_conjugated(problem):
    X, K = problem
    # SciPy conjugates its second argument.
    expected = scipy.signal.correlate2d(X, K.conj(), mode="valid")
    np.testing.assert_allclose(corr2d_numpy(X, K), expected, rtol=1e-9, atol=1e-8)


def test_small_integers_wrap_around():
    X = np.array([[100, 100]], dtype=np.int8)
    Y = corr2d_numpy(X, np.ones((1, 2), np.int8))
    assert Y.dtype == np.int8
    assert Y.item() == 200 - 256


@pytest.mark.parametrize(
    ("x", "k"),
    [("f2", "f2"), ("f4", "f8"), ("i4", "f4"), ("u1", "i1"), ("?", "i2"), ("f4", "c8")],
)
def test_the_dtype_is_the_promoted_one(x, k):
    Y = corr2d_numpy(np.ones((4, 3), x), np.ones((1, 2), k))
    assert Y.dtype == np.result_type(np.dtype(x), np.dtype(k))
    np.testing.assert_array_equal(Y, np.full((4, 2), 2))


@pytest.mark.parametrize("dtype", ["?", "U1", "O", "M8[s]"])
def test_what_is_not_a_number(dtype):
    with pytest.raises(DtypeError, match=str(np.dtype(dtype)).replace("[", r"\[")):
        corr2d_numpy(np.zeros((3, 3), dtype), np.zeros((1, 2), dtype))
