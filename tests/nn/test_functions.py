"""Functions of layers on random asymmetric shapes, at their limits, and with wrong arguments."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import erf, expit
from scipy.special import log_softmax as scipy_log_softmax
from scipy.special import softmax as scipy_softmax

from pydjl.errors import (
    PydjlError,
)
from pydjl.nn import functional
from pydjl.runtime import java_class

pairs = st.tuples(st.integers(1, 3), st.integers(1, 4))
seeds = st.integers(0, 2**31)
INFINITY = float("inf")


def _randn(seed, *shape, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=dtype)


@given(
    n=st.integers(1, 2),
    groups=st.integers(1, 3),
    channels=st.tuples(st.integers(1, 2), st.integers(1, 3)),
    kernel=pairs,
    size=st.tuples(st.integers(1, 4), st.integers(1, 5)),
    stride=pairs,
    padding=st.tuples(st.integers(0, 4), st.integers(0, 3)),
    dilation=pairs,
    extra=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    bias=st.booleans(),
    seed=seeds,
)
def test_conv_transpose2d_is_torchs_up_to_rounding(
    n, groups, channels, kernel, size, stride, padding, dilation, extra, bias, seed
):
    x = _randn(seed, n, groups * channels[0], *size, dtype=torch.float64)
    w = _randn(seed + 1, groups * channels[0], channels[1], *kernel, dtype=torch.float64)
    b = _randn(seed + 2, groups * channels[1], dtype=torch.float64) if bias else None
    output_padding = [
        min(e, max(s, d) - 1) for e, s, d in zip(extra, stride, dilation, strict=True)
    ]
    options = {
        "stride": stride,
        "padding": padding,
        "output_padding": output_padding,
        "groups": groups,
        "dilation": dilation,
    }
    try:
        expected = F.conv_transpose2d(x, w, b, **options)
    except RuntimeError:  # more is cut off than there is
        with pytest.raises(PydjlError):
            functional.conv_transpose2d(x, w, b, **options)
        return
    if not expected.numel():
        return
    torch.testing.assert_close(functional.conv_transpose2d(x, w, b, **options), expected)


def test_conv_transpose2d_is_the_adjoint_of_conv2d():
    x, w = _randn(0, 1, 3, 7, 9, dtype=torch.float64), _randn(1, 4, 3, 3, 2, dtype=torch.float64)
    y = functional.conv2d(x, w, stride=(2, 3), padding=1)
    g = _randn(2, *y.shape, dtype=torch.float64)
    extra = [(size + 2 - k) % s for size, k, s in zip((7, 9), (3, 2), (2, 3), strict=True)]
    back = functional.conv_transpose2d(g, w, stride=(2, 3), padding=1, output_padding=extra)
    assert math.isclose((y * g).sum().item(), (x * back).sum().item(), rel_tol=1e-12)


@given(
    kind=st.sampled_from(["max", "avg", "lp"]),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 4)),
    extra=st.tuples(st.integers(0, 6), st.integers(0, 5)),
    stride=st.none() | pairs,
    padded=st.booleans(),
    ceil_mode=st.booleans(),
    seed=seeds,
)
def test_pooling_is_bit_equal_to_torch(kind, kernel, extra, stride, padded, ceil_mode, seed):
    x = _randn(seed, 2, 3, kernel[0] + extra[0], kernel[1] + extra[1])
    padding = [k // 2 if padded and kind != "lp" else 0 for k in kernel]
    if kind == "lp":
        arguments = (2.0, kernel, stride, ceil_mode)
    elif kind == "max":
        arguments = (kernel, stride, padding, 1, ceil_mode)
    else:
        arguments = (kernel, stride, padding, ceil_mode)
    name = f"{kind}_pool2d"
    assert torch.equal(getattr(functional, name)(x, *arguments), getattr(F, name)(x, *arguments))


@given(kernel=pairs, extra=pairs, stride=pairs, ceil_mode=st.booleans(), seed=seeds)
def test_the_mean_without_the_padding(kernel, extra, stride, ceil_mode, seed):
    x = _randn(seed, 2, 3, kernel[0] + extra[0], kernel[1] + extra[1], dtype=torch.float64)
    arguments = (kernel, stride, [k // 2 for k in kernel], ceil_mode, False)
    expected = F.avg_pool2d(x, *arguments)
    torch.testing.assert_close(functional.avg_pool2d(x, *arguments), expected)


@given(
    lead=st.lists(st.integers(0, 3), max_size=3),
    features=st.tuples(st.integers(1, 40), st.integers(1, 9)),
    bias=st.booleans(),
    strided=st.booleans(),
    half=st.booleans(),
    seed=seeds,
)
def test_linear_is_bit_equal_to_torch(lead, features, bias, strided, half, seed):
    dtype = torch.float16 if half else torch.float64
    step = 2 if strided else 1
    x = _randn(seed, *lead, features[0] * step).to(dtype)[..., ::step]
    w = _randn(seed + 1, features[1], features[0]).to(dtype)
    b = _randn(seed + 2, features[1]).to(dtype) if bias else None
    assert torch.equal(functional.linear(x, w, b), F.linear(x, w, b))


@given(
    shape=st.lists(st.integers(2, 4), min_size=2, max_size=5),
    momentum=st.floats(0, 1),
    eps=st.floats(1e-9, 1),
    training=st.booleans(),
    given_=st.tuples(*[st.booleans()] * 3),
    seed=seeds,
)
def test_batch_norm_is_bit_equal_to_torch(shape, momentum, eps, training, given_, seed):
    x = _randn(seed, *shape)
    weight, bias = (
        _randn(seed + i, shape[1]) if each else None for i, each in enumerate(given_[:2])
    )
    kept = [_randn(seed + 5, shape[1]), _randn(seed + 6, shape[1]).abs()]
    if training and not given_[2]:
        kept = [None, None]
    expected_kept = [None if each is None else each.clone() for each in kept]
    arguments = (weight, bias, training, momentum, eps)
    expected = F.batch_norm(x, *expected_kept, *arguments)
    assert torch.equal(functional.batch_norm(x, *kept, *arguments), expected)
    if kept[0] is not None:
        assert torch.equal(torch.stack(kept), torch.stack(expected_kept))


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    last=st.integers(1, 4),
    eps=st.floats(1e-9, 1),
    given_=st.tuples(st.booleans(), st.booleans()),
    seed=seeds,
)
def test_layer_norm_is_bit_equal_to_torch(shape, last, eps, given_, seed):
    x = _randn(seed, *shape)
    over = shape[-last:]
    weight, bias = (_randn(seed + i, *over) if each else None for i, each in enumerate(given_))
    expected = F.layer_norm(x, over, weight, bias, eps)
    result = functional.layer_norm(x, over, weight, bias, eps)
    if weight is None and bias is not None:  # ones stand for the weight: another path of the kernel
        torch.testing.assert_close(result, expected)
    else:
        assert torch.equal(result, expected)


@given(p=st.floats(0, 1), training=st.booleans(), seed=seeds)
def test_dropout_makes_torchs_choice_from_one_seed(p, training, seed):
    x = torch.linspace(-3, 5, 301, requires_grad=True)
    torch.manual_seed(seed)
    expected = F.dropout(x, p, training)
    after = torch.get_rng_state()
    torch.manual_seed(seed)
    result = functional.dropout(x, p, training)
    assert torch.equal(result, expected)
    assert torch.equal(torch.get_rng_state(), after)
    (ours,) = torch.autograd.grad(result.sum(), x)
    assert torch.equal(ours, torch.autograd.grad(expected.sum(), x)[0])


@given(seed=seeds, beta=st.floats(0.1, 10), threshold=st.floats(-5, 20))
def test_softplus_with_scale_and_threshold(seed, beta, threshold):
    x = (_randn(seed, 50, dtype=torch.float64) * 10).requires_grad_()
    result = functional.softplus(x, beta, threshold)
    expected = F.softplus(x, beta, threshold)
    torch.testing.assert_close(result, expected)
    (ours,) = torch.autograd.grad(result.sum(), x)
    torch.testing.assert_close(ours, torch.autograd.grad(expected.sum(), x)[0])


def test_activations_by_their_formulas():
    x = np.random.default_rng(0).normal(size=(4, 7)) * 3
    cube = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    lam, alpha = 1.0507009873554805, 1.6732632423543772
    formulas = {
        "relu": np.maximum(x, 0),
        "relu6": np.clip(x, 0, 6),
        "leaky_relu": np.where(x > 0, x, 0.01 * x),
        "elu": np.where(x > 0, x, np.expm1(x)),
        "selu": lam * np.where(x > 0, x, alpha * np.expm1(x)),
        "gelu": x / 2 * (1 + erf(x / math.sqrt(2))),
        "silu": x * expit(x),
        "mish": x * np.tanh(np.log1p(np.exp(x))),
        "sigmoid": expit(x),
        "tanh": np.tanh(x),
        "softplus": np.log1p(np.exp(x)),
        "softsign": x / (1 + np.abs(x)),
    }
    for name, expected in formulas.items():
        result = getattr(functional, name)(x)
        np.testing.assert_allclose(result, expected, rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(functional.gelu(x, "tanh"), x / 2 * (1 + np.tanh(cube)), atol=1e-14)
    np.testing.assert_allclose(functional.softmax(x, 0), scipy_softmax(x, 0), rtol=1e-12)
    np.testing.assert_allclose(functional.log_softmax(x, 1), scipy_log_softmax(x, 1), rtol=1e-12)


@pytest.mark.parametrize(
    "name",
    ["relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "softsign"],
)
def test_values_and_gradients_at_the_limits(name):
    # The border cases of the definitions, and numbers whose exponential overflows.
    x = torch.tensor([0.0, -0.0, 6.0, 20.0, 20.5, -200.0, 200.0, 1e4, -1e4], requires_grad=True)
    result, expected = getattr(functional, name)(x), getattr(F, name)(x)
    torch.testing.assert_close(result, expected)
    (ours,) = torch.autograd.grad(result.sum(), x)
    torch.testing.assert_close(ours, torch.autograd.grad(expected.sum(), x)[0])


def test_prelu_passes_infinities_on():
    x = torch.tensor([INFINITY, -INFINITY, 0.0, math.nan, -2.0], requires_grad=True)
    w = torch.tensor([0.25], requires_grad=True)
    result, expected = functional.prelu(x, w), F.prelu(x, w)
    torch.testing.assert_close(result, expected, equal_nan=True)
    seed = torch.tensor([1.0, 0.0, 3.0, 0.0, 5.0])
    x_grad, _ = torch.autograd.grad(result, (x, w), seed)
    assert torch.equal(x_grad, torch.autograd.grad(expected, (x, w), seed)[0])
    finite = torch.tensor([INFINITY, 1.0, -2.0])
    (w_grad,) = torch.autograd.grad(functional.prelu(finite, w).sum(), w)
    assert w_grad.item() == -2


def test_numbers_in_a_graph_outlive_javas_garbage_collection():
    x = torch.linspace(-2, 2, 50, dtype=torch.float64, requires_grad=True)
    gelu = functional.gelu(x, approximate="tanh")
    softplus = functional.softplus(x, beta=3.0)
    system = java_class("java.lang.System")
    for _ in range(3):  # DJL's NDArray.mul(Number) would leave the graph a dangling address
        system.gc()
        functional.softplus(torch.randn(1000), beta=7.0)
    (ours,) = torch.autograd.grad((gelu + softplus).sum(), x)
    expected = F.gelu(x, approximate="tanh") + F.softplus(x, beta=3.0)
    torch.testing.assert_close(ours, torch.autograd.grad(expected.sum(), x)[0])
