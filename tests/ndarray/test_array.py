"""The array as an object of Python, NumPy and PyTorch: conversions, protocols, its end."""

from __future__ import annotations

import copy
import inspect
import io
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis.extra import numpy as hnp

import pydjl
from pydjl.errors import ArgumentError, ArgumentTypeError, ClosedError

DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.uint8,
    torch.int8,
    torch.int32,
    torch.int64,
    torch.bool,
    torch.complex64,
]


# --- properties and conversions -------------------------------------------------------------------


def test_properties():
    array = pydjl.from_torch(torch.zeros(2, 3, 0, 5, dtype=torch.int8))
    assert (array.shape, array.ndim, array.size) == ((2, 3, 0, 5), 4, 0)
    assert (array.dtype, array.device) == (torch.int8, torch.device("cpu"))
    assert (array.requires_grad, array.closed) == (False, False)
    assert type(array.shape) is tuple


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_items_are_python_s_numbers(dtype):
    numbers = torch.tensor([0, 1, 2]).to(dtype)
    array = pydjl.from_torch(numbers)
    assert array.tolist() == numbers.tolist()
    assert [type(each) for each in array.tolist()] == [type(each) for each in numbers.tolist()]
    for shape in ((), (1,), (1, 1)):
        assert array[2].reshape(shape).item() == numbers[2].item()
        assert type(array[2].reshape(shape).item()) is type(numbers[2].item())


@pytest.mark.parametrize("shape", [(2,), (0,), (1, 2), (0, 3)])
@pytest.mark.parametrize("convert", [bool, int, float, complex, lambda array: array.item()])
def test_only_one_element_is_a_number(convert, shape):
    with pytest.raises(ArgumentError) as caught:
        convert(pydjl.from_torch(torch.zeros(shape)))
    assert str(shape) in str(caught.value)


def test_python_s_conversions():
    assert bool(pydjl.array([[0.5]])) is True
    assert bool(pydjl.array(0)) is False
    assert bool(pydjl.array(float("nan"))) is True
    assert int(pydjl.array([-2.9])) == -2
    assert float(pydjl.array(True)) == 1.0
    assert complex(pydjl.array(2)) == 2 + 0j
    assert complex(pydjl.array(1 - 2j)) == 1 - 2j
    for convert in (int, float):
        with pytest.raises(ArgumentTypeError, match="a complex number cannot be used as"):
            convert(pydjl.array(1j))
    with pytest.raises(OverflowError):
        int(pydjl.array(float("inf")))


def test_integers_are_indices():
    assert "abc"[pydjl.array(1)] == "b"
    assert list(range(9))[pydjl.array([2], dtype="uint8") : pydjl.array(-5)] == [2, 3]
    for data in (1.0, True, 1j):
        with pytest.raises(ArgumentTypeError, match="cannot be an index"):
            "abc"[pydjl.array(data)]
    with pytest.raises(ArgumentError, match="one element"):
        "abc"[pydjl.array([1, 2])]


def test_length_iteration_and_containment():
    array = pydjl.array([[1.0, 2.0], [3.0, float("nan")]])
    assert len(array) == 2
    assert [row.shape for row in array] == [(2,), (2,)]
    first, second = array
    assert second[0].item() == 3.0
    first += 1
    assert array[0].tolist() == [2.0, 3.0]
    assert 3.0 in array
    assert pydjl.array([9.0, 3.0]) in array
    assert 7 not in array
    assert float("nan") not in array  # noqa: PLW0177 - that is what is tested
    assert list(pydjl.from_torch(torch.zeros(0, 3))) == []
    for missing in ("a", None, [1.0, 2.0]):
        with pytest.raises(ArgumentTypeError, match="cannot be looked for"):
            missing in array  # noqa: B015


def test_a_number_has_no_length():
    array = pydjl.array(1.0)
    for use in (len, iter, list):
        with pytest.raises(ArgumentTypeError, match="0 dimensions has no length"):
            use(array)


def test_the_hash_is_the_object_s():
    a, b = pydjl.array([1.0]), pydjl.array([1.0])
    assert {a: 1, b: 2}[a] == 1
    assert len({a, b, a}) == 2


# --- text -----------------------------------------------------------------------------------------


def test_the_chapter_s_text():
    """The book's output to the letter, but for the last line's end, which `print` adds."""
    array = pydjl.array([[19.0, 25.0], [37.0, 43.0]])
    assert repr(array) == "ND: (2, 2) cpu() float32\n[[19., 25.],\n [37., 43.],\n]"
    assert str(array) == repr(array)


