"""The jars that the package carries, and the folder where DJL unpacks its JNI library."""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from pydjl.errors import StartError
from pydjl.runtime.libtorch import LibTorch

JARS = Path(__file__).resolve().parent.parent / "jars"

_NEEDED = ("pydjl", "api", "pytorch-engine", "pytorch-jni", "slf4j-api", "slf4j-jdk14", "jna")


def find_jars() -> list[Path]:
    """List the jars that DJL and pydjl's Java half need.

    Raises:
        StartError: some are missing, because the Java library was not built.
    """
    jars = sorted(JARS.glob("*.jar"))
    names = {re.sub(r"-\d.*", "", jar.stem) for jar in jars}
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise StartError(
            f"The jars {', '.join(missing)} are missing in {JARS}: in a checkout run `make`, "
            "else install pydjl again."
        )
    return jars


def are_older_than_their_sources() -> bool:
    """Whether this is a checkout whose Java code was changed after the jars were built."""
    sources = JARS.parents[2] / "java" / "src" / "main"
    built = JARS / "THIRD_PARTY.txt"  # whatever builds the jars writes or touches it last
    if not (sources.is_dir() and built.is_file()):
        return False
    newest = max(path.stat().st_mtime for path in sources.rglob("*") if path.is_file())
    return newest > built.stat().st_mtime


def djl_version(jars: list[Path]) -> str:
    """The version of DJL's api jar, such as ``0.35.1``."""
    return next(jar.stem.removeprefix("api-") for jar in jars if jar.name.startswith("api-"))


def engine_cache(libtorch: LibTorch, jars: list[Path], jni_library: Path | None) -> Path:
    """Return the folder for DJL's native files; a JNI library of the user's is put into it.

    Raises:
        StartError: the user's library does not exist, or no folder can be written.
    """
    root = writable_cache() or _temporary_cache()
    if jni_library is None:
        return root
    if not jni_library.is_file():
        raise StartError(
            f"The JNI library {str(jni_library)!r} does not exist: give the path of a "
            "libdjl_torch that was built for the installed torch, or none for the packed one."
        )
    stat = jni_library.stat()
    key = f"{jni_library.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    cache = root / "jni" / hashlib.sha256(key.encode()).hexdigest()[:16]
    # Where DJL looks before it unpacks its own.
    folder = cache / "pytorch" / f"{libtorch.version}-{libtorch.flavor}-{libtorch.classifier}"
    suffix = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
    prefix = "" if sys.platform == "win32" else "lib"
    target = folder / f"{djl_version(jars)}-{prefix}djl_torch{suffix}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Another process may do the same: only a whole file gets the name.
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as partial:
            partial.write(jni_library.read_bytes())
        os.replace(partial.name, target)
    return cache


def writable_cache() -> Path | None:
    """The user's cache folder; None where there is none that can be written."""
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        home = Path.home()
        root = (Path(base) if base else home / ".cache") / "pydjl"
        if base or home.is_dir():  # a home that does not exist is not made
            root.mkdir(parents=True, exist_ok=True)
            if os.access(root, os.W_OK | os.X_OK):
                return root
    except (OSError, RuntimeError):  # RuntimeError: no home at all
        pass
    return None


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
