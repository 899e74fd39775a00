"""Keep a Java block's parameters and a torch module's tensors one and the same.

Java reads its parameters from its own objects, PyTorch from the module's registries, and either
side may put another tensor there. Before each forward pass `Bindings.bind` makes Java's parameters
what the module holds at that moment.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import Any

import jpype
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from pydjl.errors import ArgumentError, DeviceError, NotSupportedError
from pydjl.ndarray import call_java
from pydjl.ndarray.exchange import look_at, may_vanish
from pydjl.runtime import ensure_started, is_usable, java_class

# One for all: blocks may share parameters. It is held only while parameters change.
lock = threading.RLock()


class BoundTensor:
    """One parameter or buffer of a module, and the Java parameter that is to be the same tensor.

    Args:
        java: the ``org.pydjl.bridge.BoundParameter``.
        root: a module, which is not kept alive.
        path: the tensor's name in it, with dots where it belongs to a submodule.
        only: the one tensor that can stand there, if Java computes with it in any case.
    """

    __slots__ = (
        "_device",
        "_dtype",
        "_gradient",
        "_only",
        "_owners",
        "_root",
        "_shape",
        "_tensor",
        "java",
        "name",
    )

    def __init__(self, java: Any, root: nn.Module, path: str, only: Tensor | None = None) -> None:
        *self._owners, self.name = path.split(".")
        self.java = java
        self._root = weakref.ref(root)
        self._only = only
        self._tensor: Tensor | None = None

    def current(self) -> Tensor:
        """What the module holds now."""
        module: Any = self._root()
        for owner in self._owners:
            module = module._modules.get(owner)
        tensor = module._parameters.get(self.name)
        if tensor is None:
            tensor = module._buffers.get(self.name)
        if tensor is None:  # computed by torch.nn.utils.parametrize or weight_norm
            tensor = getattr(module, self.name, None)
        if not isinstance(tensor, Tensor):
            name = ".".join([*self._owners, self.name])
            raise ArgumentError(
                f"the DJL block needs its {name!r}, which is {tensor!r} now: give it a tensor."
            )
        return tensor

    def is_bound(self, tensor: Tensor) -> bool:
        """Whether Java has this tensor and nothing of it has changed since."""
        if tensor is not self._tensor:
            return is_lazy(tensor)
        # Java remembers the shape, dtype and device of an array that it has seen.
        return (
            tensor.requires_grad == self._gradient
            and tensor.dtype is self._dtype
            and tensor.shape == self._shape
            and tensor.device == self._device
        )

    def bind(self, tensor: Tensor) -> bool:
        """Give Java the tensor that the module holds; tells whether it is a computed one."""
        if self._only is not None and tensor is not self._only:
            raise NotSupportedError(
                f"a traced model computes with the tensors that it was loaded with, so its "
                f"{self.name!r} cannot be replaced: copy values into it."
            )
        self._give(tensor)
        self._tensor = tensor
        self._gradient = tensor.requires_grad
        self._dtype = tensor.dtype
        self._shape = tensor.shape
        self._device = tensor.device
        return tensor.grad_fn is not None

    def forget_graph(self) -> None:
        """Keep only the values of a computed tensor in Java, not the graph that it came from."""
        assert self._tensor is not None
        self._give(self._tensor.detach())
        self._tensor = None

    def forget(self) -> None:
        """Let the next `Bindings.bind` give Java the tensor in any case."""
        self._tensor = None

    def take_shape_of(self, values: Any) -> None:
        """Give a tensor that has no shape yet the shape of values that are to be loaded."""
        tensor: Any = self.current()
        if is_lazy(tensor) and isinstance(values, Tensor) and not is_lazy(values):
            with torch.no_grad():
                tensor.materialize(values.shape)

    def initialize(self, values: Tensor) -> None:
        """Give a tensor that has no shape yet its shape and its values."""
        tensor: Any = self.current()
        if is_lazy(tensor):
            tensor.materialize(values.shape)
            tensor.data = values.to(tensor)

    def take_from_java(self) -> None:
        """Copy what Java has put in the place of the tensor into the tensor."""
        replacement = self.java.replacement()
        if replacement is not None:
            values, tensor = tensor_of(replacement).detach(), self.current()
            if is_lazy(tensor):
                self.initialize(values_of(replacement))
            elif values.shape != tensor.shape:
                raise ArgumentError(
                    f"Java has given {self.name!r} values of shape {tuple(values.shape)}; its "
                    f"shape here is {tuple(tensor.shape)}, and tensors cannot be resized."
                )
            elif values.data_ptr() != tensor.data_ptr():
                with torch.no_grad():
                    tensor.copy_(values)
        self._tensor = None

    def _give(self, tensor: Tensor) -> None:
        call_java("a parameter", "BoundParameter.bind", [tensor], self.java, tensor.requires_grad)


class Bindings:
    """All tensors of a block and its children."""

    def __init__(self, tensors: Sequence[BoundTensor]) -> None:
        self.tensors = tensors
        ensure_started()
        kind = java_class("org.pydjl.bridge.BoundParameter")
        self._are_intact = kind.areIntact
        self._release_all = kind.releaseAll
        self._java = jpype.JArray(kind)([each.java for each in tensors])

    def bind(self, device: torch.device | None = None) -> list[BoundTensor]:
        """Make Java's parameters the module's tensors.

        Args:
            device: where the inputs are, if a forward pass follows.

        Returns:
            Those that were computed for one call, such as a parametrization's. If there are any,
            the lock is held: `release` gives it back.

        Raises:
            DeviceError: the parameters are elsewhere. DJL would copy them silently, and what a
                normalisation learns of its inputs would be lost with the copy.
        """
        ensure_started()
        # Once each: a parametrization computes anew whenever it is asked.
        tensors = [each.current() for each in self.tensors]
        if device is not None and tensors and tensors[0].device != device:
            raise DeviceError(
                f"the block's parameters are on {tensors[0].device} and its input is on {device}: "
                f"move the module by .to({str(device)!r}), or the input."
            )
        if all(map(BoundTensor.is_bound, self.tensors, tensors)) and self._are_intact(self._java):
            return []
        computed: list[BoundTensor] = []
        lock.acquire()
        try:
            self.take_from_java()
            for each, tensor in zip(self.tensors, tensors, strict=True):
                if not each.is_bound(tensor) and each.bind(tensor):
                    computed.append(each)
        except BaseException:
            for each in computed:
                each.forget_graph()
            lock.release()
            raise
        if not computed:
            lock.release()
        return computed

    def release(self, computed: list[BoundTensor]) -> None:
        """Take computed tensors from Java again, so that it does not keep their graphs."""
        if computed:
            try:
                for each in computed:
                    each.forget_graph()
            finally:
                lock.release()

    def synchronize(self) -> None:
        """Bind the tensors, outside of a forward pass."""
        self.release(self.bind())

    def take_from_java(self) -> None:
        """Copy what Java has put in the place of the tensors into them."""
        if is_usable() and not self._are_intact(self._java):
            with lock:
                for each in self.tensors:
                    if not each.java.isIntact():
                        each.take_from_java()

    def missing(self) -> list[BoundTensor]:
        """Those that have no shape yet."""
        return [each for each in self.tensors if is_lazy(each.current())]

    def clear(self) -> None:
        """Take all arrays from Java's parameters, so that it can initialize them."""
        self._release_all(self._java)
        for each in self.tensors:
            each.forget()


def tensor_of(array: Any) -> Tensor:
    """The very tensor of a Java array, valid as long as its memory is."""
    return look_at(call_java("from_block", "Arrays.handleOf", [], array))


def values_of(array: Any) -> Tensor:
    """A tensor on a Java array, or on a copy where the memory may end with a Java object."""
    values = tensor_of(array).detach()
    return values.clone() if may_vanish(values) else values


def count_when_dropped(module: nn.Module) -> None:
    """Tell Java, when a module has been dropped, how much memory waits to be collected."""
    size = sum(
        tensor.nbytes * (2 if tensor.requires_grad else 1)  # its gradient goes with it
        for tensor in (*module._parameters.values(), *module._buffers.values())
        if tensor is not None and not is_lazy(tensor)
    )
    if size:
        weakref.finalize(module, _dropped, size).atexit = False


def _dropped(size: int) -> None:
    if is_usable():
        ensure_started()  # this may be a thread's first use of Java
        java_class("org.pydjl.bridge.BoundParameter").dropped(size)
