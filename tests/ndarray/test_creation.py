"""`array` copies; what is named ``from_`` shares memory or says why it cannot."""

from __future__ import annotations

import gc
import subprocess
import sys

import jpype
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
    ClosedError,
    DeviceError,
    DtypeError,
)
from pydjl.ndarray import as_tensor, like
from pydjl.runtime import java_class

KNOWN = ["?", "u1", "i1", "i4", "i8", "f2", "f4", "f8", "c8"]


# --- array ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (3, torch.int64, ()),
        (3.5, torch.float32, ()),
        (True, torch.bool, ()),
        (1j, torch.complex64, ()),
        ([], torch.float32, (0,)),
        ([[], []], torch.float32, (2, 0)),
        ([1, 2], torch.int64, (2,)),
        ([1, 2.5], torch.float32, (2,)),
        ([True, 2], torch.int64, (2,)),
        (((1.0, 2.0), (3.0, 4.0)), torch.float32, (2, 2)),
        (range(4), torch.int64, (4,)),
        (np.float64(2.5), torch.float64, ()),
        (np.float16(2.5), torch.float16, ()),
        (np.bool_(True), torch.bool, ()),
        ([np.float32(1.5), np.float32(2.5)], torch.float32, (2,)),
        ([np.array([1.0, 2.0]), np.array([3.0, 4.0])], torch.float64, (2, 2)),
        ([torch.tensor(1.0), torch.tensor(2.0)], torch.float32, (2,)),
        (np.zeros((0, 3)), torch.float64, (0, 3)),
    ],
    ids=repr,
)
def test_data_of_any_kind(data, dtype, shape):
    array = pydjl.array(data)
    assert (array.dtype, array.shape) == (dtype, shape)
    np.testing.assert_array_equal(array.numpy(), np.array(data))


@given(
    hnp.arrays(
        st.sampled_from([np.dtype(code).newbyteorder(order) for code in KNOWN for order in "<>"]),
        hnp.array_shapes(min_dims=0, min_side=0),
    )
)
def test_arrays_of_numpy_are_copied(numbers):
    array = pydjl.array(numbers)
    np.testing.assert_array_equal(array.numpy(), numbers)
    assert not np.shares_memory(array.numpy(), numbers)


@pytest.mark.parametrize("code", KNOWN)
@pytest.mark.parametrize(
    "view",
    [
        lambda x: x,
        lambda x: x[::-1],
        lambda x: x[:, ::-2].T,
        np.asfortranarray,
        lambda x: x.astype(x.dtype.newbyteorder(">")),
        lambda x: np.broadcast_to(x, (2, *x.shape)),
        lambda x: x[0, 0],
    ],
    ids=["whole", "reversed", "stepped", "Fortran", "byte order", "read-only", "one"],
)
def test_any_memory_of_numpy_is_copied(code, view):
    numbers = view(np.arange(12).reshape(3, 4).astype(code))
    array = pydjl.array(numbers)
    np.testing.assert_array_equal(array.numpy(), numbers)
    assert array.numpy().dtype == np.dtype(code)
    assert not np.shares_memory(array.numpy(), numbers)


def test_tensors_and_arrays_are_copied_without_history():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    for data in (leaf, leaf * 1, pydjl.from_torch(leaf)):
        array = pydjl.array(data)
        assert not array.requires_grad
        array += 1
        assert array.tolist() == [2.0, 3.0]
    assert leaf.tolist() == [1.0, 2.0]


def test_the_type_asked_for():
    assert pydjl.array([1.7, -1.7], dtype="int32").tolist() == [1, -1]
    assert pydjl.array([1, 0], dtype=bool).tolist() == [True, False]
    assert pydjl.array(np.array([1, 2], np.int16), dtype="float64").dtype is torch.float64
    assert pydjl.array(torch.ones(2, dtype=torch.bfloat16), dtype="f4").tolist() == [1.0, 1.0]
    assert pydjl.array(pydjl.array([1, 2]), dtype="float16").dtype is torch.float16


@pytest.mark.parametrize("device", ["cpu", "cpu()", torch.device("cpu"), None])
def test_the_cpu(device):
    assert pydjl.array([1.0], device=device).device == torch.device("cpu")
    assert str(pydjl.array([1.0], device=device).java.getDevice()) == "cpu()"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("device", ["gpu", "gpu(0)", "gpu(3)", "cuda", "cuda:0"])
