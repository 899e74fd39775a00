"""from_block: DJL's blocks compute, and differentiate, what torch's twins do, to the bit."""

from __future__ import annotations

import jpype
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

import pydjl
from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    ClosedError,
    DeviceError,
    DtypeError,
    NotSupportedError,
    PydjlError,
    ShapeError,
)
from pydjl.nn import BlockModule, block_module, from_block
from pydjl.runtime import java_class

# DJL keeps 0.9 of a running statistic, in float32, and passes libtorch what is left of 1.
MOMENTUM = float(np.float32(1) - np.float32(0.9))

TWINS = {
    "Linear": (lambda d: d.linear(4), lambda: nn.Linear(3, 4), (2, 5, 3)),
    "Linear, no bias": (
        lambda d: d.linear(4, optBias=False), lambda: nn.Linear(3, 4, False), (7, 3)
    ),
    "Conv1d": (
        lambda d: d.built(
            "convolutional.Conv1d",
            setFilters=4, setKernelShape=(3,), optStride=(2,), optPadding=(1,),
        ),
        lambda: nn.Conv1d(2, 4, 3, stride=2, padding=1),
        (3, 2, 9),
    ),
    "Conv2d": (
        lambda d: d.conv2d(6, (3, 2), optStride=(2, 1), optPadding=(1, 0), optDilation=(1, 2)),
        lambda: nn.Conv2d(2, 6, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
        (3, 2, 9, 7),
    ),
    "Conv2d, groups": (
        lambda d: d.conv2d(6, (3, 2), optGroups=2, optBias=False),
        lambda: nn.Conv2d(4, 6, (3, 2), groups=2, bias=False),
        (3, 4, 9, 7),
    ),
    "Conv3d": (
        lambda d: d.built("convolutional.Conv3d", setFilters=3, setKernelShape=(3, 2, 1)),
        lambda: nn.Conv3d(2, 3, (3, 2, 1)),
        (2, 2, 5, 6, 4),
    ),
    "BatchNorm": (
        lambda d: d.batch_norm(),
        lambda: nn.BatchNorm2d(3, momentum=MOMENTUM, eps=float(np.float32(1e-5))),
        (4, 3, 5, 2),
    ),
    "LayerNorm": (
        lambda d: d.built("norm.LayerNorm"),
        lambda: nn.LayerNorm([3, 5], eps=float(np.float32(1e-5))),
        (4, 3, 5),
    ),
    "LayerNorm over an axis": (
        lambda d: java_class("ai.djl.nn.norm.LayerNorm").builder().axis(2).build(),
        lambda: nn.LayerNorm(5, eps=float(np.float32(1e-5))),
        (4, 3, 5),
    ),
    "Dropout": (
        lambda d: d.built("norm.Dropout", optRate=0.25), lambda: nn.Dropout(0.25), (30, 40)
    ),
    "LSTM": (
        lambda d: d.built("recurrent.LSTM", setStateSize=4, setNumLayers=2),
        lambda: _First(nn.LSTM(3, 4, 2, batch_first=True)),
        (2, 5, 3),
    ),
    "LSTM, both directions, no biases": (
        lambda d: d.built(
            "recurrent.LSTM",
            setStateSize=4, setNumLayers=2, optBidirectional=True, optHasBiases=False,
        ),
        lambda: _First(nn.LSTM(3, 4, 2, bias=False, batch_first=True, bidirectional=True)),
        (2, 5, 3),
    ),
    "GRU": (
        lambda d: d.built("recurrent.GRU", setStateSize=4, setNumLayers=2, optBatchFirst=False),
        lambda: _First(nn.GRU(3, 4, 2)),
        (5, 2, 3),
    ),
    "SequentialBlock": (
        lambda d: d.sequential(
            d.conv2d(4, (3, 2)), d.batch_norm(), d.relu(), d.flatten(), d.linear(5)
        ),
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, (3, 2)),
            nn.BatchNorm2d(4, momentum=MOMENTUM, eps=float(np.float32(1e-5))),
            nn.ReLU(), nn.Flatten(), nn.Linear(4 * 5 * 6, 5),
        ),
        (3, 2, 7, 7),
    ),
    "ParallelBlock": (
        lambda d: d.parallel(
            lambda lists: d.ndlist(lists.get(0).head().add(lists.get(1).head())),
            d.linear(4), d.sequential(d.linear(5), d.linear(4)),
        ),
        lambda: _Sum(nn.Linear(3, 4), nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 4))),
        (2, 3),
    ),
}  # fmt: skip


