"""The counts of the long runs see a leak in every 400th call, of whatever kind it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

import pydjl
from pydjl.ndarray.calls import call_java
from pydjl.ndarray.exchange import make_handle
from pydjl.runtime import java_class

X = torch.ones(2, 3)
KEPT: list[object] = []


def a_result_that_nobody_takes() -> None:
    call_java("leak", "Binary.ADD.apply", [X, X])


def a_handle_that_nobody_frees() -> None:
    make_handle(X)


def an_array_that_java_keeps() -> None:
    KEPT.append(pydjl.from_torch(X).java)


def an_array_that_a_manager_of_java_keeps() -> None:
    java = pydjl.from_torch(X).java
    java.getManager().ones(java.getShape())


def a_manager_that_nobody_closes() -> None:
    manager = pydjl.from_torch(X).java.getManager()
    KEPT.append(manager.newSubManager())


LEAKS = [
    a_result_that_nobody_takes,
    a_handle_that_nobody_frees,
    an_array_that_java_keeps,
    an_array_that_a_manager_of_java_keeps,
    a_manager_that_nobody_closes,
]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.__name__)
def test_a_leak_in_every_400th_call_is_seen(soak, leak: Callable[[], None]):
    leak()
    array = pydjl.from_torch(X)

    def work(number: int) -> None:
        array + array
        if number % 400 == 399:
            leak()

    with pytest.raises(AssertionError):
        soak.run(leak.__name__, work, 400, [X])
    soak.rows.clear()


def test_without_a_leak_nothing_is_seen(soak):
    array = pydjl.from_torch(X)
    soak.run("no leak", lambda _: array + array, 400, [X])
    soak.rows.clear()


@pytest.fixture(autouse=True)
def _put_away():
    yield
    while KEPT:
        kept = KEPT.pop()
        if isinstance(kept, java_class("java.lang.AutoCloseable")):
            kept.close()
