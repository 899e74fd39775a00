"""A fresh process up to its first result from Java: ``python -m benchmarks.first_result WAY JSON``.

It prints, as JSON, the seconds from `import torch` on and the resident memory, with that of a Java
process if there is one. `start_up` runs it many times.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch

from benchmarks.resident import resident_megabytes

# Each imports what it needs itself, since what an import takes is a part of what is measured.


def by_torch(_: dict[str, Any]) -> dict[str, float]:
    """PyTorch alone."""
    return _finding(0.0)


def by_pydjl(_: dict[str, Any]) -> dict[str, float]:
    """What `import pydjl` takes, and its first operation."""
    begin = time.perf_counter()
    import pydjl  # noqa: PLC0415

    imported = time.perf_counter() - begin
    pydjl.array([1.0]).sum()
    return {**_finding(time.perf_counter() - begin), "import": imported}


def by_jpype(java: dict[str, Any]) -> dict[str, float]:
    """JPype with its defaults, and DJL's."""
    begin = time.perf_counter()
    import jpype  # noqa: PLC0415

    jpype.startJVM(java["libjvm"], *java["properties"], classpath=java["jars"])
    manager = jpype.JClass("ai.djl.ndarray.NDManager").newBaseManager()
    manager.create(jpype.JArray(jpype.JFloat)([1.0])).sum().getFloat()
    return _finding(time.perf_counter() - begin)


def by_py4j(java: dict[str, Any]) -> dict[str, float]:
    """A Java process behind Py4J."""
    begin = time.perf_counter()
    from py4j.java_gateway import GatewayParameters, JavaGateway  # noqa: PLC0415

    with _java_process([*java["command"], "py4j"]) as process:
        port = int(process.stdout.readline())
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))
        gateway.entry_point.answer("exchange 0 1", bytes(4))
        found = _finding(time.perf_counter() - begin, process.pid)
        gateway.close()
        return found


def by_files(java: dict[str, Any]) -> dict[str, float]:
    """A Java process that reads and writes files."""
    begin = time.perf_counter()
    given, results = (Path(java["folder"]) / name for name in ("first.bin", "first_result.bin"))
    with _java_process([*java["command"], "files", str(given), str(results)]) as process:
        given.write_bytes(bytes(4))
        process.stdin.write("exchange 0 1\n")
        process.stdin.flush()
        while process.stdout.readline() != "done\n":
            pass
        results.read_bytes()
        return _finding(time.perf_counter() - begin, process.pid)


def _finding(seconds: float, java: int | None = None) -> dict[str, float]:
    also = 0.0 if java is None else resident_megabytes(java)
    return {"seconds": seconds, "megabytes": resident_megabytes() + also}


def _java_process(command: list[str]) -> Any:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


WAYS = {
    "pydjl": by_pydjl,
    "torch": by_torch,
    "JPype": by_jpype,
    "Py4J": by_py4j,
    "files": by_files,
}


if __name__ == "__main__":
    torch.ones(2).sum()
    print(json.dumps(WAYS[sys.argv[1]](json.loads(sys.argv[2]))))
