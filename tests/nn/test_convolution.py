"""conv1d, conv2d, conv3d against torch.nn.functional: the same kernel, so the same bits."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import pydjl
from pydjl.errors import ArgumentError, DtypeError, PydjlError, ShapeError
from pydjl.nn import functional

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch's own test tools warn while they are imported
    from torch.testing._internal.common_methods_invocations import op_db

CONVOLUTIONS = [op for op in op_db if op.name in {f"nn.functional.conv{d}d" for d in (1, 2, 3)}]


@pytest.mark.parametrize("op", CONVOLUTIONS, ids=lambda op: op.name)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64])
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_torchs_own_samples_give_torchs_results_and_gradients(op, dtype):
    ours = getattr(functional, op.name.rsplit(".", 1)[-1])
    samples = list(op.sample_inputs("cpu", dtype, requires_grad=True))
    assert len(samples) > 5
    for sample in samples:
        expected = op(sample.input, *sample.args, **sample.kwargs)
        result = ours(sample.input, *sample.args, **sample.kwargs)
        assert torch.equal(result, expected)
        leaves = [t for t in (sample.input, *sample.args) if isinstance(t, torch.Tensor)]
        seed = torch.randn_like(expected)
        gradients = torch.autograd.grad(result, leaves, seed)
        for ours_grad, torch_grad in zip(
            gradients, torch.autograd.grad(expected, leaves, seed), strict=True
        ):
            assert torch.equal(ours_grad, torch_grad)


@pytest.mark.parametrize("op", CONVOLUTIONS, ids=lambda op: op.name)
def test_torchs_own_error_samples_are_errors(op):
    ours = getattr(functional, op.name.rsplit(".", 1)[-1])
    samples = list(op.error_inputs("cpu"))
    assert samples
    for error in samples:
        sample = error.sample_input
        with pytest.raises(PydjlError):
            ours(sample.input, *sample.args, **sample.kwargs)


@given(
    n=st.integers(1, 3),
    groups=st.integers(1, 3),
    channels=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 4)),
    extra=st.tuples(st.integers(0, 6), st.integers(0, 5)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 4)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 3)),
    bias=st.booleans(),
    seed=st.integers(0, 2**31),
)
def test_conv2d_is_bit_equal_to_torch(
    n, groups, channels, kernel, extra, stride, padding, dilation, bias, seed
):
    generator = torch.Generator().manual_seed(seed)
    size = [d * (k - 1) + 1 + e for d, k, e in zip(dilation, kernel, extra, strict=True)]
    x = torch.randn(n, groups * channels[0], *size, generator=generator)
    w = torch.randn(groups * channels[1], channels[0], *kernel, generator=generator)
    b = torch.randn(groups * channels[1], generator=generator) if bias else None
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    assert torch.equal(functional.conv2d(x, w, b, **options), F.conv2d(x, w, b, **options))


def test_float16_and_kinds_of_arrays():
    x, w = torch.randn(1, 2, 5, 6), torch.randn(3, 2, 2, 3)
    assert torch.equal(functional.conv2d(x.half(), w.half()), F.conv2d(x.half(), w.half()))
    expected = F.conv2d(x, w)
    assert torch.equal(functional.conv2d(pydjl.from_torch(x), w).torch(), expected)
    np.testing.assert_array_equal(functional.conv2d(x.numpy(), w.numpy()), expected)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"input": torch.ones(4, 4)}, ShapeError, r"\(4, 4\)"),
        ({"weight": torch.ones(2, 3, 2)}, ShapeError, r"\(2, 3, 2\)"),
        ({"input": torch.ones(1, 4, 5, 5)}, ShapeError, "has 4 channels"),
        ({"bias": torch.ones(5)}, ShapeError, r"bias has shape \(5,\)"),
        ({"weight": torch.ones(2, 3, 2, 2).double()}, DtypeError, "float32, torch.float64"),
        ({"stride": 0}, ArgumentError, "stride is 0"),
        ({"stride": (1, 2, 3)}, ArgumentError, r"stride is \(1, 2, 3\)"),
        ({"padding": -1}, ArgumentError, "padding is -1"),
        ({"padding": "reflect"}, ArgumentError, "'reflect'"),
        ({"padding": "same", "stride": 2}, ArgumentError, "needs stride 1"),
        ({"dilation": 0}, ArgumentError, "dilation is 0"),
        ({"groups": 2}, PydjlError, "groups"),
        ({"input": torch.ones(1, 3, 1, 1)}, ShapeError, "conv2d"),
    ],
)
def test_impossible_arguments_are_refused_with_their_values(change, kind, words):
    arguments = {"input": torch.ones(1, 3, 5, 5), "weight": torch.ones(2, 3, 2, 2)} | change
    with pytest.raises(kind, match=words):
        functional.conv2d(**arguments)


def test_whole_numbers_of_any_kind_are_numbers():
    x, w = torch.randn(2, 3, 6, 5), torch.randn(4, 3, 2, 3)
    ours = functional.conv2d(x, w, stride=np.int64(2), padding=(np.int32(1), 0), dilation=[1, 2])
    assert torch.equal(ours, F.conv2d(x, w, stride=2, padding=(1, 0), dilation=(1, 2)))


@pytest.mark.parametrize(
    "wrong",
    [{"stride": 1.0}, {"stride": "a"}, {"padding": None}, {"dilation": (1, 1.0)}, {"groups": 1.0}],
)
def test_what_is_no_whole_number_is_named(wrong):
    x, w = torch.randn(1, 1, 4, 5), torch.randn(1, 1, 2, 3)
    functional.conv2d(x, w)  # 1.0 equals 1, which is known now
    (name,) = wrong
    with pytest.raises(TypeError, match=f"{name} is .* whole number"):
        functional.conv2d(x, w, **wrong)
