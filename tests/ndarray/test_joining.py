"""Functions of several arrays: PyTorch's results to the last bit, promotion included."""

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
    ShapeError,
)

DTYPES = [
    torch.float16,
    torch.float32,
    torch.float64,
    torch.uint8,
    torch.int32,
    torch.int64,
    torch.bool,
]
dtypes = st.sampled_from(DTYPES)
shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)


def tensor(shape, dtype: torch.dtype) -> torch.Tensor:
    return torch.randint(0, 5, shape).to(dtype)


@given(
    shape=shapes,
    lengths=st.lists(st.integers(0, 4), min_size=1, max_size=4),
    types=st.lists(dtypes, min_size=4, max_size=4),
    data=st.data(),
)
def test_concat(same, shape, lengths, types, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    tensors = []
    for length, dtype in zip(lengths, types, strict=False):
        sizes = list(shape)
        sizes[axis] = length
        tensors.append(tensor(sizes, dtype))
    arrays = [pydjl.from_torch(each) for each in tensors]
    same(pydjl.concat(arrays, axis), torch.cat(tensors, axis))
    same(pydjl.concat(tuple(arrays), axis=axis), torch.cat(tensors, axis))


@given(
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    types=st.lists(dtypes, min_size=1, max_size=4),
    data=st.data(),
)
def test_stack(same, shape, types, data):
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    tensors = [tensor(shape, dtype) for dtype in types]
    arrays = [pydjl.from_torch(each) for each in tensors]
    same(pydjl.stack(arrays, axis), torch.stack(tensors, axis))


def test_joined_arrays_have_memory_of_their_own():
    x = torch.tensor([1.0, 2.0])
    array = pydjl.from_torch(x)
    for joined in (
        pydjl.concat([array]),
        pydjl.concat([array, array]),
        pydjl.stack([array]),
        pydjl.stack([array, array]),
    ):
        joined[...] = 9
    assert x.tolist() == [1.0, 2.0]


def test_anything_that_gives_arrays_is_joined():
    array = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    assert pydjl.concat(array).tolist() == [1.0, 2.0, 3.0, 4.0]
    assert pydjl.stack(row * 2 for row in array).tolist() == [[2.0, 4.0], [6.0, 8.0]]


@pytest.mark.parametrize("function", [pydjl.concat, pydjl.stack])
def test_what_cannot_be_joined(function):
    with pytest.raises(ArgumentError, match="needs at least one array; none was given"):
        function([])
    with pytest.raises(ArgumentTypeError, match="joins NDArrays, not Tensor"):
        function([pydjl.array([1.0]), torch.ones(1)])
    with pytest.raises(ArgumentTypeError, match="joins NDArrays, not float"):
        function([1.0, 2.0])
    with pytest.raises(ArrayIndexError, match="axis 2 does not exist"):
        function([pydjl.array([1.0]), pydjl.array([1.0])], axis=2)
    a, b = pydjl.from_torch(torch.ones(2, 3)), pydjl.from_torch(torch.ones(4, 5))
    with pytest.raises(ShapeError, match=r"of \(2, 3\) float32 and \(4, 5\) float32"):
        function([a, b])


def test_numbers_cannot_be_concatenated():
    with pytest.raises(ArrayIndexError, match=r"an array of 0 dimension\(s\)"):
        pydjl.concat([pydjl.array(1.0), pydjl.array(2.0)])
    assert pydjl.stack([pydjl.array(1.0), pydjl.array(2.0)]).tolist() == [1.0, 2.0]


@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=4, max_side=4),
    a=dtypes,
    b=dtypes,
)
def test_where(same, shapes, a, b):
    """Also where a 0-dimensional array must not decide the type of the result."""
    condition = tensor(shapes.input_shapes[0], torch.bool)
    left, right = tensor(shapes.input_shapes[1], a), tensor(shapes.input_shapes[2], b)
    found = pydjl.where(*map(pydjl.from_torch, (condition, left, right)))
    same(found, torch.where(condition, left, right))
    same(pydjl.where(pydjl.from_torch(condition), left, right), found.torch())


@pytest.mark.parametrize("number", [2.5, 3, True, -1])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_where_with_a_number(same, dtype, number):
    x = tensor((3, 4), dtype)
    condition = torch.rand(3, 4) > 0.5
    array, chosen = pydjl.from_torch(x), pydjl.from_torch(condition)
    same(pydjl.where(chosen, array, number), torch.where(condition, x, number))
    same(pydjl.where(chosen, number, array), torch.where(condition, number, x))
    same(pydjl.where(chosen, 1.0, number), torch.where(condition, 1.0, number))


def test_where_with_numpy():
    condition = pydjl.array([True, False])
    assert pydjl.where(condition, np.array([1.0, 2.0]), np.float32(5)).tolist() == [1.0, 5.0]


def test_where_refuses_what_it_cannot_choose():
    condition, x = pydjl.array([True, False]), pydjl.array([1.0, 2.0])
    with pytest.raises(ArgumentTypeError, match="condition must be an NDArray, not list"):
        pydjl.where([True, False], x, x)
    with pytest.raises(ArgumentTypeError, match="not str and NDArray"):
        pydjl.where(condition, "1", x)
    with pytest.raises(DtypeError, match="boolean"):
        pydjl.where(x, x, x)
    with pytest.raises(ShapeError, match=r"\(2,\), \(2,\), \(3,\)") as caught:
        pydjl.where(condition, x, pydjl.array([1.0, 2.0, 3.0]))
    assert caught.value.shapes == ((2,), (2,), (3,))
