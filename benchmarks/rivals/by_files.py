"""Files: Python writes the arrays and a line that says what to do; Java writes the results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.rivals.base import Floats, Remote
from benchmarks.rivals.process import end, start_rival


class Files(Remote):
    """A Java process that waits for a line. Raw float32 is what costs least to write and read."""

    name = "files"
    largest = 2**31 - 1  # a Java buffer

    def __init__(self, folder: Path) -> None:
        self._given, self._results = folder / "given.bin", folder / "results.bin"
        self._process = start_rival(folder, "files", str(self._given), str(self._results))
        self._wait_for("ready")

    def answer(self, request: str, arrays: Sequence[Floats]) -> Floats:  # noqa: D102
        with self._given.open("wb") as file:
            for array in arrays:
                array.tofile(file)
        assert self._process.stdin is not None
        self._process.stdin.write(f"{request}\n")
        self._wait_for("done")
        return np.fromfile(self._results, dtype=np.float32)

    def close(self) -> None:  # noqa: D102
        end(self._process)

    def _wait_for(self, word: str) -> None:
        assert self._process.stdout is not None
        answer = self._process.stdout.readline().strip()
        if answer != word:
            raise RuntimeError(f"The Java process behind files said {answer!r}, not {word!r}.")
