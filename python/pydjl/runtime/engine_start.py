"""Start DJL's engine in a virtual machine that runs, and let nothing else notice."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jpype
import torch

from pydjl.runtime.java_errors import describe_cause
from pydjl.runtime.libtorch import quiet_libtorch
from pydjl.runtime.start_plan import Facts

# DJL asks the environment before the system properties that we set. A value that somebody set for
# another Java program would give this process a second libtorch.
_SHIELDED = (
    "ENGINE_CACHE_DIR",
    "LIBSTDCXX_LIBRARY_PATH",
    "PYTORCH_EXTRA_LIBRARY_PATH",
    "PYTORCH_FLAVOR",
    "PYTORCH_LIBRARY_EXCLUSION",
    "PYTORCH_LIBRARY_PATH",
    "PYTORCH_PRECXX11",
    "PYTORCH_VERSION",
)


def start_engine(plan: Facts) -> None:
    """Load DJL's JNI library and make its first array."""
    with quiet_libtorch(plan.libtorch):
        _in_a_thread_of_its_own(_start_engine)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep Python's garbage collector from running by itself, until JPype is uncoupled from it.

    JPype 1.7.1 answers the first collection of Python's with one of Java's, and that with a full
    one of Python's, which would be a quarter of the whole start.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def uncouple_collectors() -> None:
    """Let Java's garbage collector run without Python's, and Python's without Java's.

    JPype 1.7.1 makes a full collection in Python after each of Java's. Java's takes half a
    millisecond every few thousand calls; Python's, of all that PyTorch consists of, takes a hundred
    times as long. The other way round JPype looks at the process's memory after each collection
    of Python's, and has Java collect when that has grown; but what grows here are tensors, which
    Java's collector does not hold. Each of the two still collects when it has made garbage of its
    own.
    """
    jpype.JClass("org.pydjl.bridge.EngineRuntime").uncoupleCollectors()
    gc.callbacks[:] = [each for each in gc.callbacks if each is not jpype._jpype._collect]


def _start_engine() -> None:
    try:
        jpype.JClass("org.pydjl.bridge.EngineRuntime").start()
    finally:
        jpype.JClass("java.lang.Thread").detach()


def _in_a_thread_of_its_own(work: Callable[[], None]) -> None:
    """Run something without the caller's thread-local state, and without touching it.

    DJL's engine turns gradients off for the thread that starts it, and libtorch's warnings go to
    whatever PyTorch operation that thread is inside of.
    """
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as exc:  # raised again below, in the caller's thread
            failures.append(exc)

    thread = threading.Thread(target=run, name="pydjl start")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def engine_failure(exc: Any, plan: Facts) -> str:
    """Say why the engine did not start."""
    innermost = exc
    while innermost.getCause() is not None:
        innermost = innermost.getCause()
    return (
        f"DJL's engine did not start on torch {torch.__version__} "
        f"({plan.libtorch.flavor}, {plan.libtorch.classifier}): {describe_cause(innermost)}. "
        "Run `pydjl doctor` for the facts."
    )


@contextmanager
def shielded_environment() -> Iterator[None]:
    """Hide variables that DJL would read instead of the properties that it is given."""
    saved = {name: os.environ.pop(name) for name in _SHIELDED if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)
