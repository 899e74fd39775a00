"""Tensors cross without a copy, with strides, offsets and their autograd graph."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd import forward_ad, gradcheck, gradgradcheck

import pydjl
from pydjl.errors import ArgumentTypeError, DeviceError, DtypeError, StartError
from pydjl.ndarray import exchange

DTYPES = [
    torch.float32,
    torch.float64,
    torch.float16,
    torch.uint8,
    torch.int32,
    torch.int8,
    torch.int64,
    torch.bool,
    torch.complex64,
]
UNKNOWN = [
    torch.bfloat16,
    torch.int16,
    torch.complex128,
    torch.complex32,
    torch.uint16,
    torch.uint32,
    torch.uint64,
    torch.float8_e4m3fn,
    torch.float8_e5m2,
]

LAYOUTS = {
    "contiguous": lambda t: t,
    "transposed": lambda t: t.T,
    "permuted": lambda t: t.reshape(5, 2, 3).permute(2, 0, 1),
    "stepped": lambda t: t[::2, 1::2],
    "with an offset": lambda t: t[2:, 3:],
    "a column": lambda t: t[:, 1],
    "expanded": lambda t: t[:1].expand(4, 6),
    "strided as wished": lambda t: t.as_strided((3, 2, 2), (1, 7, 2), 4),
    "one element": lambda t: t[2, 3],
    "of length 1": lambda t: t[:1, :1],
    "empty": lambda t: t[:, :0],
    "empty with an offset": lambda t: t[5:, 2:],
}


def make(dtype: torch.dtype) -> torch.Tensor:
    numbers = torch.arange(30).reshape(5, 6)
    if dtype is torch.bool:
        return numbers % 3 == 0
    return (numbers * (1 - 2j)).to(dtype) if dtype.is_complex else numbers.to(dtype)


every_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=str)
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@every_dtype
@every_layout
def test_an_array_holds_the_very_tensor(dtype, layout):
    tensor = layout(make(dtype))
    array = pydjl.from_torch(tensor)
    assert array.torch() is tensor
    assert (array.shape, array.dtype, array.device) == (tensor.shape, dtype, tensor.device)


@every_dtype
@every_layout
def test_java_gives_back_the_same_tensor_object(dtype, layout):
    tensor = layout(make(dtype))
    array = pydjl.from_torch(tensor)
    assert pydjl.from_java(array.java).torch() is tensor


@every_dtype
@every_layout
def test_java_sees_what_python_writes(dtype, layout):
    tensor = layout(base := make(dtype))
    array, other = pydjl.from_torch(tensor), pydjl.from_torch(torch.ones_like(tensor))
    base.fill_(0)
    assert bool(array.java.contentEquals(other.java)) == (tensor.numel() == 0)
    base.fill_(1)
    assert array.java.contentEquals(other.java)


@every_dtype
@pytest.mark.parametrize(
    "name", sorted(set(LAYOUTS) - {"expanded"})
)  # whose elements share a place
def test_python_sees_what_java_writes(dtype, name):
    layout = LAYOUTS[name]
    base = make(dtype)
    tensor = layout(base)
    expected = layout(reference := base.clone())
    expected.fill_(1)
    array = pydjl.from_torch(tensor)
    array[...] = pydjl.array(1, dtype=dtype)
    assert torch.equal(base, reference)
    assert tensor.data_ptr() == array.torch().data_ptr()


@every_dtype
@every_layout
def test_java_reads_any_strides(dtype, layout, same):
    tensor = layout(make(dtype))
    same(pydjl.from_torch(tensor).copy(), tensor.clone())


@every_layout
def test_results_are_read_from_any_strides(layout, same):
    tensor = layout(torch.randn(5, 6))
    same(pydjl.from_torch(tensor).exp() * 2, tensor.exp() * 2)


def test_java_s_views_come_back_with_their_strides():
    tensor = torch.arange(24).reshape(2, 3, 4)
    array = pydjl.from_torch(tensor)
    view = pydjl.from_java(array.java.transpose(2, 0, 1).get(":, 1")).torch()
    expected = tensor.permute(2, 0, 1)[:, 1]
    assert torch.equal(view, expected)
    assert view.data_ptr() == expected.data_ptr()
    assert view.stride() == expected.stride()


@pytest.mark.filterwarnings("ignore:ComplexHalf")
@pytest.mark.parametrize("dtype", UNKNOWN, ids=str)
def test_unknown_dtypes_are_refused_with_a_way_out(dtype):
    with pytest.raises(DtypeError, match=rf"{dtype}.*Convert first, .*\.to\(torch\.") as caught:
        pydjl.from_torch(torch.empty(2, dtype=dtype))
    way_out = getattr(torch, str(caught.value).rsplit(".to(torch.", 1)[1].split(")")[0])
    assert way_out in DTYPES
    assert way_out.is_complex == dtype.is_complex
    assert way_out.is_floating_point == dtype.is_floating_point


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.int16], ids=str)
def test_unknown_dtypes_are_refused_as_operands(dtype):
    with pytest.raises(DtypeError, match=str(dtype)):
        pydjl.array([1.0, 2.0]) + torch.ones(2, dtype=dtype)


@pytest.mark.parametrize(
    ("make_tensor", "way_out"),
    [
        (lambda: torch.eye(3).to_sparse(), "to_dense"),
        (lambda: torch.eye(3).to_sparse_csr(), "to_dense"),
        (lambda: torch.eye(3).to_mkldnn(), "to_dense"),
        (lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), "dequantize"),
        (lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), "to_padded_tensor"),
        (lambda: FakeTensorMode().from_tensor(torch.ones(2)), "fake tensors"),
    ],
    ids=["COO", "CSR", "MKL-DNN", "quantized", "nested", "fake"],
)
@pytest.mark.filterwarnings("ignore:Sparse CSR", "ignore:The PyTorch API of nested")
def test_tensors_that_are_not_plain_are_refused(make_tensor, way_out):
    with pytest.raises(ArgumentTypeError, match=way_out):
        pydjl.from_torch(make_tensor())


def test_a_tensor_without_memory_is_refused():
    with pytest.raises(DeviceError, match=r"'meta'.*move it to 'cpu'"):
        pydjl.from_torch(torch.ones(2, device="meta"))


@pytest.mark.parametrize(
    "transform",
    [
        lambda f, x: torch.func.vmap(f)(x),
        lambda f, x: torch.func.grad(lambda v: f(v).sum())(x),
        lambda f, x: torch.func.jvp(f, (x,), (x,)),
        lambda f, x: torch.func.functionalize(f)(x),
    ],
    ids=["vmap", "grad", "jvp", "functionalize"],
)
def test_tensors_inside_transforms_are_refused(transform):
    with pytest.raises(ArgumentTypeError, match="outside"):
        transform(lambda v: (pydjl.from_torch(v) * 2).torch(), torch.ones(2, 3))


def test_fake_tensor_mode_is_refused():
    array = pydjl.array([1.0])
    with FakeTensorMode(), pytest.raises(ArgumentTypeError, match="FakeTensor"):
        array + torch.ones(1)


class WithMethods(torch.Tensor):
    """A subclass that computes as its parent does."""


@pytest.mark.parametrize(
    "make_tensor",
    [
        torch.nn.Parameter,
        lambda t: torch.nn.Parameter(t, requires_grad=False),
        torch.nn.Buffer,
        lambda t: t.as_subclass(WithMethods),
    ],
    ids=["Parameter", "frozen Parameter", "Buffer", "subclass"],
)
def test_plain_subclasses_are_accepted(make_tensor):
    tensor = make_tensor(torch.tensor([1.0, 2.0]))
    array = pydjl.from_torch(tensor)
    assert array.torch() is tensor
    assert (array * 3).tolist() == [3.0, 6.0]
    assert (array * 3).requires_grad == tensor.requires_grad


def test_conjugate_and_negative_views():
    base = torch.tensor([1 + 2j, 3 - 1j], dtype=torch.complex64)
    conjugate, negative = base.conj(), base.conj().imag
    assert conjugate.is_conj()
    assert negative.is_neg()
    assert (pydjl.from_torch(conjugate) * 1).tolist() == [1 - 2j, 3 + 1j]
    assert (pydjl.from_torch(negative) + 0).tolist() == [-2.0, 1.0]
    assert repr(pydjl.from_torch(negative)).endswith("[-2.,  1.]")
    assert np.asarray(pydjl.from_torch(conjugate)).tolist() == [1 - 2j, 3 + 1j]
    with pytest.raises(ValueError, match="conjugated"):
        pydjl.from_torch(conjugate).numpy()
    assert np.asarray(pydjl.from_torch(negative)).tolist() == [-2.0, 1.0]
    pydjl.from_torch(conjugate)[0] = 5 + 1j
    assert base.tolist() == [5 - 1j, 3 - 1j]


# --- the autograd graph ---------------------------------------------------------------------------


def wrapped(function):
    """A function of NDArrays as a function of tensors."""
    return lambda *tensors: function(*map(pydjl.from_torch, tensors)).torch()


ONE = {
    "chain": lambda x: (x.sin() * x + 2.0 / (x * x + 1.0) - x) ** 2,
    "elementwise": lambda x: x.exp() + x.tanh() + x.sigmoid() + x.erf() + x.square().sqrt(),
    "softmax": lambda x: x.softmax(1),
    "sum": lambda x: (x.square()).sum(),
    "sum along two": lambda x: (x.square()).sum(axis=(0, 1), keepdims=True),
    "mean": lambda x: (x.square()).mean(axis=0),
    "product": lambda x: x.prod(axis=1),
    "greatest": lambda x: x.square().max(axis=1),
    "cumulative": lambda x: (x * x).cumsum(0),
    "sort": lambda x: (x * x).sort(),
    "views": lambda x: x.T.reshape(2, -1)[:, 1:].expand_dims(0).flip(2).squeeze(0),
    "broadcast": lambda x: (x * x).broadcast_to(4, *x.shape),
    "repeat": lambda x: (x * x).repeat(2, 0).tile(1, 2),
    "gather": lambda x: (x * x)[[0, 1, 1], [2, 0, 0]],
    "mask": lambda x: (x * x)[x > 0],
    "split": lambda x: x.split([1], axis=1)[1] * x.split(3, axis=1)[0],
    "clip": lambda x: (x * x).clip(0.25, 1.5),
    "copy": lambda x: (x * x).copy(),
    "one to join": lambda x: pydjl.concat([x * x]),
}
TWO = {
    "add": lambda a, b: a * a + b,
    "subtract": lambda a, b: a * b - b,
    "divide": lambda a, b: a / (b * b + 1.0),
    "power": lambda a, b: (a * a + 1.0) ** b,
    "product of matrices": lambda a, b: a @ b.T,
    "atan2": lambda a, b: a.atan2(b),
    "maximum": lambda a, b: a.maximum(b) * a.minimum(b),
    "concat": lambda a, b: pydjl.concat([a * a, b], axis=1),
    "stack": lambda a, b: pydjl.stack([a, b * b], axis=1),
    "where": lambda a, b: pydjl.where(a > b, a * a, b),
}


@pytest.mark.parametrize("function", ONE.values(), ids=ONE)
def test_gradients_of_one_array(function):
    x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert gradcheck(wrapped(function), x)
    assert gradgradcheck(wrapped(function), x)


@pytest.mark.parametrize("function", TWO.values(), ids=TWO)
def test_gradients_of_two_arrays(function):
    a = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    b = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert gradcheck(wrapped(function), (a, b))
    assert gradgradcheck(wrapped(function), (a, b))


def test_gradients_of_writing():
    def write(x, y):
        z = x * 1.0
        z[0, 1:] = y * y
        z[[1], [0]] = y.sum()
        z *= x
        return z

    x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    y = torch.randn(2, dtype=torch.float64, requires_grad=True)
    assert gradcheck(wrapped(write), (x, y))
    assert gradgradcheck(wrapped(write), (x, y))


@pytest.mark.parametrize(
    ("convert", "gradient"),
    [
        (lambda x, y: x.astype("float32"), [2.0, 2.0, 2.0]),
        (lambda x, y: x.astype("float16").astype("float64"), [2.0, 2.0, 2.0]),
        (lambda x, y: pydjl.where(y > 0, x, y), [2.0, 0.0, 2.0]),
        (lambda x, y: pydjl.where(y > 0, y, x), [0.0, 2.0, 0.0]),
        (lambda x, y: pydjl.concat([x, y]), [2.0, 2.0, 2.0]),
        (lambda x, y: y.__setitem__(1, x[1]) or y, [0.0, 2.0, 0.0]),
        (lambda x, y: y.__setitem__([1, 0], x[:2]) or y, [2.0, 2.0, 0.0]),
    ],
    ids=["narrow", "there and back", "where", "or else", "concat", "write", "write at indices"],
)
def test_gradients_survive_conversions(convert, gradient):
    """DJL's own conversion and copy cut the history of an array."""
    x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = pydjl.array([1.0, -1.0, 3.0], dtype="float32")
    convert(pydjl.from_torch(x) * 2, y).sum().torch().backward()
    assert x.grad.tolist() == gradient


