"""200 ends of a process, and every one of them clean; the shortened run takes a few."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

START = """
import sys, threading, torch, pydjl
from torch import nn
from pydjl.nn import from_block, functional, to_block
from pydjl.runtime import java_class
torch.set_num_threads(1)
x = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
(x @ x).sum()
def work():
    while True:
        functional.conv2d(torch.ones(1, 1, 6, 8), torch.ones(1, 1, 1, 2))
def sums():
    while True:
        x.sum()
def in_thread(work, **options):
    thread = threading.Thread(target=work, **options)
    thread.start()
    return thread
"""
# What a process does last, and its exit status.
ENDINGS = {
    "success": ("", 0),
    "an exception": ("raise LookupError('as planted')", 1),
    "an exception of Java's": ("x + pydjl.array([1.0, 2.0, 3.0])", 1),
    "sys.exit": ("sys.exit(5)", 5),
    "sys.exit in a thread": ("in_thread(lambda: (x.sum(), sys.exit(3))).join()", 0),
    "an exception in a thread": ("in_thread(lambda: x.reshape(3)).join()", 0),
    "live daemon threads": ("[in_thread(work, daemon=True) for _ in range(3)]", 0),
    "sys.exit beside live threads": (
        "[in_thread(sums, daemon=True) for _ in range(8)]; sys.exit(4)",
        4,
    ),
    "a thread that goes on after the main one": (
        "in_thread(lambda: [x.sum() for _ in range(2000)])",
        0,
    ),
    "live arrays, views and graphs": (
        "leaf = torch.ones(2, 2, requires_grad=True)\n"
        "keep = [(a, a.java, a.T, a * 2) for a in (pydjl.from_torch(leaf) for _ in range(50))]",
        0,
    ),
    "a module that Java calls, in a cycle": (
        "m = from_block(to_block(nn.Linear(2, 2))); m(torch.ones(1, 2)); m.itself = [m]",
        0,
    ),
    "an open collector": (
        "from pydjl.training import GradientCollector; GradientCollector().__enter__()",
        0,
    ),
}
SHORT = ("live arrays, views and graphs", "sys.exit beside live threads", "an open collector")


def end(name: str) -> str:
    """End a process; what was not as it should be, or nothing."""
    script, status = ENDINGS[name]
    done = subprocess.run(
        [sys.executable, "-c", START + script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    told = done.stdout + done.stderr
    if done.returncode != status or "fatal error" in told.lower() or "hs_err" in told:
        return f"{name}: exit status {done.returncode}, not {status}\n{told}"
    return ""


def test_every_exit_is_clean(request: pytest.FixtureRequest):
    names = list(ENDINGS if request.config.getoption("soak") else SHORT)
    count = 200 if request.config.getoption("soak") else len(names)
    with ThreadPoolExecutor(2) as pool:
        wrong = list(filter(None, pool.map(end, (names * count)[:count])))
    assert not wrong, f"{len(wrong)} of {count} exits:\n" + "\n".join(wrong)
