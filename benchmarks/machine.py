"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

import torch

from pydjl.runtime import jvm


def machine() -> dict[str, str | int | float]:
    """Processor, threads, versions, and how busy it is; no name of it or of its places."""
    facts = jvm.facts()
    return {
        "processor": _processor(),
        "processors": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "system": platform.system(),
        "Python": sys.version.split()[0],
        "torch": torch.__version__,
        "Java": facts.java.version,
        "load": os.getloadavg()[0],
    }


def in_words() -> str:
    """The same in one line."""
    it = machine()
    return (
        f"{it['processor']}, {it['processors']} processors, {it['threads']} threads; "
        f"{it['system']}, Python {it['Python']}, torch {it['torch']}, Java {it['Java']}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()
