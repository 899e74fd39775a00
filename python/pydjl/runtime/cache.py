"""The folder for what is made once: DJL's unpacked JNI library, and the archive of classes."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from pydjl.errors import StartError
from pydjl.runtime.libraries import djl_version
from pydjl.runtime.libtorch import LibTorch


def engine_cache(libtorch: LibTorch, jars: list[Path], jni_library: Path | None) -> Path:
    """Return the folder for DJL's native files; a JNI library of the user's is put into it.

    It need not be writable if the JNI library lies there already. Where it does not and cannot, a
    temporary folder serves this process alone.

    Args:
        libtorch: the libtorch that the JNI library is bound to.
        jars: the package's own.
        jni_library: the user's, or None for the packed one.

    Raises:
        StartError: the user's library does not exist, or no folder can be written.
    """
    # Where DJL looks before it unpacks its own.
    place = Path("pytorch") / f"{libtorch.version}-{libtorch.flavor}-{libtorch.classifier}"
    suffix = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
    prefix = "" if sys.platform == "win32" else "lib"
    place /= f"{djl_version(jars)}-{prefix}djl_torch{suffix}"
    own = Path("jni") / _fingerprint(jni_library) if jni_library else Path()
    root = user_cache()
    if root is None or not (os.path.isfile(root / own / place) or is_writable(root)):
        root = _temporary_cache()
    cache = root / own
    target = cache / place
    if jni_library and not os.path.isfile(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        # Another process may do the same: only a whole file gets the name.
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as partial:
            partial.write(jni_library.read_bytes())
        os.replace(partial.name, target)
    return cache


def _fingerprint(jni_library: Path) -> str:
    if not jni_library.is_file():
        raise StartError(
            f"The JNI library {str(jni_library)!r} does not exist: give the path of a "
            "libdjl_torch that was built for the installed torch, or none for the packed one."
        )
    stat = jni_library.stat()
    key = f"{jni_library.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def user_cache() -> Path | None:
    """The user's cache folder, whether or not it is there; None for a user without a home."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "pydjl"
    try:
        home = Path.home()
        # A home that does not exist is not made.
        return home / ".cache" / "pydjl" if home.is_dir() else None
    except (OSError, RuntimeError):  # RuntimeError: no home at all
        return None


def is_writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which is made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _temporary_cache() -> Path:
    """A folder for this process alone, where the user's cannot be written.

    Raises:
        StartError: no temporary folder can be written either.
    """
    try:
        temporary = Path(tempfile.mkdtemp(prefix="pydjl-"))
    except OSError as exc:
        raise StartError(
            f"DJL's JNI library needs a folder to be unpacked into, and none can be written "
            f"({exc}): set XDG_CACHE_HOME or TMPDIR to one."
        ) from exc
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return temporary
