"""The archive of classes: made by `pydjl prepare`, used by what starts later, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def prepare(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pydjl", "prepare"]
    env = {**os.environ, **environment}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, env=env
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A cache folder with an archive."""
    folder = tmp_path_factory.mktemp("cache")
    done = prepare(XDG_CACHE_HOME=str(folder))
    assert done.returncode == 0, done.stderr
    (archive,) = (folder / "pydjl" / "classes").iterdir()
    assert done.stdout.startswith(f"{archive}: ")
    return folder


@pytest.fixture
def sources(python, tmp_path):
    """Starts Java with settings; says where it took a class of DJL's from."""

    def start(cache: Path, **settings: list[str]) -> str:
        loaded = tmp_path / "loaded"
        options = [f"-Xlog:class+load:file={loaded}", *settings.pop("jvm_options", [])]
        done = python(
            f"""
            import pydjl
            pydjl.start(jvm_options={options!r}, **{settings!r})
            assert pydjl.array([1.0, 2.0]).sum().item() == 3.0
            """,
            XDG_CACHE_HOME=str(cache),
        )
        assert (done.returncode, done.stderr) == (0, "")
        (line,) = (each for each in loaded.read_text().splitlines() if ".PtNDArray " in each)
        return line.partition("source: ")[2]

    return start


def test_a_start_takes_the_classes_from_the_archive(sources, prepared, tmp_path):
    assert sources(prepared) == "shared objects file"
    assert "pytorch-engine" in sources(tmp_path / "empty")


def test_so_does_one_with_a_class_path_and_a_heap_of_the_users(sources, prepared, tmp_path):
    more = {"classpath": [str(tmp_path)], "jvm_options": ["-Xmx2g", "-Dmine=1"]}
    assert sources(prepared, **more) == "shared objects file"


@pytest.mark.parametrize("option", ["-Xshare:off", "-XX:SharedArchiveFile=none.jsa"])
def test_whoever_decides_about_archives_is_obeyed(sources, prepared, option):
    assert "pytorch-engine" in sources(prepared, jvm_options=[option, "-Xlog:cds*=off:stderr"])


@pytest.mark.parametrize("damage", ["whole", "middle", "end"])
def test_a_damaged_archive_is_passed_over_in_silence(sources, prepared, tmp_path, damage):
    (original,) = (prepared / "pydjl" / "classes").iterdir()
    content = bytearray(original.read_bytes())
    if damage == "whole":
        content = bytearray(b"no archive")
    elif damage == "middle":
        half = len(content) // 2
        content[half : half + 4096] = os.urandom(4096)
    else:
        del content[-1_000_000:]
    damaged = tmp_path / "cache" / "pydjl" / "classes" / original.name
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(content)
    assert "pytorch-engine" in sources(tmp_path / "cache")


def test_without_a_folder_that_can_be_written_one_sentence_says_so(tmp_path):
    (tmp_path / "file").touch()
    done = prepare(XDG_CACHE_HOME=str(tmp_path / "file"))
    assert done.returncode == 2
    assert done.stderr.startswith("pydjl: The user's cache folder cannot be written")


def test_what_java_says_when_it_makes_none_is_in_the_message(tmp_path):
    done = prepare(XDG_CACHE_HOME=str(tmp_path), JAVA_TOOL_OPTIONS="-XX:NoSuchOption")
    assert done.returncode == 2
    assert "NoSuchOption" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "pydjl").glob("classes/*"))
