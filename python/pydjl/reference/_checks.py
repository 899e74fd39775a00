"""Argument checks that several modules of this room share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from pydjl.errors import ArgumentError, ShapeError

SquaredError: TypeAlias = Literal["mean_of_halves", "sum"]
"""How squared differences become a loss: the mean of their halves, or their sum."""


def corr2d_output_shape(x_shape: tuple[int, ...], k_shape: tuple[int, ...]) -> tuple[int, int]:
    """Returns the shape ``(H - h + 1, W - w + 1)`` of a valid cross-correlation.

    Args:
        x_shape: shape of the input, ``(H, W)``.
        k_shape: shape of the kernel, ``(h, w)``.

    Returns:
        The output's height and width, both at least 1.

    Raises:
        ShapeError: an argument is not two-dimensional, the kernel is empty, or it is larger than
            the input.
    """
    for name, shape in (("X", x_shape), ("K", k_shape)):
        if len(shape) != 2:
            raise ShapeError(
                f"{name} has shape {shape}, but a two-dimensional cross-correlation needs a matrix "
                f"(height, width); select one example and one channel, such as {name}[0, 0].",
                x_shape,
                k_shape,
            )
    height, width = x_shape
    h, w = checked_kernel_shape(k_shape)
    if h > height or w > width:
        raise ShapeError(
            f"The kernel K of shape {k_shape} does not fit into X of shape {x_shape}; "
            "pad X or use a smaller kernel.",
            x_shape,
            k_shape,
        )
    return height - h + 1, width - w + 1


def checked_kernel_shape(kernel_shape: Iterable[int]) -> tuple[int, int]:
    """Returns the kernel's height and width, or raises `ShapeError` unless both are at least 1."""
    shape = tuple(kernel_shape)
    if len(shape) != 2 or min(shape) < 1:
        raise ShapeError(
            f"The kernel's shape is {shape}, but a kernel needs a height and a width of at least "
            "1, such as (1, 2).",
            shape,
        )
    return shape


def check_schedule(lr: float, steps: int) -> None:
    """Raises `ArgumentError` unless ``lr`` is positive and finite and ``steps`` is at least 0."""
    if not (math.isfinite(lr) and lr > 0):
        raise ArgumentError(
            f"lr is {lr}, but a learning rate must be positive and finite, such as 0.4."
        )
    if steps < 0:
        raise ArgumentError(f"steps is {steps}, but a number of steps must be at least 0.")


def check_loss(loss: str) -> None:
    """Raises `ArgumentError` unless the loss is a `SquaredError`."""
    if loss not in get_args(SquaredError):
        raise ArgumentError(f"loss is {loss!r}, but it must be 'mean_of_halves' or 'sum'.")