@pytest.mark.parametrize("dtype", [each for each in DTYPES if not each.is_complex], ids=str)
@pytest.mark.parametrize(
    "shape", [(), (3,), (2, 3), (2, 1, 2), (0,), (0, 2), (20, 30), (3, 4, 5, 2)]
)
def test_the_text_is_djl_s(dtype, shape):
    tensor = (torch.randn(shape) * 3).to(dtype)
    array = pydjl.from_torch(tensor)
    assert repr(array) == str(array.java.toString()).rstrip("\n")


def test_texts():
    assert repr(pydjl.array(3.0)) == "ND: () cpu() float32\n3."
    assert repr(pydjl.array([True, False])) == "ND: (2) cpu() boolean\n[ true, false]"
    assert repr(pydjl.array([1, -10])) == "ND: (2) cpu() int64\n[  1, -10]"
    special = pydjl.array([1.5, float("nan"), float("inf"), -float("inf")])
    assert repr(special).endswith("\n[ 1.5,  nan,  inf, -inf]")
    leaf = pydjl.from_torch(torch.ones(1, requires_grad=True))
    assert repr(leaf) == "ND: (1) cpu() float32 hasGradient\n[1.]"
    closed = pydjl.array(1.0)
    closed.close()
    assert repr(closed) == "<closed NDArray>"


def test_a_text_that_djl_does_not_have():
    text = repr(pydjl.array([1j, 2.0]))
    assert text.startswith("<NDArray (2,) torch.complex64 cpu")


def test_html_is_escaped(monkeypatch):
    array = pydjl.array([1.0])
    assert array._repr_html_() == "<pre>ND: (1) cpu() float32\n[1.]</pre>"
    array.close()
    assert array._repr_html_() == "<pre>&lt;closed NDArray&gt;</pre>"


# --- NumPy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_numpy_shares_the_memory(dtype):
    tensor = torch.arange(12).reshape(3, 4).to(dtype)[:, ::2].T
    array = pydjl.from_torch(tensor)
    for numbers in (array.numpy(), np.asarray(array), np.from_dlpack(array)):
        assert np.shares_memory(numbers, tensor.numpy())
        assert numbers.strides == tensor.numpy().strides
        np.testing.assert_array_equal(numbers, tensor.numpy())
    array.numpy()[0, 1] = 0
    assert tensor[0, 1] == 0


def test_dlpack_copies_where_it_is_asked_to_and_moves_nothing():
    array = pydjl.array([1.0, 2.0])
    assert torch.from_dlpack(array.__dlpack__()).data_ptr() == array.torch().data_ptr()
    copied = torch.from_dlpack(array.__dlpack__(copy=True, max_version=(1, 0)))
    assert copied.data_ptr() != array.torch().data_ptr()
    assert copied.tolist() == [1, 2]
    with pytest.raises(BufferError, match="to_device"):
        array.__dlpack__(dl_device=(2, 0))


def test_copies_for_numpy():
    array = pydjl.array([1.0, 2.0])
    numbers = np.array(array)
    assert not np.shares_memory(numbers, array.numpy())
    assert np.asarray(array, dtype=np.float64).dtype == np.float64
    assert np.array(array, dtype=np.int8).tolist() == [1, 2]
    assert array.__array__(np.float64).dtype == np.float64


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="NumPy 1 has no copy=None"
)
def test_numpy_s_wish_about_copies():
    array = pydjl.array([1.0, 2.0])
    assert np.shares_memory(np.asarray(array, copy=False), array.numpy())
    assert not np.shares_memory(np.asarray(array, copy=True), array.numpy())
    with pytest.raises(ValueError, match="copy"):
        np.asarray(array, dtype=np.float64, copy=False)


def test_numpy_functions_take_arrays():
    array = pydjl.array([[4.0, 9.0], [16.0, 25.0]])
    assert np.sqrt(array).tolist() == [[2.0, 3.0], [4.0, 5.0]]
    assert np.concatenate([array, array]).shape == (4, 2)
    np.testing.assert_array_equal(array, array.numpy())


def test_numpy_would_lose_gradients():
    leaf = pydjl.from_torch(torch.ones(2, requires_grad=True))
    for use in (leaf.numpy, lambda: np.asarray(leaf), lambda: np.ones(2) + leaf):
        with pytest.raises(ArgumentError, match=r"use nd.detach\(\).numpy\(\)"):
            use()
    assert leaf.detach().numpy().tolist() == [1.0, 1.0]


# --- PyTorch --------------------------------------------------------------------------------------


