"""The libtorch that Python has loaded, and the proof that the process has no second one."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from pydjl.errors import StartError

SUPPORTED_TORCH = "2.7.1"

_LOG_LEVEL_FATAL = 3


@dataclass(frozen=True)
class LibTorch:
    """PyTorch's native build, in the words in which DJL asks for it.

    Attributes:
        version: such as ``2.7.1``, without a local part.
        lib: the folder of ``libtorch_cpu``.
        flavor: ``cpu``, or ``cu128`` where a CUDA device is available.
        classifier: operating system and processor, such as ``linux-x86_64``.
    """

    version: str
    lib: Path
    flavor: str
    classifier: str


def find_libtorch(*, any_version: bool) -> LibTorch:
    """Describe the libtorch of the imported `torch`.

    Args:
        any_version: accept any version, because a JNI library that was built for it is at hand.

    Raises:
        StartError: the version is not the one that the packed JNI libraries were built for.
    """
    version = torch.__version__.split("+")[0]
    if version != SUPPORTED_TORCH and not any_version:
        raise StartError(
            f"torch {torch.__version__} is installed, but DJL's JNI library in this package was "
            f"built for torch {SUPPORTED_TORCH}: `pip install torch=={SUPPORTED_TORCH}`, or name a "
            "JNI library that was built for yours by jni_library= or PYDJL_JNI_LIBRARY."
        )
    return LibTorch(
        version=version,
        lib=Path(torch.__file__).parent / "lib",
        flavor="cu128" if torch.cuda.is_available() else "cpu",
        classifier=_classifier(),
    )


def _classifier() -> str:
    system = {"linux": "linux", "darwin": "osx", "win32": "win"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return f"{system}-{ {'amd64': 'x86_64', 'arm64': 'aarch64'}.get(machine, machine) }"


def mapped_libtorch() -> tuple[Path, ...] | None:
    """List every ``libtorch_cpu`` that is mapped into this process.

    Returns:
        The files, each once; None where the operating system does not tell (it does on Linux).
    """
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return None
    # A line is "address perms offset dev inode path"; the path may hold spaces.
    lines = (
        line.split(maxsplit=5)
        for line in maps.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    paths = {Path(words[5].strip()) for words in lines if len(words) == 6}
    return tuple(sorted(path for path in paths if path.name.startswith("libtorch_cpu.")))


def check_one_libtorch(libtorch: LibTorch) -> None:
    """Make sure that Java uses Python's libtorch and brought no second one.

    Raises:
        StartError: another libtorch is mapped as well, which would make tensors meaningless on
            the other side.
    """
    mapped = mapped_libtorch()
    if mapped is not None and len(mapped) != 1:
        raise StartError(
            f"This process has {len(mapped)} copies of libtorch_cpu mapped "
            f"({', '.join(map(str, mapped))}), but Java and Python must share the one in "
            f"{libtorch.lib}: take jars named pytorch-native-* off the class path."
        )


@contextmanager
def quiet_libtorch(libtorch: LibTorch) -> Iterator[None]:
    """Keep libtorch's own log off the standard error stream, and restore its level afterwards."""
    try:
        library = ctypes.CDLL(str(next(libtorch.lib.glob("libc10.*"))))
        level = ctypes.c_int.in_dll(library, "FLAGS_caffe2_log_level")
    except (StopIteration, OSError, ValueError):  # a build that keeps its level elsewhere
        yield
        return
    before = level.value
    level.value = _LOG_LEVEL_FATAL
    try:
        yield
    finally:
        level.value = before
