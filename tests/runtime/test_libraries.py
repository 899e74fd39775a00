"""The jars."""

from __future__ import annotations

import os

import pytest

from pydjl.errors import StartError
from pydjl.runtime import libraries


def test_the_package_carries_no_second_libtorch():
    names = [jar.name for jar in libraries.find_jars()]
    assert not [name for name in names if name.startswith("pytorch-native")]
    assert libraries.djl_version(libraries.find_jars()) == "0.35.1"


def test_missing_jars_are_named_with_the_way_out(monkeypatch, tmp_path):
    (tmp_path / "api-0.35.1.jar").write_bytes(b"")
    monkeypatch.setattr(libraries, "JARS", tmp_path)
    with pytest.raises(StartError, match=r"pydjl, pytorch-engine.*run `make`"):
        libraries.find_jars()


def test_a_checkout_whose_java_was_changed_is_told_from_one_that_was_built(monkeypatch, tmp_path):
    jars = tmp_path / "python" / "pydjl" / "jars"
    source = tmp_path / "java" / "src" / "main" / "A.java"
    for path in (jars / "THIRD_PARTY.txt", source):
        path.parent.mkdir(parents=True)
        path.write_text("")
    monkeypatch.setattr(libraries, "JARS", jars)
    os.utime(source, (1000, 1000))
    assert not libraries.are_older_than_their_sources()
    os.utime(jars / "THIRD_PARTY.txt", (999, 999))
    assert libraries.are_older_than_their_sources()
    monkeypatch.setattr(libraries, "JARS", tmp_path / "site-packages" / "pydjl" / "jars")
    assert not libraries.are_older_than_their_sources()