def test_torch_s_functions_take_arrays():
    array, tensor = pydjl.array([[1.0, 2.0], [3.0, 4.0]]), torch.ones(2, 2)
    for result, expected in (
        (torch.add(array, tensor), tensor + array.torch()),
        (torch.add(tensor, array, alpha=2), tensor + 2 * array.torch()),
        (torch.add(input=array, other=array), 2 * array.torch()),
        (torch.stack([array, array]), torch.stack([array.torch()] * 2)),
        (torch.cat((array, tensor), dim=1), torch.cat((array.torch(), tensor), 1)),
        (
            torch.where(array > 2, array, tensor),
            torch.where(array.torch() > 2, array.torch(), tensor),
        ),
        (torch.einsum("ij,kj->ik", array, array), array.torch() @ array.torch().T),
        (torch.nn.functional.linear(array, array), array.torch() @ array.torch().T),
        (torch.nn.Linear(2, 2, bias=False).requires_grad_(False)(array).shape, (2, 2)),
    ):
        if isinstance(result, torch.Tensor):
            assert type(result) is torch.Tensor
            assert torch.equal(result, expected)
        else:
            assert result == expected
    assert isinstance(torch.max(array, dim=0).values, torch.Tensor)
    assert torch.is_tensor(array) is False


def test_torch_s_functions_write_into_arrays():
    array = pydjl.array([1.0, 2.0])
    torch.mul(array, 3, out=array)
    assert array.tolist() == [3.0, 6.0]


def test_gradients_through_torch_s_functions():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    torch.sum(torch.square(pydjl.from_torch(leaf) * 2)).backward()
    assert leaf.grad.tolist() == [8.0, 16.0]


def test_a_closed_array_in_torch_s_functions():
    array = pydjl.array([1.0])
    array.close()
    with pytest.raises(ClosedError):
        torch.add(torch.ones(1), array)


# --- copies and pickles ---------------------------------------------------------------------------


def test_copy_has_memory_of_its_own():
    x = torch.arange(6.0).reshape(2, 3).T
    copied = pydjl.from_torch(x).copy()
    copied += 1
    assert copied.tolist() == (x + 1).tolist()
    assert x[0, 0] == 0


def test_copy_of_the_copy_module_shares():
    array = pydjl.array([1.0, 2.0])
    shallow = copy.copy(array)
    assert shallow is not array
    assert shallow.torch() is array.torch()


def test_deepcopy_follows_torch_s_rule():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    mine, theirs = copy.deepcopy(pydjl.from_torch(leaf)), copy.deepcopy(leaf)
    assert mine.torch().is_leaf == theirs.is_leaf is True
    assert mine.requires_grad == theirs.requires_grad is True
    assert mine.torch().data_ptr() != leaf.data_ptr()
    assert mine.torch().grad_fn is None
    history = pydjl.from_torch(leaf) * 2
    for each in (history, history.torch()):
        with pytest.raises(RuntimeError, match="created explicitly by the user"):
            copy.deepcopy(each)


def test_deepcopy_keeps_who_shares_with_whom():
    tensor = torch.zeros(3)
    array = pydjl.from_torch(tensor)
    first, second, other = copy.deepcopy([array, array, tensor])
    assert first is second
    assert first.torch() is other
    other += 1
    assert first.tolist() == [1.0, 1.0, 1.0]
    assert tensor.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(dtype, protocol, same):
    tensor = torch.arange(12).reshape(3, 4).to(dtype)[:, 1::2].T
    array = pickle.loads(pickle.dumps(pydjl.from_torch(tensor), protocol))
    assert type(array) is pydjl.NDArray
    same(array, tensor)


def test_pickle_keeps_what_torch_keeps():
    leaf = pydjl.from_torch(torch.ones(2, requires_grad=True))
    assert pickle.loads(pickle.dumps(leaf)).requires_grad
    first, second = pickle.loads(pickle.dumps((leaf, leaf)))
    assert first is second


def test_torch_saves_and_loads_arrays():
    file = io.BytesIO()
    torch.save({"x": pydjl.array([1.0, 2.0])}, file)
    file.seek(0)
    assert torch.load(file, weights_only=False)["x"].tolist() == [1.0, 2.0]


def test_pickle_to_a_fresh_interpreter(tmp_path):
    file = tmp_path / "array.pickle"
    file.write_bytes(pickle.dumps([pydjl.array([[1.0, 2.0], [3.0, 4.0]]), pydjl.array(7)]))
    script = (
        "import pickle, sys\n"
        "x, n = pickle.load(open(sys.argv[1], 'rb'))\n"
        "print((x @ x).tolist(), type(n).__qualname__, n.item())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert done.stdout.strip() == "[[7.0, 10.0], [15.0, 22.0]] NDArray 7"


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=0, min_side=0)))
def test_there_and_back(numbers):
    array = pydjl.array(numbers)
    for back in (
        array.numpy(),
        array.torch().numpy(),
        np.from_dlpack(array),
        np.array(array),
        pickle.loads(pickle.dumps(array)).numpy(),
        copy.deepcopy(array).numpy(),
        array.copy().numpy(),
        pydjl.from_java(array.java).numpy(),
    ):
        np.testing.assert_array_equal(back, numbers)
        assert back.dtype == np.float32


