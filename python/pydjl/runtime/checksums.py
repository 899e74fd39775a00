"""Whether the jars are the ones that the project chose, by the checksums that lie beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def changed_jars(jars: Iterable[Path], checksums: Path) -> list[str]:
    """Name the third-party jars whose content is not what it was when they were chosen.

    Args:
        jars: the jars; those that are not listed are not looked at.
        checksums: the list, ``SHA-256  group:name:file`` in each line; the build writes it.

    Returns:
        Their file names.

    Raises:
        OSError: the list cannot be read.
    """
    lines = checksums.read_text(encoding="utf-8").splitlines()
    listed = {line.rpartition(":")[2]: line.split()[0] for line in lines}
    return [
        jar.name
        for jar in jars
        if jar.name in listed and hashlib.sha256(jar.read_bytes()).hexdigest() != listed[jar.name]
    ]
