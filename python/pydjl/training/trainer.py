"""DJL's Trainer around a module, with the habits of torch and its DataLoader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from typing_extensions import Self

from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    ClosedError,
    DeviceError,
    NotSupportedError,
)
from pydjl.ndarray import call_java, call_java_with_list
from pydjl.ndarray.dtypes import data_type
from pydjl.ndarray.exchange import adopt, look_at
from pydjl.ndarray.numbers import flag, java_int
from pydjl.nn import BlockModule, to_block
from pydjl.runtime import java_class
from pydjl.training.epochs import Epoch, Epochs, pairs, progress_bar
from pydjl.training.evaluators import Evaluator
from pydjl.training.losses import Arrays, Loss, tensors
from pydjl.training.optimizers import DjlOptimizer
from pydjl.training.turns import turn_of


class Trainer:
    """Train a module by DJL's Trainer: its forward pass, collector, parameter store and update.

    The parameters are the module's own tensors, before, during and after. Each batch begins with
    fresh gradients; parameters that it does not reach count as having the gradient 0, as in DJL
    (torch leaves them out). DJL trains in training mode: a module in evaluation mode is put into
    training mode for a step, with all that is below it, and back afterwards. What was put into
    evaluation mode by itself, below a module in training mode, stays in it.

    Args:
        module: a module of `pydjl.nn.from_block`, or any torch module.
        loss: one of `pydjl.training.losses`.
        optimizer: one of `pydjl.training.optimizers`, of parameters of the module. Schedulers of
            torch may drive it.
        evaluators: of `pydjl.training.evaluators`; they see each batch of `fit` and `evaluate`.

    Raises:
        ArgumentTypeError: an argument is not of these.
        ArgumentError: the optimizer has parameters that are not the module's.

    Example:
        >>> from pydjl.training import losses, optimizers
        >>> module = nn.Linear(1, 1)
        >>> _ = torch.nn.init.zeros_(module.weight), torch.nn.init.zeros_(module.bias)
        >>> x = torch.tensor([[-1.0], [0.0], [1.0]])
        >>> optimizer = optimizers.Sgd(module.parameters(), lr=0.5)
        >>> with Trainer(module, losses.L2Loss(), optimizer) as trainer:
        ...     for epoch in trainer.fit([(x, 2 * x + 1)], epochs=30, progress=False):
        ...         if epoch.number % 10 == 0:
        ...             print(f"{epoch.loss:.4f}")
        0.0009
        0.0000
        0.0000
    """

    def __init__(
        self,
        module: nn.Module,
        loss: Loss,
        optimizer: DjlOptimizer,
        evaluators: Sequence[Evaluator] = (),
    ) -> None:
        if not isinstance(module, nn.Module):
            raise ArgumentTypeError(
                f"a Trainer trains a torch.nn.Module, not a {type(module).__name__}: make one of a "
                "DJL Block by pydjl.nn.from_block."
            )
        _expect(Loss, "loss", loss, "one of pydjl.training.losses")
        _expect(DjlOptimizer, "optimizer", optimizer, "one of pydjl.training.optimizers")
        _expect(Iterable, "evaluators", evaluators, "a list of those in pydjl.training.evaluators")
        for each in evaluators:
            _expect(Evaluator, "an evaluator", each, "one of pydjl.training.evaluators")
        own = set(module.parameters())
        if not own.issuperset(p for group in optimizer.param_groups for p in group["params"]):
            raise ArgumentError(
                "the optimizer has parameters that are not the module's: make it of "
                "module.parameters()."
            )
        self.module = module
        self.loss = loss
        self.optimizer = optimizer
        self.evaluators = tuple(evaluators)
        self.epochs = 0
        self._java: Any = None
        self._block: Any = None
        self._trained: list[tuple[Any, ...]] = []
        self._closed = False

    def __enter__(self) -> Self:
        if self._closed:
            raise ClosedError("this Trainer is closed: make a new one.")
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back what Java holds; the module and the optimizer stay. May be called twice."""
        self._closed = True
        self._release()

    def step(self, x: Arrays, y: Arrays) -> Tensor:
        """Learn from a batch: forward, loss, backward and update, all by DJL.

        Args:
            x: the module's input, or several.
            y: the labels, as the loss takes them.

        Returns:
            The loss before the update, outside of the graph.

        Raises:
            ClosedError: the trainer is closed.
            DeviceError: the batch is not where the module is.
            JavaError: a `GradientCollector` is open.
            NotSupportedError: a DJL block's child has hooks or a mode of its own.
        """
        with turn_of(self.module), torch.inference_mode(mode=False):
            apart = self.module.standing_apart() if isinstance(self.module, BlockModule) else None
            if apart is not None:
                raise NotSupportedError(
                    f"DJL's Trainer runs a DJL block as a whole in training mode, so its child "
                    f"{apart!r} cannot have hooks or a mode of its own: train a "
                    "torch.nn.Sequential that the module is in."
                )
            inputs, labels = self._batch(x, y)
            self.module.zero_grad()
            loss: Tensor = self.optimizer.step(lambda: self._learn(inputs, labels))
        return loss

    def fit(
        self, loader: Iterable[tuple[Arrays, Arrays]], epochs: int = 1, *, progress: bool = True
    ) -> Iterator[Epoch]:
        """Train for some epochs; iterate over the result to make it happen, or a warning says so.

        Args:
            loader: batches of inputs and labels, such as a `torch.utils.data.DataLoader`; it is
                gone through once for each epoch.
            epochs: how often.
            progress: whether to show a bar where the standard error stream is a terminal.

        Yields:
            What each epoch gave, right after it.
        """
        count = java_int("epochs", epochs)
        if count < 0:
            raise ArgumentError(f"epochs is {count}, but it must not be negative.")
        return Epochs(self._fit(loader, count, flag("progress", progress)))

    def _fit(
        self, loader: Iterable[tuple[Arrays, Arrays]], epochs: int, progress: bool
    ) -> Iterator[Epoch]:
        for _ in range(epochs):
            self._reset()
            number = self.epochs + 1
            with progress_bar(loader, f"epoch {number}", shown=progress) as batches:
                losses = tuple(self.step(x, y).item() for x, y in pairs(batches))
            self.epochs = number
            yield self._found(losses)

    def evaluate(self, loader: Iterable[tuple[Arrays, Arrays]]) -> Epoch:
        """Compute the loss and the evaluators without learning, in evaluation mode.

        Args:
            loader: batches of inputs and labels.

        Returns:
            The losses and the evaluators' values.
        """
        self._reset()
        losses = []
        with turn_of(self.module), torch.no_grad():
            for x, y in pairs(loader):
                inputs, labels = self._batch(x, y)
                losses.append(self._call("Training.evaluate", inputs, labels).item())
        return self._found(tuple(losses))

    def _reset(self) -> None:
        for evaluator in self.evaluators:
            evaluator.reset()

    def _found(self, losses: tuple[float, ...]) -> Epoch:
        metrics = {evaluator.name: evaluator.compute() for evaluator in self.evaluators}
        return Epoch(self.epochs, losses, metrics)

    def _batch(self, x: Arrays, y: Arrays) -> tuple[list[Tensor], list[Tensor]]:
        """The tensors of a batch, for a Java trainer that is ready for them."""
        if self._closed:
            raise ClosedError("this Trainer is closed: make a new one.")
        inputs, labels = tensors(x, "x"), tensors(y, "y")
        # Autograd refuses tensors that were made in inference mode.
        inputs, labels = (
            [each.clone() if each.is_inference() else each for each in group]
            for group in (inputs, labels)
        )
        self._prepare(inputs)
        place = self._trained[0][-1]
        for each in (*inputs, *labels):
            if each.device != place:
                raise DeviceError(
                    f"the batch is on {each.device}, but the module is on {place}: move one of "
                    "them by .to()."
                )
        return inputs, labels

    def _learn(self, inputs: list[Tensor], labels: list[Tensor]) -> Tensor:
        loss = self._call("Training.learn", inputs, labels)
        for parameter, requires_grad, *_ in self._trained:
            # DJL would make a gradient of zeros itself, on the wrong device or of another type.
            if requires_grad and parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        return loss

    def _call(self, method: str, inputs: list[Tensor], labels: list[Tensor]) -> Tensor:
        evaluators = [evaluator.java for evaluator in self.evaluators]
        handle = call_java_with_list(
            "Trainer", method, [], self._java, evaluators, len(inputs), listed=inputs + labels
        )
        return adopt(handle)

    def _prepare(self, inputs: list[Tensor]) -> None:
        """Make the Java trainer, and anew where a parameter is no longer what it was."""
        if isinstance(self.module, BlockModule):
            if not self.module.is_initialized:
                self.module.initialize(*inputs)
            block = self.module.block
        else:
            block = self._block
        trained = [(p, p.requires_grad, p.dtype, p.device) for p in self.module.parameters()]
        if self._java is not None and _same(trained, self._trained):
            return
        self._release()
        if not trained:
            raise ArgumentError("the module has no parameters, so there is nothing to train.")
        if not isinstance(self.module, BlockModule):
            block = self._block = to_block(self.module)
        _, _, dtype, place = trained[0]
        device = java_class("ai.djl.Device").of(
            *(("cpu", -1) if place.type == "cpu" else ("gpu", place.index))
        )
        with torch.no_grad():
            self._java = call_java(
                "Trainer",
                "Training.newTrainer",
                [],
                block,
                self.loss.java,
                self.optimizer.java,
                device,
                data_type(dtype),
                [list(each.shape) for each in inputs],
            )
        self._trained = trained
        self.optimizer.join(self._java, _parameter_ids(block))

    def _release(self) -> None:
        java, self._java = self._java, None
        if java is None:
            return
        self.optimizer.join(None, {})
        call_java("Trainer.close", "Training.closeTrainer", [], java)
        if self._block is not None:
            self._block.clear()
            self._block = None


def _same(first: list[tuple[Any, ...]], second: list[tuple[Any, ...]]) -> bool:
    return len(first) == len(second) and all(
        a[0] is b[0] and a[1:] == b[1:] for a, b in zip(first, second, strict=True)
    )


def _parameter_ids(block: Any) -> dict[Tensor, str]:
    """DJL's name of each parameter's tensor."""
    ids = {}
    for pair in block.getParameters():
        handle = call_java("Trainer", "Arrays.handleOf", [], pair.getValue().getArray())
        ids[look_at(int(handle))] = str(pair.getValue().getId())
    return ids


def _expect(kind: type, name: str, value: object, expected: str) -> None:
    if not isinstance(value, kind):
        raise ArgumentTypeError(
            f"{name} is a {type(value).__module__}.{type(value).__name__}, but DJL's Trainer needs "
            f"{expected}."
        )
