"""What every part of `NDArray` stands on: the tensor, its lifetime, and operands."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
from torch import Tensor
from typing_extensions import Self

from pydjl.errors import ArgumentTypeError, ClosedError
from pydjl.ndarray import operators
from pydjl.ndarray.calls import call_java
from pydjl.ndarray.data import share_or_copy
from pydjl.ndarray.exchange import check_tensor, vouch_for
from pydjl.runtime import ensure_started, is_usable, java_class


class ArrayBase:
    """A tensor that Python owns, and its Java twin once somebody asks for it."""

    __slots__ = ("__weakref__", "_finalizer", "_java", "_tensor")

    def __init__(self, tensor: Tensor) -> None:
        if not isinstance(tensor, Tensor):
            raise ArgumentTypeError(
                f"NDArray wraps a torch.Tensor, not a {type(tensor).__name__}: make one of data "
                "by pydjl.array."
            )
        check_tensor(tensor)
        self._tensor: Tensor | None = tensor
        self._java: Any = None
        self._finalizer: weakref.finalize[[Any], Any] | None = None

    @classmethod
    def _wrap(cls, tensor: Tensor) -> Self:
        return cls(tensor)

    @property
    def _live(self) -> Tensor:
        if self._tensor is None:
            raise ClosedError("this NDArray is closed: make a new one, or close it later.")
        return self._tensor

    @property
    def java(self) -> Any:
        """The DJL ``NDArray`` on the same memory, for calling DJL's Java methods by name.

        It lives as long as this object or the returned one, and ends with `close`; closing it in
        Java leaves this object as it is. Arrays that its methods return belong to Java:
        `pydjl.from_java` wraps them, `close` frees them.

        Example:
            >>> import pydjl
            >>> pydjl.array([[1.0, 2.0]]).java.getShape().dimension()
            2
        """
        tensor = self._live
        if self._java is None:
            vouch_for(tensor)
            self._java = java = call_java("NDArray.java", "Arrays.attach", [tensor])
            # A second Python object on the same Java array, which closes it when the first is gone.
            twin = java_class("ai.djl.ndarray.NDArray") @ java
            self._finalizer = weakref.finalize(java, _close_java, twin)
            self._finalizer.atexit = False
        return self._java

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._tensor is None

    def close(self) -> None:
        """Give the memory back now; any later use raises `ClosedError`. May be called twice.

        The memory itself goes when no tensor or array on either side refers to it any more.
        """
        self._tensor = None
        self._java = None
        if self._finalizer is not None:
            self._finalizer()

    def __enter__(self) -> Self:
        self._live  # noqa: B018 - a closed array cannot be entered
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _operand(self, other: Any) -> Tensor | None:
        """The tensor of an operand, or None if it is none that arrays compute with."""
        if isinstance(other, ArrayBase):
            return other._live
        if isinstance(other, Tensor):
            return other
        if isinstance(other, (bool, int, float, complex)):
            return operators.scalar_like(other, self._live)
        if isinstance(other, np.ndarray):
            return share_or_copy(other, self._live.device)
        if isinstance(other, (np.bool_, np.number)):
            number = other.item()
            if isinstance(number, (bool, int, float, complex)):
                return operators.scalar_like(number, self._live)
        return None


def _close_java(java: Any) -> None:
    if is_usable():
        ensure_started()  # this may be a thread's first use of Java
        java.close()
