"""Indexing, read and write: PyTorch's results, and NumPy's where the two agree.

They differ where an integer stands beside an array of indices with a slice in between: NumPy
moves the axes of the result to the front, PyTorch and DJL apply the integer first.
"""

from __future__ import annotations

import operator

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
    NotSupportedError,
    ShapeError,
)
from pydjl.ndarray.indexing import parse_index

shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)


def numbered(shape) -> torch.Tensor:
    return torch.arange(int(np.prod(shape)), dtype=torch.float32).reshape(shape)


@st.composite
def basic_keys(draw, shape):
    """Integers, slices with positive steps, an ellipsis, new axes."""
    key = []
    for size in shape[: draw(st.integers(0, len(shape)))]:
        bounds = st.none() | st.integers(-size - 2, size + 2)
        slices = st.builds(slice, bounds, bounds, st.none() | st.integers(1, 4))
        key.append(draw(slices | st.integers(-size, size - 1) if size else slices))
    if draw(st.booleans()):
        position = draw(st.integers(0, len(key)))
        rest = len(shape) - len(key)
        key[position:position] = [...]
        # What follows the ellipsis counts from the end.
        for place in range(position + 1, len(key)):
            size = shape[place - 1 + rest]
            if not isinstance(key[place], slice) and not -size <= key[place] < size:
                key[place] = slice(None)
    for _ in range(draw(st.integers(0, 2))):
        key.insert(draw(st.integers(0, len(key))), None)
    return key[0] if len(key) == 1 and draw(st.booleans()) else tuple(key)


@st.composite
def array_keys(draw, shape):
    """As `basic_keys`, and up to two arrays of integers, or one of truth values."""
    axes = len(shape)
    common = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    wanted = draw(st.lists(st.sampled_from("aaasi:"), min_size=1, max_size=axes))
    key, axis, masked = [], 0, False
    for kind in wanted:
        if axis == axes:
            break
        size = shape[axis]
        if kind == "a" and not masked and size:
            values = draw(hnp.arrays(np.int64, common, elements=st.integers(-size, size - 1)))
            key.append(values)
        elif kind == "s" and not any(isinstance(each, np.ndarray) for each in key):
            width = draw(st.integers(1, axes - axis))
            key.append(draw(hnp.arrays(np.bool_, shape[axis : axis + width])))
            axis += width - 1
            masked = True
        elif kind == "i" and size:
            key.append(draw(st.integers(-size, size - 1)))
        else:
            key.append(draw(st.sampled_from([slice(None), slice(None, None, 2)])))
        axis += 1
    if draw(st.booleans()):
        key.append(draw(st.sampled_from([None, ...])))
    return tuple(key)


def for_torch(key):
    """With a mask as indices: PyTorch takes it for one axis when it counts what follows."""
    items = []
    for each in key:
        if isinstance(each, np.ndarray):
            mask = each.dtype == bool
            items += map(torch.from_numpy, each.nonzero() if mask else [each])
        else:
            items.append(each)
    return tuple(items)


def kinds(key):
    """The same index with its arrays as other things that may index."""
    makers = (
        lambda each: each,
        np.ndarray.tolist,
        torch.from_numpy,
        pydjl.array,
        lambda each: each.astype(np.int32) if each.dtype != bool else each,
        lambda each: each[::-1].copy()[::-1] if each.ndim else each,
    )
    items = key if isinstance(key, tuple) else (key,)
    for make in makers:
        arrays = [each for each in items if isinstance(each, np.ndarray)]
        if make is np.ndarray.tolist and not all(each.ndim and each.size for each in arrays):
            continue  # a list forgets the shape of nothing, and a number is no array
        yield tuple(make(each) if isinstance(each, np.ndarray) else each for each in items)


@given(shape=shapes, data=st.data())
def test_basic_reading(same, shape, data):
    key = data.draw(basic_keys(shape))
    x = numbered(shape)
    found = pydjl.from_torch(x)[key]
    same(found, x[key])
    np.testing.assert_array_equal(found.numpy(), x.numpy()[key])
    assert found.torch().stride() == x[key].stride()
    assert found.torch().storage_offset() == x[key].storage_offset()
    assert found.torch().untyped_storage().data_ptr() == x.untyped_storage().data_ptr()


