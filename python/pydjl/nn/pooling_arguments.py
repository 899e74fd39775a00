"""What pooling asks of its arguments: the functions when called, the layers when made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydjl.errors import ArgumentError, DivisionByZeroError
from pydjl.ndarray.numbers import flag, real_number
from pydjl.nn.arguments import Size, elements, per_dimension, refuse, whole

OutputSize = int | None | Sequence[int | None]


def max_arguments(
    name: str,
    dimensions: int,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    dilation: Size,
    ceil_mode: bool,
    return_indices: bool,
) -> tuple[Any, ...]:
    """What Java needs for the maxima of windows, after the input.

    Raises:
        ArgumentError: a number cannot be used.
        ArgumentTypeError: an argument is of the wrong type.
        NotSupportedError: something was asked for that DJL cannot.
    """
    kernel, steps = _windows(name, dimensions, kernel_size, stride)
    border = per_dimension(f"{name}: padding", padding, dimensions, least=0)
    gaps = per_dimension(f"{name}: dilation", dilation, dimensions, least=1)
    if any(each != 1 for each in gaps):
        raise refuse(name, f"dilation={dilation!r}", "use torch.nn.functional for such windows")
    refuse_indices(name, return_indices)
    return kernel, steps, border, flag(f"{name}: ceil_mode", ceil_mode)


def average_arguments(
    name: str,
    dimensions: int,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> tuple[Any, ...]:
    """What Java needs for the means of windows, after the input; raises as `max_arguments`."""
    kernel, steps = _windows(name, dimensions, kernel_size, stride)
    border = per_dimension(f"{name}: padding", padding, dimensions, least=0)
    if divisor_override is not None:
        raise refuse(
            name, f"divisor_override={divisor_override!r}", "multiply the result by a constant"
        )
    counted = flag(f"{name}: count_include_pad", count_include_pad) or not any(border)
    return kernel, steps, border, flag(f"{name}: ceil_mode", ceil_mode), counted


def norm_arguments(
    name: str,
    dimensions: int,
    norm_type: float,
    kernel_size: Size,
    stride: Size | None,
    ceil_mode: bool,
) -> tuple[Any, ...]:
    """What Java needs for the norms of windows, after the input; raises as `max_arguments`.

    Raises:
        DivisionByZeroError: the exponent is 0, and there is no 0th root.
    """
    kernel, steps = _windows(name, dimensions, kernel_size, stride)
    exponent = real_number(f"{name}: norm_type", norm_type)
    if exponent == 0:
        raise DivisionByZeroError(f"{name}: norm_type is 0, but the root needs another number.")
    return exponent, kernel, steps, flag(f"{name}: ceil_mode", ceil_mode)


def sizes_or_none(name: str, dimensions: int, output_size: OutputSize) -> list[int | None]:
    """The size of the output in each dimension, or none where it is the input's.

    Raises:
        ArgumentError: there are too few or too many, or one is negative.
        ArgumentTypeError: it is no whole number and no sequence of such.
    """
    given = elements(output_size)
    if len(given) == 1:
        given *= dimensions
    if len(given) != dimensions:
        raise ArgumentError(
            f"{name}: output_size is {output_size!r}, but one or {dimensions} numbers are needed."
        )
    return [
        None if each is None else whole(f"{name}: output_size", each, least=0) for each in given
    ]


def refuse_indices(name: str, return_indices: bool) -> None:
    """Refuse to say where the maxima were.

    Raises:
        NotSupportedError: it was asked for.
    """
    if flag(f"{name}: return_indices", return_indices):
        raise refuse(name, "return_indices=True", "use torch.nn.functional for the indices")


def _windows(
    name: str, dimensions: int, kernel_size: Size, stride: Size | None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The size and the distance of windows."""
    kernel = per_dimension(f"{name}: kernel_size", kernel_size, dimensions, least=1)
    if stride is None or (isinstance(stride, (list, tuple)) and not stride):
        return kernel, kernel
    return kernel, per_dimension(f"{name}: stride", stride, dimensions, least=1)
