"""All rivals, each started when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import torch

from benchmarks.measure import Work
from benchmarks.rivals.base import Rival
from benchmarks.rivals.by_files import Files
from benchmarks.rivals.by_jpype import FloatArrays, Lists
from benchmarks.rivals.by_py4j import Py4J
from benchmarks.rivals.process import compile_rival


class Rivals:
    """The other ways to DJL; a context, at whose end their processes end."""

    def __init__(self) -> None:
        self._resources = ExitStack()
        self._started: tuple[Rival, ...] = ()
        self._folder: Path | None = None

    def __enter__(self) -> Rivals:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.close()

    def folder(self) -> Path:
        """Where the compiled class lies, for processes of a case's own."""
        if self._folder is None:
            self._folder = Path(self._resources.enter_context(TemporaryDirectory()))
            compile_rival(self._folder)
        return self._folder

    def works(
        self, make: Callable[[Rival], Work], largest: int, *, one_thread: bool = False
    ) -> dict[str, Work]:
        """One work for each rival that can do it.

        Args:
            make: makes the work with a rival.
            largest: the number of bytes of the largest array that it passes.
            one_thread: whether their processes use one thread, not as many as PyTorch does here.

        Returns:
            By the rivals' names.
        """
        able = [rival for rival in self._all() if largest <= rival.largest]
        for rival in able:
            rival.set_threads(1 if one_thread else torch.get_num_threads())
        return {rival.name: make(rival) for rival in able}

    def _all(self) -> tuple[Rival, ...]:
        if not self._started:
            folder = self.folder()
            self._started = (Lists(), FloatArrays(), Py4J(folder), Files(folder))
            for rival in self._started:
                self._resources.callback(rival.close)
        return self._started
