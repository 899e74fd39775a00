"""Native memory goes with the Python object, whatever happens to it and in whatever thread."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch

import pydjl
from pydjl.errors import ArgumentTypeError, DtypeError, PydjlError
from pydjl.runtime import java_class

STATM = Path("/proc/self/statm")
linux = pytest.mark.skipif(not STATM.exists(), reason="measures memory by /proc")
BIG = 50_000_000  # float32: 200 MB
MEGABYTE = 2**20


def resident() -> float:
    """The process's memory in MB."""
    gc.collect()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / MEGABYTE


class Work:
    """More than ten calls of all kinds: with one array, two and many, with views, and back."""

    def __init__(self):
        self.tensor = torch.randn(6, 8)
        self.numbers = np.ones((6, 8), dtype=np.float32)

    def __call__(self):
        x = pydjl.from_torch(self.tensor)
        y = x * 2 + pydjl.from_numpy(self.numbers)
        z = pydjl.concat([x, y], axis=1)[1:4, ::2]
        z[0] = 1.0
        z += 1
        mask = z > 0
        z[mask].sum().item()
        pydjl.from_java(z.java).numpy()
        return z.T.softmax(0)


@linux
def test_operations_leak_nothing(managed_arrays, leaked_bytes):
    before = managed_arrays()
    assert leaked_bytes(Work(), 100) < 40
    assert managed_arrays() == before


@linux
def test_recorded_operations_leak_nothing(leaked_bytes):
    weight = torch.randn(4, 4, requires_grad=True)

    def train():
        x = pydjl.from_torch(torch.ones(4, 4)) @ pydjl.from_torch(weight)
        x.square().mean().torch().backward()
        weight.grad = None

    assert leaked_bytes(train, 200) < 40


def fail():
    with pytest.raises(PydjlError):
        pydjl.array([1.0, 2.0]) + pydjl.array([1.0, 2.0, 3.0])


@linux
def test_errors_leak_nothing(managed_arrays, leaked_bytes):
    """Each costs some milliseconds, in which libtorch writes down its stack."""
    before = managed_arrays()
    assert leaked_bytes(fail, 100) < 40
    assert managed_arrays() == before


@linux
@pytest.mark.parametrize("seen_by_java", [False, True])
@pytest.mark.parametrize("end", ["del", "close", "with", "cycle"])
def test_a_big_array_is_freed_at_once(end, seen_by_java):
    pydjl.array([1.0]).java  # noqa: B018 - what Java needs in any case
    before = resident()
    array = pydjl.from_torch(torch.ones(BIG))
    if seen_by_java:
        assert array.java.size() == BIG
    assert resident() - before > 150
    if end == "del":
        del array
    elif end == "close":
        array.close()
    elif end == "with":
        with array:
            pass
    else:
        cycle = [array]
        cycle.append(cycle)
        del array, cycle
    assert resident() - before < 20


@linux
def test_a_result_is_freed_at_once():
    x = pydjl.from_torch(torch.ones(BIG))
    before = resident()
    y = x + 1
    assert resident() - before > 150
    y = y[:10].copy()
    assert resident() - before < 20


@linux
@pytest.mark.parametrize(
    ("fail", "error"),
    [
        (lambda x: x + pydjl.array([1.0, 2.0]), PydjlError),
        (lambda x: x.reshape(2**70), ArgumentTypeError),
        (lambda x: pydjl.concat([x, x], axis=0) + pydjl.array([1.0, 2.0]), PydjlError),
        (lambda x: x.astype("uint8") + x.astype("int8"), DtypeError),
        (lambda x: x + torch.ones(1, dtype=torch.bfloat16), DtypeError),
    ],
    ids=["Java threw", "not passed", "listed", "an unknown result", "an unknown operand"],
)
def test_a_failure_keeps_no_array(fail, error):
    fail_small = pydjl.array([1.0, 2.0, 3.0])
    with pytest.raises(error):
        fail(fail_small)
    before = resident()
    for _ in range(3):
        with pytest.raises(error):
            fail(pydjl.from_torch(torch.ones(BIG)))
    assert resident() - before < 20


