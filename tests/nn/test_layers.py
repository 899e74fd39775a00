"""The layers against PyTorch's: one table, and for every layer in it the same questions."""

from __future__ import annotations

import copy
import inspect
import pickle

import pytest
import torch
from torch import nn

import pydjl
from pydjl.errors import DtypeError, NotSupportedError, PydjlError

# Name, arguments, keywords, shape of the input. H != W and h != w throughout.
LAYERS = [
    ("Conv1d", (4, 6, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 4, 9)),
    ("Conv2d", (4, 6, (3, 2)), {"padding": "same", "dilation": (1, 2)}, (2, 4, 5, 7)),
    ("Conv2d", (3, 5, (2, 3)), {"bias": False, "stride": (2, 1)}, (3, 6, 7)),
    ("Conv3d", (2, 3, (1, 2, 3)), {"padding": (0, 1, 2)}, (2, 2, 3, 4, 5)),
    ("ConvTranspose1d", (4, 6, 3), {"stride": 3, "output_padding": 1, "groups": 2}, (2, 4, 5)),
    ("ConvTranspose2d", (3, 2, (3, 2)), {"stride": (2, 3), "padding": 1}, (2, 3, 4, 5)),
    ("ConvTranspose2d", (2, 4, (2, 3)), {"dilation": (3, 2), "bias": False}, (2, 4, 5)),
    ("ConvTranspose3d", (2, 3, (1, 2, 3)), {"stride": (1, 2, 2)}, (1, 2, 2, 3, 4)),
    ("Linear", (7, 3), {}, (2, 4, 7)),
    ("Linear", (7, 3), {"bias": False}, (7,)),
    ("BatchNorm1d", (4,), {"eps": 1e-3, "momentum": 0.3}, (5, 4)),
    ("BatchNorm1d", (4,), {"momentum": None}, (3, 4, 6)),
    ("BatchNorm2d", (3,), {}, (2, 3, 4, 5)),
    ("BatchNorm2d", (3,), {"affine": False, "track_running_stats": False}, (2, 3, 4, 5)),
    ("BatchNorm3d", (2,), {"affine": False}, (2, 2, 3, 4, 5)),
    ("LayerNorm", ((4, 5),), {}, (2, 3, 4, 5)),
    ("LayerNorm", (5,), {"eps": 1e-2, "bias": False}, (3, 5)),
    ("LayerNorm", (5,), {"elementwise_affine": False}, (3, 5)),
    ("Dropout", (0.3,), {}, (40, 7)),
    ("MaxPool1d", (3,), {"padding": 1}, (2, 3, 8)),
    ("MaxPool2d", ((3, 2),), {"stride": (1, 2), "ceil_mode": True}, (2, 3, 6, 7)),
    ("MaxPool3d", ((1, 2, 3),), {}, (2, 2, 3, 5, 7)),
    ("AvgPool1d", (3,), {"padding": 1, "ceil_mode": True}, (2, 3, 8)),
    ("AvgPool2d", ((3, 2),), {"stride": (1, 2), "padding": 1}, (3, 6, 7)),
    ("AvgPool3d", ((1, 2, 3),), {}, (2, 2, 3, 5, 7)),
    ("LPPool1d", (2, 3), {"ceil_mode": True}, (2, 3, 7)),
    ("LPPool2d", (4.0, (2, 3)), {"stride": 1}, (2, 3, 5, 7)),
    ("AdaptiveAvgPool1d", (3,), {}, (2, 3, 7)),
    ("AdaptiveAvgPool2d", (1,), {}, (2, 3, 5, 7)),
    ("AdaptiveAvgPool2d", ((2, None),), {}, (2, 3, 5, 7)),
    ("AdaptiveAvgPool3d", ((2, 1, 3),), {}, (2, 3, 4, 5, 7)),
    ("AdaptiveMaxPool1d", (3,), {}, (2, 3, 7)),
    ("AdaptiveMaxPool2d", ((None, 2),), {}, (2, 3, 5, 7)),
    ("AdaptiveMaxPool3d", (1,), {}, (2, 3, 4, 5, 7)),
    ("ReLU", (), {}, (3, 5)),
    ("ReLU6", (), {}, (3, 5)),
    ("LeakyReLU", (0.1,), {}, (3, 5)),
    ("PReLU", (3,), {"init": 0.1}, (2, 3, 5)),
    ("ELU", (0.7,), {}, (3, 5)),
    ("SELU", (), {}, (3, 5)),
    ("GELU", (), {}, (3, 5)),
    ("GELU", ("tanh",), {}, (3, 5)),
    ("SiLU", (), {}, (3, 5)),
    ("Mish", (), {}, (3, 5)),
    ("Sigmoid", (), {}, (3, 5)),
    ("Tanh", (), {}, (3, 5)),
    ("Softplus", (), {}, (3, 5)),
    ("Softplus", (2.0, 3.0), {}, (3, 5)),
    ("Softsign", (), {}, (3, 5)),
    ("Softmax", (1,), {}, (3, 5)),
    ("LogSoftmax", (-1,), {}, (3, 5)),
]
# Composed of DJL's operations, in another order than PyTorch's: equal up to rounding.
COMPOSED = {"ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "SiLU", "Mish"}
WITH_INIT = {"Conv1d", "Conv2d", "Conv3d", "Linear", "Embedding"} | {
    f"ConvTranspose{d}d" for d in (1, 2, 3)
}

every_layer = pytest.mark.parametrize(
    ("name", "args", "kwargs", "shape"),
    LAYERS,
    ids=[f"{name}{list(args)}{kwargs or ''}" for name, args, kwargs, _ in LAYERS],
)


def _pair(name, args, kwargs, **options):
    """Our layer and PyTorch's, with the same values."""
    ours = getattr(pydjl.nn, name)(*args, **kwargs, **options)
    torchs = getattr(nn, name)(*args, **kwargs, **options)
    torchs.load_state_dict(ours.state_dict())
    return ours, torchs


def _is_composed(name, args):
    return name in COMPOSED or args in (("tanh",), (2.0, 3.0))


def _assert_same(name, args, result, expected):
    if _is_composed(name, args):
        allowed = 16 * torch.finfo(expected.dtype).eps * expected.abs().max().item()
        torch.testing.assert_close(result, expected, rtol=0, atol=allowed)
    else:
        assert torch.equal(result, expected)


def _train(layer, shape, dtype=torch.float32):
    """Outputs and gradients of three steps, from one seed."""
    torch.manual_seed(3)
    seen = []
    for _ in range(3):
        x = torch.randn(shape, dtype=dtype, requires_grad=True)
        y = layer(x)
        leaves = [x, *layer.parameters()]
        seen += [y, *torch.autograd.grad(y, leaves, torch.randn_like(y))]
    return seen


@every_layer
def test_outputs_gradients_and_buffers_are_torchs(name, args, kwargs, shape):
    ours, torchs = _pair(name, args, kwargs)
    for training in (True, False):
        ours.train(training)
        torchs.train(training)
        for result, expected in zip(_train(ours, shape), _train(torchs, shape), strict=True):
            _assert_same(name, args, result, expected)
        for buffer, expected in zip(ours.buffers(), torchs.buffers(), strict=True):
            assert torch.equal(buffer, expected)


@every_layer
def test_gradcheck_and_gradgradcheck(name, args, kwargs, shape):
    layer = getattr(pydjl.nn, name)(*args, **kwargs).double()
    if name.startswith("BatchNorm"):
        # The running statistics are no function of the input; their momentum is tested above.
        layer.momentum = 0.0
    smaller = tuple(min(size, 6) for size in shape) if name == "Dropout" else shape
    # Distinct values: a maximum has no derivative where two are equal.
    count = torch.Size(smaller).numel()
    x = (torch.randperm(count).double() / count - 0.503).mul(4).view(smaller).requires_grad_()

    def run(x, *parameters):
        torch.manual_seed(5)
        named = [key for key, _ in layer.named_parameters()]
        return torch.func.functional_call(layer, dict(zip(named, parameters, strict=True)), (x,))

    inputs = (x, *layer.parameters())
    assert torch.autograd.gradcheck(run, inputs, fast_mode=True)
    assert torch.autograd.gradgradcheck(run, inputs, fast_mode=True)


@every_layer
def test_copies_pickles_and_states_are_torchs(name, args, kwargs, shape):
    torch.manual_seed(1)
    ours = getattr(pydjl.nn, name)(*args, **kwargs)
    torch.manual_seed(1)
    torchs = getattr(nn, name)(*args, **kwargs)
    assert list(ours.state_dict()) == list(torchs.state_dict())
    for key, value in torchs.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value), "one seed gives one start"
    assert repr(ours) == repr(torchs)
    for changed in (ours, torchs):
        with torch.no_grad():
            for tensor in changed.parameters():
                tensor.normal_()
    ours.load_state_dict(torchs.state_dict())
    torchs.load_state_dict(ours.state_dict())
    ours.eval()
    x = torch.randn(shape)
    expected = ours(x)
    _assert_same(name, args, expected, torchs.eval()(x))
    for twin in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert type(twin) is type(ours)
        assert torch.equal(twin(x), expected)
        for tensor in twin.parameters():
            tensor.data.zero_()
    assert torch.equal(ours(x), expected), "a copy shares no memory"


