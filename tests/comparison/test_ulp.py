from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydjl.comparison import ulp_distance

FLOATS = (np.float16, np.float32, np.float64)


def values(dtype, **options):
    width = np.dtype(dtype).itemsize * 8
    return st.floats(width=width, allow_nan=False, **options).map(dtype)


def distance(a, b):
    return int(ulp_distance(np.array([a]), np.array([b]))[0])


def test_neighbours_among_all_half_precision_numbers_are_one_apart():
    everything = np.arange(2**16, dtype=np.uint16).view(np.float16)
    ordered = np.unique(everything[~np.isnan(everything)])
    assert ordered.size == 2 * 31 * 1024 + 1  # of each sign 31 * 1024 with 0 and inf, 0 once
    assert set(ulp_distance(ordered[1:], ordered[:-1]).tolist()) == {1}
    assert distance(ordered[0], ordered[-1]) == ordered.size - 1


@pytest.mark.parametrize("dtype", FLOATS)
@given(data=st.data())
def test_each_step_of_nextafter_is_one(dtype, data):
    start = data.draw(values(dtype, allow_infinity=False))
    towards = data.draw(st.sampled_from([dtype(np.inf), dtype(-np.inf)]))
    value, steps = start, 0
    for _ in range(data.draw(st.integers(0, 20))):
        with np.errstate(over="ignore"):
            following = np.nextafter(value, towards)
        steps += following != value  # it stays at infinity
        value = following
    assert distance(start, value) == steps


@pytest.mark.parametrize("dtype", FLOATS)
@given(data=st.data())
def test_the_spacing_of_a_number_is_one(dtype, data):
    largest = float(np.finfo(dtype).max) / 2
    value = data.draw(values(dtype, min_value=-largest, max_value=largest))
    assert distance(value, value + np.spacing(value)) == 1


@pytest.mark.parametrize("dtype", FLOATS)
@given(data=st.data())
def test_distances_are_a_metric_on_the_line(dtype, data):
    a, b, c = sorted(data.draw(st.tuples(*[values(dtype)] * 3)))
    assert distance(a, b) == distance(b, a)
    assert distance(a, a) == 0
    assert distance(a, c) == distance(a, b) + distance(b, c)


@pytest.mark.parametrize(
    ("dtype", "of_infinity"),
    [(np.float16, 0x7C00), (np.float32, 0x7F800000), (np.float64, 0x7FF0000000000000)],
)
def test_zeros_extremes_and_infinities(dtype, of_infinity):
    info = np.finfo(dtype)
    zero, tiny, infinity = dtype(0), info.smallest_subnormal, dtype(np.inf)
    assert distance(zero, -zero) == 0
    assert distance(zero, tiny) == distance(-zero, -tiny) == distance(-zero, tiny) == 1
    assert distance(-tiny, tiny) == 2
    assert distance(info.max, infinity) == 1
    assert distance(zero, infinity) == of_infinity
    assert distance(-infinity, infinity) == 2 * of_infinity
    assert distance(info.min, info.max) == 2 * of_infinity - 2


@pytest.mark.parametrize("name", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
@given(data=st.data())
def test_integers_are_their_difference_apart_without_overflow(name, data):
    info = np.iinfo(name)
    numbers = st.integers(info.min, info.max) | st.sampled_from([info.min, info.max])
    a, b = data.draw(numbers), data.draw(numbers)
    kind = np.dtype(name).type
    assert distance(kind(a), kind(b)) == abs(a - b)


def test_booleans_are_at_most_one_apart():
    a, b = np.array([False, False, True, True]), np.array([False, True, False, True])
    assert ulp_distance(a, b).tolist() == [0, 1, 1, 0]


def test_shapes_broadcast_and_are_kept():
    column = np.array([[1.0], [2.0]], dtype=np.float32)
    assert ulp_distance(column, np.ones((1, 3), np.float32)).shape == (2, 3)
    assert ulp_distance(np.float64([]), np.float64([])).shape == (0,)
