"""The jars that the package carries."""

from __future__ import annotations

import re
from pathlib import Path

import jpype

from pydjl.errors import StartError

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


def class_path(jars: list[Path]) -> list[Path]:
    """The package's jars, and after them JPype's own.

    JPype adds its own at the very end as well. But then it would come after the user's entries, and
    Java takes classes from an archive only if the class path begins as it did when that was made.
    """
    return [*jars, Path(jpype.__file__).resolve().parent.parent / "org.jpype.jar"]


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
