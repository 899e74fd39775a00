"""to_block: a torch module inside DJL's blocks, trained by either side."""

from __future__ import annotations

import gc
import threading
import traceback
import weakref

import jpype
import numpy as np
import pytest
import torch
from torch import nn

import pydjl
from pydjl.errors import ArgumentTypeError, DtypeError
from pydjl.nn import from_block, to_block
from pydjl.runtime import java_class


def forward(block, x, training=True):
    """Run a block in Java, without from_block."""
    array = pydjl.from_torch(x).java
    store = java_class("ai.djl.training.ParameterStore")(array.getManager(), False)
    arrays = java_class("ai.djl.ndarray.NDList")()
    arrays.add(array)
    return block.forward(store, arrays, training)


def initialize(djl, block, *sizes):
    manager = java_class("ai.djl.ndarray.NDManager").newBaseManager()
    block.initialize(
        manager, java_class("ai.djl.ndarray.types.DataType").FLOAT32, djl.shape(*sizes)
    )
    return manager


def test_a_module_inside_a_sequence_gives_torchs_results(djl):
    inner = nn.Sequential(nn.Linear(4, 6), nn.Tanh())
    module = from_block(djl.sequential(djl.linear(4), to_block(inner), djl.linear(2)))
    x = torch.randn(5, 3)
    module(x)
    outer = [module.get_submodule(name) for name in "02"]
    twin = nn.Sequential(
        nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 6), nn.Tanh()), nn.Linear(6, 2)
    )
    twin.load_state_dict(module.state_dict())
    ours, torchs = module(x), twin(x)
    assert torch.equal(ours, torchs)
    ours.square().sum().backward()
    torchs.square().sum().backward()
    for a, b in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.equal(a.grad, b.grad)
    assert module.get_submodule("1") is inner
    assert all(each.weight.grad is not None for each in outer)


def test_djls_collector_and_optimizer_train_the_module_as_torch_does(djl):
    module = nn.Linear(3, 2)
    twin = nn.Linear(3, 2)
    twin.load_state_dict(module.state_dict())
    block = djl.sequential(to_block(module), djl.relu())
    manager = initialize(djl, block, 4, 3)
    x, y = torch.randn(4, 3), torch.randn(4, 2)
    engine = java_class("ai.djl.engine.Engine").getEngine("PyTorch")
    rate = java_class("ai.djl.training.tracker.Tracker").fixed(0.125)
    sgd = (
        java_class("ai.djl.training.optimizer.Optimizer").sgd().setLearningRateTracker(rate).build()
    )
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.125)
    enabled = torch.is_grad_enabled()
    for _ in range(3):
        collector = engine.newGradientCollector()
        output = forward(block, x).head()
        error = output.sub(pydjl.from_torch(y).java)
        collector.backward(error.mul(error).sum())
        collector.close()
        with torch.no_grad():
            for pair in block.getParameters():
                array = pair.getValue().getArray()
                sgd.update(pair.getValue().getId(), array, array.getGradient())
        module.zero_grad()
        optimizer.zero_grad()
        (torch.relu(twin(x)) - y).square().sum().backward()
        optimizer.step()
        torch.set_grad_enabled(enabled)
        assert torch.equal(module.weight, twin.weight)
        assert torch.equal(module.bias, twin.bias)
    manager.close()


class PickyError(ValueError):
    """An exception that can be watched."""


class Failing(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x):
        y = self.linear(x)
        if y.shape[0] == 13:
            raise PickyError("thirteen")
        return y