@every_layer
@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_other_dtypes(name, args, kwargs, shape, dtype):
    ours, torchs = _pair(name, args, kwargs)
    ours.to(dtype).eval()
    torchs.to(dtype).eval()
    x = torch.randn(shape, dtype=dtype)
    try:
        expected = torchs(x)
    except RuntimeError:  # PyTorch does not have it on the CPU
        with pytest.raises(PydjlError):
            ours(x)
        return
    result = ours(x)
    assert result.dtype is dtype
    _assert_same(name, args, result, expected)


@every_layer
def test_no_graph_under_no_grad_and_no_bfloat16(name, args, kwargs, shape):
    layer = getattr(pydjl.nn, name)(*args, **kwargs)
    x = torch.randn(shape, requires_grad=True)
    with torch.no_grad():
        assert not layer(x).requires_grad
    assert layer(x).requires_grad
    with pytest.raises(DtypeError, match="bfloat16"):
        layer.to(torch.bfloat16)(x.bfloat16())


@every_layer
def test_arrays_of_djl_and_numpy(name, args, kwargs, shape):
    layer = getattr(pydjl.nn, name)(*args, **kwargs).eval()
    x = torch.randn(shape)
    expected = layer(x)
    of_djl = layer(pydjl.from_torch(x))
    assert isinstance(of_djl, pydjl.NDArray)
    assert torch.equal(of_djl.torch(), expected)
    assert torch.equal(torch.from_numpy(layer(x.numpy())), expected)


