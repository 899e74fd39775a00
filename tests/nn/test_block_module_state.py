"""from_block: one memory for both languages; state, modes and hooks as torch has them."""

from __future__ import annotations

import copy

import jpype
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import parametrizations, parametrize

from pydjl.errors import ArgumentError, DeviceError, DtypeError, NotSupportedError
from pydjl.nn import from_block
from pydjl.runtime import java_class


def java_array(block, position=0):
    return block.getParameters().valueAt(position).getArray()


def in_java(block, position=0):
    """A parameter's values, read by Java."""
    return list(java_array(block, position).toFloatArray())


def test_an_optimizer_step_in_python_is_seen_in_java(djl):
    module = from_block(djl.linear(2))
    module(torch.randn(4, 3)).square().sum().backward()
    block, before = module.block, module.weight.tolist()
    torch.optim.SGD(module.parameters(), lr=0.1).step()
    assert in_java(block) == module.weight.flatten().tolist() != before


@pytest.mark.parametrize("started_in", ["java", "python"])
def test_java_changing_a_parameter_in_place_is_seen_in_python(djl, started_in):
    block = djl.linear(2)
    if started_in == "java":
        manager = java_class("ai.djl.ndarray.NDManager").newBaseManager()
        block.initialize(
            manager, java_class("ai.djl.ndarray.types.DataType").FLOAT32, djl.shape(1, 3)
        )
        start = in_java(block)
        module = from_block(block)
        assert module.is_initialized
        assert module.weight.flatten().tolist() == start
    else:
        module = from_block(block)
        module(torch.ones(1, 3))
    weight, values = module.weight, module.weight.detach().clone()
    with torch.no_grad():
        java_array(block).muli(2.0)
    assert module.weight is weight
    assert torch.equal(weight, 2 * values)
    x = torch.randn(4, 3)
    assert torch.equal(module(x), F.linear(x, weight, module.bias))


def test_an_optimizer_of_djl_trains_the_modules_parameters(djl):
    module = from_block(djl.linear(2))
    twin = nn.Linear(3, 2)
    module.load_state_dict(twin.state_dict())
    x = torch.randn(4, 3)
    module(x).square().sum().backward()
    twin(x).square().sum().backward()
    rate = java_class("ai.djl.training.tracker.Tracker").fixed(0.125)
    sgd = (
        java_class("ai.djl.training.optimizer.Optimizer").sgd().setLearningRateTracker(rate).build()
    )
    with torch.no_grad():
        for pair in module.block.getParameters():
            array = pair.getValue().getArray()
            sgd.update(pair.getValue().getId(), array, array.getGradient())
    torch.optim.SGD(twin.parameters(), lr=0.125).step()
    assert torch.equal(module.weight, twin.weight)
    assert torch.equal(module.bias, twin.bias)


def test_what_java_loads_is_copied_into_the_modules_tensors(djl, small_net):
    module, other = from_block(small_net.block()), from_block(small_net.block())
    x = torch.randn(small_net.input_shape)
    module(x)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    other(x + 1)
    stream = jpype.JClass("java.io.ByteArrayOutputStream")()
    other.block.saveParameters(jpype.JClass("java.io.DataOutputStream")(stream))
    source = jpype.JClass("java.io.ByteArrayInputStream")(stream.toByteArray())
    manager = java_class("ai.djl.ndarray.NDManager").newBaseManager()
    module.block.loadParameters(manager, jpype.JClass("java.io.DataInputStream")(source))
    manager.close()
    with pytest.raises(AssertionError):
        assert_same_state(module, other)  # the manager took the values with it ...
    stream = jpype.JClass("java.io.ByteArrayInputStream")(stream.toByteArray())
    manager = java_class("ai.djl.ndarray.NDManager").newBaseManager()
    module.block.loadParameters(manager, jpype.JClass("java.io.DataInputStream")(stream))
    assert_same_state(module, other)
    manager.close()
    other.eval()
    module.eval()
    assert torch.equal(module(x), other(x))
    module(x).sum().backward()
    optimizer.step()
    assert not torch.equal(module(x), other(x))


def assert_same_state(module, other):
    ours, others = module.state_dict(), other.state_dict()
    assert list(ours) == list(others)
    for name, tensor in ours.items():
        assert torch.equal(tensor, others[name]), name


def test_two_modules_of_one_block_share_its_memory(djl):
    block = djl.linear(2)
    first = from_block(block)
    x = torch.randn(4, 3)
    y = first(x)
    second = from_block(block)
    assert torch.equal(second(x), y)
    for module in (first, second, first):
        module.zero_grad()
        module(x).sum().backward()
        assert module.weight.grad is not None
    with torch.no_grad():
        second.weight.fill_(3)
    assert torch.equal(first.weight, second.weight)


