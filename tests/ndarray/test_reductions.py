"""Reductions: PyTorch's results to the last bit where both run one kernel, NumPy's within rounding.

Over several axes at once PyTorch adds in an order of its own; DJL reduces one axis, into which
the others are merged. Sums and means of floating-point numbers then differ in rounding.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pydjl
from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    ArrayIndexError,
    DtypeError,
    JavaError,
    ShapeError,
)

FLOATS = [torch.float16, torch.float32, torch.float64]
INTEGERS = [torch.uint8, torch.int8, torch.int32, torch.int64]
DTYPES = [*FLOATS, *INTEGERS, torch.bool, torch.complex64]
REDUCTIONS = ["all", "any", "argmax", "argmin", "max", "mean", "min", "prod", "sum"]

seeds = st.integers(0, 2**32 - 1)
shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=7)


def tensor(shape, dtype: torch.dtype, seed: int, *, nan: bool = True) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    if dtype.is_floating_point or dtype.is_complex:
        made = torch.randn(shape, generator=source, dtype=torch.float64)
        if nan and seed % 3 == 0:
            made[torch.rand(shape, generator=source) < 0.1] = float("nan")
    else:
        made = torch.randint(0 if dtype is torch.uint8 else -3, 4, shape, generator=source)
        if dtype is torch.bool:
            made = made > 0
    made = made.to(dtype)
    return made.mT.contiguous().mT if made.dim() > 1 and seed % 2 else made


def along(name, x: torch.Tensor, axis: int, keepdim: bool) -> torch.Tensor:
    result = getattr(torch, name)(x, axis, keepdim=keepdim)
    return result.values if name in ("max", "min") else truth(name, result)


def whole(name, x: torch.Tensor) -> torch.Tensor:
    if name in ("argmax", "argmin") and not x.dim():
        return torch.tensor(0)  # also of a truth value, which PyTorch does not search
    return truth(name, getattr(torch, name)(x))


def truth(name, result: torch.Tensor) -> torch.Tensor:
    """PyTorch says whether all uint8 are true in uint8, for the sake of its past."""
    return result.bool() if name in ("all", "any") else result


def check(same, found, expected) -> None:
    """Run both; either both fail or the results are the same."""
    try:
        right = expected()
    except (RuntimeError, IndexError):
        with pytest.raises((DtypeError, ShapeError, ArgumentError, JavaError)):
            found()
    else:
        same(found(), right)


@pytest.mark.parametrize("name", REDUCTIONS)
@given(shape=shapes, dtype=st.sampled_from(DTYPES), seed=seeds, data=st.data())
def test_one_axis(same, name, shape, dtype, seed, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = tensor(shape, dtype, seed)
    keepdims = data.draw(st.booleans())
    check(
        same,
        lambda: getattr(pydjl.from_torch(x), name)(axis=axis, keepdims=keepdims),
        lambda: along(name, x, axis, keepdims),
    )


@pytest.mark.parametrize("name", REDUCTIONS)
@given(shape=hnp.array_shapes(min_dims=0, max_dims=4), dtype=st.sampled_from(DTYPES), seed=seeds)
def test_the_whole_array(same, name, shape, dtype, seed):
    x = tensor(shape, dtype, seed)
    check(same, getattr(pydjl.from_torch(x), name), lambda: whole(name, x))
    check(
        same,
        lambda: getattr(pydjl.from_torch(x), name)(keepdims=True),
        lambda: whole(name, x).reshape([1] * x.dim()),
    )


@pytest.mark.parametrize("name", ["all", "any", "max", "mean", "min", "prod", "sum"])
@given(shape=shapes, dtype=st.sampled_from([torch.float64, *INTEGERS]), seed=seeds, data=st.data())
def test_several_axes_as_in_numpy(name, shape, dtype, seed, data):
    count = len(shape)
    axes = data.draw(
        st.lists(st.integers(0, count - 1), min_size=1, max_size=count, unique=True).map(
            lambda each: tuple(axis - count * (axis % 2) for axis in each)
        )
    )
    x = tensor(shape, dtype, seed, nan=False)
    if name == "mean" and dtype is not torch.float64:
        x = x.double()
    for keepdims in (False, True):
        found = getattr(pydjl.from_torch(x), name)(axis=axes, keepdims=keepdims).numpy()
        wide = {"dtype": np.int64} if dtype in INTEGERS and name in ("sum", "prod") else {}
        expected = getattr(x.numpy(), name)(axis=axes, keepdims=keepdims, **wide)
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)


@given(shape=shapes, dtype=st.sampled_from([torch.float32, torch.float64]), seed=seeds)
def test_several_axes_within_torch_s_rounding(shape, dtype, seed):
    x = tensor(shape, dtype, seed)
    axes = tuple(range(0, len(shape), 2))
    for name in ("sum", "mean"):
        found = getattr(pydjl.from_torch(x), name)(axis=axes).torch()
        expected = getattr(torch, name)(x, axes)
        torch.testing.assert_close(found, expected, equal_nan=True, rtol=1e-5, atol=1e-5)


def test_a_mean_over_axes_does_not_overflow_on_the_way():
    """Its sum is 90,000; the greatest float16 is 65,504."""
    ones = pydjl.from_torch(torch.ones(300, 300, dtype=torch.float16))
    assert ones.mean(axis=(0, 1)).item() == ones.mean().item() == 1.0


@pytest.mark.parametrize("dtype", [*INTEGERS, torch.bool], ids=str)
def test_integers_are_added_as_int64(dtype):
    x = pydjl.from_torch(torch.full((3, 100), 1, dtype=dtype))
    assert x.sum().dtype is x.prod().dtype is torch.int64
    assert x.sum(axis=0).dtype is x.sum(axis=(0, 1)).dtype is torch.int64
    assert x.sum().item() == 300


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_the_first_of_equals_is_found(name):
    x = np.array([[2, 0, 2, 0], [1, 1, 1, 1]])
    found = getattr(pydjl.array(x), name)
    expected = getattr(x, name)
    assert found().item() == expected()
    assert found(axis=1).tolist() == expected(axis=1).tolist()
    assert found(axis=-2, keepdims=True).tolist() == expected(axis=0, keepdims=True).tolist()


def test_nan_wins():
    x = pydjl.array([[1.0, float("nan")], [2.0, 3.0]])
    assert np.isnan(x.max().item())
    assert np.isnan(x.min(axis=(0, 1)).item())
    assert x.argmax().item() == x.argmin().item() == 1
    assert x.all().item() is True


@pytest.mark.parametrize("axis", [0, 1, 2, (0, 1), (0, 2), (0, 1, 2), None])
@pytest.mark.parametrize("name", ["all", "any", "sum", "prod"])
def test_empty_arrays_as_in_numpy(name, axis):
    for shape in ((0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)):
        numbers = np.zeros(shape, dtype=np.float32)
        found = getattr(pydjl.array(numbers), name)(axis=axis).numpy()
        expected = getattr(numbers, name)(axis=axis)
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
        assert (found == expected).all()


@pytest.mark.parametrize("name", ["max", "min", "argmax", "argmin"])
def test_nothing_has_no_greatest(name):
    empty = pydjl.from_torch(torch.zeros(0, 3))
    for axis in (None, 0):
        with pytest.raises((ArgumentError, ArrayIndexError), match=r"\(0, 3\) float32"):
            getattr(empty, name)(axis=axis)
    assert getattr(empty, name)(axis=1).shape == (0,)


def test_the_mean_of_nothing_is_not_a_number():
    assert np.isnan(pydjl.from_torch(torch.zeros(0, 3)).mean().item())


@pytest.mark.parametrize("axis", [None, 0, (0, 1)])
def test_the_mean_of_integers_is_refused_as_in_torch(axis):
    with pytest.raises(DtypeError, match="floating point"):
        pydjl.array([[1, 2]]).mean(axis=axis)


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize(
    ("axis", "error", "message"),
    [
        (2, ArrayIndexError, r"axis 2 does not exist in an array of 2 dimension\(s\): .* -2 to 1"),
        (-3, ArrayIndexError, "axis -3 does not exist"),
        ("x", ArgumentTypeError, "an axis is an integer, not 'x'"),
        (1.0, ArgumentTypeError, "an axis is an integer, not 1.0"),
    ],
)
def test_axes_that_do_not_exist(name, axis, error, message):
    with pytest.raises(error, match=message):
        getattr(pydjl.array([[1.0, 2.0]]), name)(axis=axis)


def test_axes_that_make_no_sense():
    x = pydjl.array([[1.0, 2.0]])
    with pytest.raises(ArgumentError, match=r"axis \(0, -2\) names one axis twice"):
        x.sum(axis=(0, -2))
    with pytest.raises(ArgumentError, match="names no axis"):
        x.sum(axis=())
    with pytest.raises(ArgumentTypeError, match="argmax takes one axis or None"):
        x.argmax(axis=(0, 1))
    with pytest.raises(ArrayIndexError, match=r"an array of 0 dimension\(s\)\.$"):
        pydjl.array(1.0).sum(axis=0)


def test_axes_may_be_numpy_s_integers():
    x = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    assert x.sum(axis=np.int64(0)).tolist() == [4.0, 6.0]
    assert x.argmax(axis=np.int32(1)).tolist() == [1, 1]
    assert x.sum(axis=[np.int8(0), 1]).item() == 10.0


@given(shape=shapes, dtype=st.sampled_from(DTYPES[:-1]), seed=seeds, data=st.data())
def test_cumulative_sum_and_sort(same, shape, dtype, seed, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = tensor(shape, dtype, seed)
    same(pydjl.from_torch(x).cumsum(axis), torch.cumsum(x, axis))
    same(pydjl.from_torch(x).sort(axis), torch.sort(x, axis).values)
    same(pydjl.from_torch(x).sort(), torch.sort(x).values)


def test_sorting_makes_a_new_array():
    x = torch.tensor([3.0, 1.0, 2.0])
    assert pydjl.from_torch(x).sort().tolist() == [1.0, 2.0, 3.0]
    assert x.tolist() == [3.0, 1.0, 2.0]