@pytest.mark.parametrize("name", sorted({name for name, *_ in LAYERS} | {"Embedding"}))
def test_signatures_are_torchs(name):
    ours = inspect.signature(getattr(pydjl.nn, name)).parameters
    torchs = inspect.signature(getattr(nn, name)).parameters
    expected = [(p.name, p.default, p.kind) for p in torchs.values()]
    given = [(p.name, p.default, p.kind) for p in ours.values()]
    if name in WITH_INIT:
        assert given.pop() == ("init", "torch", inspect.Parameter.KEYWORD_ONLY)
    assert given == expected


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (
            lambda: pydjl.nn.Conv1d(1, 1, 1, padding_mode="reflect"),
            "Conv1d: padding_mode='reflect'",
        ),
        (lambda: pydjl.nn.Conv2d(1, 1, 1, padding_mode="circular"), "padding_mode='circular'"),
        (lambda: pydjl.nn.Conv3d(1, 1, 1, padding_mode="replicate"), "padding_mode='replicate'"),
        (lambda: pydjl.nn.ConvTranspose2d(1, 1, 1, padding_mode="reflect"), "ConvTranspose2d"),
        (lambda: pydjl.nn.Embedding(3, 2, max_norm=1.0), "max_norm=1.0"),
        (lambda: pydjl.nn.Embedding(3, 2, scale_grad_by_freq=True), "scale_grad_by_freq=True"),
        (lambda: pydjl.nn.ReLU(inplace=True), "ReLU: inplace=True"),
        (lambda: pydjl.nn.ReLU6(inplace=True), "ReLU6: inplace=True"),
        (lambda: pydjl.nn.LeakyReLU(inplace=True), "LeakyReLU: inplace=True"),
        (lambda: pydjl.nn.ELU(inplace=True), "ELU: inplace=True"),
        (lambda: pydjl.nn.SELU(inplace=True), "SELU: inplace=True"),
        (lambda: pydjl.nn.SiLU(inplace=True), "SiLU: inplace=True"),
        (lambda: pydjl.nn.Mish(inplace=True), "Mish: inplace=True"),
        (lambda: pydjl.nn.Dropout(inplace=True), "Dropout: inplace=True"),
        (lambda: pydjl.nn.Softplus(threshold=50), "Softplus: threshold=50"),
        (lambda: pydjl.nn.MaxPool2d(2, dilation=(1, 2)), r"MaxPool2d: dilation=\(1, 2\)"),
        (lambda: pydjl.nn.MaxPool2d(2, return_indices=True), "MaxPool2d: return_indices=True"),
        (lambda: pydjl.nn.AdaptiveMaxPool2d(1, return_indices=True), "Pool2d: return_indices"),
        (lambda: pydjl.nn.AvgPool2d(2, divisor_override=3), "AvgPool2d: divisor_override=3"),
    ],
)
def test_what_djl_cannot_do_is_refused_at_construction(layer, words):
    with pytest.raises(NotSupportedError, match=words):
        layer()


