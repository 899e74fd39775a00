"""Before Java ends, threads inside of the package are waited for, and parked ones are not."""

from __future__ import annotations

import threading

import pytest

from pydjl.runtime import process_end


def start_inside(work, name="pydjl.ndarray.calls"):
    """Run something in a daemon thread, called by a function of a module of that name."""
    caller = {"__name__": name}
    exec("def call(work): work()", caller)
    thread = threading.Thread(target=caller["call"], args=[work], daemon=True)
    thread.start()
    return thread


@pytest.fixture
def patience(monkeypatch):
    """Without a limit that a slow machine could reach: a fault shows as a test that hangs."""
    monkeypatch.setattr(process_end, "_PATIENCE_SECONDS", 600.0)


def test_a_thread_inside_is_waited_for(patience):
    leave = threading.Event()
    thread = start_inside(leave.wait)
    timer = threading.Timer(0.2, leave.set)
    timer.start()
    process_end.wait_until_outside([thread])
    assert leave.is_set()


def test_a_parked_thread_is_not_waited_for(patience):
    thread = start_inside(process_end.park)
    process_end.wait_until_outside([thread])
    assert thread.is_alive()


def test_a_thread_elsewhere_is_not_waited_for(patience):
    leave = threading.Event()
    thread = start_inside(leave.wait, "pydjlike.module")
    process_end.wait_until_outside([thread, threading.current_thread()])
    assert thread.is_alive()
    leave.set()


def test_a_thread_that_stays_inside_is_waited_for_no_longer_than_a_second(monkeypatch):
    monkeypatch.setattr(process_end, "_PATIENCE_SECONDS", 0.05)
    leave = threading.Event()
    thread = start_inside(leave.wait)
    process_end.wait_until_outside([thread])
    assert thread.is_alive()
    leave.set()
