from __future__ import annotations

import ctypes
import gc
import signal
import statistics
import time
from collections.abc import Callable

import pytest
import torch
from hypothesis import settings

from pydjl.runtime import java_class

# A library's first call loads code, and machines are busy: how long an example takes proves
# nothing here. `--hypothesis-profile=thorough` looks longer.
settings.register_profile("pydjl", deadline=None, max_examples=40, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("pydjl")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--soak``: the long runs of tests/soak whole, as `make soak` takes them."""
    parser.addoption("--soak", action="store_true", help="take the runs of tests/soak whole")


def pytest_configure() -> None:
    """Let Ctrl-C reach the processes that tests start: one in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU, visibly, where there is none."""
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="torch finds no CUDA GPU here"))


def _torch_settings() -> dict[str, object]:
    return {
        "gradients": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "threads": torch.get_num_threads(),
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
    }


@pytest.fixture(autouse=True)
def torch_is_left_alone():
    """Seed torch before every test, and see that its settings survive the test."""
    torch.manual_seed(20250)
    before = _torch_settings()
    yield
    assert _torch_settings() == before


@pytest.fixture
def java_at_rest() -> None:
    """Let Java give back what earlier tests dropped: blocks, whose parameters a cleaner closes."""
    runtime = java_class("org.pydjl.bridge.EngineRuntime")
    for _ in range(20):
        before = int(runtime.managedArrays())
        gc.collect()
        java_class("java.lang.System").gc()
        time.sleep(0.05)  # the cleaner has a thread of its own
        if int(runtime.managedArrays()) == before:
            return


class _Mallinfo(ctypes.Structure):
    """What glibc tells about the memory that it gave out: `man mallinfo2`."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd")),
        *((name, ctypes.c_size_t) for name in ("usmblks", "fsmblks", "uordblks", "fordblks")),
        ("keepcost", ctypes.c_size_t),
    ]


@pytest.fixture(scope="session")
def leaked_bytes():
    """Measure how many bytes of native memory each call of a function keeps for ever.

    Java's compiler takes and gives megabytes at any time, but not all the time; a leak is there in
    every round. So the median of some rounds counts, and the least of ten medians.
    """
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        pytest.skip("this C library does not tell what it gave out (mallinfo2)")
    mallinfo.restype = _Mallinfo

    def in_use() -> int:
        gc.collect()
        java_class("java.lang.System").gc()  # what Java holds of C's memory it gives back then
        gc.collect()
        info = mallinfo()
        return info.uordblks + info.hblkhd

    def growth(work: Callable[[], object], calls: int) -> int:
        before = in_use()
        for _ in range(calls):
            work()
        return in_use() - before

    def measure(work: Callable[[], object], calls: int) -> float:
        least = float("inf")
        for _ in range(10):
            rounds = [growth(work, calls) for _ in range(5)]
            least = min(least, max(0.0, statistics.median(rounds)) / calls)
            if least < 10:
                break
            time.sleep(0.2)  # for a compiler that is at work just now
        return least

    return measure
