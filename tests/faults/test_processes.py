"""Memory that is used up, interrupts and children: in processes of their own, which all go on."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

BEFORE = """
import os, signal, sys, threading, time
import torch, pydjl
from pydjl.nn import functional
from pydjl.runtime import java_class
torch.set_num_threads(1)
X, K = torch.arange(48.0).reshape(1, 1, 6, 8), torch.ones(1, 1, 2, 3)
Y = torch.nn.functional.conv2d(X, K)
def all_is_well():
    print("well" if torch.equal(functional.conv2d(X, K), Y) else "wrong", flush=True)
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEFORE + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def test_javas_heap_is_used_up():
    """A shape as long as the heap: Java has no room for it, not even to begin the call."""
    done = run("""
        pydjl.start(jvm_options=["-Xmx24m"])
        x = pydjl.array([1.0])
        for _ in range(3):
            try:
                x.reshape([1] * 6_000_000)
            except MemoryError as exc:
                print(type(exc).__name__)
            all_is_well()
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "OutOfMemoryError\nwell\n" * 3, done.stdout + done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are Linux's")
def test_native_memory_is_used_up():
    done = run("""
        import resource
        all_is_well()
        x = pydjl.from_torch(torch.ones(2**20)).reshape(1, -1)
        pages = int(open("/proc/self/statm").read().split()[0])
        limit = pages * resource.getpagesize() + 2**30
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for attempt in (
            lambda: x.tile(4096, 1),
            lambda: x.broadcast_to(4096, 2**20).copy(),
            lambda: x.broadcast_to(2**20, 2**20) * 2,
            lambda: functional.conv2d(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1, 1),
                                      padding=2**19),
            lambda: functional.linear(torch.ones(2**16, 1), torch.ones(2**16, 1)),
        ):
            try:
                attempt()
            except MemoryError as exc:
                print(type(exc).__name__)
            all_is_well()
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "well\n" + "OutOfMemoryError\nwell\n" * 5, done.stdout + done.stderr


def test_an_interrupt_arrives_when_the_call_of_java_ends_and_all_goes_on():
    """As docs/runtime.md says: one call is not cut off, and Python raises behind it."""
    done = run("""
        from pydjl.training import Trainer, losses, optimizers
        all_is_well()
        def interrupt():
            time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGINT)
        module = torch.nn.Linear(3, 1)
        trainer = Trainer(module, losses.L2Loss(), optimizers.Sgd(module.parameters()))
        batches = [(torch.rand(4, 3), torch.rand(4, 1))] * 10**7
        long = (
            lambda: [pydjl.corr2d(torch.ones(90, 70), torch.ones(3, 3)) for _ in range(10**9)],
            lambda: list(trainer.fit(batches, progress=False)),
        )
        for work in long:
            threading.Thread(target=interrupt).start()
            try:
                work()
                time.sleep(10)
            except KeyboardInterrupt:
                print("interrupted")
            all_is_well()
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "well\n" + "interrupted\nwell\n" * 2


def test_workers_of_a_data_loader_use_java(tmp_path):
    """By forkserver; tests/process has spawn and fork."""
    script = tmp_path / "loads.py"
    script.write_text(
        textwrap.dedent("""
        import torch, pydjl
        from torch.utils.data import DataLoader, Dataset
        class Squares(Dataset):
            def __len__(self):
                return 8
            def __getitem__(self, n):
                return (pydjl.array([float(n)]) ** 2).torch()
        if __name__ == "__main__":
            pydjl.start()
            torch.manual_seed(0)
            loader = DataLoader(Squares(), batch_size=2, num_workers=2,
                                multiprocessing_context="forkserver")
            print(sum(float(pydjl.from_torch(batch).sum()) for batch in loader))
        """)
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout == "140.0\n", done.stderr