@linux
def test_a_view_keeps_the_memory_and_nothing_else_does():
    before = resident()
    view = pydjl.from_torch(torch.ones(BIG))[:1]
    assert resident() - before > 150
    assert view.item() == 1.0
    del view
    assert resident() - before < 20


def test_objects_can_be_referred_to_weakly():
    array = pydjl.array([1.0])
    gone = weakref.ref(array)
    assert gone() is array
    del array
    assert gone() is None


def test_java_keeps_no_array_of_ours(managed_arrays):
    before = managed_arrays()
    arrays = [pydjl.array([float(each)]) for each in range(50)]
    for array in arrays:
        assert array.java.size() == 1
    assert managed_arrays() == before + 50
    for array in arrays[:20]:
        array.close()
    assert managed_arrays() == before + 30
    del arrays, array
    assert managed_arrays() == before


def test_arrays_made_in_one_thread_and_dropped_in_another(in_thread, managed_arrays):
    before = managed_arrays()
    arrays = in_thread(lambda: [pydjl.array([1.0, 2.0]) * each for each in range(20)])
    for array in arrays:
        assert array.java.size() == 2
    del array
    in_thread(arrays.clear)
    assert managed_arrays() == before


def run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("what", ["compute", "drop", "fail"])
def test_threads_end_detached_from_java(what, java_threads):
    """A thread that stays attached holds memory in Java and keeps it from ending."""
    arrays = [pydjl.array([1.0]) for _ in range(200)]
    for array in arrays:
        array.java  # noqa: B018 - makes it
    del array
    work = {"compute": lambda: pydjl.array([1.0]) * 2, "drop": arrays.pop, "fail": fail}[what]
    before = java_threads()
    for _ in range(20 if what == "fail" else 200):
        run([threading.Thread(target=work)])
    assert java_threads() <= before + 1


def test_threads_compute_at_the_same_time(managed_arrays):
    before = managed_arrays()
    wrong: list[object] = []

    def compute(number: int) -> None:
        try:
            for step in range(300):
                x = pydjl.from_torch(torch.full((3,), float(number)))
                y = (x * step + number)[1:].sum()
                if y.item() != 2 * (number * step + number):
                    wrong.append((number, step, y.item()))
        except Exception as exc:
            wrong.append(exc)

    run([threading.Thread(target=compute, args=(number,)) for number in range(8)])
    assert wrong == []
    assert managed_arrays() == before


def test_threads_share_one_array():
    shared = pydjl.from_torch(torch.arange(100.0))
    sums: list[float] = []

    def work():
        for _ in range(50):
            sums.append((shared * 2).sum().item())
            shared.java.getShape()

    run([threading.Thread(target=work) for _ in range(4)])
    assert sums == [9900.0] * 200


def test_references_to_python_s_objects_are_given_back():
    tensor = torch.ones(3)
    before = sys.getrefcount(tensor)
    for _ in range(10):
        array = pydjl.from_torch(tensor)
        array.java  # noqa: B018 - makes it
        pydjl.from_java(array.java)
        array + array
        array.close()
    assert sys.getrefcount(tensor) == before


def test_gradients_outlive_arrays():
    leaf = torch.ones(3, requires_grad=True)
    loss = (pydjl.from_torch(leaf) * 2).square().sum().torch()
    gc.collect()
    loss.backward()
    assert leaf.grad.tolist() == [8.0, 8.0, 8.0]


def test_a_closed_array_s_java_array_says_so():
    array = pydjl.array([1.0])
    java = array.java
    array.close()
    with pytest.raises(java_class("java.lang.IllegalStateException"), match="released already"):
        java.getShape()


def test_javas_garbage_collector_does_not_start_pythons():
    """That would take a hundred times as long as Java's, every few thousand calls."""
    collections = []

    def note(phase, info):
        collections.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        for _ in range(3):
            java_class("java.lang.System").gc()
            time.sleep(0.4)  # JPype looks four times in a second
    finally:
        gc.callbacks.remove(note)
    assert 2 not in collections
