from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pydjl.errors

# The package without its own __init__, which imports every room.
BARE_PACKAGE = f"""
import sys, types
package = types.ModuleType("pydjl")
package.__path__ = [{str(Path(pydjl.errors.__file__).parent)!r}]
sys.modules["pydjl"] = package
"""


def imported_by(program):
    """The names of all modules that a fresh interpreter has imported after the program."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    finished = subprocess.run(
        [sys.executable, "-c", f"{program}\nprint(*sys.modules)"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(finished.stdout.split())


@pytest.mark.parametrize(
    ("room", "foreign"),
    [
        ("pydjl.reference", {"jpype", "_jpype"}),
        ("pydjl.comparison", {"jpype", "_jpype"}),
    ],
)
def test_the_room_imports_no_java_and_nothing_of_ours_but_errors(room, foreign):
    """An oracle that shared code with what it checks would prove nothing."""
    modules = imported_by(f"{BARE_PACKAGE}import {room}")
    assert room in modules
    assert not modules & foreign
    ours = {name for name in modules if name.startswith("pydjl.")}
    assert {name for name in ours if not name.startswith(room)} == {"pydjl.errors"}


@pytest.mark.parametrize("room", ["pydjl.reference", "pydjl.comparison"])
def test_importing_the_room_starts_no_java(room):
    program = f"""
import sys, {room}
jpype = sys.modules.get("jpype")
assert jpype is None or not jpype.isJVMStarted()
"""
    assert room in imported_by(program)
