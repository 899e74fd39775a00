"""Results that a model gives together, each compared with the other model's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from pydjl.comparison.difference import Difference, compare_values
from pydjl.comparison.error_map import ErrorMap, error_maps
from pydjl.comparison.tolerance import Tolerance


class Compared(NamedTuple):
    """A difference, and where in the tensor it is.

    Attributes:
        difference: how far the two are apart.
        error_maps: pictures of where; none if the two are equal, or of other shapes.
    """

    difference: Difference
    error_maps: tuple[ErrorMap, ...] = ()


def compare_all(
    name: str, java: Sequence[Tensor], python: Sequence[Tensor], tolerance: Tolerance | None
) -> list[Compared]:
    """Compare tensors one by one; one that only one side has is left out.

    Args:
        name: of all of them; several are numbered.
        java: Java's tensors.
        python: Python's.
        tolerance: how far they may be apart.

    Returns:
        The comparisons in order.
    """
    found = []
    for i, (a, b) in enumerate(zip(java, python, strict=False)):
        own_name = f"{name} [{i}]" if len(python) > 1 else name
        difference = compare_values(own_name, a.detach(), b.detach(), tolerance=tolerance)
        maps = () if difference.bit_equal else error_maps(a.detach(), b.detach())
        found.append(Compared(difference, maps))
    return found
