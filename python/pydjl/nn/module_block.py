"""A torch module as a DJL block, to stand inside DJL's blocks and be trained by either side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jpype
import torch
from torch import Tensor, nn

from pydjl.errors import ArgumentTypeError
from pydjl.ndarray.dtypes import DATA_TYPES
from pydjl.ndarray.exchange import check_tensor, look_at, make_handle
from pydjl.nn.block_copies import is_of_block
from pydjl.nn.bound_tensors import Bindings, BoundTensor, lock
from pydjl.nn.parameter_names import block_names
from pydjl.runtime import java_class, report_callback_failure


def to_block(module: nn.Module) -> Any:
    """Make a DJL block of a torch module.

    The block's parameters are the module's own tensors; DJL names them as the module does, with
    ``_`` for ``.``. Buffers are parameters that are not learned, so that DJL saves and loads them
    as well. The block's forward pass calls the module, in the training or evaluation mode that DJL
    asks for; gradients flow through both. What the module raises comes back from the call that
    was made of Java. DJL's trainer can train it, and so can torch's optimizers.

    Args:
        module: a module whose inputs and outputs are tensors.

    Returns:
        A DJL ``Block``; of a module that `from_block` made, the block that it was made of. A
        module lives as long as its block.

    Raises:
        ArgumentTypeError: it is no module.

    Example:
        >>> import torch
        >>> from pydjl.nn import from_block
        >>> def net():
        ...     block = java_class("ai.djl.nn.SequentialBlock")()
        ...     block.add(to_block(torch.nn.Linear(3, 4)))
        ...     block.add(java_class("ai.djl.nn.Activation").reluBlock())
        ...     return block
        >>> from_block(net)(torch.ones(2, 3)).shape
        torch.Size([2, 4])
    """
    if not isinstance(module, nn.Module):
        raise ArgumentTypeError(f"to_block takes a torch.nn.Module, not {type(module).__name__}.")
    if is_of_block(module):
        return module.block
    callback = _Callback(module)
    proxy = jpype.JProxy(java_class("org.pydjl.bridge.ModuleCallback"), inst=callback)
    block = java_class("org.pydjl.bridge.ModuleBlock")(proxy)
    callback.bind_to(block)
    return block


def python_module(block: Any) -> nn.Module | None:
    """The module of a block that `to_block` made; None for any other block."""
    if not isinstance(block, java_class("org.pydjl.bridge.ModuleBlock")):
        return None
    callback: _Callback = jpype.JProxy.unwrap(block.getModule())
    return callback.module


class _Callback:
    """What Java calls: the methods of ``org.pydjl.bridge.ModuleCallback``."""

    _bindings: Bindings

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    def bind_to(self, block: Any) -> None:
        """Add the module's parameters and buffers to its block."""
        names = list(_tensor_names(self.module))
        tensors = [
            BoundTensor(block.add(name), self.module, full)
            for name, full in zip(block_names(names), names, strict=True)
        ]
        self._bindings = Bindings(tensors)
        self._bindings.synchronize()

    def forward(self, inputs: Any, training: Any) -> list[int] | None:
        try:
            tensors = [look_at(int(handle)) for handle in inputs]
            if self.module.training != bool(training):
                with lock:  # a module's mode is one for all threads
                    self.module.train(bool(training))
            outputs = _as_sequence(self.module(*tensors))
            # An optimizer of Java's finds the parameters that the module has now.
            self._bindings.synchronize()
            for output in outputs:
                check_tensor(output)  # all of them first: a handle that was made must reach Java
            return [make_handle(output) for output in outputs]
        except BaseException as exc:
            report_callback_failure(exc)
            return None

    def prepare(self, inputs: Any) -> bool:
        try:
            if self._bindings.missing():
                self._shapes(inputs)
            self._bindings.synchronize()
        except BaseException as exc:
            report_callback_failure(exc)
            return False
        return True

    def takeLoaded(self) -> bool:  # noqa: N802 - Java's name
        try:
            self._bindings.synchronize()
        except BaseException as exc:
            report_callback_failure(exc)
            return False
        return True

    def outputShapes(self, inputs: Any) -> list[list[int]] | None:  # noqa: N802 - Java's name
        try:
            return self._shapes(inputs)
        except BaseException as exc:
            report_callback_failure(exc)
            return None

    def describe(self) -> str:
        return repr(self.module)

    def _shapes(self, inputs: Iterable[Iterable[int]]) -> list[list[int]]:
        """Run the module on zeros, without a trace: in evaluation mode, outside of the graph."""
        like = next(self.module.parameters(), torch.empty(0))
        # An unknown size, which DJL writes as -1, is as good as 1.
        sizes = [[1 if size < 0 else int(size) for size in shape] for shape in inputs]
        with _as_in_evaluation(self.module):
            try:
                outputs = self._run_on_zeros(sizes, like.dtype, like.device)
            except (RuntimeError, IndexError, TypeError) as exc:
                # DJL tells no dtype; a module that starts with an embedding wants indices.
                try:
                    outputs = self._run_on_zeros(sizes, torch.int64, like.device)
                except (RuntimeError, IndexError, TypeError):
                    raise exc from None
        return [list(output.shape) for output in outputs]

    def _run_on_zeros(
        self, sizes: Sequence[Sequence[int]], dtype: torch.dtype, device: torch.device
    ) -> Sequence[Tensor]:
        zeros = [torch.zeros(shape, dtype=dtype, device=device) for shape in sizes]
        return _as_sequence(self.module(*zeros))


@contextmanager
def _as_in_evaluation(module: nn.Module) -> Iterator[None]:
    with lock, torch.no_grad(), torch.random.fork_rng([]):
        modes = [(each, each.training) for each in module.modules()]
        module.eval()
        try:
            yield
        finally:
            for each, mode in modes:
                each.training = mode


def _tensor_names(module: nn.Module) -> Iterator[str]:
    """Parameters, and the buffers that are saved with them, if DJL knows their dtype."""
    yield from (name for name, _ in module.named_parameters())
    for name, buffer in module.named_buffers():
        owner, _, own_name = name.rpartition(".")
        saved = own_name not in module.get_submodule(owner)._non_persistent_buffers_set
        if saved and buffer.dtype in DATA_TYPES:
            yield name


def _as_sequence(output: Any) -> Sequence[Tensor]:
    outputs = output if isinstance(output, (tuple, list)) else (output,)
    for each in outputs:
        if not isinstance(each, Tensor):
            raise ArgumentTypeError(
                f"a module inside a DJL block must return tensors, not {type(each).__name__}."
            )
    return outputs
