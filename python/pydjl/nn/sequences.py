"""Which Java blocks do nothing but run their children one after the other."""

from __future__ import annotations

from typing import Any

from pydjl.runtime import java_class

_SEQUENTIAL = "ai.djl.nn.SequentialBlock"


def runs_children_in_order(block: Any) -> bool:
    """Whether a block is a ``SequentialBlock``, or of a subclass without its own forward pass.

    Args:
        block: a DJL block.

    Returns:
        Whether its output is what its children give when each takes what the one before it gave.

    Example:
        >>> runs_children_in_order(java_class("ai.djl.nn.SequentialBlock")())
        True
        >>> runs_children_in_order(java_class("ai.djl.nn.Blocks").identityBlock())
        False
    """
    if not isinstance(block, java_class(_SEQUENTIAL)):
        return False
    kind = block.getClass()
    while str(kind.getName()) != _SEQUENTIAL:
        names = {str(method.getName()) for method in kind.getDeclaredMethods()}
        if names & {"forward", "forwardInternal"}:
            return False
        kind = kind.getSuperclass()
    return not block.isReturnIntermediate()
