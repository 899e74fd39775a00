"""Numbers as text: exactly those of float32, in the fewest digits."""

from __future__ import annotations

import numpy as np


def shortest(number: float) -> str:
    """A float32 number in the fewest digits that mean it and no other, as programs read it.

    Example:
        >>> shortest(19.0), shortest(-0.10000000149011612), shortest(1e-9), shortest(-0.0)
        ('19', '-0.1', '1e-9', '0')
    """
    value = np.float32(number)
    if value == 0:
        return "0"
    if 1e-4 <= abs(value) < 1e9:
        return np.format_float_positional(value, unique=True, trim="-")
    return np.format_float_scientific(value, unique=True, trim="-", exp_digits=1)


def exact_text(number: float) -> str:
    """A float32 number in the fewest digits that mean it and no other, as people read it.

    Example:
        >>> exact_text(19.0), exact_text(-0.10000000149011612), exact_text(1e-9)
        ('19', '−0.1', '1e−9')
    """
    return shortest(number).replace("-", "−").replace("e+", "e")
