from __future__ import annotations

import gc
import threading

import pytest
import torch

from pydjl.runtime import java_class


def _same(actual, expected: torch.Tensor) -> None:
    """Assert that an NDArray has a tensor's dtype and shape, and its elements bit by bit.

    The bits of a NaN mean nothing, so any NaN equals any other; 0.0 does not equal -0.0.
    """
    found = actual.torch()
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert found.device == expected.device
    left, right = _plain(found), _plain(expected)
    alike = (left == right) & (left.signbit() == right.signbit()) | left.isnan() & right.isnan()
    if not alike.all():
        raise AssertionError(f"not bit-equal: {left[~alike]} is not {right[~alike]}")


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    plain = tensor.detach().resolve_conj().resolve_neg()
    return torch.view_as_real(plain) if plain.is_complex() else plain


@pytest.fixture(scope="session")
def same():
    return _same


@pytest.fixture
def managed_arrays(java_at_rest):
    """The number of arrays and managers that the bridge still holds."""
    runtime = java_class("org.pydjl.bridge.EngineRuntime")

    def count() -> int:
        gc.collect()
        return int(runtime.managedArrays())

    return count


@pytest.fixture(scope="session")
def java_threads():
    """The number of threads that are attached to Java."""
    bean = java_class("java.lang.management.ManagementFactory").getThreadMXBean()
    return lambda: int(bean.getThreadCount())


@pytest.fixture(scope="session")
def in_thread():
    """Run a function in a new thread and give its result, or raise what it raised."""

    def run(function):
        results, errors = [], []

        def body():
            try:
                results.append(function())
            except BaseException as exc:
                errors.append(exc)

        thread = threading.Thread(target=body)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    return run