def test_gradients_of_complex_numbers():
    x = torch.randn(3, dtype=torch.complex64, requires_grad=True)
    loss = (pydjl.from_torch(x) * (2 - 1j)).abs().sum().torch()
    loss.backward()
    torch_x = x.detach().clone().requires_grad_()
    (torch_x * (2 - 1j)).abs().sum().backward()
    assert torch.equal(x.grad, torch_x.grad)


def test_a_limit_s_gradient_is_that_of_clamp():
    x = torch.tensor([0.0, 1.0, 0.5, 2.0, -1.0], requires_grad=True)
    pydjl.from_torch(x).clip(0, 1).sum().torch().backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0, 0.0, 0.0]


def test_history_comes_along_and_java_s_history_goes_on():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    middle = leaf * 3
    array = pydjl.from_torch(middle)
    assert array.requires_grad
    assert array.torch().grad_fn is middle.grad_fn
    result = array * array
    assert result.requires_grad
    assert result.torch().grad_fn.name() == "MulBackward0"
    assert result.torch().grad_fn.next_functions[0][0] is middle.grad_fn
    (result.torch() + leaf).sum().backward()
    assert leaf.grad.tolist() == [19.0, 37.0]


def test_hooks_on_java_s_results_run():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    result = pydjl.from_torch(leaf) * 3
    seen = []
    result.torch().register_hook(seen.append)
    (result * 2).sum().torch().backward()
    assert [each.tolist() for each in seen] == [[2.0, 2.0]]


