"""Layers that only one of two models has, or that the two have in another order.

The values tell it: what one model has before such a layer is what the other has in the place of
what comes after it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pydjl.comparison.causes import Cause
from pydjl.comparison.draws import same_draws
from pydjl.comparison.likeness import agree
from pydjl.comparison.observation import Call, Model, watch
from pydjl.comparison.streams import CallPair, LayerCall, record, title_of
from pydjl.comparison.tolerance import TOLERANCES, Tolerance
from pydjl.errors import PydjlError


@dataclass(frozen=True)
class Side:
    """One of the two models.

    Attributes:
        whose: ``Java`` or ``Python``.
        model: the model.
        calls: of its layers.
        outputs: what it gives.
    """

    whose: str
    model: Model
    calls: Sequence[Call]
    outputs: tuple[Tensor, ...]


@dataclass(frozen=True)
class MissingLayers:
    """Finds the layers by which two models part.

    What is found is a missing layer, which Java lacks; an extra layer, which Python lacks; or
    another order, if the other model has such a layer later on; nothing if nothing of this explains
    the difference.

    Attributes:
        java: the Java model.
        python: the Python model.
        inputs: what both are called with.
        gradients: whether the models run as for gradients.
        tolerance: how far results may be apart.
    """

    java: Side
    python: Side
    inputs: Sequence[Tensor]
    gradients: bool = True
    tolerance: Tolerance | None = None

    @torch.no_grad()
    def between(self, pairs: Sequence[CallPair], first: int) -> list[Cause]:
        """Look between two layers that both have.

        Args:
            pairs: the layers that both have.
            first: which of them is the first whose inputs differ; their number if only the outputs
                of the models do.

        Returns:
            The cause, if there is one.
        """
        sides = self.java, self.python
        last = pairs[first - 1] if first else (None, None)
        after = pairs[first] if first < len(pairs) else (None, None)
        values = [
            self._record(side, call).inputs if call else side.outputs
            for side, call in zip(sides, after, strict=True)
        ]
        alone = [
            _alone(side, [pair[i] for pair in pairs], last[i], after[i])
            for i, side in enumerate(sides)
        ]
        return self._search(values, alone, after[1])

    @torch.no_grad()
    def at_the_end(self, pair: CallPair) -> list[Cause]:
        """Look at the end of a Python module whose twin runs as a whole in Java.

        Args:
            pair: their calls, of which only the outputs differ.

        Returns:
            The cause, if there is one.
        """
        ours, theirs = pair
        prefix = f"{theirs.name}." if theirs.name else ""
        inside = [
            call
            for call in self.python.calls
            if call.name.startswith(prefix) and call.number > theirs.number and not call.is_divided
        ]
        if not inside:
            return []
        values = [self._record(self.java, ours).outputs, self._record(self.python, theirs).outputs]
        return self._search(values, [([], []), (inside, [])], None)

    def _record(self, side: Side, call: Call) -> LayerCall:
        return record(side.model, self.inputs, [call], gradients=self.gradients)[0]

    def _search(
        self,
        values: Sequence[tuple[Tensor, ...]],
        alone: Sequence[tuple[list[Call], list[Call]]],
        after: Call | None,
    ) -> list[Cause]:
        differing = (
            (a, b) for a, b in zip(*values, strict=False) if not agree(a, b, self.tolerance)
        )
        found = next(differing, None)
        if found is None or not all(_is_comparable(value) for value in found):
            return []
        here, there = (
            _Place(side, value, *calls)
            for side, value, calls in zip((self.java, self.python), found, alone, strict=True)
        )
        for same in (self._equal, self._equal_in_order):
            if same(here.value, there.value):
                continue
            for owner, other in ((there, here), (here, there)):
                if not owner.before:
                    continue
                watcher = _Watcher(owner, other.value, same)
                watch(owner.side.model, self.inputs, watcher, gradients=self.gradients)
                if layers := watcher.found():
                    later = _moved(other, owner.value, same)
                    return [_cause(owner.side, layers, other.side, later, after)]
        return []

    def _equal(self, a: Tensor, b: Tensor) -> bool:
        return agree(a, b, self.tolerance)

    def _equal_in_order(self, a: Tensor, b: Tensor) -> bool:
        """Equal, flattened or not: one of the models may flatten by what is no layer."""
        return agree(a.flatten(), b.flatten(), self.tolerance)


def _is_comparable(value: Tensor) -> bool:
    """Whether it can be compared with what has its dtype and shape: bfloat16 cannot."""
    return str(value.dtype).removeprefix("torch.") in TOLERANCES


@dataclass(frozen=True)
class _Place:
    """What one model has where the two differ first."""

    side: Side
    value: Tensor
    before: Sequence[Call]  # layers without a partner, since both had the same values
    later: Sequence[Call]  # those that come after it


def _alone(
    side: Side, paired: Sequence[Call], last: Call | None, after: Call | None
) -> tuple[list[Call], list[Call]]:
    """The layers that the other model has not: those between two calls, and those after them."""
    numbers = {call.number for call in paired}
    alone = [c for c in side.calls if not c.is_divided and c.number not in numbers]
    start = -1 if last is None else last.number
    end = math.inf if after is None else after.number
    between = [call for call in alone if start < call.number < end]
    return between, [call for call in alone if call.number > end]


class _Watcher:
    """Finds the layers that begin with the other model's value and end with the own one."""

    def __init__(
        self, place: _Place, before: Tensor, same: Callable[[Tensor, Tensor], bool]
    ) -> None:
        self._calls = {call.number: call for call in place.before}
        self._before = before
        self._after = place.value
        self._same = same
        self._start: int | None = None
        self._found: list[Call] = []

    def begins(self, number: int, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        """Is it a layer before which both models have the same?"""
        wanted = self._is_wanted(number, layer) and len(inputs) == 1
        if wanted and self._same(inputs[0].detach(), self._before):
            self._start = number

    def ends(self, number: int, layer: nn.Module, outputs: tuple[Tensor, ...]) -> None:
        """Is it one after which they would have the same?"""
        if self._start is None or self._found or not self._is_wanted(number, layer):
            return
        if len(outputs) == 1 and self._same(outputs[0].detach(), self._after):
            self._found = [c for n, c in self._calls.items() if self._start <= n <= number]

    def found(self) -> list[Call]:
        """The layers in order; none if there are no such."""
        return self._found

    def _is_wanted(self, number: int, layer: nn.Module) -> bool:
        return number in self._calls and self._calls[number].module is layer


def _moved(place: _Place, value: Tensor, same: Callable[[Tensor, Tensor], bool]) -> Call | None:
    """A later layer that would give a value in this place."""
    for call in place.later:
        if call.module.state_dict():  # to run it might change it
            continue
        try:
            with same_draws():
                y = call.module(place.value.clone())
        except (RuntimeError, ValueError, TypeError, PydjlError):  # not for such an input
            continue
        if isinstance(y, Tensor) and same(y, value):
            return call
    return None


def _cause(
    owner: Side, layers: Sequence[Call], other: Side, later: Call | None, after: Call | None
) -> Cause:
    where = layers[0].name
    titles = ", ".join(f"'{title_of(call)}'" for call in layers)
    if later is not None and after is not None:
        return Cause(
            "another order",
            where,
            f"{owner.whose} has {titles} before '{title_of(after)}', and {other.whose} has "
            f"'{title_of(later)}', which does the same, after it",
        )
    words, pronoun = ("a layer", "it") if len(layers) == 1 else ("layers", "them")
    return Cause(
        "missing layer" if other.whose == "Java" else "extra layer",
        where,
        f"{owner.whose} has {words} {titles} there that {other.whose} has not: before {pronoun}, "
        f"{owner.whose}'s values are {other.whose}'s",
    )
