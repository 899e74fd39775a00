"""How a torch optimizer lets DJL make its updates: groups, state, counts, and DJL's trainer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, cast

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import ParamsT

from pydjl.errors import ArgumentError
from pydjl.ndarray import call_java_with_list
from pydjl.runtime import java_class


class DjlOptimizer(Optimizer):
    """What DJL's optimizers share; use one of the subclasses.

    The rule runs in DJL, in place, on the parameters' own memory. Its state lies in `state`, so
    that `state_dict` holds it. Hyperparameters are float32 in DJL, also for float64 parameters:
    0.1 is 0.10000000149. Gradients are changed first, in this order::

        g = rescale_grad * gradient
        g = min(g, clip_grad)          # from above only, as DJL does on PyTorch

    Attributes:
        trainer: the Java trainer that this optimizer belongs to at present; `step` then is that
            trainer's.
    """

    _factory: ClassVar[str]
    _options: ClassVar[tuple[str, ...]]

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        clip_grad = defaults["clip_grad"]
        check_option("lr", defaults["lr"], defaults["lr"] >= 0, "at least 0")
        check_option(
            "weight_decay", defaults["weight_decay"], defaults["weight_decay"] >= 0, "at least 0"
        )
        check_option(
            "clip_grad", clip_grad, clip_grad is None or clip_grad >= 0, "None or at least 0"
        )
        check_option("rescale_grad", defaults["rescale_grad"], True, "finite")
        self._forget_java()
        super().__init__(params, defaults)

    def _forget_java(self) -> None:
        self._java: Any = None
        self._configured: Any = None
        self.trainer: Any = None
        self._ids: dict[Tensor, str] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_java" not in self.__dict__:  # a copy
            self._forget_java()
        for group in self.param_groups:  # saved by torch's optimizer of this name
            group.setdefault("rescale_grad", 1.0)
            group.setdefault("clip_grad", None)

    def _state_names(self, group: dict[str, Any]) -> tuple[str, ...]:
        """What DJL keeps for each parameter of a group, in DJL's order."""
        raise NotImplementedError

    @property
    def java(self) -> Any:
        """The DJL ``Optimizer``. Its updates are to be made by `step`, which lends it its state."""
        if self._java is None:
            self._java = java_class("org.pydjl.bridge.GroupedOptimizer")()
        self._configure()
        return self._java

    def join(self, trainer: Any, ids: dict[Tensor, str]) -> None:
        """Let a Java trainer make the updates; None for none.

        Args:
            trainer: a DJL ``Trainer`` that was made with `java`.
            ids: DJL's name of each of its parameters.
        """
        self.trainer = trainer
        self._ids = ids
        self._configure()

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; the gradients stay.

        In a `Trainer` the update is that of DJL's trainer, which sets the gradients to 0.

        Args:
            closure: computes the loss and its gradients anew.

        Returns:
            What `closure` returns.
        """
        result = None
        if closure is not None:
            with torch.set_grad_enabled(True):
                result = closure()
        java = self.java
        slots, rates, counts, group_counts = [], [], [], []
        lent: list[Tensor] = []
        updated: list[dict[str, Any]] = []
        slot = -1
        for group in self.param_groups:
            names = self._state_names(group)
            count = max((int(self._count(each)) for each in group["params"]), default=0)
            for parameter in group["params"]:
                slot += 1
                if parameter.grad is None:
                    continue
                state = self._state_of(parameter, names)
                slots.append(slot)
                rates.append(float(group["lr"]))
                counts.append(int(state["step"]))
                group_counts.append(count)
                # Detached, a parameter shows DJL no gradient that it would set to 0.
                lent.append(parameter.detach())
                if self.trainer is None:
                    lent.append(parameter.grad)
                lent.extend(state[name] for name in names)
                updated.append(state)
        if updated:
            to_java: tuple[Any, ...] = (java, slots, rates, counts, group_counts)
            method = "GroupedOptimizer.apply"
            if self.trainer is not None:
                to_java = (java, self.trainer, slots, rates, counts, group_counts)
                method = "GroupedOptimizer.step"
            name = f"{type(self).__name__}.step"
            call_java_with_list(name, method, [], *to_java, listed=lent)
        for state in updated:
            state["step"] += 1
        return result

    def _count(self, parameter: Tensor) -> Any:
        return self.state[parameter]["step"] if parameter in self.state else 0

    def _state_of(self, parameter: Tensor, names: tuple[str, ...]) -> dict[str, Any]:
        state = cast("dict[str, Any]", self.state[parameter])
        if "step" not in state:
            state["step"] = torch.zeros((), dtype=torch.float32)
        for name in names:
            if name not in state:
                state[name] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
        return state

    def _configure(self) -> None:
        """Give Java the groups, where they are not what Java has."""
        if self._java is None:
            return
        parameters = [each for group in self.param_groups for each in group["params"]]
        ids = [self._ids.get(each, f"{slot}") for slot, each in enumerate(parameters)]
        options = [
            (len(group["params"]), *(group[name] for name in self._options))
            for group in self.param_groups
        ]
        if (ids, options) == self._configured:
            return
        groups: list[Any] = []
        for count, *values in options:
            numbers = [-1.0 if x is None else float(x) for value in values for x in _flat(value)]
            make = getattr(java_class("org.pydjl.bridge.ParameterGroup"), self._factory)
            groups.extend([make(*numbers)] * count)
        self._java.setParameters(groups, ids)
        self._configured = ids, options


def check_option(name: str, value: Any, met: bool, expected: str) -> None:
    """Refuse an option that is not finite or not what is expected of it."""
    finite = all(math.isfinite(number) for number in _flat(value) if number is not None)
    if not (met and finite):
        raise ArgumentError(f"{name} is {value!r}, but it must be {expected}.")


def _flat(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)