def test_a_graph_can_be_walked_twice():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    loss = pydjl.from_torch(leaf).square().sum().torch()
    loss.backward(retain_graph=True)
    loss.backward()
    assert leaf.grad.tolist() == [4.0, 8.0]


def test_detach_shares_memory_and_ends_the_history():
    leaf = torch.tensor([1.0, 2.0], requires_grad=True)
    detached = pydjl.from_torch(leaf).detach()
    assert not detached.requires_grad
    assert detached.torch().data_ptr() == leaf.data_ptr()


def test_an_in_place_change_that_spoils_a_gradient_is_noticed():
    leaf = torch.ones(3, requires_grad=True)
    array = pydjl.from_torch(leaf) * 1
    loss = (array * array).sum().torch()
    array += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_forward_mode_derivatives_come_along():
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.5]))
        array = pydjl.from_torch(dual)
        result = (array * array).copy().astype("float64")
        primal, tangent = forward_ad.unpack_dual(result.torch())
    assert primal.tolist() == [1.0, 4.0]
    assert tangent.tolist() == [2.0, 2.0]


def test_gradients_in_another_thread(in_thread):
    def train():
        x = torch.tensor([3.0], requires_grad=True)
        pydjl.from_torch(x).square().sum().torch().backward()
        return x.grad.item()

    assert in_thread(train) == 6.0