def test_what_the_module_raises_comes_back_as_it_is(djl, managed_arrays):
    module = from_block(djl.sequential(djl.linear(3), to_block(Failing()), djl.linear(2)))
    x = torch.randn(4, 3)
    expected = module(x)
    before = managed_arrays()
    with pytest.raises(PickyError, match=r"^thirteen$") as raised:
        module(torch.ones(13, 3))
    frames = [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert frames[-1] == "forward"
    assert 'raise PickyError("thirteen")' in "".join(
        traceback.format_tb(raised.value.__traceback__)
    )
    last = weakref.ref(raised.value)
    del raised
    gc.collect()
    assert last() is None  # Java does not keep it, nor the tensors of its frames
    assert managed_arrays(before) == before
    assert torch.equal(module(x), expected)


def test_an_exception_that_java_swallowed_is_not_blamed_for_a_later_one(djl):
    failing = to_block(Failing())

    def forgiving(arrays):
        store = java_class("ai.djl.training.ParameterStore")(arrays.head().getManager(), False)
        try:
            return failing.forward(store, arrays, True)
        except jpype.JException:
            return arrays

    module = from_block(djl.function(forgiving))
    x = torch.ones(13, 3)
    assert torch.equal(module(x), x)
    linear = from_block(djl.linear(2))
    linear(torch.ones(1, 3))
    with pytest.raises(pydjl.errors.ShapeError, match=r"Linear of \(1, 4\)"):
        linear(torch.ones(1, 4))


def test_an_interrupt_comes_through(djl):
    class Interrupted(nn.Module):
        def forward(self, x):
            raise KeyboardInterrupt

    module = from_block(djl.sequential(to_block(Interrupted()), djl.relu()))
    module._is_ready = True
    with pytest.raises(KeyboardInterrupt):
        module(torch.ones(1))


def test_only_tensors_may_be_returned(djl):
    class Text(nn.Module):
        def forward(self, x):
            return "text"

    module = from_block(djl.sequential(to_block(Text()), djl.relu()))
    with pytest.raises(ArgumentTypeError, match="must return tensors, not str"):
        module(torch.ones(1))
    with pytest.raises(ArgumentTypeError, match="not type"):
        to_block(nn.Linear)


def test_dtypes_that_djl_does_not_know_are_refused():
    with pytest.raises(DtypeError, match="bfloat16"):
        to_block(nn.Linear(2, 2).bfloat16())


def test_parameters_and_buffers_are_the_modules_own(djl):
    module = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    module.register_buffer("scratch", torch.ones(1), persistent=False)
    module[0].bias.requires_grad_(False)
    block = to_block(module)
    found = {str(pair.getKey()): pair.getValue() for pair in block.getParameters()}
    assert list(found) == [
        "0_weight", "0_bias", "1_weight", "1_bias",
        "1_running_mean", "1_running_var", "1_num_batches_tracked",
    ]  # fmt: skip
    learned = [name for name, parameter in found.items() if parameter.requiresGradient()]
    assert learned == ["0_weight", "1_weight", "1_bias"]
    with torch.no_grad():
        found["0_weight"].getArray().muli(0.0)
    assert not module[0].weight.any()
    forward(block, torch.randn(2, 2, 5, 5))
    np.testing.assert_array_equal(
        list(found["1_running_mean"].getArray().toFloatArray()), module[1].running_mean
    )
    assert module[1].num_batches_tracked.item() == 1


def test_djl_saves_and_loads_the_module_with_its_buffers(djl):
    module, other = (nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3)) for _ in range(2))
    x = torch.randn(4, 3)
    forward(to_block(module), x)
    blocks = [djl.sequential(to_block(each)) for each in (module, other)]
    for block in blocks:
        initialize(djl, block, 4, 3)
    stream = jpype.JClass("java.io.ByteArrayOutputStream")()
    blocks[0].saveParameters(jpype.JClass("java.io.DataOutputStream")(stream))
    weight = other[0].weight
    source = jpype.JClass("java.io.ByteArrayInputStream")(stream.toByteArray())
    manager = java_class("ai.djl.ndarray.NDManager").newBaseManager()
    blocks[1].loadParameters(manager, jpype.JClass("java.io.DataInputStream")(source))
    manager.close()
    assert other[0].weight is weight
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name
    assert torch.equal(other.eval()(x), module.eval()(x))


def test_replaced_parameters_and_modules_are_followed(djl):
    module = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    block = to_block(module)
    module[0].weight = nn.Parameter(torch.full((3, 3), 2.0))
    module[1] = nn.Linear(3, 3)
    forward(block, torch.randn(1, 3))
    with torch.no_grad():
        for pair in block.getParameters():
            pair.getValue().getArray().muli(0.0)
    assert not any(p.any() for p in module.parameters())


def test_the_training_flag_is_javas_and_inner_modes_stay(djl):
    module = nn.Sequential(nn.BatchNorm1d(3), nn.BatchNorm1d(3))
    block = to_block(module)
    x = torch.randn(4, 3)
    forward(block, x, training=False)
    assert not module.training
    assert module[0].num_batches_tracked == 0
    forward(block, x, training=True)
    assert module.training
    assert module[0].num_batches_tracked == 1
    module[1].eval()
    assert [list(s.getShape()) for s in block.getOutputShapes([djl.shape(7, 3)])] == [[7, 3]]
    forward(block, x, training=True)
    assert [m.num_batches_tracked.item() for m in module] == [2, 1]


