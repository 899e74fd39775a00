"""JPype as people write it: the numbers are copied to a Java array, and back."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import jpype
import numpy as np
import torch

from benchmarks.rivals.base import Floats, Rival
from pydjl.runtime import java_class


class _InProcess(Rival):
    """DJL's classes, called one by one from Python."""

    def __init__(self) -> None:
        self._shape = java_class("ai.djl.ndarray.types.Shape")
        self._list = java_class("ai.djl.ndarray.NDList")
        self._conv2d = java_class("ai.djl.nn.convolutional.Conv2d").conv2d
        self._engine = java_class("ai.djl.engine.Engine").getInstance()
        self._root = self._engine.newBaseManager(java_class("ai.djl.Device").cpu())
        self._stride = self._shape(1, 1)

    @abstractmethod
    def to_java(self, x: Floats) -> Any:
        """A ``float[]``."""

    @abstractmethod
    def to_python(self, floats: Any) -> Floats:
        """The elements of a ``float[]``."""

    def exchange(self, x: Floats) -> Floats:
        with self._root.newSubManager() as manager:
            return self._read(self._create(manager, x))

    def conv2d(self, x: Floats, w: Floats, padding: int) -> Floats:
        with torch.set_grad_enabled(False), self._root.newSubManager() as manager:
            return self._read(
                self._convolve(self._create(manager, x), self._create(manager, w), padding)
            )

    def gradients(self, x: Floats, w: Floats, g: Floats, padding: int) -> tuple[Floats, Floats]:
        with torch.set_grad_enabled(True), self._root.newSubManager() as manager:
            inputs, weight, output = (self._create(manager, each) for each in (x, w, g))
            inputs.setRequiresGradient(True)
            weight.setRequiresGradient(True)
            with self._engine.newGradientCollector() as collector:
                collector.backward(self._convolve(inputs, weight, padding).mul(output).sum())
            return self._read(inputs.getGradient()), self._read(weight.getGradient())

    def learn(self, x: Floats, y: Floats, steps: int) -> Floats:
        builder = java_class("org.pydjl.training.KernelLearner").builder()
        learner = builder.setKernelShape(self._shape(1, 2)).optSteps(steps).optInitial([0.0, 0.0])
        with self._root.newSubManager() as manager:
            learned = learner.build().learn(self._create(manager, x), self._create(manager, y))
        return np.array(learned.getWeight(), dtype=np.float32).reshape(1, 2)

    def set_threads(self, count: int) -> None:
        """Leave them: this process's are set by who measures."""

    def close(self) -> None:
        self._root.close()

    def _create(self, manager: Any, x: Floats) -> Any:
        return manager.create(self.to_java(x), self._shape(*x.shape))

    def _read(self, array: Any) -> Floats:
        shape = tuple(array.getShape().getShape())
        return self.to_python(array.toFloatArray()).reshape(shape)

    def _convolve(self, x: Any, w: Any, padding: int) -> Any:
        zeros = self._shape(padding, padding)
        return self._conv2d(x, w, None, self._stride, zeros).singletonOrThrow()


class Lists(_InProcess):
    """Through lists of Python's numbers."""

    name = "JPype, lists"
    largest = 2**22

    def to_java(self, x: Floats) -> Any:  # noqa: D102
        return jpype.JArray(jpype.JFloat)(x.ravel().tolist())

    def to_python(self, floats: Any) -> Floats:  # noqa: D102
        return np.array(list(floats), dtype=np.float32)


class FloatArrays(_InProcess):
    """Through NumPy's memory, which JPype copies as a whole."""

    name = "JPype, float[]"
    largest = 2**29  # both copies lie in Java's heap

    def to_java(self, x: Floats) -> Any:  # noqa: D102
        return jpype.JArray(jpype.JFloat)(x.ravel())

    def to_python(self, floats: Any) -> Floats:  # noqa: D102
        return np.array(floats, dtype=np.float32)
