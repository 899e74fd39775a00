"""Py4J: requests go through a socket, arrays as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from py4j.java_gateway import GatewayParameters, JavaGateway

from benchmarks.rivals.base import Floats, Remote
from benchmarks.rivals.process import end, start_rival


class Py4J(Remote):
    """A Java process with Py4J's gateway."""

    name = "Py4J"
    largest = 2**25  # it goes as a line of base64, which takes seconds

    def __init__(self, folder: Path) -> None:
        self._process = start_rival(folder, "py4j")
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        self._gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port))

    def answer(self, request: str, arrays: Sequence[Floats]) -> Floats:  # noqa: D102
        data = b"".join(array.data.cast("B") for array in arrays)
        result = self._gateway.entry_point.answer(request, data)
        return np.frombuffer(result, dtype=np.float32).copy()  # what Py4J gives cannot be written

    def close(self) -> None:  # noqa: D102
        self._gateway.close()
        end(self._process)
