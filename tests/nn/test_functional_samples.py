"""pydjl.nn.functional on the samples that PyTorch's own tests use for these operators."""

from __future__ import annotations

import inspect
import warnings

import pytest
import torch

from pydjl.errors import NotSupportedError, PydjlError
from pydjl.nn import functional

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch's own test tools warn while they are imported
    from torch.testing._internal.common_methods_invocations import op_db

# Composed of DJL's operations, in another order than PyTorch's: equal up to rounding.
COMPOSED = {
    "avg_pool1d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "gelu",
    "mish",
    "silu",
    "softplus",
}
# DJL cannot do everything that these can be asked for.
LIMITED = {
    *(f"{kind}_pool{d}d" for kind in ("avg", "max", "adaptive_max") for d in (1, 2, 3)),
    "embedding",
}
ELSEWHERE = {"conv1d", "conv2d", "conv3d", "corr2d", "dropout", "lp_pool1d", "lp_pool2d"}


def _name(op) -> str:
    return op.name.rsplit(".", 1)[-1]


def _is_real(op) -> bool:
    return "complex" not in op.variant_test_name


OPERATORS = [op for op in op_db if _name(op) in functional.__all__ and _is_real(op)]
OPERATORS = [
    op
    for op in OPERATORS
    if _name(op) not in ELSEWHERE and (op.name.startswith("nn.") or op.name == _name(op))
]
WITH_ERRORS = [op for op in OPERATORS if op.error_inputs_func is not None]


def _refused(name, sample) -> bool:
    """Whether a sample asks for what DJL cannot do."""
    if name not in LIMITED:
        return False
    signature = inspect.signature(getattr(functional, name))
    arguments = signature.bind(*_arguments(name, sample), **sample.kwargs).arguments
    dilation = arguments.get("dilation", 1)
    return (
        bool(arguments.get("return_indices"))
        or arguments.get("divisor_override") is not None
        or arguments.get("max_norm") is not None
        or bool(arguments.get("scale_grad_by_freq"))
        or any(each != 1 for each in (dilation if isinstance(dilation, tuple) else (dilation,)))
    )


def _arguments(name, sample):
    if name == "embedding":  # PyTorch's samples put the table first
        return (sample.args[0], sample.input)
    return (sample.input, *sample.args)


def _call(name, sample):
    return getattr(functional, name)(*_arguments(name, sample), **sample.kwargs)


def test_every_function_is_compared():
    compared = {_name(op) for op in OPERATORS} | ELSEWHERE
    assert compared == set(functional.__all__)


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: f"{op.name}-{op.variant_test_name}")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_torchs_own_samples_give_torchs_results_and_gradients(op, dtype):
    name = _name(op)
    compared = 0
    samples = list(op.sample_inputs("cpu", dtype, requires_grad=True))
    # There are thousands for pooling; 23 divides no period of theirs.
    for sample in samples[:: 23 if len(samples) > 200 else 1]:
        if name == "batch_norm" and sample.input.dim() < 2:
            continue  # PyTorch lets an empty vector through, which has no channels
        if _refused(name, sample):
            with pytest.raises(NotSupportedError, match="DJL cannot"):
                _call(name, sample)
            continue
        statistics = sample.args[:2] if name == "batch_norm" else ()
        before = [None if each is None else each.clone() for each in statistics]
        expected = op(sample.input, *sample.args, **sample.kwargs)
        for each, old in zip(statistics, before, strict=True):
            if each is not None:
                each.data.copy_(old)
        result = _call(name, sample)
        _assert_same(name, result, expected)
        everything = (sample.input, *sample.args, *sample.kwargs.values())
        leaves = [t for t in everything if isinstance(t, torch.Tensor) and t.requires_grad]
        seed = torch.randn_like(expected)
        grads = torch.autograd.grad(result, leaves, seed, allow_unused=True)
        for ours, torchs in zip(
            grads, torch.autograd.grad(expected, leaves, seed, allow_unused=True), strict=True
        ):
            assert (ours is None) == (torchs is None)
            if ours is not None:
                _assert_same(name, ours, torchs)
        compared += 1
    assert compared


def _assert_same(name, result, expected):
    if result.is_sparse:
        result, expected = result.to_dense(), expected.to_dense()
    if name in COMPOSED:
        largest = expected.abs().max().item() if expected.numel() else 0
        allowed = 16 * torch.finfo(expected.dtype).eps * largest
        torch.testing.assert_close(result, expected, rtol=0, atol=allowed, equal_nan=True)
    else:
        torch.testing.assert_close(result, expected, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("op", WITH_ERRORS, ids=lambda op: op.name)
def test_torchs_own_error_samples_are_errors(op):
    samples = list(op.error_inputs("cpu"))
    assert samples
    for error in samples:
        with pytest.raises(PydjlError):
            _call(_name(op), error.sample_input)
