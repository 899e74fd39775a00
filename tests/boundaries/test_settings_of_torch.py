"""Every setting of torch is the same before and after any call, and holds inside or is refused.

tests/ndarray/test_settings.py asks the same of arrays alone; here are calls of every part.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
import torch
from torch import nn

import pydjl
from pydjl.lab.trace import trace
from pydjl.nn import from_block, functional, to_block
from pydjl.runtime import java_class
from pydjl.training import GradientCollector, Trainer, learn_kernel, losses, optimizers

X = torch.arange(48.0).reshape(1, 1, 6, 8) / 10
K = torch.tensor([[[[1.0, -1.0]]]])


def _block() -> nn.Module:
    block = java_class("ai.djl.nn.SequentialBlock")()
    block.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(3).build())
    block.add(to_block(nn.Tanh()))
    return from_block(block)


def _block_forward() -> object:
    return _block()(torch.ones(2, 5))


def _collector() -> object:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.inference_mode(mode=False), GradientCollector() as collector:
        collector.backward(w * 2)
    return w.grad


def _trainer() -> object:
    with torch.inference_mode(mode=False):
        module = nn.Linear(4, 1)
        with Trainer(module, losses.L2Loss(), optimizers.Sgd(module.parameters())) as trainer:
            return trainer.step(torch.ones(2, 4), torch.ones(2, 1))


def _kernel() -> object:
    x, y = torch.ones(3, 4), torch.ones(3, 3)
    return learn_kernel(x, y, initial=[[0.1, 0.2]], steps=2).weight


def _trace() -> object:
    return trace(X[0, 0], K[0, 0])[0].output.torch()


def _fails() -> object:
    with pytest.raises(pydjl.PydjlError):
        pydjl.from_torch(X) + pydjl.array([1.0, 2.0, 3.0])
    with pytest.raises(pydjl.PydjlError):
        functional.linear(torch.ones(2, 3), torch.ones(2, 2))
    return None


CALLS: dict[str, Callable[[], object]] = {
    "array": lambda: (pydjl.array([[1.5, 2.5]]) @ pydjl.array([[1.0], [2.0]])).numpy()[0, 0],
    "java": lambda: pydjl.from_java(pydjl.array([1.0, 4.0]).java.sqrt()).torch(),
    "corr2d": lambda: pydjl.corr2d(X[0, 0], K[0, 0]),
    "conv2d": lambda: functional.conv2d(X, K),
    "pooling": lambda: functional.avg_pool2d(X, 2),
    "normalisation": lambda: functional.layer_norm(X, (8,)),
    "softmax": lambda: functional.softmax(X, dim=-1),
    "dropout that drops nothing": lambda: functional.dropout(X, 0.5, training=False),
    "layer": lambda: pydjl.nn.Linear(8, 2, init="torch")(X),
    "block": _block_forward,
    "collector": _collector,
    "trainer": _trainer,
    "learn_kernel": _kernel,
    "trace": _trace,
    "failures": _fails,
}
# These draw from the generator, as torch's own layers do when they are made.
DRAWING = {"layer", "block", "trainer"}
every_call = pytest.mark.parametrize("name", CALLS)


def settings() -> dict[str, object]:
    return {
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "threads": torch.get_num_threads(),
        "interop threads": torch.get_num_interop_threads(),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "fill": torch.utils.deterministic.fill_uninitialized_memory,
        "autocast": torch.is_autocast_enabled("cpu"),
        "autocast dtype": torch.get_autocast_dtype("cpu"),
        "autocast cache": torch.is_autocast_cache_enabled(),
        "anomaly": torch.is_anomaly_enabled(),
        "precision": torch.get_float32_matmul_precision(),
        "mkldnn": torch.backends.mkldnn.enabled,
        "cudnn": (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark),
    }


@every_call
def test_the_generator_is_left_alone_or_drawn_from_as_torch_does(name):
    before = torch.get_rng_state()
    CALLS[name]()
    assert torch.equal(torch.get_rng_state(), before) == (name not in DRAWING)
    torch.set_rng_state(before)
    first = CALLS[name]()
    torch.set_rng_state(before)
    again = CALLS[name]()
    assert first is None or torch.equal(torch.as_tensor(first), torch.as_tensor(again))


def changed(setting: str) -> AbstractContextManager[object]:
    """Another value of a setting than the default."""
    modes: dict[str, Callable[[], AbstractContextManager[object]]] = {
        "no_grad": torch.no_grad,
        "inference": torch.inference_mode,
        "autocast": lambda: torch.autocast("cpu", dtype=torch.float16),
        "anomaly": lambda: torch.autograd.set_detect_anomaly(True),
    }
    return modes.get(setting, nullcontext)()


SETTERS: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
    "deterministic": (
        lambda: torch.use_deterministic_algorithms(True),
        lambda: torch.use_deterministic_algorithms(False),
    ),
    "threads": (lambda: torch.set_num_threads(1), lambda: torch.set_num_threads(THREADS)),
    "precision": (
        lambda: torch.set_float32_matmul_precision("medium"),
        lambda: torch.set_float32_matmul_precision("highest"),
    ),
}
THREADS = torch.get_num_threads()


@every_call
@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@pytest.mark.parametrize(
    "setting", ["as it is", "no_grad", "inference", "autocast", "anomaly", *SETTERS]
)
def test_a_setting_is_the_same_before_and_after(name, setting):
    put, take = SETTERS.get(setting, (lambda: None, lambda: None))
    put()
    try:
        with changed(setting):
            before = settings()
            CALLS[name]()
            assert settings() == before
    finally:
        take()


@pytest.mark.parametrize("name", ["array", "corr2d", "conv2d", "softmax", "trace", "failures"])
def test_the_default_dtype_is_kept(name):
    torch.set_default_dtype(torch.float64)
    try:
        before = settings()
        CALLS[name]()
        assert settings() == before
    finally:
        torch.set_default_dtype(torch.float32)


AUTOCAST = {
    "conv2d": lambda f, x: f.conv2d(x, K),
    "conv_transpose2d": lambda f, x: f.conv_transpose2d(x, K),
    "linear": lambda f, x: f.linear(x, torch.ones(3, 8)),
    "softmax": lambda f, x: f.softmax(x, dim=1),
    "layer_norm": lambda f, x: f.layer_norm(x, (8,)),
    "avg_pool2d": lambda f, x: f.avg_pool2d(x, 2),
    "relu": lambda f, x: f.relu(x),
}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", AUTOCAST)
def test_under_autocast_a_function_gives_what_torchs_gives(name, dtype):
    with torch.autocast("cpu", dtype=dtype):
        ours, torchs = AUTOCAST[name](functional, X), AUTOCAST[name](nn.functional, X)
    assert ours.dtype is torchs.dtype
    torch.testing.assert_close(ours, torchs)


def test_under_autocast_to_bfloat16_an_array_of_djls_is_refused():
    with (
        torch.autocast("cpu", dtype=torch.bfloat16),
        pytest.raises(pydjl.errors.DtypeError, match="bfloat16"),
    ):
        functional.conv2d(pydjl.from_torch(X), K)


def test_the_chapters_loop_does_not_go_by_autocast():
    """It multiplies and adds, which autocast leaves alone in torch, too."""
    with torch.autocast("cpu", dtype=torch.float16):
        ours = pydjl.corr2d(X[0, 0], K[0, 0])
        assert ours.dtype is pydjl.reference.corr2d(X[0, 0], K[0, 0]).dtype is torch.float32


def test_the_deterministic_mode_holds_inside():
    """Both ask one libtorch, which chooses the kernels."""

    def gradients(f):
        x = (torch.arange(48.0).reshape(1, 2, 4, 6) / 7).requires_grad_()
        f.conv2d(x, torch.ones(1, 2, 2, 3) / 3).square().sum().backward()
        f.max_pool2d(x, 2, stride=1).sum().backward()
        return x.grad

    torch.use_deterministic_algorithms(True)
    try:
        assert torch.equal(gradients(functional), gradients(nn.functional))
    finally:
        torch.use_deterministic_algorithms(False)
