"""The folder for what is made once."""

from __future__ import annotations

from pathlib import Path

from pydjl.runtime import cache
from pydjl.runtime.libtorch import LibTorch

LIBTORCH = LibTorch(version="2.11.0", lib=Path("/lib"), flavor="cu128", classifier="linux-x86_64")
JARS = [Path("api-0.35.1.jar")]
PLACE = Path("pytorch") / "2.11.0-cu128-linux-x86_64" / "0.35.1-libdjl_torch.so"


def test_a_jni_library_lies_where_djl_looks_first(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    own = tmp_path / "mine.so"
    own.write_bytes(b"first")
    folder = cache.engine_cache(LIBTORCH, JARS, own)
    assert (folder / PLACE).read_bytes() == b"first"
    own.write_bytes(b"another build")
    other = cache.engine_cache(LIBTORCH, JARS, own)
    assert other != folder
    assert (folder / PLACE).read_bytes() == b"first"


def test_the_cache_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.engine_cache(LIBTORCH, JARS, None) == tmp_path / "pydjl"


def test_a_read_only_cache_serves_if_the_jni_library_lies_there(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cache, "is_writable", lambda _: False)
    assert not cache.engine_cache(LIBTORCH, JARS, None).is_relative_to(tmp_path / "pydjl")
    unpacked = tmp_path / "pydjl" / PLACE
    unpacked.parent.mkdir(parents=True)
    unpacked.touch()
    assert cache.engine_cache(LIBTORCH, JARS, None) == tmp_path / "pydjl"


def test_without_a_home_there_is_no_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    assert cache.user_cache() is None
    (tmp_path / "nobody").mkdir()
    assert cache.user_cache() == tmp_path / "nobody" / ".cache" / "pydjl"