@given(shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5), data=st.data())
def test_reading_with_arrays(same, shape, data):
    key = data.draw(array_keys(shape))
    x = numbered(shape)
    expected = x[for_torch(key)]
    for index in kinds(key):
        same(pydjl.from_torch(x)[index], expected)
    integers = any(isinstance(each, int) for each in key)
    if not integers:
        np.testing.assert_array_equal(expected.numpy(), x.numpy()[key])


@given(shape=shapes, data=st.data())
def test_basic_writing(same, shape, data):
    key = data.draw(basic_keys(shape))
    target = numbered(shape)[key]
    value = -1 - numbered(target.shape)
    some = data.draw(
        st.sampled_from([value, value[:1], value[..., :1]] if target.dim() else [value])
    )
    for each in (7.5, value, some):
        mine, expected = numbered(shape), numbered(shape)
        try:
            expected[key] = each
        except (RuntimeError, IndexError):
            continue  # an empty value for a selection that is not empty
        pydjl.from_torch(mine)[key] = pydjl.from_torch(each) if torch.is_tensor(each) else each
        assert torch.equal(mine, expected)


@given(shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5), data=st.data())
def test_writing_with_arrays(shape, data):
    key = data.draw(array_keys(shape))
    for index in kinds(key):
        mine, expected = numbered(shape), numbered(shape)
        expected[for_torch(key)] = -1.0
        pydjl.from_torch(mine)[index] = -1.0
        assert torch.equal(mine, expected)


@given(shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=5), data=st.data())
def test_writing_values_with_arrays(shape, data):
    """Each place once: which value remains at a place that is named twice is nobody's promise."""
    axis = data.draw(st.integers(0, len(shape) - 1))
    places = data.draw(st.lists(st.integers(0, shape[axis] - 1), unique=True, min_size=1))
    key = (*[slice(None)] * axis, places)
    mine, expected = numbered(shape), numbered(shape)
    value = -1 - numbered(expected[key].shape)
    expected[key] = value
    pydjl.from_torch(mine)[key] = value
    assert torch.equal(mine, expected)


@given(shape=shapes, data=st.data())
def test_a_mask_of_the_array_s_own_shape(same, shape, data):
    mask = data.draw(hnp.arrays(np.bool_, shape))
    x = numbered(shape)
    same(pydjl.from_torch(x)[pydjl.array(mask)], x[torch.from_numpy(mask)])
    changed = x.clone()
    array = pydjl.from_torch(changed)
    array[array > 3] *= -1
    assert torch.equal(changed, torch.where(x > 3, -x, x))


def test_what_follows_a_mask_of_several_axes():
    """PyTorch gives [1, 18] for the first and an error for the second."""
    numbers = np.arange(27.0).reshape(3, 3, 3)
    mask = np.zeros((3, 3), bool)
    mask[0, 1] = mask[2, 0] = True
    array = pydjl.array(numbers)
    for key in ((mask, 0), (mask, slice(1, None)), (mask, None), (..., mask), (mask, [0, 1])):
        np.testing.assert_array_equal(array[key].numpy(), numbers[key])


def test_a_truth_value_is_a_mask_of_no_dimensions(same):
    x = numbered((2, 3))
    for truth in (True, False):
        same(pydjl.from_torch(x)[truth], x[truth])
        same(pydjl.from_torch(x)[np.bool_(truth)], x[truth])
        same(pydjl.from_torch(x)[0, truth], x[0, truth])


def test_arrays_that_are_not_adjacent(same):
    x = numbered((2, 3, 4, 5))
    a, b = [0, 1, 1], [2, 0, 1]
    array = pydjl.from_torch(x)
    for key in ((a, slice(None), b), (slice(None), a, slice(None), b), (a, None, b), (a, ..., b)):
        same(array[key], x[key])
        np.testing.assert_array_equal(array[key].numpy(), x.numpy()[key])


def test_an_integer_beside_an_array_is_applied_first_as_in_torch(same):
    x = numbered((2, 3, 4))
    same(pydjl.from_torch(x)[0, :, [1, 2]], x[0, :, [1, 2]])
    assert pydjl.from_torch(x)[0, :, [1, 2]].shape == (3, 2)
    assert x.numpy()[0, :, [1, 2]].shape == (2, 3)


def test_uint8_is_an_index_and_no_mask():
    x = pydjl.array([5.0, 6.0, 7.0])
    assert x[torch.tensor([2, 0, 1], dtype=torch.uint8)].tolist() == [7.0, 5.0, 6.0]