class _First(nn.Module):
    """A recurrent layer without its state."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]

    def state_dict(self):
        return self.layer.state_dict()


class _Sum(nn.Sequential):
    def forward(self, x):
        return self[0](x) + self[1](x)


def _run(module, x, seed=7):
    x = x.clone().requires_grad_()
    torch.manual_seed(seed)
    y = module(x)
    gradient = torch.linspace(-1, 2, y.numel(), dtype=y.dtype).view_as(y)
    y.backward(gradient)
    gradients = [p.grad for p in module.parameters()]
    return [y.detach(), x.grad, *gradients]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(("block", "twin", "shape"), TWINS.values(), ids=TWINS)
def test_outputs_gradients_and_buffers_equal_torchs_to_the_bit(djl, block, twin, shape, training):
    module, twin = from_block(lambda: block(djl)).train(training), twin().train(training)
    for parameter in twin.parameters():
        nn.init.normal_(parameter)
    state = twin.state_dict()
    module.load_state_dict(state)
    for x in (torch.randn(shape), torch.randn(shape)):
        for ours, torchs in zip(_run(module, x), _run(twin, x), strict=True):
            assert torch.equal(ours, torchs)
    ours = module.state_dict()
    for name, tensor in twin.state_dict().items():
        assert name.endswith("num_batches_tracked") or torch.equal(ours[name], tensor)
    assert list(ours) == [name for name in state if not name.endswith("num_batches_tracked")]


# DJL's recurrent blocks start from float32 zeros, whatever the input is.
SMOOTH = [name for name in TWINS if not name.startswith(("Dropout", "LSTM", "GRU"))]


@pytest.mark.parametrize("name", SMOOTH)
def test_gradcheck_and_gradgradcheck(djl, name):
    block, _, shape = TWINS[name]
    module = from_block(lambda: block(djl)).double()
    # BatchNorm changes its statistics in each pass, which does not change a pass in training.
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    module(x)
    names = [name for name, _ in module.named_parameters()]

    def function(x, *parameters):
        return torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), (x,))

    inputs = (x, *module.parameters())
    assert torch.autograd.gradcheck(function, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


def test_forward_mode_gradients_pass_through_java(djl):
    module = from_block(djl.conv2d(3, (2, 3)))
    x, tangent = torch.randn(1, 2, 5, 6), torch.randn(1, 2, 5, 6)
    module(x)
    with torch.autograd.forward_ad.dual_level():
        dual = module(torch.autograd.forward_ad.make_dual(x, tangent))
        jvp = torch.autograd.forward_ad.unpack_dual(dual).tangent
    assert torch.allclose(jvp, F.conv2d(tangent, module.weight), atol=1e-6)


def test_trained_embedding(djl):
    embedding = java_class("ai.djl.nn.transformer.IdEmbedding$Builder")()
    module = from_block(embedding.setDictionarySize(7).setEmbeddingSize(3).build())
    twin = nn.Embedding(7, 3)
    module.load_state_dict(twin.state_dict())
    indices = torch.tensor([[0, 6, 2], [2, 2, 1]])
    assert torch.equal(module(indices), twin(indices))
    weights = torch.randn(2, 3, 3)
    (module(indices) * weights).sum().backward()
    (twin(indices) * weights).sum().backward()
    assert torch.allclose(module.weight.grad, twin.weight.grad)


def test_attention_has_torchs_gradients_also_after_java_collected_its_garbage(djl):
    attention = java_class("ai.djl.nn.transformer.ScaledDotProductAttentionBlock").builder()
    module = from_block(
        attention.setEmbeddingSize(8).setHeadCount(2).optAttentionProbsDropoutProb(0).build()
    )
    x = torch.randn(2, 5, 8, requires_grad=True)
    y = module(x)
    _collect_java_memory()
    (ours,) = torch.autograd.grad(y.square().sum(), x)

    def heads(name):
        child = module.get_submodule(name)
        return F.linear(x, child.weight, child.bias).view(2, 5, 2, 4).transpose(1, 2)

    q, k, v = heads("queryProjection"), heads("keyProjection"), heads("valueProjection")
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(2, 5, 8)
    result = F.linear(mixed, module.resultProjection.weight, module.resultProjection.bias)
    assert torch.allclose(y, result, atol=1e-5)
    (torchs,) = torch.autograd.grad(result.square().sum(), x)
    assert torch.allclose(ours, torchs, atol=1e-5)


def test_numbers_in_java_live_until_the_backward_pass(djl):
    module = from_block(djl.function(lambda arrays: djl.ndlist(arrays.head().mul(3.0))))
    x = torch.ones(4, requires_grad=True)
    outputs = [module(x) for _ in range(300)]
    _collect_java_memory()
    for y in outputs:
        (gradient,) = torch.autograd.grad(y.sum(), x)
        assert torch.equal(gradient, torch.full((4,), 3.0))


def _collect_java_memory():
    """Free the buffers that Java has dropped, and write over their memory."""
    java_class("java.lang.System").gc()
    java_class("java.lang.System").runFinalization()
    buffers = java_class("java.nio.ByteBuffer")
    for _ in range(2000):
        buffer = buffers.allocateDirect(8)
        buffer.putLong(0, -0x123456789ABCDEF)


def test_a_traced_model_that_djl_loaded(tmp_path):
    twin = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
    torch.jit.trace(twin, torch.ones(2, 3)).save(tmp_path / "net.pt")
    folder = java_class("java.nio.file.Paths").get(str(tmp_path))
    x = torch.randn(2, 3)
    for train in (False, True):
        model = java_class("ai.djl.Model").newInstance("net", "PyTorch")
        options = java_class("java.util.HashMap")()
        options.put("trainParam", str(train).lower())
        model.load(folder, None, options)
        module = from_block(model.getBlock())
        assert torch.equal(module(x), twin(x))
        assert module(x).requires_grad is train
    module(x).square().sum().backward()
    twin(x).square().sum().backward()
    for ours, torchs in zip(module.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(ours.grad, torchs.grad, atol=1e-6)
    for optimizer in (torch.optim.SGD(m.parameters(), lr=0.1) for m in (module, twin)):
        optimizer.step()
    assert torch.allclose(module(x), twin(x), atol=1e-6)
    module.load_state_dict({n: t.clone() for n, t in module.state_dict().items()}, assign=True)
    with pytest.raises(NotSupportedError, match="traced model"):
        module(x)


def test_a_transformer_encoder_trains(djl):
    from jpype import JProxy

    relu = JProxy(
        "java.util.function.Function",
        dict={
            "apply": lambda arrays: djl.ndlist(
                java_class("ai.djl.nn.Activation").relu(arrays.head())
            )
        },
    )
    encoder = java_class("ai.djl.nn.transformer.TransformerEncoderBlock")
    module = from_block(encoder(8, 2, 16, 0.0, relu))
    x = torch.randn(3, 5, 8)
    module(x)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = F.mse_loss(module(x), torch.roll(x, 1, 1))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert all(p.grad is not None for p in module.parameters())


def lstm_that_returns_its_state():
    state = java_class("ai.djl.nn.recurrent.LSTM").builder().setStateSize(4).setNumLayers(1)
    return from_block(state.optReturnState(True).build())


def test_several_inputs_and_outputs():
    module = lstm_that_returns_its_state()
    twin = nn.LSTM(3, 4, batch_first=True)
    module.load_state_dict(twin.state_dict())
    x, h, c = torch.randn(2, 5, 3), torch.randn(1, 2, 4), torch.randn(1, 2, 4)
    y, (h_n, c_n) = twin(x, (h, c))
    results = module(x, h, c)
    assert isinstance(results, tuple)
    for ours, torchs in zip(results, (y, h_n, c_n), strict=True):
        assert torch.equal(ours, torchs)


def test_one_input_and_several_outputs():
    module = lstm_that_returns_its_state()
    twin = nn.LSTM(3, 4, batch_first=True)
    module.load_state_dict(twin.state_dict())
    x = torch.randn(2, 5, 3)
    y, (h_n, c_n) = twin(x)
    for ours, torchs in zip(module(x), (y, h_n, c_n), strict=True):
        assert torch.equal(ours, torchs)


def test_outputs_stay_apart_when_a_signal_handler_runs_a_block_before_they_are_taken(
    monkeypatch,
):
    module = lstm_that_returns_its_state()
    x = torch.randn(2, 5, 3)
    expected = module(x)
    handled = []

    def interrupted(name):
        if name == "org.pydjl.bridge.Blocks" and not handled:
            handled.append(True)
            handled.append(module(2 * x))
        return java_class(name)

    monkeypatch.setattr(block_module, "java_class", interrupted)
    for ours, again in zip(module(x), expected, strict=True):
        assert torch.equal(ours, again)
    monkeypatch.undo()
    for ours, again in zip(handled[1], module(2 * x), strict=True):
        assert torch.equal(ours, again)


def test_inputs_of_every_kind_give_outputs_of_that_kind(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(4, 3)
    expected = module(x).detach()
    np.testing.assert_array_equal(module(x.numpy()), expected)
    result = module(pydjl.from_torch(x))
    assert isinstance(result, pydjl.NDArray)
    assert torch.equal(result.torch(), expected)


def test_a_block_may_return_its_input_its_parameter_or_one_array_twice(djl, managed_arrays):
    before = managed_arrays()
    identity = from_block(djl.identity())
    x = torch.randn(3)
    assert identity(x) is x
    twice = from_block(djl.function(lambda arrays: djl.ndlist(arrays.head(), arrays.head())))
    a, b = twice(x)
    assert a.data_ptr() == b.data_ptr() == x.data_ptr()
    linear = djl.linear(2)
    own = from_block(djl.sequential(linear, djl.function(_weight_of(djl, linear))))
    for _ in range(3):
        weight = own(torch.randn(1, 4))
        assert weight.data_ptr() == own.get_submodule("0").weight.data_ptr()
        weight.sum().backward()
    assert torch.equal(own.get_submodule("0").weight.grad, torch.full((2, 4), 3.0))
    del identity, twice, linear, own, weight, a, b
    assert managed_arrays(before) == before


def _weight_of(djl, linear):
    parameter = linear.getParameters().valueAt(0)
    return lambda _: djl.ndlist(parameter.getArray())


def test_autocast_and_no_grad_are_obeyed_in_java(djl):
    module = from_block(djl.linear(2))
    twin = nn.Linear(3, 2)
    module.load_state_dict(twin.state_dict())
    x = torch.randn(4, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        ours, torchs = module(x), twin(x)
    assert ours.dtype is torchs.dtype is torch.bfloat16
    assert torch.equal(ours, torchs)
    with torch.no_grad():
        assert not module(x).requires_grad
    with torch.inference_mode():
        assert module(x).is_inference()
    assert module(x).requires_grad


@pytest.mark.parametrize(
    ("inputs", "kind", "words"),
    [
        ([torch.ones(1, 5, 6, 6)], ShapeError, r"\(1, 5, 6, 6\)"),
        ([torch.ones(6)], ShapeError, r"\(6,\)"),
        ([torch.ones(1, 2, 6, 6, dtype=torch.float64)], DtypeError, "float64|double"),
        ([torch.ones(1, 2, 6, 6, dtype=torch.bfloat16)], DtypeError, "bfloat16"),
        ([torch.ones(1, 2, 6, 6, device="meta")], DeviceError, "meta"),
        ([torch.ones(1, 2, 6, 6).to_sparse()], ArgumentTypeError, "to_dense"),
        ([], ArgumentError, "at least one input"),
        (["x"], ArgumentTypeError, "input 0"),
        ([torch.ones(1, 2, 6, 6), None], ArgumentTypeError, "input 1"),
    ],
)
def test_wrong_inputs_are_refused_and_the_module_goes_on(djl, inputs, kind, words):
    module = from_block(djl.conv2d(3, (2, 3)))
    x = torch.randn(1, 2, 6, 6)
    expected = module(x)
    with pytest.raises(kind, match=words):
        module(*inputs)
    assert torch.equal(module(x), expected)


def test_errors_leave_nothing_in_java(djl, managed_arrays):
    module = from_block(djl.sequential(djl.conv2d(3, (2, 3)), djl.batch_norm()))
    module(torch.randn(1, 2, 6, 6))
    before = managed_arrays()
    for wrong in (torch.ones(1, 5, 6, 6), torch.ones(1, 2, 6, 6).double(), torch.ones(3)):
        for _ in range(5):
            with pytest.raises(PydjlError):
                module(wrong)
    assert managed_arrays(before) == before


def test_a_closed_array_is_refused(djl):
    x = pydjl.array([[1.0, 2.0]])
    x.close()
    with pytest.raises(ClosedError):
        from_block(djl.linear(2))(x)


def test_what_djls_engine_lacks_is_said(djl):
    transposed = djl.built("convolutional.Conv2dTranspose", setFilters=2, setKernelShape=(2, 2))
    with pytest.raises(NotSupportedError, match=r"Conv2dTranspose of \(1, 2, 3, 3\) float32"):
        from_block(transposed)(torch.ones(1, 2, 3, 3))


def test_torch_func_transforms_are_refused(djl):
    module = from_block(djl.linear(2))
    x = torch.randn(5, 3)
    expected = module(x)
    with pytest.raises(ArgumentTypeError, match=r"torch\.func"):
        torch.func.vmap(module)(x)
    parameters = dict(module.named_parameters())
    with pytest.raises(ArgumentTypeError, match=r"torch\.func"):
        torch.func.grad(lambda p: torch.func.functional_call(module, p, x).sum())(parameters)
    assert torch.equal(module(x), expected)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (3, "int"),
        ("java.lang.String", "String"),
        ("org.example.Missing", "classpath"),
        (lambda: "no block", "gave a str"),
        (lambda: None, "NoneType"),
    ],
)
def test_what_is_no_block_is_refused(given, words):
    with pytest.raises(ArgumentTypeError, match=words):
        from_block(given)


def test_what_java_throws_in_a_function_that_makes_a_block_is_our_error():
    def make():
        return java_class("ai.djl.nn.core.Linear").builder().build()

    with pytest.raises(ArgumentError, match="must specify unit") as caught:
        from_block(make)
    assert isinstance(caught.value.__cause__, jpype.JException)


def test_a_block_that_returns_nothing_is_an_error(djl):
    module = from_block(djl.function(lambda _: djl.ndlist()))
    with pytest.raises(pydjl.errors.JavaError, match="no array"):
        module(torch.ones(2))


def test_repr_shows_the_java_structure(djl):
    module = from_block(djl.sequential(djl.linear(2), djl.relu()))
    assert isinstance(module, BlockModule)
    assert repr(module).splitlines()[:3] == [
        "BlockModule(",
        "  ai.djl.nn.SequentialBlock",
        "  (0): BlockModule(ai.djl.nn.core.Linear: Linear)",
    ]
    module(torch.ones(1, 3))
    assert "ai.djl.nn.core.Linear: Linear(1, 3) -> (1, 2)" in repr(module)


def test_what_is_no_block_is_refused_with_the_way_out():
    for wrong, words in (
        (nn.Linear(2, 3), "to_block"),
        (nn.Linear, "to_block"),
        ("ai.djl.nn.core.Lineer", "no Java class 'ai.djl.nn.core.Lineer'.*classpath"),
        ("ai.djl.nn.core.Linear", "function that makes the block"),
    ):
        with pytest.raises(pydjl.errors.ArgumentTypeError, match=words):
            from_block(wrong)