def test_output_shapes(djl):
    block = to_block(nn.Sequential(nn.Conv2d(2, 4, 3), nn.Dropout(), nn.Flatten()))
    embedding = to_block(nn.Embedding(5, 3))
    random = torch.get_rng_state()
    shapes = block.getOutputShapes([djl.shape(5, 2, 7, 6)])
    assert [list(shape.getShape()) for shape in shapes] == [[5, 4 * 5 * 4]]
    assert list(embedding.getOutputShapes([djl.shape(2, 4)])[0].getShape()) == [2, 4, 3]
    assert torch.equal(torch.get_rng_state(), random)
    module = from_block(djl.sequential(to_block(nn.Embedding(5, 3)), djl.linear(2)))
    assert module(torch.tensor([[1, 4]])).shape == (1, 2, 2)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        from_block(djl.sequential(to_block(nn.Linear(2, 2)), djl.linear(3)))(torch.ones(1, 5))


class Both(nn.Module):
    def forward(self, a, b):
        return a + b, a * b


def test_several_inputs_and_outputs(djl):
    module = from_block(djl.sequential(to_block(Both()), djl.identity()))
    a, b = torch.randn(3), torch.randn(3, requires_grad=True)
    total, product = module(a, b)
    assert torch.equal(total, a + b)
    (gradient,) = torch.autograd.grad(product.sum(), b)
    assert torch.equal(gradient, a)


def test_lazy_torch_modules_are_initialized_with_the_block(djl):
    lazy = nn.LazyLinear(4)
    module = from_block(djl.sequential(djl.linear(3), to_block(lazy), djl.linear(2)))
    assert module(torch.randn(5, 7)).shape == (5, 2)
    assert lazy.weight.shape == (4, 3)
    parameters = module.block.getParameters()
    assert str(parameters.valueAt(2).getArray().getShape()) == "(4, 3)"
    assert all(pair.getValue().isInitialized() for pair in parameters)


def test_there_and_back_is_the_same(djl):
    module = nn.Linear(3, 2)
    assert from_block(to_block(module)) is module
    empty = nn.Sequential()
    assert from_block(to_block(empty)) is empty
    assert from_block(djl.sequential(to_block(empty))).get_submodule("0") is empty
    block = djl.linear(2)
    assert to_block(from_block(block)) == block


def test_nesting_several_levels(djl):
    def level(depth):
        if depth == 0:
            return djl.linear(3)
        return djl.sequential(to_block(nn.Sequential(from_block(level(depth - 1)), nn.Tanh())))

    x = torch.randn(2, 3, requires_grad=True)
    module = from_block(level(4))
    y = module(x)
    assert len(list(module.parameters())) == 2
    linear = nn.Linear(3, 3)
    linear.load_state_dict(dict(zip(["weight", "bias"], module.state_dict().values(), strict=True)))
    expected = x
    expected = linear(x).tanh().tanh().tanh().tanh()
    assert torch.equal(y, expected)
    seed = torch.randn(2, 3)
    for ours, torchs in zip(
        torch.autograd.grad(y, [x, *module.parameters()], seed),
        torch.autograd.grad(expected, [x, *linear.parameters()], seed),
        strict=True,
    ):
        assert torch.equal(ours, torchs)


def test_a_module_lives_as_long_as_its_block(djl, managed_arrays):
    before = managed_arrays()
    module = nn.Linear(3, 2)
    watched = weakref.ref(module)
    block = djl.sequential(to_block(module))
    del module
    managed_arrays()
    assert watched() is not None
    output = forward(block, torch.ones(1, 3)).head()
    assert list(output.getShape().getShape()) == [1, 2]
    output.close()
    del output, block
    assert managed_arrays(before) == before
    assert watched() is None


def test_a_dropped_module_leaves_a_block_that_java_still_uses(djl, managed_arrays):
    block = djl.linear(2)
    x = torch.randn(4, 3)
    y = from_block(block)(x)
    managed_arrays()
    assert torch.equal(pydjl.from_java(forward(block, x).head()).torch(), y)


def test_modules_that_come_and_go_leave_no_memory(djl, managed_arrays):
    before = managed_arrays()
    resident = _resident_megabytes()
    for _ in range(150):
        module = from_block(djl.linear(700))
        module(torch.ones(1, 700)).sum().backward()
    del module
    # 600 MB went by; Java collects when more than some 32 MB wait for it.
    assert _resident_megabytes() - resident < 250
    assert managed_arrays(before) == before


def _resident_megabytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def test_threads_of_java_do_not_keep_the_module(djl):
    block = to_block(nn.Linear(3, 2))
    done = []

    def work():
        done.append(list(forward(block, torch.ones(1, 3)).head().getShape().getShape()))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert done == [[1, 2]] * 4
