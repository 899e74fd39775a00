"""The one number that tensors are multiples of others by, as far as rounding lets it be known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

# Of the largest value: what may be left over of an explanation, apart from rounding.
_REST = 1e-4


class Change(NamedTuple):
    """What is asked to be a multiple of what.

    Attributes:
        ours: the multiple.
        theirs: what it may be a multiple of.
        noise: how much of each element of either may be rounding.
    """

    ours: Tensor
    theirs: Tensor
    noise: Tensor

    def shows(self) -> bool:
        """Whether it is more than rounding."""
        return bool((self.ours.abs() > 2 * self.noise + 1e-5 * self.theirs.abs().max()).any())


class Factor(NamedTuple):
    """A number that explains all changes.

    Attributes:
        value: the number.
        uncertainty: how far rounding may have moved it.
        misfit: what it leaves over, where 1 is all that rounding may leave.
    """

    value: float
    uncertainty: float
    misfit: float

    def __str__(self) -> str:
        """The number, with the digits that are known."""
        known = math.log10(max(abs(self.value), 1e-300) / max(self.uncertainty, 1e-300))
        return f"{self.value:.{min(max(round(known), 1), 6)}g}"


def one_factor(changes: Sequence[Change], *, but: float) -> Factor | None:
    """Find the one number that all changes are multiples by.

    Args:
        changes: at least one for a result.
        but: the number that explains nothing.

    Returns:
        The number; None if there is none, or it cannot be told from that one.

    Example:
        >>> noise = torch.full((2,), 1e-6)
        >>> change = Change(torch.tensor([2.0, 4.0]), torch.tensor([1.0, 2.0]), noise)
        >>> found = one_factor([change], but=1)
        >>> str(found)
        '2'
    """
    if not changes:
        return None
    ours = torch.cat([each.ours.flatten() for each in changes]).double()
    theirs = torch.cat([each.theirs.flatten() for each in changes]).double()
    noise = torch.cat([each.noise.flatten() for each in changes])
    rest = torch.cat([_REST * each.ours.abs().max().expand(each.ours.numel()) for each in changes])
    scale = (noise + rest).clamp(min=1e-300)
    square = (theirs / scale).square().sum().item()
    if not (0 < square < math.inf):
        return None
    value = ((ours / scale) * (theirs / scale)).sum().item() / square
    misfit, without = (
        (ours - theirs * each).abs() / (scale + abs(each) * noise) for each in (value, but)
    )
    if not (misfit <= 1).all() or (without <= 1).all():
        return None
    known = (theirs / noise.clamp(min=1e-300)).square().sum().item()
    uncertainty = known**-0.5
    if abs(value - but) < 4 * uncertainty:
        return None
    return Factor(value, uncertainty, misfit.square().mean().item() ** 0.5)
