"""DJL's gradient collector as a context manager."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from typing_extensions import Self

from pydjl.errors import ClosedError, JavaError
from pydjl.ndarray import NDArray, as_tensor, call_java


class GradientCollector:
    """Record operations, and add the gradients of a target to ``grad``, by DJL.

    Gradients are on inside of the block and afterwards as they were. DJL has one collector at a
    time in the whole process, so blocks cannot be nested, nor run in two threads.

    Raises:
        JavaError: on entering, where a collector is open already.

    Example:
        >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> with GradientCollector() as collector:
        ...     collector.backward((w * w).sum())
        >>> w.grad
        tensor([2., 4.])
    """

    def __init__(self) -> None:
        self._java: Any = None
        self._restore = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as restore:
            # Whatever DJL does to the mode of this thread, leaving the stack undoes it.
            restore.enter_context(torch.inference_mode(mode=False))
            restore.enter_context(torch.set_grad_enabled(True))
            try:
                self._java = call_java("GradientCollector", "Training.openCollector", [])
            except JavaError as exc:
                raise JavaError(
                    "a gradient collector is open already, and DJL has one at a time in a process:"
                    " leave its with block first, also in other threads."
                ) from exc
            self._restore = restore.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        java, self._java = self._java, None
        with self._restore:
            call_java("GradientCollector", "Training.closeCollector", [], java)

    def backward(self, target: NDArray | torch.Tensor) -> None:
        """Add the gradients of a target to ``grad`` of the leaves that it was computed from.

        Args:
            target: of any shape; the gradient of the sum of its elements is taken.

        Raises:
            ClosedError: the collector is not open.
            PydjlError: the target belongs to no graph.
        """
        if self._java is None:
            raise ClosedError("this collector is not open: call backward inside of its with block.")
        tensor = as_tensor(target, "target")
        call_java("GradientCollector.backward", "Training.backward", [tensor], self._java)