@pytest.mark.parametrize(
    "key",
    [
        [1, 0],
        ([1, 0], [2, 2]),
        range(2),
        np.array([1, 0], dtype=np.int16),
        np.array([1, 0], dtype=">i8"),
        np.array([0, 1])[::-1],
        np.broadcast_to(np.array([1]), (3,)),
        ((1, 0),),
        np.array(1),
        torch.tensor(1),
        np.int64(1),
        np.uint8(1),
        [],
        np.array([], dtype=np.float64),
        [[]],
        [True, False],
        [[True, False, True], [False, True, True]],
        [np.int64(1), 0],
        [torch.tensor(1), torch.tensor(0)],
    ],
    ids=repr,
)
def test_whatever_indexes_a_numpy_array(key):
    numbers = np.arange(6.0).reshape(2, 3)
    as_numpy = np.array(key, dtype=int) if isinstance(key, np.ndarray) and not key.size else key
    found = pydjl.array(numbers)[key]
    np.testing.assert_array_equal(found.numpy(), numbers[as_numpy])


def test_arrays_of_one_number_index_as_numbers():
    array = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    one = pydjl.array(1)
    assert array[one].tolist() == [3.0, 4.0]
    assert array[one, one].item() == 4.0
    assert array[[pydjl.array(0), one]].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert array[: one.item(), one:].tolist() == [[2.0]]
    assert [10, 20][one] == 20


def test_a_view_of_one_number_shares_it():
    x = torch.tensor(3.0)
    array = pydjl.from_torch(x)
    for key in (..., (), None):
        view = array[key]
        view += 1
    assert x.item() == 6.0
    array[...] = 1.5
    array[()] += 1
    assert x.item() == 2.5


def test_written_values_are_converted_to_the_array_s_type():
    x = pydjl.array([1, 2, 3])
    x[0] = 2.9
    x[1] = True
    x[2] = np.float32(-2.9)
    assert x.tolist() == [2, 1, -2]
    x[:2] = pydjl.array([7.9, -7.9])
    assert x.tolist() == [7, -7, -2]
    x[[0, 1]] = torch.tensor([1.5, 2.5])
    assert x.tolist() == [1, 2, -2]
    x[x > 0] = np.array([4.0, 5.0])
    assert x.tolist() == [4, 5, -2]


@pytest.mark.parametrize("value", [[5, 6], (5, 6), [5.0, 6.0], np.array([5, 6])], ids=repr)
def test_lists_may_be_written(value):
    x = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    x[0] = value
    assert x.tolist() == [[5.0, 6.0], [3.0, 4.0]]
    x[:] = [[1, 2], value]
    assert x.tolist() == [[1.0, 2.0], [5.0, 6.0]]


