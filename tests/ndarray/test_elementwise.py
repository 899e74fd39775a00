"""Functions of every element give PyTorch's results to the last bit, NumPy's within rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError

FUNCTIONS = {
    "abs": torch.abs,
    "acos": torch.acos,
    "asin": torch.asin,
    "atan": torch.atan,
    "ceil": torch.ceil,
    "cos": torch.cos,
    "cosh": torch.cosh,
    "erf": torch.erf,
    "exp": torch.exp,
    "floor": torch.floor,
    "isinf": torch.isinf,
    "isnan": torch.isnan,
    "log": torch.log,
    "log2": torch.log2,
    "log10": torch.log10,
    "relu": torch.relu,
    "round": torch.round,
    "sigmoid": torch.sigmoid,
    "sign": torch.sign,
    "sin": torch.sin,
    "sinh": torch.sinh,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "trunc": torch.trunc,
}
IN_NUMPY = {
    **{name: getattr(np, name) for name in FUNCTIONS if hasattr(np, name)},
    "acos": np.arccos,
    "asin": np.arcsin,
    "atan": np.arctan,
    "erf": np.vectorize(math.erf),
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}
FLOATS = [torch.float16, torch.float32, torch.float64]
DTYPES = [*FLOATS, torch.uint8, torch.int8, torch.int32, torch.int64, torch.bool, torch.complex64]
SPECIAL = [0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -2.5, 1.0, -1.0, 1e-8, 3e4, float("inf"), -float("inf")]

shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=20)
seeds = st.integers(0, 2**32 - 1)


def tensor(shape, dtype: torch.dtype, seed: int) -> torch.Tensor:
    source = torch.Generator().manual_seed(seed)
    made = torch.randn(shape, generator=source, dtype=torch.float64) * 4
    special = torch.tensor([*SPECIAL, float("nan")], dtype=torch.float64)
    chosen = special[torch.randint(len(special), shape, generator=source)]
    made = torch.where(torch.rand(shape, generator=source) < 0.3, chosen, made)
    if not (dtype.is_floating_point or dtype.is_complex):
        made = made.nan_to_num(0, 9, -9).clamp(-9, 9)
        made = made.abs() if dtype is torch.uint8 else made
    return made.to(dtype)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_type(same, name, dtype):
    x = tensor((3, 50), dtype, 4)
    try:
        expected = FUNCTIONS[name](x)
    except (RuntimeError, NotImplementedError):
        with pytest.raises((DtypeError, pydjl.errors.JavaError)):
            getattr(pydjl.from_torch(x), name)()
    else:
        same(getattr(pydjl.from_torch(x), name)(), expected)


@pytest.mark.parametrize("name", FUNCTIONS)
@given(shape=shapes, dtype=st.sampled_from(FLOATS), seed=seeds)
def test_any_shape(same, name, shape, dtype, seed):
    x = tensor(shape, dtype, seed)
    same(getattr(pydjl.from_torch(x), name)(), FUNCTIONS[name](x))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_strides(same, name):
    x = torch.randn(6, 8)
    for view in (x.T, x[::2, 1::3], x[0].expand(3, 8)):
        same(getattr(pydjl.from_torch(view), name)(), FUNCTIONS[name](view))


@pytest.mark.parametrize("name", IN_NUMPY)
def test_numpy_agrees(name):
    """An independent implementation: equal to within some units of the last place."""
    x = np.linspace(-0.99, 0.99, 101)
    with np.errstate(invalid="ignore"):
        expected = IN_NUMPY[name](x)
    found = getattr(pydjl.array(x), name)().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


def test_numpy_is_asked_about_nearly_everything():
    assert set(IN_NUMPY) == set(FUNCTIONS)


def test_halves_are_rounded_to_even():
    halves = pydjl.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
    assert halves.round().tolist() == [-2.0, -2.0, -0.0, 0.0, 2.0, 2.0]


def test_functions_give_new_memory():
    x = torch.tensor([1.0, 2.0])
    for name in FUNCTIONS:
        assert getattr(pydjl.from_torch(x), name)().torch().data_ptr() != x.data_ptr()
    assert x.tolist() == [1.0, 2.0]


PAIRS = {"atan2": torch.atan2, "maximum": torch.maximum, "minimum": torch.minimum}


@pytest.mark.parametrize("name", PAIRS)
@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=5),
    a=st.sampled_from(FLOATS),
    b=st.sampled_from(FLOATS),
    seed=seeds,
)
def test_two_arrays(same, name, shapes, a, b, seed):
    left = tensor(shapes.input_shapes[0], a, seed)
    right = tensor(shapes.input_shapes[1], b, seed + 1)
    found = getattr(pydjl.from_torch(left), name)(pydjl.from_torch(right))
    same(found, PAIRS[name](left, right))
    same(getattr(pydjl.from_torch(left), name)(right), PAIRS[name](left, right))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("number", [0.5, -1, True])
def test_an_array_and_a_number(same, name, number):
    x = tensor((5, 6), torch.float32, 3)
    found = getattr(pydjl.from_torch(x), name)(number)
    same(found, PAIRS[name](x, torch.tensor(number, dtype=torch.float32)))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("other", ["1", None, [1.0]])
def test_other_things_are_refused(name, other):
    with pytest.raises(ArgumentTypeError, match=f"{name} needs an array or a number, not"):
        getattr(pydjl.array([1.0]), name)(other)


limits = st.one_of(st.integers(-9, 9), st.floats(-9, 9, width=16), st.just(float("inf")))


@given(
    shape=shapes,
    dtype=st.sampled_from([*FLOATS, torch.int32, torch.int64, torch.int8]),
    low=limits,
    high=limits,
    seed=seeds,
)
def test_clip_is_clamp(same, shape, dtype, low, high, seed):
    """Also where the lower limit is above the upper one, which then holds for all."""
    x = tensor(shape, dtype, seed)
    found, expected = pydjl.from_torch(x).clip(low, high), torch.clamp(x, low, high)
    zeros = (expected == 0) & (found.torch() == 0)  # of which sign is the limit's affair
    same(pydjl.where(pydjl.from_torch(zeros), 0, found), torch.where(zeros, 0, expected))


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (0, 256), (0, 2**70)])
def test_limits_that_the_type_lacks_are_refused(low, high):
    """They would wrap around, so that 256 were 0."""
    with pytest.raises(ArgumentError, match=r"clip's limit .* does not exist in .*uint8"):
        pydjl.array([1, 2], dtype="uint8").clip(low, high)
    assert pydjl.array([1, 200], dtype="uint8").clip(-1.0, 100.5).tolist() == [1.0, 100.5]


@pytest.mark.parametrize("limit", ["0", None, [0.0], 1j])
def test_limits_are_numbers(limit):
    with pytest.raises(ArgumentTypeError, match="clip's limits are numbers, not"):
        pydjl.array([1.0]).clip(limit, 2)
    with pytest.raises(ArgumentTypeError, match="clip's limits are numbers, not"):
        pydjl.array([1.0]).clip(0, limit)


def test_limits_of_numpy(same):
    x = torch.tensor([-2.0, 0.5, 9.0])
    same(pydjl.from_torch(x).clip(np.float32(0.25), np.int64(3)), x.clamp(0.25, 3))


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=9),
    dtype=st.sampled_from(FLOATS),
    data=st.data(),
    seed=seeds,
)
def test_softmax(same, shape, dtype, data, seed):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = tensor(shape, dtype, seed)
    same(pydjl.from_torch(x).softmax(axis), torch.softmax(x, axis))


def test_softmax_adds_up_to_one():
    x = pydjl.array([[1.0, 2.0, 3.0], [1000.0, 1000.0, -1000.0]])
    assert x.softmax(1).sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert x.softmax(1)[1].tolist() == [0.5, 0.5, 0.0]


def test_softmax_needs_floating_point():
    with pytest.raises(DtypeError, match=r"softmax of \(2,\) int64"):
        pydjl.array([1, 2]).softmax(0)


def test_a_function_that_a_type_lacks_says_so():
    with pytest.raises(DtypeError, match=r"NDArray.abs of \(1,\) bool: .*not implemented"):
        pydjl.array([True]).abs()
    with pytest.raises(ArgumentError):
        pydjl.array([[1.0]]).sum(axis=())
