"""Units in the last place: how many representable numbers two numbers are apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def ulp_distance(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Counts, element by element, the steps to the next representable number from ``a`` to ``b``.

    IEEE 754 numbers of one sign are ordered as their bit patterns are, read as integers, so the
    distance is a difference of integers and exact however far the numbers are apart: across zero,
    through the subnormal numbers, and up to infinity, which comes one step after the largest
    number. ``+0`` and ``-0`` are 0 apart. Integers are their absolute difference apart, without
    overflow. The distance to a NaN means nothing.

    Args:
        a: an array of bool, integers, float16, float32 or float64, in native byte order.
        b: an array of the same dtype, and of the same shape or one that broadcasts with it.

    Returns:
        The distances, unsigned integers as wide as the dtype.

    Example:
        >>> one = np.array([1.0, -0.0, 0.0], dtype=np.float32)
        >>> ulp_distance(one, np.nextafter(one, np.float32(2)))
        array([1, 1, 1], dtype=uint32)
    """
    a, b = _ordered_integers(a), _ordered_integers(b)
    unsigned = np.dtype(f"u{a.dtype.itemsize}")
    # Modulo 2ⁿ, larger minus smaller is right even where the signed difference overflows.
    distance: npt.NDArray[np.unsignedinteger[Any]] = np.subtract(
        np.maximum(a, b).view(unsigned), np.minimum(a, b).view(unsigned)
    )
    return distance


def _ordered_integers(values: npt.NDArray[Any]) -> npt.NDArray[np.integer[Any]]:
    """Maps numbers to integers of the same order, neighbours to neighbours."""
    if values.dtype.kind == "b":
        return values.view(np.uint8)
    if values.dtype.kind != "f":
        return values
    bits = values.view(f"i{values.dtype.itemsize}")
    # Negative numbers are stored as sign and magnitude: turn the magnitude's order around.
    return np.where(bits < 0, np.iinfo(bits.dtype).min - bits, bits)
