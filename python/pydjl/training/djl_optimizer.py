"""How a torch optimizer lets DJL make its updates: groups, state, counts, and DJL's trainer."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_float
from math import inf, isfinite
from typing import Any, ClassVar, cast

import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.optimizer import ParamsT

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray import call_java_with_list
from pydjl.ndarray.numbers import real_number
from pydjl.runtime import java_class

# Options that torch's optimizers of these names do not have, and what leaves them off.
_OFF = {"rescale_grad": 1.0, "clip_grad": None}
# Options that change the rule, of torch's optimizers and of those here.
_OF_RULES = (
    "amsgrad",
    "betas",
    "dampening",
    "decoupled_weight_decay",
    "differentiable",
    "eps",
    "maximize",
    "momentum",
    "nesterov",
)
# How many numbers an option is, their least and their bound, and the same in words.
_RANGES = {
    "betas": (2, 0, 1, "two numbers from 0 to below 1"),
    "clip_grad": (1, 0, inf, "None, or at least 0 and finite"),
    "rescale_grad": (1, -inf, inf, "finite"),
}
_AT_LEAST_0 = (1, 0, inf, "at least 0 and finite")


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
    _always: ClassVar[tuple[str, ...]] = ()

    def __init__(self, params: ParamsT, defaults: dict[str, Any]) -> None:
        self._check_options(defaults)
        self._forget_java()
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own, as in torch.

        Args:
            param_group: ``params``, and options where they are not this optimizer's. Names that
                mean nothing to DJL may be there as well, as in torch.

        Raises:
            ArgumentError: an option cannot be used, or is one that DJL's optimizer does not have.
            ArgumentTypeError: an option is no number.
        """
        if isinstance(param_group, dict):  # torch refuses anything else
            self._check_options(self.defaults | param_group)
        super().add_param_group(param_group)

    def _check_options(self, group: dict[str, Any]) -> None:
        for name in ("lr", *self._options):
            _numbers(name, group[name])
        self._refuse_other_rules(group)

    def _refuse_other_rules(self, group: dict[str, Any]) -> None:
        for name in _OF_RULES:
            if group.get(name) and name not in (*self._options, *self._always):
                raise ArgumentError(
                    f"{name} is {group[name]!r}, but DJL's {type(self).__name__} does not have it: "
                    "leave it out, or use an optimizer of torch.optim."
                )

    def _forget_java(self) -> None:
        self._java: Any = None
        self._configured: Any = None
        self.trainer: Any = None
        self._ids: dict[Tensor, str] = {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._check_saved(state)
        super().__setstate__(state)
        if "_java" not in self.__dict__:  # a copy
            self._forget_java()
        for group in self.param_groups:  # saved by torch's optimizer of this name
            for name, off in _OFF.items():
                group.setdefault(name, off)

    def _check_saved(self, state: dict[str, Any]) -> None:
        kind = type(self).__name__
        for group in state["param_groups"]:
            self._refuse_other_rules(group)
            for name in ("lr", *self._options):
                if name not in group and name not in _OFF:
                    raise ArgumentError(
                        f"the state is of another optimizer than DJL's {kind}: its groups have no "
                        f"{name}."
                    )
        for saved in state["state"].values():
            if saved and "step" not in saved:
                raise ArgumentError(
                    f"the state has {', '.join(map(repr, saved))} and no 'step', so it is of "
                    f"another optimizer than DJL's {kind}: begin without a state, or go on by the "
                    "one that saved it."
                )

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
            rate = _rate(group)
            count = max((int(self._count(each)) for each in group["params"]), default=0)
            for parameter in group["params"]:
                slot += 1
                if parameter.grad is None:
                    continue
                state = self._state_of(parameter, names)
                slots.append(slot)
                rates.append(rate)
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
        return self.state[parameter].get("step", 0) if parameter in self.state else 0

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
            (
                len(group["params"]),
                [x for name in self._options for x in _numbers(name, group[name])],
            )
            for group in self.param_groups
        ]
        if (ids, options) == self._configured:
            return
        groups: list[Any] = []
        for count, numbers in options:
            make = getattr(java_class("org.pydjl.bridge.ParameterGroup"), self._factory)
            groups.extend([make(*numbers)] * count)
        self._java.setParameters(groups, ids)
        self._configured = ids, options


def _rate(group: dict[str, Any]) -> float:
    """The learning rate; a scheduler may make it a little less than 0, by rounding."""
    rate = c_float(real_number("lr", group["lr"])).value
    if not isfinite(rate):
        raise ArgumentError(f"lr is {group['lr']!r}, but it must be finite in float32.")
    return rate


def _numbers(name: str, value: Any) -> list[float]:
    """Java's numbers of an option, once it is sure that they can be used."""
    if name == "clip_grad" and value is None:
        return [-1.0]
    count, least, bound, expected = _RANGES.get(name, _AT_LEAST_0)
    values = (value,) if count == 1 else value
    if not isinstance(values, (tuple, list)):
        raise ArgumentTypeError(f"{name} is {value!r}, but it must be {expected}.")
    # As Java rounds them: 0.999999999 is 1 there, and 1e39 infinite.
    numbers = [c_float(real_number(name, each)).value for each in values]
    usable = all(least <= number < bound and isfinite(number) for number in numbers)
    if len(numbers) != count or not usable:
        raise ArgumentError(f"{name} is {value!r}, but it must be {expected} in float32.")
    return numbers
