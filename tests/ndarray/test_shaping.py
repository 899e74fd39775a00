"""Shape operations: PyTorch's and NumPy's results, and views of the same memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError, ArrayIndexError, ShapeError

shapes = hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)
shapes_with_axes = hnp.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=4)


def numbered(shape, dtype=torch.float32) -> torch.Tensor:
    return torch.arange(int(np.prod(shape)), dtype=dtype).reshape(shape)


def shares(array: pydjl.NDArray, tensor: torch.Tensor) -> bool:
    """Whether a change of one is seen in the other."""
    before = array.tolist()
    tensor += 1
    changed = array.tolist() != before
    tensor -= 1
    return changed


def check_view(same, array: pydjl.NDArray, tensor: torch.Tensor, expected: torch.Tensor) -> None:
    same(array, expected)
    assert array.torch().stride() == expected.stride()
    if tensor.numel():
        assert array.torch().data_ptr() == expected.data_ptr()
        assert shares(array, tensor)


@given(shape=shapes, data=st.data())
def test_reshape(same, shape, data):
    x = numbered(shape)
    size = x.numel()
    first = data.draw(
        st.sampled_from([each for each in range(1, size + 1) if size % each == 0] or [0])
    )
    for new in ((size,), (first, size // first if first else 3), (1, *shape), shape):
        check_view(same, pydjl.from_torch(x).reshape(new), x, x.reshape(new))
        check_view(same, pydjl.from_torch(x).reshape(*new), x, x.reshape(new))
    if size:
        check_view(same, pydjl.from_torch(x).reshape(-1, first), x, x.reshape(-1, first))
        check_view(same, pydjl.from_torch(x).flatten(), x, x.flatten().reshape(-1))


def test_reshape_copies_where_strides_do_not_allow_a_view(same):
    x = numbered((3, 4))
    array = pydjl.from_torch(x.T).reshape(12)
    same(array, x.T.reshape(12))
    assert not shares(array, x)


def test_reshape_takes_a_torch_size_and_an_array_of_numpy():
    x = pydjl.from_torch(numbered((2, 6)))
    assert x.reshape(torch.Size([3, 4])).shape == (3, 4)
    assert x.reshape(np.array([4, 3])).shape == (4, 3)
    assert x.reshape(np.int64(12)).shape == (12,)
    assert pydjl.array([5.0]).reshape(()).shape == ()


@pytest.mark.parametrize(
    ("shape", "error", "message"),
    [
        ((5,), ShapeError, r"reshape to \(5,\) of \(2, 3\) float32"),
        ((-1, 4), ShapeError, r"reshape to \(-1, 4\) of \(2, 3\)"),
        ((-1, -1), ShapeError, r"of \(2, 3\) float32"),
        ((-2, 3), ArgumentError, r"of \(2, 3\) float32"),
        ((2.0, 3), ArgumentTypeError, "integers are needed"),
        (("6",), ArgumentTypeError, "integers are needed"),
        ((2**70,), ArgumentTypeError, "cannot be passed to Java"),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit(shape, error, message):
    x = pydjl.from_torch(numbered((2, 3)))
    with pytest.raises(error, match=message):
        x.reshape(shape)
    with pytest.raises(error, match=message):
        x.reshape(*shape)


@given(shape=shapes, data=st.data())
def test_transpose(same, shape, data):
    x = numbered(shape)
    order = data.draw(st.permutations(range(len(shape))))
    backwards = tuple(reversed(range(len(shape))))
    check_view(same, pydjl.from_torch(x).transpose(), x, x.permute(backwards))
    check_view(same, pydjl.from_torch(x).T, x, x.permute(backwards))
    if shape:
        check_view(same, pydjl.from_torch(x).transpose(order), x, x.permute(order))
        check_view(same, pydjl.from_torch(x).transpose(*order), x, x.permute(order))
        negative = [axis - len(shape) for axis in order]
        check_view(same, pydjl.from_torch(x).transpose(negative), x, x.permute(order))


@given(shape=shapes_with_axes, data=st.data())
def test_swapaxes(same, shape, data):
    axes = st.integers(-len(shape), len(shape) - 1)
    first, second = data.draw(axes), data.draw(axes)
    x = numbered(shape)
    check_view(same, pydjl.from_torch(x).swapaxes(first, second), x, x.swapaxes(first, second))


@pytest.mark.parametrize("axes", [(0,), (0, 0), (0, 1, 2), (1, -1)])
def test_axes_that_are_no_permutation(axes):
    error = ArrayIndexError if 2 in axes else ArgumentError
    with pytest.raises(error):
        pydjl.from_torch(numbered((2, 3))).transpose(axes)


@given(shape=shapes, data=st.data())
def test_expand_dims_and_squeeze(same, shape, data):
    x = numbered(shape)
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    wider = pydjl.from_torch(x).expand_dims(axis)
    check_view(same, wider, x, x.unsqueeze(axis))
    same(wider.squeeze(axis), x)
    same(wider.squeeze([axis]), x)
    check_view(same, wider.squeeze(), x, x.squeeze())


def test_squeeze_names_the_axis_that_is_too_long():
    with pytest.raises(ShapeError, match=r"axis 1 of shape \(1, 3\) has length 3") as caught:
        pydjl.from_torch(numbered((1, 3))).squeeze((0, 1))
    assert caught.value.shapes == ((1, 3),)


@given(shape=shapes, data=st.data())
def test_broadcast_to(same, shape, data):
    narrow = tuple(1 if data.draw(st.booleans()) else size for size in shape)
    x = numbered(narrow)
    target = (*data.draw(hnp.array_shapes(min_dims=0, max_dims=2)), *shape)
    found = pydjl.from_torch(x).broadcast_to(target)
    same(found, x.expand(target))
    assert found.torch().stride() == x.expand(target).stride()
    if target:
        same(pydjl.from_torch(x).broadcast_to(*target), x.expand(target))


@pytest.mark.parametrize("target", [(3,), (2, 2), (3, 2), ()])
def test_shapes_that_cannot_be_reached(target):
    with pytest.raises(ShapeError, match=r"\(2, 3\) float32"):
        pydjl.from_torch(numbered((2, 3))).broadcast_to(target)


@given(shape=shapes, data=st.data())
def test_flip(same, shape, data):
    x = numbered(shape)
    axes = data.draw(st.lists(st.integers(0, max(len(shape) - 1, 0)), unique=True)) if shape else []
    np.testing.assert_array_equal(pydjl.from_torch(x).flip().numpy(), np.flip(x.numpy()))
    same(pydjl.from_torch(x).flip(axes), x.flip(axes))
    for axis in axes:
        same(pydjl.from_torch(x).flip(axis - len(shape)), x.flip(axis))


def test_flip_copies():
    x = numbered((2, 3))
    assert not shares(pydjl.from_torch(x).flip(), x)


@given(shape=shapes, repeats=st.lists(st.integers(0, 3), max_size=6))
def test_tile(shape, repeats):
    x = numbered(shape)
    found = pydjl.from_torch(x).tile(repeats).numpy()
    np.testing.assert_array_equal(found, np.tile(x.numpy(), repeats))
    assert found.shape == np.tile(x.numpy(), repeats).shape


@given(shape=shapes_with_axes, repeats=st.integers(0, 3), data=st.data())
def test_repeat(shape, repeats, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    x = numbered(shape)
    found = pydjl.from_torch(x).repeat(repeats, axis).numpy()
    np.testing.assert_array_equal(found, np.repeat(x.numpy(), repeats, axis))


def test_repeats_that_make_no_sense():
    x = pydjl.from_torch(numbered((2, 3)))
    with pytest.raises(ArgumentError, match=r"repeats \(=-1\)"):
        x.repeat(-1, 0)
    with pytest.raises(ArgumentTypeError, match="integers are needed"):
        x.repeat(1.5, 0)
    with pytest.raises(ArgumentTypeError, match="integers are needed"):
        x.tile(1.5)
    with pytest.raises(ShapeError):
        x.tile(-1)


@given(shape=shapes_with_axes, data=st.data())
def test_split(same, shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    size = shape[axis]
    x = numbered(shape)
    indices = sorted(
        data.draw(st.lists(st.integers(-size - 1, size + 1), max_size=4)),
        key=lambda each: min(max(each + size if each < 0 else each, 0), size),
    )
    found = pydjl.from_torch(x).split(indices, axis)
    expected = np.split(x.numpy(), indices, axis)
    assert [part.shape for part in found] == [part.shape for part in expected]
    for part, right in zip(found, expected, strict=True):
        same(part, torch.from_numpy(right))
        if right.size:
            assert shares(part, x)


@given(shape=shapes_with_axes, data=st.data())
def test_split_into_equal_sections(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sections = data.draw(st.integers(1, 5))
    x = numbered(shape)
    if shape[axis] % sections:
        with pytest.raises(ShapeError, match=f"cannot be split into {sections} equal") as caught:
            pydjl.from_torch(x).split(sections, axis)
        assert caught.value.shapes == (shape,)
        return
    found = [part.numpy() for part in pydjl.from_torch(x).split(sections, axis)]
    expected = np.split(x.numpy(), sections, axis)
    assert len(found) == len(expected)
    for part, right in zip(found, expected, strict=True):
        np.testing.assert_array_equal(part, right)
        assert part.shape == right.shape


def test_splits_that_make_no_sense():
    x = pydjl.from_torch(numbered((4,)))
    with pytest.raises(ShapeError, match="cannot be split into 0 equal"):
        x.split(0)
    with pytest.raises(ArgumentError, match=r"\[3, 1\] are not in ascending order"):
        x.split([3, 1])
    with pytest.raises(ArrayIndexError, match="axis 1 does not exist"):
        x.split(2, axis=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.transpose(2, 0),
        lambda x: x.swapaxes(0, 2),
        lambda x: x.expand_dims(3),
        lambda x: x.expand_dims(-4),
        lambda x: x.squeeze(2),
        lambda x: x.flip(-3),
        lambda x: x.repeat(2, 2),
    ],
)
def test_axes_that_do_not_exist(call):
    with pytest.raises(ArrayIndexError, match=r"axis -?\d does not exist in an array of \d dim"):
        call(pydjl.from_torch(numbered((2, 3))))


def test_every_type_is_rearranged(same):
    for dtype in (torch.bool, torch.uint8, torch.int64, torch.float16, torch.complex64):
        x = numbered((2, 3), torch.int64).to(dtype)
        same(
            pydjl.from_torch(x).T.reshape(3, 2, 1).flip(0).tile(2, 1),
            x.T.reshape(3, 2, 1).flip(0).tile(2, 1),
        )
