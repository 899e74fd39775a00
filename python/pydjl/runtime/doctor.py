"""Every fact that a working installation hangs on, each with a verdict and the way out."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata

import jpype
import torch

from pydjl.errors import PydjlError
from pydjl.runtime import jvm
from pydjl.runtime.java_home import find_java
from pydjl.runtime.libraries import JARS, are_older_than_their_sources, find_jars
from pydjl.runtime.libtorch import mapped_libtorch


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
    yield Finding("Python", f"{platform.python_version()} on {platform.platform()}")
    yield Finding("torch", f"{torch.__version__}, {torch.version.cuda or 'no'} CUDA")
    yield Finding("JPype", str(jpype.__version__))
    yield _try("Java", _java)
    yield _jars()
    start = _try("start", _start)
    yield start
    if not start.ok:
        return
    facts = jvm.facts()
    yield Finding("DJL", str(jvm.java_class("org.pydjl.bridge.EngineRuntime").djlVersion()))
    yield Finding("flavor", f"{facts.libtorch.flavor}, {facts.libtorch.classifier}")
    yield Finding("JNI library", f"unpacked in {facts.cache}")
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


def _jars() -> Finding:
    found = _try("jars", lambda: f"{len(find_jars())} in {JARS}")
    if found.ok and are_older_than_their_sources():
        return Finding("jars", f"{found.value}, older than java/src/main: run `make`", ok=False)
    return found


def _java() -> str:
    java = find_java()
    return f"{java.version} in {java.home}, named by {java.found_by}"


def _start() -> str:
    jvm.start()
    return "Java runs with DJL's engine"


def _one_libtorch() -> Finding:
    mapped = mapped_libtorch()
    if mapped is None:
        return Finding("one libtorch", "cannot be seen on this operating system")
    return Finding("one libtorch", ", ".join(map(str, mapped)), len(mapped) == 1)


def _devices() -> list[str]:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    gpus = [f"gpu({index}) {torch.cuda.get_device_name(index)}" for index in range(count)]
    return ["cpu", *gpus] if gpus else ["cpu (torch finds no CUDA GPU)"]
