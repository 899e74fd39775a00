"""The calculator and a browser, started for measurements, pictures and tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    f"No Chromium is on the PATH (looked for {', '.join(NAMES)}): on Debian and Ubuntu "
    "`apt-get install chromium`, elsewhere see https://www.chromium.org/getting-involved/"
    "download-chromium/."
)
# No sandbox: a container's root cannot have one, and the browser sees one page of ours. The rest
# keeps it from asking anyone else for anything.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> str | None:
    """Where the Chromium or Chrome of this machine is; None without one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Open this machine's Chromium without a window.

    Raises:
        FileNotFoundError: there is none.
    """
    path = find_chromium()
    if path is None:
        raise FileNotFoundError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served_calculator() -> Iterator[str]:
    """Start ``pydjl lab`` as a process of its own, on any port, and yield its address.

    Raises:
        RuntimeError: it ended before it said where it listens.
    """
    command = [sys.executable, "-m", "pydjl", "lab", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            found = re.search(r"http://\S+/", said)
            if found is None:
                raise RuntimeError(f"pydjl lab said {said!r} instead of where it listens.")
            yield found.group()
        finally:
            process.terminate()
