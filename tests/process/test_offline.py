"""Nothing is contacted at run time: the commands run where there is no network at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

WITHOUT_NETWORK = ("unshare", "--map-root-user", "--net")


@pytest.fixture(scope="module", autouse=True)
def _a_namespace_can_be_made():
    if not shutil.which("unshare"):
        pytest.skip("there is no `unshare` here to take the network away with")
    tried = subprocess.run([*WITHOUT_NETWORK, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"the network cannot be taken away here: {tried.stderr.strip()}")


@pytest.mark.parametrize(
    "commands",
    [
        ["chapter --device cpu", "doctor"],
        pytest.param(["compare"], marks=pytest.mark.slow),
        ["trace", "exercises", "gallery", "features"],
    ],
    ids=" and ".join,
)
def test_the_commands_need_no_network(commands, tmp_path):
    script = f"""
import socket, sys
assert {{name for _, name in socket.if_nameindex()}} <= {{"lo"}}
try:
    socket.create_connection(("127.0.0.1", 9), timeout=5)
except OSError as exc:
    assert "unreachable" in str(exc), exc  # not even this machine itself
from pydjl.cli import app
for command in {commands!r}:
    sys.argv = ["pydjl", *command.split()]
    try:
        app()
    except SystemExit as exc:
        assert exc.code == 0, (command, exc.code)
    print("done:", command)
"""
    done = subprocess.run(
        [*WITHOUT_NETWORK, sys.executable, "-c", script],
        cwd=tmp_path,
        # DJL's JNI library is unpacked anew: into an empty cache.
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("done:")] == [
        f"done: {command}" for command in commands
    ]