def test_embedding_is_torchs():
    ours = pydjl.nn.Embedding(7, 3, padding_idx=-2)
    torchs = nn.Embedding(7, 3, padding_idx=-2)
    assert repr(ours) == repr(torchs)
    assert not ours.weight[5].any()
    torchs.load_state_dict(ours.state_dict())
    for dtype in (torch.int64, torch.int32):
        rows = torch.tensor([[1, 5, 2], [6, 5, 1]], dtype=dtype)
        ours.zero_grad()
        torchs.zero_grad()
        result, expected = ours(rows), torchs(rows)
        assert torch.equal(result, expected)
        seed = torch.randn_like(expected)
        result.backward(seed)
        expected.backward(seed)
        assert torch.equal(ours.weight.grad, torchs.weight.grad)
        assert not ours.weight.grad[5].any()
    table = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
    rows = torch.tensor([3, 0, 3])
    assert torch.autograd.gradcheck(lambda t: pydjl.nn.functional.embedding(rows, t), table)
    assert torch.autograd.gradgradcheck(lambda t: pydjl.nn.functional.embedding(rows, t), table)
    kept = pydjl.nn.Embedding.from_pretrained(torch.eye(3))
    assert not kept.weight.requires_grad
    assert kept(torch.tensor([2])).tolist() == [[0, 0, 1]]


def test_sparse_gradients_of_an_embedding():
    ours = pydjl.nn.Embedding(7, 3, padding_idx=2, sparse=True)
    torchs = nn.Embedding(7, 3, padding_idx=2, sparse=True)
    torchs.load_state_dict(ours.state_dict())
    for layer in (ours, torchs):
        layer(torch.tensor([1, 2, 1, 4])).square().sum().backward()
        assert layer.weight.grad.is_sparse
    assert torch.equal(ours.weight.grad.to_dense(), torchs.weight.grad.to_dense())


def test_transposed_convolution_to_a_given_size():
    for size in ([7, 10], [8, 11]):
        ours, torchs = _pair("ConvTranspose2d", (2, 3, 3), {"stride": 2, "padding": 1})
        x = torch.randn(1, 2, 4, 5) if size == [7, 10] else torch.randn(1, 2, 4, 6)
        result, expected = ours(x, output_size=size), torchs(x, output_size=size)
        assert list(result.shape[2:]) == size
        torch.testing.assert_close(result, expected)


def test_running_statistics_are_written_into_torchs_buffers():
    layer = pydjl.nn.BatchNorm1d(3)
    mean, address = layer.running_mean, layer.running_mean.data_ptr()
    layer(torch.randn(4, 3))
    assert layer.running_mean is mean
    assert mean.data_ptr() == address
    assert mean.any()
    assert layer.num_batches_tracked.item() == 1