# --- types and devices ----------------------------------------------------------------------------


def test_conversions_that_change_nothing_share():
    array = pydjl.array([1.0, 2.0])
    assert array.astype("float32").torch() is array.torch()
    assert array.to_device("cpu").torch() is array.torch()
    assert array.to_device("cpu()").torch() is array.torch()


# --- the end --------------------------------------------------------------------------------------


def test_the_context_closes():
    with pydjl.array([1.0]) as array:
        assert array.item() == 1.0
    assert array.closed
    with pytest.raises(ClosedError, match="is closed"), array:
        pass


def test_closing_twice_and_what_others_keep():
    tensor = torch.tensor([1.0, 2.0])
    array = pydjl.from_torch(tensor)
    view = array[1:]
    array.close()
    array.close()
    assert array.closed
    assert tensor.tolist() == [1.0, 2.0]
    assert view.tolist() == [2.0]


ARGUMENTS = {
    "astype": ("float32",),
    "atan2": (1.0,),
    "broadcast_to": (1,),
    "clip": (0, 1),
    "cumsum": (0,),
    "expand_dims": (0,),
    "maximum": (1.0,),
    "minimum": (1.0,),
    "repeat": (1, 0),
    "reshape": (1,),
    "softmax": (0,),
    "split": (1,),
    "swapaxes": (0, 0),
    "tile": (1,),
    "to_device": ("cpu",),
}
METHODS = [
    name
    for name, member in inspect.getmembers(pydjl.NDArray, inspect.isfunction)
    if not name.startswith("_") and name != "close"
]
PROPERTIES = [
    name
    for name, member in inspect.getmembers(pydjl.NDArray, lambda each: isinstance(each, property))
    if not name.startswith("_") and name != "closed"
]
SPECIAL = {
    **{
        f"__{name}__": ()
        for name in ["neg", "abs", "bool", "int", "float", "complex", "index", "len", "iter", "pos"]
    },
    **{
        f"__{name}__": (1.0,)
        for name in [
            "add",
            "radd",
            "iadd",
            "sub",
            "mul",
            "truediv",
            "floordiv",
            "ifloordiv",
            "mod",
            "pow",
            "matmul",
            "eq",
            "ne",
            "lt",
            "contains",
        ]
    },
    "__invert__": (),
    "__and__": (True,),
    "__getitem__": (0,),
    "__setitem__": (0, 1.0),
    "__array__": (),
    "__dlpack__": (),
    "__dlpack_device__": (),
    "__reduce__": (),
    "__deepcopy__": ({},),
    "__enter__": (),
}


def test_the_lists_below_hold_every_public_name():
    assert len(METHODS) > 50
    assert len(PROPERTIES) >= 8


@pytest.mark.parametrize("name", METHODS)
def test_no_method_of_a_closed_array_works(name):
    array = pydjl.array([1.0])
    getattr(array, name)(*ARGUMENTS.get(name, ()))
    array.close()
    with pytest.raises(ClosedError, match="this NDArray is closed"):
        getattr(array, name)(*ARGUMENTS.get(name, ()))


@pytest.mark.parametrize("name", PROPERTIES)
def test_no_property_of_a_closed_array_works(name):
    array = pydjl.array([1.0])
    getattr(array, name)
    array.close()
    with pytest.raises(ClosedError):
        getattr(array, name)


@pytest.mark.parametrize("name", SPECIAL)
def test_no_operator_of_a_closed_array_works(name):
    array = pydjl.array([1.0])
    array.close()
    with pytest.raises(ClosedError):
        getattr(array, name)(*SPECIAL[name])


def test_a_closed_operand():
    closed, array = pydjl.array([1.0]), pydjl.array([1.0])
    closed.close()
    for use in (
        lambda: array + closed,
        lambda: array.maximum(closed),
        lambda: array[closed],
        lambda: array.__setitem__(0, closed),
        lambda: pydjl.concat([array, closed]),
        lambda: pydjl.where(array > 0, closed, array),
        lambda: pydjl.array(closed),
        lambda: closed in array,
    ):
        with pytest.raises(ClosedError):
            use()
    assert array.tolist() == [1.0]
