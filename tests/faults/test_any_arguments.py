"""Public functions with any arguments, as they are drawn, in any order, from several threads.

Either it computes, or it raises one of `pydjl.errors`; a crash of the process would end this one.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

import jpype
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pydjl
from pydjl.nn import functional
from pydjl.runtime import java_class

pytestmark = [
    pytest.mark.usefixtures("little_memory"),
    pytest.mark.filterwarnings("ignore"),  # of torch, about the strange tensors
]

X = torch.arange(48.0).reshape(1, 1, 6, 8)
K = torch.tensor([[[[1.0, -1.0], [0.5, 2.0]]]])
Y = torch.nn.functional.conv2d(X, K)
quick = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def check(
    call: Callable[..., Any], name: str, positional: list[Any], named: dict[str, Any]
) -> None:
    """Call, and see that what is raised is ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's own, of strange tensors
            call(name, positional, named)
    except pydjl.PydjlError as exc:
        message = str(exc)
        assert message
        assert "\tat " not in message
        assert "frame #" not in message
    except jpype.JException as exc:
        pytest.fail(f"{name}: a bare exception of Java's: {exc}")


def everything_works() -> None:
    assert torch.equal(functional.conv2d(X, K), Y)
    assert (pydjl.from_torch(X) * 2).sum().item() == 2 * X.sum()


@pytest.fixture
def held(java_at_rest) -> Callable[[], int]:
    """Counts what Java holds."""
    runtime = java_class("org.pydjl.bridge.EngineRuntime")
    return lambda: int(runtime.managedArrays())


def test_whatever_is_given_the_error_is_ours_and_everything_works_afterwards(any_call, call, held):
    before = held()

    @quick
    @given(any_call)
    def run(made):
        check(call, *made)
        everything_works()

    run()
    assert held() <= before


def test_any_calls_in_any_order_from_four_threads(any_call, call):
    @settings(quick, max_examples=6)
    @given(st.lists(any_call, min_size=8, max_size=24))
    def run(made):
        failures: list[BaseException] = []
        barrier = threading.Barrier(4)

        def work(own: list[Any]) -> None:
            try:
                barrier.wait()
                for each in own:
                    check(call, *each)
                    everything_works()
            except BaseException as exc:
                failures.append(exc)

        threads = [threading.Thread(target=work, args=(made[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    run()
    everything_works()