def test_a_block_or_parameter_in_two_places_is_one(djl):
    shared = djl.linear(3)
    module = from_block(djl.sequential(shared, djl.relu(), shared))
    x = torch.randn(2, 3)
    y = module(x)
    assert len(list(module.parameters())) == 2
    w, b = module.get_submodule("0").weight, module.get_submodule("0").bias
    assert torch.equal(y, F.linear(F.relu(F.linear(x, w, b)), w, b))
    assert list(module.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_closed_parameters_are_given_to_java_again(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(4, 3)
    y = module(x)
    module.block.clear()
    assert torch.equal(module(x), y)


def test_values_of_another_shape_in_java_are_refused(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(4, 3)
    module(x)
    with torch.no_grad():
        module.block.clear()
        manager = java_class("ai.djl.ndarray.NDManager").newBaseManager()
        block = module._block
        block.initialize(
            manager, java_class("ai.djl.ndarray.types.DataType").FLOAT32, djl.shape(1, 9)
        )
    with pytest.raises(ArgumentError, match=r"shape \(2, 9\); its shape here is \(2, 3\)"):
        module(x)


def test_state_dict_goes_to_torch_and_back_through_a_file(small_net, tmp_path):
    module = from_block(small_net.block())
    module(torch.randn(small_net.input_shape))
    torch.save(module.state_dict(), tmp_path / "state.pt")
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    other = from_block(small_net.block())
    other.load_state_dict(state)
    assert_same_state(module, other)
    state.popitem()
    with pytest.raises(RuntimeError, match=r"Missing key.*3\.bias"):
        other.load_state_dict(state)
    with pytest.raises(RuntimeError, match="size mismatch"):
        other.load_state_dict({"0.weight": torch.ones(1)}, strict=False)


def test_load_state_dict_may_assign(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(4, 3)
    module(x)
    twin = nn.Linear(3, 2)
    module.load_state_dict(twin.state_dict(), assign=True)
    assert module.weight.data_ptr() == twin.weight.data_ptr()
    assert torch.equal(module(x), twin(x))
    assert in_java(module.block) == twin.weight.flatten().tolist()


@pytest.mark.parametrize("convert", [nn.Module.double, nn.Module.half])
def test_conversion_of_the_dtype_reaches_java(small_net, convert):
    module = from_block(small_net.block()).eval()
    x = torch.randn(small_net.input_shape)
    module(x)
    twin = convert(small_net.twin_of(module).eval())
    weight = module.get_submodule("3").weight
    convert(module)
    assert module.get_submodule("3").weight is weight
    converted = x.to(weight.dtype)
    assert torch.equal(module(converted), twin(converted))
    assert str(java_array(module.block).getDataType()) == str(weight.dtype).removeprefix("torch.")


def test_replaced_data_reaches_java(djl):
    module = from_block(djl.linear(2))
    module(torch.ones(1, 3))
    module.weight.data = torch.full((2, 3), 2.0, dtype=torch.float64)
    module.bias.data = torch.zeros(2, dtype=torch.float64)
    assert module(torch.ones(1, 3).double()).tolist() == [[6.0, 6.0]]
    assert str(java_array(module.block).getDataType()) == "float64"


def test_what_djl_cannot_hold_is_refused_when_it_is_used(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(4, 3)
    y = module(x)
    with pytest.raises(DtypeError, match="bfloat16"):
        module.bfloat16()(x)
    assert torch.allclose(module.float()(x), y, atol=0.05)
    state = module.state_dict()
    meta = module.to("meta")
    assert list(meta.state_dict()) == ["weight", "bias"]
    with pytest.raises(DeviceError, match="meta"):
        meta(x)
    meta.to_empty(device="cpu").load_state_dict(state)
    assert torch.allclose(module(x), y, atol=0.05)


def test_requires_grad_and_zero_grad(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(4, 3)
    module(x).sum().backward()
    module.zero_grad(set_to_none=False)
    assert torch.equal(module.weight.grad, torch.zeros(2, 3))
    module.requires_grad_(False)
    assert not module(x).requires_grad
    assert not module.block.getParameters().valueAt(0).requiresGradient()
    module.bias.requires_grad_()
    module(x).sum().backward()
    assert torch.equal(module.weight.grad, torch.zeros(2, 3))
    assert torch.equal(module.bias.grad, torch.full((2,), 4.0))


def test_functional_call_uses_the_given_tensors_and_keeps_none(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(4, 3)
    y = module(x)
    scale = torch.tensor(2.0, requires_grad=True)
    weight = module.weight * scale
    result = torch.func.functional_call(module, {"weight": weight}, (x,))
    assert torch.equal(result, F.linear(x, weight, module.bias))
    node = weight.grad_fn
    (gradient,) = torch.autograd.grad(result.sum(), scale)
    assert torch.allclose(gradient, F.linear(x, module.weight).sum(), atol=1e-5)
    assert not java_array(module._block).hasGradient()  # Java does not hold the graph
    assert node is weight.grad_fn
    assert torch.equal(module(x), y)


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "old weight_norm"])
def test_parametrizations(djl, name):
    old = name == "old weight_norm"
    norm = nn.utils.weight_norm if old else getattr(parametrizations, name)
    module = from_block(lambda: djl.linear(2))
    x = torch.randn(4, 3)
    module(x)
    twin = nn.Linear(3, 2)
    twin.load_state_dict(module.state_dict())
    with pytest.warns(FutureWarning) if old else _nothing():
        torch.manual_seed(3)
        norm(module)
        torch.manual_seed(3)
        norm(twin)
    for _ in range(3):
        ours, torchs = module(x), twin(x)
        assert torch.equal(ours, torchs)
        ours.square().sum().backward()
        torchs.square().sum().backward()
        for a, b in zip(module.parameters(), twin.parameters(), strict=True):
            assert torch.equal(a.grad, b.grad)
        torch.optim.SGD(module.parameters(), lr=0.1).step()
        torch.optim.SGD(twin.parameters(), lr=0.1).step()
    if not old:
        copied = copy.deepcopy(module.eval())
        assert torch.equal(copied(x), module(x))
        parametrize.remove_parametrizations(module, "weight")
        assert torch.equal(module(x), twin.eval()(x))


class _nothing:  # noqa: N801 - a context manager, as pytest.warns
    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        return None


def test_train_and_eval_reach_java(small_net):
    module = from_block(small_net.block())
    x = torch.randn(small_net.input_shape)
    module(x)
    mean = module.state_dict()["1.running_mean"].clone()
    module.eval()
    assert torch.equal(module(x), module(x))
    assert torch.equal(module.state_dict()["1.running_mean"], mean)
    module.train()(x + 1)
    assert not torch.equal(module.state_dict()["1.running_mean"], mean)


def test_a_frozen_normalisation_in_a_sequence_stays_frozen(small_net):
    module = from_block(small_net.block())
    x = torch.randn(small_net.input_shape)
    module(x)
    twin = small_net.twin_of(module)
    for each in (module, twin):
        each.train().get_submodule("1").eval()
    assert torch.allclose(module(x), twin(x), atol=1e-6)
    for name in ("1.running_mean", "1.running_var"):
        assert torch.equal(module.state_dict()[name], twin.state_dict()[name])


def test_hooks_on_the_whole_and_on_parts_of_a_sequence(small_net):
    module = from_block(small_net.block())
    x = torch.randn(small_net.input_shape, requires_grad=True)
    expected = module(x)
    calls = []
    module.register_forward_pre_hook(lambda m, args: calls.append("before"))
    module.register_forward_hook(lambda m, args, output: output * 2)
    module.register_full_backward_hook(lambda m, gi, go: calls.append(gi[0].shape))
    part = module.get_submodule("1")
    handle = part.register_forward_hook(lambda m, args, output: calls.append(output.shape))
    module.eval()
    twin = small_net.twin_of(module).eval()
    y = module(x)
    assert torch.allclose(y, 2 * twin(x), atol=1e-5)
    y.sum().backward()
    assert calls == ["before", (3, 4, 5, 4), (3, 2, 7, 5)]
    handle.remove()
    module(x)
    assert calls[3:] == ["before"]
    assert expected.shape == y.shape


def test_hooks_and_modes_of_parts_are_refused_where_java_would_ignore_them(djl):
    def joined(lists):
        return djl.ndlist(lists.get(0).head(), lists.get(1).head())

    module = from_block(djl.parallel(joined, djl.linear(2), djl.linear(3)))
    x = torch.randn(1, 4)
    module(x)
    handle = module.get_submodule("1").register_forward_hook(lambda m, args, output: None)
    with pytest.raises(NotSupportedError, match="'1' cannot have hooks"):
        module(x)
    handle.remove()
    module.get_submodule("0").eval()
    with pytest.raises(NotSupportedError, match="'0'"):
        module(x)
    assert len(module.eval()(x)) == 2


def test_children_can_be_called_and_not_replaced(small_net):
    module = from_block(small_net.block())
    x = torch.randn(small_net.input_shape)
    module.eval()(x)
    y = x
    for child in module.children():
        y = child(y)
    assert torch.equal(y, module(x))
    for replace in (
        lambda: setattr(module, "0", nn.Conv2d(2, 4, (3, 2))),
        lambda: module.add_module("0", None),
        lambda: delattr(module, "0"),
    ):
        with pytest.raises(NotSupportedError, match="child of a Java block"):
            replace()
    with pytest.raises(NotSupportedError, match="DistributedDataParallel"):
        module._replicate_for_data_parallel()


def test_a_removed_parameter_is_missed(djl):
    module = from_block(djl.linear(2))
    module(torch.ones(1, 3))
    module.bias = None
    with pytest.raises(ArgumentError, match="needs its 'bias', which is None"):
        module(torch.ones(1, 3))
