"""Fresh interpreters: what happens at the start and at the end of a process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest

Python = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def python() -> Python:
    """Runs a script in a fresh interpreter; a hanging one fails the test."""

    def run(
        script: str, *, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **environment}
        for name in [name for name, value in environment.items() if value == ""]:
            del env[name]
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            capture_output=True, text=True, check=False, timeout=timeout, env=env,
        )  # fmt: skip

    return run
