"""DJL's evaluators: what they count over the batches that they are shown.

A copy of an evaluator of DJL's, and what is unpickled of it, has counted nothing yet.
"""

from __future__ import annotations

from typing import Any

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import call_java, call_java_with_list
from pydjl.ndarray.numbers import java_int, real_number
from pydjl.runtime import java_class
from pydjl.training.losses import Arrays, tensors


class Evaluator:
    """Any DJL evaluator.

    Args:
        java: a DJL ``Evaluator``, for instance one of a class of your own.

    Example:
        >>> import torch
        >>> evaluator = Accuracy()
        >>> evaluator.update(torch.tensor([[0.2, 0.8], [0.9, 0.1]]), torch.tensor([1, 1]))
        >>> evaluator.compute()
        0.5
    """

    def __init__(self, java: Any) -> None:
        if not isinstance(java, java_class("ai.djl.training.evaluator.Evaluator")):
            raise ArgumentTypeError(
                f"Evaluator takes a DJL Evaluator, not a {type(java).__name__}."
            )
        self._java = java
        self.reset()

    @property
    def java(self) -> Any:
        """The DJL ``Evaluator``."""
        return self._java

    @property
    def name(self) -> str:
        """DJL's name of it."""
        return str(self.java.getName())

    def reset(self) -> None:
        """Forget what was counted."""
        call_java(self.name, "Judgement.reset", [], self.java)

    def update(self, input: Arrays, target: Arrays) -> None:
        """Count a batch.

        Args:
            input: the predictions.
            target: the labels.
        """
        predictions = tensors(input, "input")
        listed = [*predictions, *tensors(target, "target")]
        call_java_with_list(
            self.name, "Judgement.update", [], self.java, len(predictions), listed=listed
        )

    def compute(self) -> float:
        """The value over all batches since the last reset; NaN if there were none."""
        return float(java_class("org.pydjl.bridge.Judgement").result(self.java))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"


class _OfDjl(Evaluator):
    """An evaluator that DJL has; its Java object is made when it is needed, and again in a copy."""

    def __init__(self, kind: str, *arguments: Any) -> None:
        self._kind = kind
        self._arguments = arguments
        self._java: Any = None

    @property
    def java(self) -> Any:
        if self._java is None:
            self._java = java_class(f"ai.djl.training.evaluator.{self._kind}")(*self._arguments)
            self.reset()
        return self._java

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_java": None}


class Accuracy(_OfDjl):
    """The part of labels that are where the predictions are greatest.

    Shapes: input ``(N, C, ...)``; target ``(N, ...)``, numbers of classes.

    Args:
        axis: the axis of the classes.
    """

    def __init__(self, axis: int = 1) -> None:
        super().__init__("Accuracy", "Accuracy", java_int("axis", axis))


class BinaryAccuracy(_OfDjl):
    """The part of labels, 0 or 1, that say whether the prediction reaches a threshold.

    Shapes: input and target alike.

    Args:
        threshold: from where on a prediction counts as 1.
    """

    def __init__(self, threshold: float = 0.0) -> None:
        super().__init__("BinaryAccuracy", "BinaryAccuracy", real_number("threshold", threshold))


class TopKAccuracy(_OfDjl):
    """The part of labels that are among the `k` greatest predictions.

    Shapes: input ``(N, C)``; target ``(N,)``, numbers of classes.

    Args:
        k: how many predictions, at least 2.
    """

    def __init__(self, k: int) -> None:
        count = java_int("k", k)
        if count < 2:
            raise ArgumentError(
                f"k is {count}, but TopKAccuracy needs 2 or more: use Accuracy for 1."
            )
        super().__init__("TopKAccuracy", count)
