"""What a rival can do, and the part that those with a Java process of their own share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Rival(ABC):
    """Another way to DJL. Arrays are float32 and contiguous; results are copies."""

    name: str
    largest: int  # the number of bytes of an array above which it takes too long, or fails

    @abstractmethod
    def exchange(self, x: Floats) -> Floats:
        """Make an NDArray of `x` and return its elements."""

    @abstractmethod
    def conv2d(self, x: Floats, w: Floats, padding: int) -> Floats:
        """Convolve by DJL, as `torch.nn.functional.conv2d` does."""

    @abstractmethod
    def gradients(self, x: Floats, w: Floats, g: Floats, padding: int) -> tuple[Floats, Floats]:
        """Compute the gradients of `x` and `w` by DJL's collector, from the output's."""

    @abstractmethod
    def learn(self, x: Floats, y: Floats, steps: int) -> Floats:
        """Learn the chapter's kernel of shape (1, 2) by `KernelLearner`, from zeros."""

    @abstractmethod
    def set_threads(self, count: int) -> None:
        """Let its libtorch use so many threads."""

    @abstractmethod
    def close(self) -> None:
        """End what was started for it."""


class Remote(Rival):
    """A rival that sends requests to benchmarks/java/Rival.java."""

    @abstractmethod
    def answer(self, request: str, arrays: Sequence[Floats]) -> Floats:
        """Send a request with its arrays; return the elements of all results, flat."""

    def exchange(self, x: Floats) -> Floats:  # noqa: D102
        return self._ask("exchange", 0, x).reshape(x.shape)

    def conv2d(self, x: Floats, w: Floats, padding: int) -> Floats:  # noqa: D102
        height, width = (
            2 * padding + n - k + 1 for n, k in zip(x.shape[2:], w.shape[2:], strict=True)
        )
        return self._ask("conv2d", padding, x, w).reshape(len(x), len(w), height, width)

    def gradients(  # noqa: D102
        self, x: Floats, w: Floats, g: Floats, padding: int
    ) -> tuple[Floats, Floats]:
        both = self._ask("gradients", padding, x, w, g)
        return both[: x.size].reshape(x.shape), both[x.size :].reshape(w.shape)

    def learn(self, x: Floats, y: Floats, steps: int) -> Floats:  # noqa: D102
        return self._ask("learn", steps, x, y).reshape(1, 2)

    def set_threads(self, count: int) -> None:  # noqa: D102
        self._ask("threads", count)

    def _ask(self, operation: str, number: int, *arrays: Floats) -> Floats:
        shapes = ("x".join(map(str, array.shape)) for array in arrays)
        return self.answer(" ".join([operation, str(number), *shapes]), arrays)
