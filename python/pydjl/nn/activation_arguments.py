"""What activations ask of their arguments: the functions when called, the layers when made."""

from __future__ import annotations

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray.numbers import real_number
from pydjl.nn.arguments import refuse, whole

#: DJL's softplus is linear above this, and cannot be told otherwise.
SOFTPLUS_THRESHOLD = 20


def check_approximation(operation: str, approximate: str) -> None:
    """Refuse any but the two ways of `gelu`.

    Raises:
        ArgumentError: it is neither.
        ArgumentTypeError: it is no text.
    """
    if not isinstance(approximate, str):
        raise ArgumentTypeError(
            f"{operation}: approximate is a {type(approximate).__name__}, but 'none' or 'tanh' is "
            "needed."
        )
    if approximate not in ("none", "tanh"):
        raise ArgumentError(
            f"{operation}: approximate is {approximate!r}, but 'none' or 'tanh' is needed."
        )


def scale_and_limit(operation: str, beta: float, threshold: float) -> tuple[float, float]:
    """The numbers of `softplus`.

    Raises:
        ArgumentTypeError: one is no number.
        NotSupportedError: the threshold is above DJL's.
    """
    limit = real_number(f"{operation}: threshold", threshold)
    if limit > SOFTPLUS_THRESHOLD:
        raise refuse(operation, f"threshold={threshold!r}", f"give at most {SOFTPLUS_THRESHOLD}")
    return real_number(f"{operation}: beta", beta), limit


def dimension(operation: str, dim: int | None) -> int:
    """The dimension of `softmax`.

    Raises:
        ArgumentError: there is none.
        ArgumentTypeError: it is no whole number.
    """
    if dim is None:
        raise ArgumentError(f"{operation}: dim is None, but a dimension is needed, such as dim=-1.")
    return whole(f"{operation}: dim", dim)
