"""The build hook: when it runs Gradle, when not, and what it says where it cannot.

Gradle is a stub, so this takes no JDK; tests/packaging/test_wheel.py builds with the real one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIRD_PARTY = "org.example:first  1.0  MIT\norg.example:second-part  2.1-beta  Apache-2.0\n"
MODULES = {"THIRD_PARTY.txt": "org.example:page  3.0  MIT\n", "page.js": "export {};\n"}
JARS = ("first-1.0.jar", "second-part-2.1-beta.jar", "pydjl-1.2.3.jar")


class Project:
    """A project of two Java classes, and a Gradle that makes its jars at once."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin = folder / "project", folder / "bin"
        self.jars = self.root / "python/pydjl/jars"
        self.modules = self.root / "python/pydjl/web/static/vendor"
        for name in ("pyproject.toml", "hatch_build.py", ".gitignore", "LICENSE", "NOTICE"):
            self.write(name, (ROOT / name).read_text())
        self.write("README.md", "# pydjl\n")
        self.write("build.gradle")
        self.write("settings.gradle")
        self.write("config/checksums.txt")
        self.write("python/pydjl/__init__.py")
        self.write("python/pydjl/_version.py", '__version__ = "1.2.3"\n')
        self.java = self.write("java/src/main/java/org/pydjl/nn/Layer.java")
        self.write("java/src/main/java/org/pydjl/Main.java")
        self.write("java/src/main/java/org/pydjl/package-info.java")
        self.age()
        made = folder / "made"
        made.mkdir()
        for name in JARS:
            with ZipFile(made / name, "w") as jar:
                if name.startswith("pydjl-"):
                    for entry in ("Main", "Main$Inner", "nn/Layer"):
                        jar.writestr(f"org/pydjl/{entry}.class", b"")
        (made / "THIRD_PARTY.txt").write_text(THIRD_PARTY)
        unpacked = folder / "unpacked"
        unpacked.mkdir()
        for name, text in MODULES.items():
            (unpacked / name).write_text(text)
        self.gradle(self._sync(made, self.jars) + self._sync(unpacked, self.modules))

    @staticmethod
    def _sync(made: Path, into: Path) -> str:
        """As Gradle does, it leaves files alone that are as they should be."""
        copy = f'[ -e "{into}/${{file##*/}}" ] || cp -p "$file" "{into}"'
        return f'mkdir -p "{into}"; for file in "{made}"/*; do {copy}; done\n'

    def write(self, name: str, text: str = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def age(self) -> None:
        for path in self.root.rglob("*"):
            time = path.stat().st_mtime_ns - 3600 * 10**9
            os.utime(path, ns=(time, time))

    def gradle(self, body: str) -> None:
        self.bin.mkdir(exist_ok=True)
        stub = self.bin / "gradle"
        stub.write_text(f'#!/bin/sh\necho "gradle $* in $PWD" >>"{self.bin}/log"\n{body}\n')
        stub.chmod(0o755)

    def build(self, target: str = "wheel", *, gradle: bool = True) -> tuple[list[str], str]:
        """Build; returns how Gradle was called, and all that was printed with the exit status."""
        log = self.bin / "log"
        log.write_text("")
        path = f"{self.bin}:/bin:/usr/bin" if gradle else str(self.root / "nothing")
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", "out"],
            cwd=self.root,
            env={"PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        calls = log.read_text().splitlines()
        return calls, f"{done.stdout}{done.stderr}exit status {done.returncode}"

    @property
    def wheel(self) -> set[str]:
        (path,) = (self.root / "out").glob("*.whl")
        with ZipFile(path) as archive:
            return set(archive.namelist())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def built(project: Project) -> Project:
    calls, said = project.build()
    assert calls, said
    shutil.rmtree(project.root / "out")
    project.age()
    return project


@pytest.mark.parametrize("target", ["wheel:standard", "wheel:editable"])
def test_a_wheel_of_either_kind_runs_gradle_first(project: Project, target: str) -> None:
    calls, said = project.build(target)
    assert said.endswith("exit status 0")
    assert calls == [f"gradle -q jars in {project.root}"]
    assert {path.name for path in project.jars.iterdir()} == {*JARS, "THIRD_PARTY.txt"}


def test_jars_and_modules_are_packed_although_git_ignores_them(project: Project) -> None:
    project.build()
    assert {f"pydjl/web/static/vendor/{name}" for name in MODULES} <= project.wheel
    assert {f"pydjl/jars/{name}" for name in (*JARS, "THIRD_PARTY.txt")} <= project.wheel


def test_a_second_build_needs_no_gradle(built: Project) -> None:
    calls, said = built.build(gradle=False)
    assert said.endswith("exit status 0")
    assert calls == []
    assert "pydjl/jars/pydjl-1.2.3.jar" in built.wheel


@pytest.mark.parametrize(
    "source",
    [
        "java/src/main/java/org/pydjl/nn/Layer.java",
        "build.gradle",
        "settings.gradle",
        "python/pydjl/_version.py",
    ],
)
def test_a_newer_source_runs_gradle_once(built: Project, source: str) -> None:
    (built.root / source).touch()
    assert len(built.build()[0]) == 1
    assert built.build()[0] == []


@pytest.mark.parametrize("missing", [*JARS, "THIRD_PARTY.txt"])
def test_a_missing_jar_runs_gradle(built: Project, missing: str) -> None:
    (built.jars / missing).unlink()
    assert len(built.build()[0]) == 1
    assert (built.jars / missing).exists()


@pytest.mark.parametrize("missing", MODULES)
def test_a_missing_module_runs_gradle(built: Project, missing: str) -> None:
    (built.modules / missing).unlink()
    assert len(built.build()[0]) == 1
    assert (built.modules / missing).read_text() == MODULES[missing]


def test_a_deleted_source_runs_gradle(built: Project) -> None:
    built.java.unlink()
    assert len(built.build()[0]) == 1


def test_another_file_does_not_run_gradle(built: Project) -> None:
    (built.root / "python/pydjl/__init__.py").touch()
    built.write("java/src/test/java/org/pydjl/MainTest.java")
    assert built.build()[0] == []


def test_without_gradle_one_sentence_says_how_to_get_it(project: Project) -> None:
    _, said = project.build(gradle=False)
    *sentence, status = said.splitlines()
    assert status == "exit status 1"
    assert len(sentence) == 1
    assert "there is no `gradle` on the PATH" in sentence[0]
    assert "`apt-get install gradle`, elsewhere see https://gradle.org/install." in sentence[0]


def test_a_failing_gradle_gives_one_sentence_and_its_own_output(project: Project) -> None:
    project.gradle("echo one line; echo Layer.java:3: error >&2; exit 7")
    _, said = project.build()
    sentence, *output = said.splitlines()
    assert "`gradle -q jars` failed with exit status 7" in sentence
    assert output == ["one line", "Layer.java:3: error", "exit status 1"]
    assert not list(project.root.glob("out/*.whl"))


def test_a_source_distribution_carries_the_java_sources_and_needs_no_gradle(
    project: Project,
) -> None:
    calls, said = project.build("sdist", gradle=False)
    assert said.endswith("exit status 0")
    assert calls == []
    with tarfile.open(project.root / "out/pydjl-1.2.3.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"hatch_build.py", "build.gradle", "settings.gradle", "LICENSE", "NOTICE"}
    assert needed | {"java/src/main/java/org/pydjl/nn/Layer.java"} <= names
    assert not any("jars" in name or "vendor" in name for name in names)
