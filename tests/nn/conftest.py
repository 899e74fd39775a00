from __future__ import annotations

import gc
import time
from types import SimpleNamespace

import jpype
import numpy as np
import pytest
from torch import nn

from pydjl.runtime import java_class


def _shape(*sizes):
    return java_class("ai.djl.ndarray.types.Shape")(list(sizes))


def _built(name, **settings):
    """A block of DJL's: the builder of a class below ai.djl.nn, and what is set on it."""
    builder = java_class(f"ai.djl.nn.{name}").builder()
    for setting, value in settings.items():
        getattr(builder, setting)(_shape(*value) if isinstance(value, tuple) else value)
    return builder.build()


def _filled(container, blocks):
    for block in blocks:
        container.add(block)
    return container


def _parallel(join, *blocks):
    function = jpype.JProxy("java.util.function.Function", dict={"apply": join})
    return _filled(java_class("ai.djl.nn.ParallelBlock")(function), blocks)


def _function(body):
    """A block that computes by a Python function of an NDList."""
    function = jpype.JProxy("java.util.function.Function", dict={"apply": body})
    return java_class("ai.djl.nn.LambdaBlock")(function)


_DJL = SimpleNamespace(
    shape=_shape,
    built=_built,
    linear=lambda units, **settings: _built("core.Linear", setUnits=units, **settings),
    conv2d=lambda filters, kernel, **settings: _built(
        "convolutional.Conv2d", setFilters=filters, setKernelShape=kernel, **settings
    ),
    batch_norm=lambda **settings: _built("norm.BatchNorm", **settings),
    relu=lambda: java_class("ai.djl.nn.Activation").reluBlock(),
    flatten=lambda: java_class("ai.djl.nn.Blocks").batchFlattenBlock(),
    identity=lambda: java_class("ai.djl.nn.Blocks").identityBlock(),
    sequential=lambda *blocks: _filled(java_class("ai.djl.nn.SequentialBlock")(), blocks),
    parallel=_parallel,
    function=_function,
    ndlist=lambda *arrays: java_class("ai.djl.ndarray.NDList")(
        jpype.JArray(java_class("ai.djl.ndarray.NDArray"))(list(arrays))
    ),
)


@pytest.fixture(scope="session")
def djl():
    """DJL's blocks in few words."""
    return _DJL


def _small_net():
    return _DJL.sequential(
        _DJL.conv2d(4, (3, 2)), _DJL.batch_norm(), _DJL.flatten(), _DJL.linear(5)
    )


def _small_torch_net():
    # DJL keeps both numbers in float32.
    norm = nn.BatchNorm2d(4, eps=float(np.float32(1e-5)), momentum=float(1 - np.float32(0.9)))
    return nn.Sequential(nn.Conv2d(2, 4, (3, 2)), norm, nn.Flatten(), nn.Linear(80, 5))


def _twin_of(module):
    twin = _small_torch_net()
    twin.load_state_dict(module.state_dict())
    return twin


_SMALL_NET = SimpleNamespace(
    block=_small_net, torch=_small_torch_net, twin_of=_twin_of, input_shape=(3, 2, 7, 5)
)


@pytest.fixture(scope="session")
def small_net():
    """A small network as a DJL block, in torch, and in torch with the state of a module."""
    return _SMALL_NET


@pytest.fixture
def managed_arrays():
    """Counts what the bridge still holds, when both garbage collectors have run."""
    runtime = java_class("org.pydjl.bridge.EngineRuntime")

    def collected():
        gc.collect()
        java_class("java.lang.System").gc()
        time.sleep(0.05)  # Java's cleaner has a thread of its own
        return int(runtime.managedArrays())

    def count(expected=None):
        """The number, when it is as expected, or when it has not changed for a while."""
        deadline, unchanged, found = time.monotonic() + 10, 0, collected()
        while time.monotonic() < deadline and unchanged < 5 and found != expected:
            last, found = found, collected()
            unchanged = unchanged + 1 if found == last and expected is None else 0
        return found

    return count
