"""Forks and threads: a child without Java works, one with Java is told, nothing hangs."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_a_forked_child_is_told_instead_of_hanging(python):
    done = python("""
        import os, pydjl
        x = pydjl.array([1.0, 2.0])
        x.java
        x.sum()
        pid = os.fork()
        if pid == 0:
            try:
                x.sum()
            except RuntimeError as exc:
                print(type(exc).__name__, exc, flush=True)
            del x  # its Java twin must not be closed here
            os._exit(7)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), float(x.sum()))
    """)
    assert done.stdout.startswith("ForkError This process was forked"), done.stderr
    assert done.stdout.endswith("7 3.0\n")
    assert "spawn" in done.stdout


@pytest.mark.parametrize("ending", ["pass", "sys.exit(0)", "raise SystemExit(0)"])
def test_a_child_that_leaves_java_alone_ends_as_any_other(python, ending):
    done = python(f"""
        import os, sys, pydjl
        x = pydjl.array([1.0, 2.0])
        x.sum()
        pid = os.fork()
        if pid == 0:
            {ending}
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), float(x.sum()))
    """)
    assert (done.returncode, done.stdout) == (0, "0 3.0\n"), done.stderr


def test_children_of_a_process_whose_other_threads_are_in_java(python):
    done = python("""
        import os, threading, pydjl
        x = pydjl.array([1.0, 2.0])
        stop = threading.Event()
        def work():
            while not stop.is_set():
                x.sum()
        threads = [threading.Thread(target=work) for _ in range(2)]
        [t.start() for t in threads]
        ended = []
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            ended.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        stop.set()
        [t.join() for t in threads]
        print(ended == [0] * 20)
    """)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


def test_a_child_that_was_forked_before_the_start_has_its_own_java(python):
    done = python("""
        import os, pydjl
        pid = os.fork()
        value = float(pydjl.array([1.0, 2.0]).sum())
        if pid == 0:
            os._exit(int(value))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), value)
    """)
    assert done.stdout == "3 3.0\n", done.stderr


def test_dataloader_workers_beside_a_running_java(python):
    done = python("""
        import torch, pydjl
        from torch.utils.data import DataLoader, TensorDataset
        pydjl.array([1.0]).sum()
        data = TensorDataset(torch.arange(20.0))
        loader = DataLoader(data, batch_size=5, num_workers=2, multiprocessing_context="fork")
        print(sum(float(pydjl.from_torch(batch).sum()) for (batch,) in loader))
    """)
    assert done.stdout == "190.0\n", done.stderr


def test_spawned_workers_use_java(tmp_path):
    script = tmp_path / "spawned.py"
    script.write_text(
        "import multiprocessing, pydjl\n"
        "def total(n):\n"
        "    return float(pydjl.array([float(n)] * 3).sum())\n"
        "if __name__ == '__main__':\n"
        "    pydjl.start()\n"
        "    with multiprocessing.get_context('spawn').Pool(2) as pool:\n"
        "        print(pool.map(total, [1, 2, 3]))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout == "[3.0, 6.0, 9.0]\n", done.stderr


def test_many_threads_start_java_once_and_leave_it(python):
    done = python("""
        import threading, pydjl
        results = []
        def work(n):
            results.append(float((pydjl.array([float(n)]) * 2).sum()))
        for _ in range(5):
            threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
            [t.start() for t in threads]
            [t.join() for t in threads]
        print(sorted(results) == sorted(2.0 * n for n in range(8) for _ in range(5)))
        from pydjl.runtime import java_class
        print(java_class("java.lang.Thread").activeCount() < 8)
    """)
    assert done.stdout == "True\nTrue\n", done.stderr
