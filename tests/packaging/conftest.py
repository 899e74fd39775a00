"""A checkout on a machine of stubs, for the tests of the Makefile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REAL_TOOLS = (
    *("awk", "bash", "cat", "chmod", "dirname", "echo", "env", "find", "make", "mkdir", "rm"),
    *("sed", "sh", "sleep", "touch", "true"),
)
VENV_TOOLS = ("lint-imports", "mypy", "pip", "pydjl", "python", "ruff")
STUB = """#!/bin/sh
echo "{name} $*" >>"$LOG"
if [ "$FAILING" = "{name}" ]; then echo "{name} says why" >&2; exit 3; fi
{body}
"""
GRADLE = """
echo 'openjdk version "17"' >&2
mkdir -p python/pydjl/jars && touch python/pydjl/jars/THIRD_PARTY.txt
"""


class Machine:
    """A checkout, and a PATH on which nothing lies but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin, self.log = folder / "checkout", folder / "bin", folder / "log"
        self.bin.mkdir()
        for name in REAL_TOOLS:
            found = shutil.which(name)
            assert found, f"{name} is needed to test the Makefile"
            (self.bin / name).symlink_to(found)
        build = ("build.gradle", "settings.gradle", "config/checksums.txt")
        for name in ("Makefile", ".ci/run", "pyproject.toml", *build):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.root / name)
        self.version = self.write("python/pydjl/_version.py")
        self.java = self.write("java/src/main/java/org/pydjl/A.java")
        self.age()
        self.python("python3", "3.11")
        self.stub("gradle", GRADLE)
        self.javac("17.0.1")
        self.stub("id", "echo 1000")

    def write(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return path

    def age(self) -> None:
        """Make every file an hour older: a clock's tick is longer than what a test does in it."""
        for path in self.root.rglob("*"):
            time = path.stat().st_mtime_ns - 3600 * 10**9
            os.utime(path, ns=(time, time))

    def stub(self, name: str, body: str = "", folder: Path | None = None) -> None:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STUB.format(name=name, body=body))
        path.chmod(0o755)

    def javac(self, version: str, folder: Path | None = None) -> None:
        self.stub(
            "javac", f"echo 'Picked up JAVA_TOOL_OPTIONS' >&2; echo 'javac {version}'", folder
        )

    def python(self, name: str, version: str, *, ensurepip: bool = True) -> None:
        """A Python that answers the Makefile's questions, and whose .venv/ is made of stubs."""
        prepared = self.bin.parent / "venv-bin"
        for tool in VENV_TOOLS:
            self.stub(tool, folder=prepared)
        self.stub(
            name,
            f"""
            case "$*" in
                *ensurepip*) exit {0 if ensurepip else 1} ;;
                *version_info*) echo {version} ;;
                "-m venv .venv") mkdir -p .venv/bin
                    for tool in {" ".join(VENV_TOOLS)}; do
                        cat {prepared}/$tool >.venv/bin/$tool && chmod +x .venv/bin/$tool
                    done ;;
            esac""",
        )

    def remove(self, name: str) -> None:
        (self.bin / name).unlink()

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command; `calls` then holds what it called."""
        self.log.write_text("")
        environment = {"PATH": str(self.bin), "LOG": str(self.log), "FAILING": "", **variables}
        return subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def make(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run("make", *arguments, **variables)

    @property
    def calls(self) -> list[str]:
        """The calls that do something, without the questions for versions and rights."""
        questions = re.compile(r"id |javac |sudo -n true|python\S* -c ")
        return [line for line in self.log.read_text().splitlines() if not questions.match(line)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def installed(machine: Machine) -> Machine:
    done = machine.make()
    assert done.returncode == 0, done.stderr
    machine.age()
    return machine