def test_a_gpu_that_is_not_there(device):
    with pytest.raises(DeviceError, match="finds no CUDA GPU here: use device 'cpu'"):
        pydjl.array([1.0], device=device)
    with pytest.raises(DeviceError, match="finds no CUDA GPU here"):
        pydjl.array([1.0]).to_device(device)


@pytest.mark.parametrize("device", ["tpu", "", "gpu(x)", "meta", 0])
def test_devices_that_nobody_has(device):
    with pytest.raises(ArgumentError, match=r"is none of cpu, gpu\(0\), cuda:0"):
        pydjl.array([1.0], device=device)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ([[1, 2], [3]], ArgumentError, "made of this list: expected sequence of length 2"),
        ([np.ones(2), np.ones(3)], ArgumentError, "made of this list"),
        ("abc", ArgumentTypeError, "made of this str"),
        (["a"], ArgumentError, "made of this list"),
        (None, ArgumentError, "made of this NoneType"),
        ([None], ArgumentError, "made of this list"),
        ({}, ArgumentError, "made of this dict"),
        (object(), ArgumentError, "made of this object"),
        ((each for each in [1]), ArgumentError, "made of this generator"),
        (2**63, ArgumentError, "made of this int"),
        ([2**70], ArgumentError, "made of this list"),
        (np.array(["a"]), ArgumentTypeError, "made of this ndarray"),
        (np.array([1.0], dtype=object), ArgumentTypeError, "made of this ndarray"),
        (np.array([1.0], dtype=np.longdouble), ArgumentTypeError, "made of this ndarray"),
        (np.datetime64("2020"), ArgumentTypeError, "made of this datetime64"),
        (np.array([1], dtype=np.int16), DtypeError, "does not know torch.int16"),
        (np.array([1j]), DtypeError, "does not know torch.complex128"),
        (torch.ones(1, dtype=torch.bfloat16), DtypeError, "does not know torch.bfloat16"),
        (torch.eye(2).to_sparse(), ArgumentTypeError, "to_dense"),
        ([torch.ones(2), torch.ones(2)], ArgumentError, "made of this list"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_data_that_makes_no_array(data, error, message):
    with pytest.raises(error, match=message):
        pydjl.array(data)


def test_a_number_that_does_not_fit_the_type():
    with pytest.raises(ArgumentError, match="overflow"):
        pydjl.array([300], dtype="uint8")


def test_arrays_in_a_list_are_sent_to_stack():
    with pytest.raises(ArgumentTypeError, match=r"pydjl\.stack"):
        pydjl.array([pydjl.array([1.0]), pydjl.array([2.0])])


def test_the_class_takes_tensors_only():
    with pytest.raises(ArgumentTypeError, match=r"not a list: make one of data by pydjl\.array"):
        pydjl.NDArray([1.0])


# --- from_torch, from_numpy, from_dlpack ----------------------------------------------------------


@pytest.mark.parametrize("code", KNOWN)
def test_memory_of_numpy_is_shared(code):
    numbers = np.arange(12).reshape(3, 4).astype(code)
    for view in (numbers, numbers.T, numbers[1:, ::2], numbers[2], numbers[0, 0, ...]):
        array = pydjl.from_numpy(view)
        assert (array.shape, array.numpy().dtype) == (view.shape, view.dtype)
        assert np.shares_memory(array.numpy(), view)
        assert array.numpy().strides == view.strides
    assert pydjl.from_numpy(numbers[:0]).shape == (0, 4)
    before = numbers.copy()
    shared = pydjl.from_numpy(numbers)
    shared[0, 1] = 0
    assert numbers[0, 1] == 0
    numbers[...] = before
    assert shared.tolist() == before.tolist()


def test_numpy_s_memory_outlives_numpy_s_array():
    array = pydjl.from_numpy(np.arange(1000.0))
    gc.collect()
    assert array.sum().item() == 499500.0


@pytest.mark.parametrize("share", [pydjl.from_numpy, pydjl.from_dlpack])
@pytest.mark.parametrize(
    ("numbers", "error", "message"),
    [
        (np.arange(3.0)[::-1], ArgumentError, "copy it by pydjl.array"),
        (np.broadcast_to(np.ones(2), (2, 2)), ArgumentError, "read-only.*copy it by pydjl.array"),
        (np.array([1], ">f4"), ArgumentError, "copy it by pydjl.array"),
        (np.zeros(2, [("a", "f4"), ("b", "i1")])["a"], ArgumentError, "copy it by pydjl.array"),
        (np.ones(2, np.int16), DtypeError, "does not know torch.int16"),
        (np.array(["a"]), DtypeError, "names no element type"),
        (np.array([None]), DtypeError, "names no element type"),
    ],
    ids=["reversed", "read-only", "byte order", "odd strides", "int16", "text", "object"],
)
def test_memory_of_numpy_that_cannot_be_shared(share, numbers, error, message):
    with pytest.raises(error, match=message):
        share(numbers)


@pytest.mark.parametrize(
    ("share", "data"),
    [
        (pydjl.from_torch, np.ones(1)),
        (pydjl.from_torch, [1.0]),
        (pydjl.from_numpy, torch.ones(1)),
        (pydjl.from_numpy, 1.0),
        (pydjl.from_dlpack, [1.0]),
        (pydjl.from_dlpack, "a"),
        (pydjl.from_java, torch.ones(1)),
        (pydjl.from_java, "a"),
    ],
)
def test_each_takes_its_own_kind(share, data):
    with pytest.raises(ArgumentTypeError, match=type(data).__name__):
        share(data)


def test_dlpack_from_others():
    tensor, numbers = torch.arange(6.0).reshape(2, 3).T, np.arange(6.0).reshape(2, 3)[:, ::2]
    for other in (tensor, numbers):
        array = pydjl.from_dlpack(other)
        assert array.tolist() == other.tolist()
        array[0, 0] = 50
        assert other[0, 0] == 50
    assert pydjl.from_dlpack(pydjl.from_torch(tensor)).torch().data_ptr() == tensor.data_ptr()


class Exporter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __dlpack__(self, **options):
        return self.tensor.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.tensor.__dlpack_device__()


def test_dlpack_of_unknown_types_and_of_failures():
    with pytest.raises(DtypeError, match=r"does not know torch\.int16"):
        pydjl.from_dlpack(Exporter(torch.ones(2, dtype=torch.int16)))
    with pytest.raises(ArgumentError, match=r"this Exporter cannot be shared: .*gradient"):
        pydjl.from_dlpack(Exporter(torch.ones(2, requires_grad=True)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.int8, torch.bool, torch.complex64], ids=str)
def test_dlpack_to_others(dtype):
    tensor = torch.arange(6).reshape(2, 3).T.to(dtype)
    array = pydjl.from_torch(tensor)
    assert torch.from_dlpack(array).data_ptr() == tensor.data_ptr()
    assert torch.equal(torch.from_dlpack(array), tensor)
    assert np.shares_memory(np.from_dlpack(array), tensor.numpy())
    np.testing.assert_array_equal(np.from_dlpack(array), tensor.numpy())


# --- from_java ------------------------------------------------------------------------------------


@pytest.fixture
def manager():
    with java_class("ai.djl.ndarray.NDManager").newBaseManager() as manager:
        yield manager


def test_what_java_computes_is_shared(manager):
    java = manager.arange(6.0).reshape(2, 3)
    array = pydjl.from_java(java)
    assert array.tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    java.muli(2)
    assert array.tolist() == [[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]
    array += 1
    assert [float(each) for each in java.toFloatArray()] == [1.0, 3.0, 5.0, 7.0, 9.0, 11.0]


def test_memory_outlives_the_java_array(manager):
    java = manager.arange(1000.0)
    array = pydjl.from_java(java)
    java.close()
    java_class("java.lang.System").gc()
    assert array.sum().item() == 499500.0


@pytest.mark.parametrize(
    "view", [lambda java: java, lambda java: java.get(":")], ids=["itself", "a view"]
)
def test_java_s_own_data_is_copied(manager, view):
    """Its memory is a buffer of Java's, which goes with the array that was made of it."""
    length = 100_000
    for _ in range(5):
        java = manager.create(jpype.JArray(jpype.JFloat)(range(length)))
        array = pydjl.from_java(view(java))
        array[0] = 7
        assert java.getFloat(0) == 0
        java.close()
        del java
        java_class("java.lang.System").gc()
        others = [torch.full((length,), -1.0) for _ in range(4)]
        others.append(manager.create(jpype.JArray(jpype.JFloat)([-2.0] * length)))
        assert array.torch()[1:].equal(torch.arange(1.0, length))


def test_numpy_s_memory_comes_back_from_java_without_a_copy():
    numbers = np.arange(6.0)
    array = pydjl.from_numpy(numbers)
    assert pydjl.from_java(array.java).torch() is array.torch()
    view = pydjl.from_java(array.java.get("2:4"))
    view *= 10
    assert numbers.tolist() == [0.0, 1.0, 20.0, 30.0, 4.0, 5.0]


def test_closing_here_leaves_the_java_array(manager):
    java = manager.arange(3.0)
    pydjl.from_java(java).close()
    assert java.sum().getFloat() == 3.0


def test_java_arrays_that_are_refused(manager):
    closed = manager.arange(3.0)
    closed.close()
    with pytest.raises(ClosedError, match="released already"):
        pydjl.from_java(closed)
    with pytest.raises(DtypeError, match="holds strings"):
        pydjl.from_java(manager.create("text"))
    other = java_class("ai.djl.util.passthrough.PassthroughNDArray")("of no engine")
    with pytest.raises(ArgumentTypeError, match=r"DJL's PyTorch engine, not a .*Passthrough"):
        pydjl.from_java(other)
    with pytest.raises(ArgumentTypeError, match="to_dense"):
        pydjl.from_java(
            manager.eye(2).toSparse(java_class("ai.djl.ndarray.types.SparseFormat").COO)
        )


def test_the_java_array_of_an_array():
    array = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    java = array.java
    assert array.java is java
    assert str(java.getShape()) == "(2, 2)"
    java.muli(10)
    assert array.tolist() == [[10.0, 20.0], [30.0, 40.0]]
    java.close()
    assert (array + 1).tolist() == [[11.0, 21.0], [31.0, 41.0]]


def test_the_java_array_is_closed_with_its_array():
    array = pydjl.array([1.0])
    java = array.java
    assert not java.isReleased()
    array.close()
    assert java.isReleased()


def test_the_java_array_of_an_array_that_is_dropped(managed_arrays):
    """As long as Python refers to one of the two."""
    before = managed_arrays()
    java = pydjl.array([1.0, 2.0]).java
    assert java.getFloat(1) == 2.0
    assert pydjl.array([[1.0]]).T.java.getShape().dimension() == 2
    assert managed_arrays() == before + 1
    del java
    assert managed_arrays() == before


# --- as_tensor, like ------------------------------------------------------------------------------


def test_as_tensor_shares_what_it_can():
    tensor, numbers = torch.ones(2), np.ones(2)
    assert as_tensor(tensor, "X") is tensor
    assert as_tensor(pydjl.from_torch(tensor), "X") is tensor
    assert np.shares_memory(as_tensor(numbers, "X").numpy(), numbers)
    assert as_tensor(np.arange(3.0)[::-1], "X").tolist() == [2.0, 1.0, 0.0]
    assert as_tensor(np.broadcast_to(np.ones(1), (2,)), "X").tolist() == [1.0, 1.0]
    assert as_tensor(np.array([1.5], ">f8"), "X").tolist() == [1.5]
    with pytest.raises(ArgumentTypeError, match=r"X must be a pydjl\.NDArray.*, not list"):
        as_tensor([1.0], "X")
    with pytest.raises(DtypeError, match="int16"):
        as_tensor(np.ones(1, np.int16), "X")


def test_like_gives_the_kind_of_its_model():
    tensor = torch.ones(2, requires_grad=True)
    assert like(pydjl.array(1.0), tensor).torch() is tensor
    assert like(torch.ones(1), tensor) is tensor
    assert like(np.ones(1), tensor).tolist() == [1.0, 1.0]


@pytest.mark.slow
def test_importing_and_sharing_start_no_java():
    script = (
        "import numpy as np, pydjl, jpype\n"
        "pydjl.from_numpy(np.ones(3)).numpy()\n"
        "assert not jpype.isJVMStarted()\n"
        "assert pydjl.array([1.0, 2.0]).sum().item() == 3.0\n"
        "assert jpype.isJVMStarted()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=300)
