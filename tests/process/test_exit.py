"""The end of a process: clean after success, an exception, sys.exit, with arrays alive."""

from __future__ import annotations

import signal

import pytest

ENDINGS = {
    "success": ("pass", 0),
    "exception": ("raise KeyError('k')", 1),
    "java exception": ("x + pydjl.array([1.0, 2.0, 3.0])", 1),
    "sys.exit": ("import sys; sys.exit(5)", 5),
    "sys.exit in a thread": (
        "import sys, threading; t = threading.Thread(target=lambda: (x.sum(), sys.exit(3)));"
        " t.start(); t.join()",
        0,
    ),
    "a daemon thread in Java": (
        "import threading\n"
        "def work():\n"
        "    while True: x.sum()\n"
        "threading.Thread(target=work, daemon=True).start()",
        0,
    ),
    "arrays with Java twins": ("keep = [pydjl.array([1.0]) for _ in range(50)];"
                               " twins = [k.java for k in keep]", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", list(ENDINGS))
def test_the_exit_status_is_pythons(python, name):
    code, status = ENDINGS[name]
    done = python(f"import pydjl\nx = pydjl.array([1.0, 2.0])\nx.sum()\n{code}\nprint('end')")
    assert done.returncode == status, done.stderr
    assert "hs_err" not in done.stdout + done.stderr
    assert "fatal error" not in done.stdout + done.stderr
    if status == 0:
        assert done.stdout == "end\n"


def test_sigterm_ends_the_process_as_without_java(python):
    done = python("""
        import os, signal, time, pydjl
        pydjl.array([1.0]).sum()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    """)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, "", "")


def test_a_handler_of_the_users_gets_sigterm(python):
    done = python("""
        import os, signal, time, pydjl
        signal.signal(signal.SIGTERM, lambda *_: print("asked to end"))
        pydjl.array([1.0]).sum()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)
    """)
    assert (done.returncode, done.stdout, done.stderr) == (0, "asked to end\n", "")


def test_ctrl_c_stays_pythons(python):
    done = python("""
        import os, signal, pydjl
        pydjl.array([1.0]).sum()
        try:
            os.kill(os.getpid(), signal.SIGINT)
            import time; time.sleep(5)
        except KeyboardInterrupt:
            print("interrupted")
    """)
    assert (done.returncode, done.stdout) == (0, "interrupted\n"), done.stderr


def test_whoever_calls_after_java_has_ended_is_told_so(python):
    done = python("""
        import atexit
        def late():
            try:
                pydjl.array([1.0]).sum()
            except pydjl.PydjlError as exc:
                print(exc)
        atexit.register(late)  # before JPype's, and so it runs after that
        import pydjl
        pydjl.start()
    """)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The process ends, and Java has ended already")
