"""An archive of Java's classes, parsed and linked, which halves the time of every later start.

Java checks the archive against itself, the jars and the options whenever it starts, and does
without one that does not fit: so whoever has a stale archive, or none, only starts slower. It is
made on demand (`pydjl prepare`), since making it takes some seconds.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydjl.errors import StartError
from pydjl.runtime.java_home import JavaHome

# With one of these the user has decided about archives.
_DECIDES = re.compile(r"-Xshare|-XX:.*(Archive|AOT|ClassList|SharedCode)")
_PATIENCE_SECONDS = 300


def archive_file(root: Path, java: JavaHome, jars: Sequence[Path]) -> Path:
    """Where the archive lies that fits a Java and a class path, if it was made.

    Args:
        root: the user's cache folder.
        java: the Java that is to start with it.
        jars: the class path, without the user's entries.
    """
    key = "\n".join([str(java.libjvm.resolve()), java.version, *map(str, jars)])
    return root / "classes" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.jsa"


def archive_options(archive: Path, options: Sequence[str]) -> tuple[str, ...]:
    """The options that let Java use an archive: none where there is none, or the user has an own.

    Args:
        archive: its file, as `archive_file` names it.
        options: the user's options.
    """
    if not os.path.isfile(archive) or any(_DECIDES.match(str(option)) for option in options):
        return ()
    return (
        f"-XX:SharedArchiveFile={archive}",
        "-XX:+VerifySharedSpaces",  # a damaged archive would end the process
        "-Xlog:cds*=off:stderr",  # that a stale one is not used is no news
    )


def list_classes(class_list: Path) -> tuple[str, ...]:
    """The options with which a process notes the classes that it loads, for `make_archive`."""
    return (f"-XX:DumpLoadedClassList={class_list}", "-Xshare:auto")


def make_archive(
    archive: Path,
    class_list: Path,
    java: JavaHome,
    jars: Sequence[Path],
    options: Sequence[str],
) -> None:
    """Write an archive, in place of one that is there.

    Args:
        archive: its file, as `archive_file` names it.
        class_list: the classes that are to be in it, as a process noted them.
        java: the Java that is to start with it.
        jars: the class path, without the user's entries.
        options: the virtual machine's options, without the user's.

    Raises:
        StartError: Java does not make one; its own words are in the message.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    # Another process may start, or do the same: only a whole file gets the name.
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        partial = Path(folder) / archive.name
        command = [
            str(java.home / "bin" / "java"),
            *options,
            "-Xshare:dump",
            f"-XX:SharedClassListFile={class_list}",
            f"-XX:SharedArchiveFile={partial}",
            "-Xlog:cds*=error:stderr",
            "-cp",
            os.pathsep.join(map(str, jars)),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise StartError(f"Java {java.version} made no archive of its classes: {exc}") from exc
        if done.returncode != 0 or not partial.is_file():
            reason = " ".join((done.stdout + done.stderr).split())
            raise StartError(f"Java {java.version} made no archive of its classes: {reason}")
        os.replace(partial, archive)