def test_checkpointing_recomputes_in_java():
    x = torch.tensor([3.0], requires_grad=True)
    y = torch.utils.checkpoint.checkpoint(wrapped(lambda a: a * a * a), x, use_reentrant=False)
    y.backward()
    assert x.grad.item() == 27.0


# --- handles --------------------------------------------------------------------------------------


def test_a_lent_handle_keeps_the_tensor_and_adopting_frees_it():
    tensor = torch.arange(3.0)
    gone = weakref.ref(tensor.untyped_storage())
    storage = tensor.untyped_storage()._weak_ref()
    handle = exchange.lend(tensor)
    assert exchange.look_at(handle) is tensor
    del tensor
    gc.collect()
    assert not torch.UntypedStorage._expired(storage)
    back = exchange.adopt(handle)
    assert back.tolist() == [0.0, 1.0, 2.0]
    del back
    gc.collect()
    assert torch.UntypedStorage._expired(storage)
    torch.UntypedStorage._free_weak_ref(storage)
    assert gone() is None


def test_a_torch_that_passes_handles_otherwise_is_refused(monkeypatch):
    monkeypatch.setattr(exchange, "_tensor_at", lambda capsule: torch.zeros(1))
    with pytest.raises(StartError, match="does not pass tensors by handle"):
        exchange.self_test()


def test_a_python_whose_capsules_are_made_otherwise_is_refused(monkeypatch):
    monkeypatch.setattr(exchange, "_capsules", [])
    monkeypatch.setattr(exchange, "_new_capsule", lambda *_: object())
    handle = exchange.lend(torch.zeros(1))
    with pytest.raises(StartError, match="does not pass tensors by handle"):
        exchange.adopt(handle)
    exchange.free(handle)


def test_a_handle_is_adopted_by_a_finalizer_while_another_one_is(monkeypatch):
    first, second = torch.rand(2), torch.rand(3)
    handles = [exchange.lend(second)]
    adopted = []
    take = exchange._take_tensors

    def interrupted(capsules):
        if handles:
            adopted.append(exchange.adopt(handles.pop()))
        return take(capsules)

    monkeypatch.setattr(exchange, "_take_tensors", interrupted)
    assert exchange.adopt(exchange.lend(first)) is first
    assert adopted[0] is second


def test_the_default_device_does_not_matter():
    array = pydjl.array([0.0, 1.0])
    with torch.device("meta"):
        assert (array.log2() + 2)[[1, 0]].tolist() == [2.0, float("-inf")]