@pytest.mark.parametrize(
    ("dtype", "value", "error", "message"),
    [
        ("uint8", 300, ArgumentError, "overflow"),
        ("int32", 2**40, ArgumentError, "overflow"),
        ("int64", float("nan"), ArgumentError, "overflow"),
        ("int64", 1j, ArgumentTypeError, "cannot be made of this complex|complex"),
        ("float32", torch.tensor([1j, 2j]), DtypeError, "no imaginary parts"),
        ("float32", [1.0, 2.0, 3.0], ShapeError, r"\(2,\) float32 and \(3,\) float32"),
        ("float32", [[1.0], [2.0, 3.0]], ArgumentError, "cannot be made of this list"),
        ("float32", "1", ArgumentTypeError, "can be written into an array, not str"),
        ("float32", None, ArgumentTypeError, "can be written into an array, not NoneType"),
        ("float32", ["1", "2"], ArgumentError, "cannot be made of this list"),
        ("float32", np.array(["1", "2"]), DtypeError, "names no element type"),
        ("float32", torch.ones(2, dtype=torch.int16), DtypeError, "does not know torch.int16"),
    ],
    ids=repr,
)
def test_values_that_cannot_be_written(dtype, value, error, message):
    x = pydjl.array([1, 2], dtype=dtype)
    with pytest.raises(error, match=message):
        x[:] = value
    assert x.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        (2, ArrayIndexError, "index 2 is out of range for axis 0 of size 2"),
        (-3, ArrayIndexError, "index -3 is out of range for axis 0 of size 2"),
        ((0, 3), ArrayIndexError, "index 3 is out of range for axis 1 of size 3"),
        ((..., 4), ArrayIndexError, "index 4 is out of range for axis 2 of size 4"),
        ((None, 0, -4), ArrayIndexError, "index -4 is out of range for axis 1 of size 3"),
        (2**40, ArrayIndexError, "out of range for axis 0 of size 2"),
        ((0, 0, 0, 0), ArrayIndexError, r"4 indices .* of shape \(2, 3, 4\), which has 3"),
        ((..., 0, 0, 0, 0), ArrayIndexError, "4 indices"),
        ((..., ...), ArrayIndexError, "only one ellipsis"),
        ([0, 2], ArrayIndexError, "index 2 is out of range for axis 0 of size 2"),
        ([0, -3], ArrayIndexError, "index -3 is out of range"),
        ((slice(None), [[3]]), ArrayIndexError, "index 3 is out of range for axis 1 of size 3"),
        ([True], ArrayIndexError, r"boolean index of shape \(1,\) does not fit axes of .*\(2,\)"),
        (np.zeros((2, 4), bool), ArrayIndexError, r"\(2, 4\) does not fit axes of shape \(2, 3\)"),
        (slice(None, None, -1), ArgumentError, r"negative step.* use flip\(\)"),
        (slice(None, None, 0), ArgumentError, "cannot be used"),
        (slice(0.5, None), ArgumentError, "cannot be used"),
        (slice("a", None), ArgumentError, "cannot be used"),
        (1.0, ArgumentTypeError, "not float"),
        ("a", ArgumentTypeError, "not str"),
        ({}, ArgumentTypeError, "not dict"),
        (1j, ArgumentTypeError, "not complex"),
        ([0.5], ArgumentTypeError, "integers or booleans, not float64"),
        (["a"], ArgumentTypeError, "integers or booleans"),
        ([0, None], ArgumentTypeError, "integers or booleans, not object"),
        ([2**70], ArgumentTypeError, "integers or booleans, not object"),
        ([[0, 1], [0]], ArgumentError, "ragged"),
        (torch.tensor([0.5]), ArgumentTypeError, "not torch.float32"),
        (torch.tensor([0]).to_sparse(), ArgumentTypeError, "must be dense"),
        (([0, 1], [0, 1, 2]), ShapeError, "broadcast"),
    ],
    ids=repr,
)
def test_bad_indices(key, error, message):
    x = numbered((2, 3, 4))
    array = pydjl.from_torch(x)
    with pytest.raises(error, match=message):
        array[key]
    with pytest.raises(error, match=message):
        array[key] = 1.0
    assert torch.equal(x, numbered((2, 3, 4)))


@pytest.mark.parametrize("name", ["add", "sub", "mul"])
def test_in_place_operators_on_a_selection(same, name):
    x, expected = numbered((3, 4)), numbered((3, 4))
    array = pydjl.from_torch(x)
    in_place = getattr(operator, f"i{name}")
    for key in ((1, slice(None, None, 2)), [0, 2], x > 5):
        array[key] = in_place(array[key], 3)
        expected[key] = in_place(expected[key], 3)
    same(array, expected)


def test_one_value_in_many_places():
    """The sum over an expanded array cannot be taken apart again: neither library writes there."""
    array = pydjl.from_torch(torch.zeros(1).expand(3))
    with pytest.raises(JavaError, match="single memory location"):
        array[:] = pydjl.array([1.0, 2.0, 3.0])


def test_an_index_beyond_the_int_of_java_is_refused_with_a_way_out():
    """Nobody allocates such an array: its elements share one place."""
    x = torch.zeros(1, dtype=torch.int8).expand(2**31 + 5)
    array = pydjl.from_torch(x)
    assert array[2**31 - 1].item() == 0
    assert array[2**31 + 1 : 2**31 + 3].shape == (2,)
    assert array[[2**31 + 4]].item() == 0
    with pytest.raises(NotSupportedError, match=r"2147483649:2147483650 and squeeze\(\)"):
        array[2**31 + 1]


def test_the_notation():
    key = (0, slice(1, None), None, ..., [1, 0], np.zeros(7, bool))
    text, arrays = parse_index(key, (2, 5, 4, 3, 7), torch.device("cpu"))
    assert text == "0,1:5:1,null,...,{},{}"
    assert [each.dtype for each in arrays] == [torch.int64, torch.bool]
    assert parse_index((), (2,), torch.device("cpu")) == ("...", [])
