"""How far two results of one dtype may be apart and still agree: the one table of tolerances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from pydjl.errors import ArgumentError, DtypeError


@dataclass(frozen=True)
class Tolerance:
    """Two values agree if ``|java - python| <= atol + rtol * |python|``.

    Attributes:
        rtol: the relative tolerance, at least 0.
        atol: the absolute tolerance, at least 0.

    Raises:
        ArgumentError: a tolerance is negative or not finite.

    Example:
        >>> Tolerance(rtol=1e-3, atol=0.0)
        Tolerance(rtol=0.001, atol=0.0)
    """

    rtol: float
    atol: float

    def __post_init__(self) -> None:
        for name, value in (("rtol", self.rtol), ("atol", self.atol)):
            if not (math.isfinite(value) and value >= 0):
                raise ArgumentError(
                    f"{name} is {value}, but a tolerance must be finite and at least 0, "
                    "such as 1e-5."
                )


_EXACT: Final = Tolerance(0.0, 0.0)

TOLERANCES: Final[Mapping[str, Tolerance]] = MappingProxyType(
    {
        "bool": _EXACT,
        "int8": _EXACT,
        "int16": _EXACT,
        "int32": _EXACT,
        "int64": _EXACT,
        "uint8": _EXACT,
        "uint16": _EXACT,
        "uint32": _EXACT,
        "uint64": _EXACT,
        "float16": Tolerance(rtol=1e-3, atol=1e-5),
        "float32": Tolerance(rtol=1.3e-6, atol=1e-5),
        "float64": Tolerance(rtol=1e-7, atol=1e-7),
        "complex64": Tolerance(rtol=1.3e-6, atol=1e-5),
        "complex128": Tolerance(rtol=1e-7, atol=1e-7),
    }
)
"""Every dtype that can be compared, by its NumPy name, with the tolerances that
``torch.testing.assert_close`` takes by default."""


def default_tolerance(dtype: npt.DTypeLike) -> Tolerance:
    """Returns the tolerance for results of a dtype.

    Args:
        dtype: a NumPy dtype or what NumPy takes for one.

    Returns:
        The dtype's entry in `TOLERANCES`.

    Raises:
        DtypeError: values of this dtype cannot be compared.

    Example:
        >>> default_tolerance("float32")
        Tolerance(rtol=1.3e-06, atol=1e-05)
    """
    name = np.dtype(dtype).name
    try:
        return TOLERANCES[name]
    except KeyError:
        raise DtypeError(
            f"Values of dtype {name} cannot be compared; convert both results to one of "
            f"{', '.join(TOLERANCES)}."
        ) from None
