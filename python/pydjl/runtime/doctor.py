"""Every fact that a working installation hangs on, each with a verdict and the way out."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

import jpype
import torch

from pydjl._interpreter import check_gil
from pydjl.errors import PydjlError, StartError
from pydjl.runtime import cache, jvm, libraries
from pydjl.runtime.checksums import changed_jars
from pydjl.runtime.java_home import find_java
from pydjl.runtime.libtorch import find_libtorch, mapped_libtorch
from pydjl.runtime.start_plan import Facts

# Its private parts are used (`uncouple_collectors`); pyproject.toml says the same.
_JPYPE = r"1\.7\."


@dataclass(frozen=True)
class Finding:
    """A fact and whether it is as it must be.

    Attributes:
        name: what was looked at.
        value: what was found; where `ok` is False, with the way out.
        ok: whether it serves.
    """

    name: str
    value: str
    ok: bool = True


def diagnose() -> Iterator[Finding]:
    """Look at everything, in the order in which a start needs it; starts Java.

    Nothing is raised: what fails is a finding.
    """
    grad_mode, threads = torch.is_grad_enabled(), torch.get_num_threads()
    generator = torch.random.get_rng_state()
    yield Finding("pydjl", metadata.version("pydjl"))
    yield _try("Python", _python)
    yield _try("torch", _torch)
    yield _try("JPype", _jpype)
    yield _try("Java", _java)
    yield _try("jars", _jars)
    yield _try("cache", _cache)
    start = _try("start", _start)
    yield start
    if not start.ok:
        return
    facts = jvm.facts()
    yield Finding("DJL", str(jvm.java_class("org.pydjl.bridge.EngineRuntime").djlVersion()))
    yield Finding("flavor", f"{facts.libtorch.flavor}, {facts.libtorch.classifier}")
    yield Finding("JNI library", f"unpacked in {facts.cache}")
    yield Finding("class archive", _class_archive(facts))
    yield _one_libtorch()
    yield Finding("devices", ", ".join(_devices()))
    kept = torch.is_grad_enabled() == grad_mode
    yield Finding("grad mode", f"{'kept' if kept else 'changed'}: {grad_mode}", kept)
    kept = torch.get_num_threads() == threads
    yield Finding("threads", f"{'kept' if kept else 'changed'}: {threads}", kept)
    kept = torch.equal(torch.random.get_rng_state(), generator)
    yield Finding("generator", "kept" if kept else "changed", kept)


def _try(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, look())
    except PydjlError as exc:
        return Finding(name, str(exc), ok=False)
    except Exception as exc:  # whatever else is broken here is what was asked for
        return Finding(name, f"{type(exc).__name__}: {exc}", ok=False)


def _python() -> str:
    check_gil()
    return f"{platform.python_version()} on {platform.platform()}"


def _torch() -> str:
    find_libtorch(any_version=bool(os.environ.get("PYDJL_JNI_LIBRARY")))
    return f"{torch.__version__}, {torch.version.cuda or 'no'} CUDA"


def _jpype() -> str:
    version = str(jpype.__version__)
    if not re.match(_JPYPE, version):
        raise StartError(f"{version}, but 1.7 is needed: `pip install 'jpype1>=1.7.1,<1.8'`")
    return version


def _jars() -> str:
    found, folder = libraries.find_jars(), libraries.JARS
    changed = changed_jars(found, folder / "checksums.txt")
    if changed:
        raise StartError(
            f"{', '.join(changed)} in {folder} are damaged or were replaced: in a checkout run "
            "`make clean install`, else install pydjl again."
        )
    if libraries.are_older_than_their_sources():
        raise StartError(f"{len(found)} in {folder}, older than java/src/main: run `make`")
    return f"{len(found)} in {folder}"


def _cache() -> str:
    folder = cache.user_cache()
    if folder is None or not cache.is_writable(folder):
        return (
            "the user's cannot be written, so DJL's JNI library is unpacked into a temporary "
            "folder at every start: set XDG_CACHE_HOME to a folder that can be written"
        )
    return str(folder)


def _java() -> str:
    java = find_java()
    return f"{java.version} in {java.home}, named by {java.found_by}"


def _start() -> str:
    jvm.start()
    return "Java runs with DJL's engine"


def _class_archive(facts: Facts) -> str:
    if not facts.archive.is_file():
        return "none: after `pydjl prepare` Java starts in half the time"
    newest = max(jar.stat().st_mtime for jar in facts.jars)
    if facts.archive.stat().st_mtime < newest:
        return f"{facts.archive}, older than the jars: make it anew by `pydjl prepare`"
    return str(facts.archive)


def _one_libtorch() -> Finding:
    mapped = mapped_libtorch()
    if mapped is None:
        return Finding("one libtorch", "cannot be seen on this operating system")
    return Finding("one libtorch", ", ".join(map(str, mapped)), len(mapped) == 1)


def _devices() -> list[str]:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    gpus = [f"gpu({index}) {torch.cuda.get_device_name(index)}" for index in range(count)]
    return ["cpu", *gpus] if gpus else ["cpu (torch finds no CUDA GPU)"]
