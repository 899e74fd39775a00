"""``pydjl prepare``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from pydjl.cli._console import console
from pydjl.errors import StartError
from pydjl.runtime import cache
from pydjl.runtime.class_archive import list_classes, make_archive
from pydjl.runtime.start_plan import find_facts

_REHEARSAL = "pydjl.cli._rehearsal"
_PATIENCE_SECONDS = 300


def prepare() -> None:
    """Archive Java's classes, so that Java starts in half the time: once for each installation.

    Worth a line in whatever installs pydjl or builds an image with it. DJL's JNI library is
    unpacked by the way, and the cache folder may then be read-only.
    """
    folder = cache.user_cache()
    if folder is None or not cache.is_writable(folder):
        raise StartError(
            "The user's cache folder cannot be written, so nothing can be prepared: set "
            "XDG_CACHE_HOME to a folder that can."
        )
    facts = find_facts(None, (), (), None)
    with tempfile.TemporaryDirectory() as temporary:
        class_list = Path(temporary) / "classes"
        rehearsed = subprocess.run(
            [sys.executable, "-m", _REHEARSAL, *list_classes(class_list)],
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
        if rehearsed.returncode != 0:
            raise StartError(f"A process that was to use Java failed: {rehearsed.stderr.strip()}")
        make_archive(facts.archive, class_list, facts.java, facts.jars, facts.options)
    size = facts.archive.stat().st_size / 1e6
    console().print(f"{facts.archive}: {size:.0f} MB", soft_wrap=True)
