"""The difference between two results: how large it is, and whether it is tolerable."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from pydjl.comparison.tolerance import Tolerance, default_tolerance
from pydjl.comparison.ulp import ulp_distance
from pydjl.errors import DtypeError

if TYPE_CHECKING:
    import torch

Result: TypeAlias = "npt.ArrayLike | torch.Tensor"
"""What can be compared: whatever NumPy reads as an array, or a torch tensor on any device."""

# Elements for each pass: the temporaries of one block stay in the processor's cache, and a
# comparison needs no memory in proportion to the arrays.
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Difference:
    """How far a Java result and a Python result are apart.

    Where the shapes or dtypes differ, or only one of the results has a NaN somewhere, there is no
    largest difference: the differences are NaN, ``max_ulp`` is None and ``ok`` is False.

    Attributes:
        name: what was computed.
        java_shape: shape of the Java result.
        python_shape: shape of the Python result.
        java_dtype: NumPy's name of the Java result's dtype.
        python_dtype: NumPy's name of the Python result's dtype.
        max_abs_diff: largest ``|java - python|``; 0.0 for empty results.
        max_rel_diff: largest ``|java - python| / |python|``, infinite where only ``python`` is 0.
        max_ulp: largest distance in units in the last place of the dtype; for integers the
            absolute difference, for complex numbers the larger of the two parts' distances.
        bit_equal: whether all bit patterns are the same. So +0 and -0 are different. Two NaNs in
            the same place (of a complex number, in the same part) are the same: IEEE 754 leaves
            their sign and payload to the processor.
        ok: whether every element is within the tolerance.
        note: why ``ok`` is False, with the first values that are too far apart; or why ``ok`` shows
            nothing: there are no elements, or none is finite; or, of an update, that it is ``ok``
            only because its gradient differs. Else empty.
    """

    name: str
    java_shape: tuple[int, ...]
    python_shape: tuple[int, ...]
    java_dtype: str
    python_dtype: str
    max_abs_diff: float
    max_rel_diff: float
    max_ulp: int | None
    bit_equal: bool
    ok: bool
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns the fields as a dictionary that strict JSON can hold.

        Returns:
            The fields by name; shapes are lists, and a difference that is infinite or not a number
            is None, because JSON knows neither.

        Example:
            >>> compare_values("sum", np.float32([1, 2]), np.float32([1, 2])).to_dict()["max_ulp"]
            0
        """
        fields = asdict(self)
        for key, value in fields.items():
            if isinstance(value, tuple):
                fields[key] = list(value)
            elif isinstance(value, float):
                fields[key] = finite_or_none(value)
        return fields


def finite_or_none(number: float) -> float | None:
    """A number as JSON can hold it, which knows neither infinity nor NaN.

    Example:
        >>> finite_or_none(0.5), finite_or_none(math.inf)
        (0.5, None)
    """
    return number if math.isfinite(number) else None


def compare_values(
    name: str, java: Result, python: Result, *, tolerance: Tolerance | None = None
) -> Difference:
    """Measures the difference between a result from Java and one from Python.

    An element is tolerable if ``|java - python| <= atol + rtol * |python|``, as in
    ``torch.testing.assert_close``; infinities must be equal, and a NaN agrees with a NaN.
    Differing shapes or dtypes are no error but a `Difference` that is not ``ok``. Pass values in
    the dtype in which they were computed: single-precision numbers in a list of Python floats
    would be measured in units of double precision.

    Args:
        name: what was computed.
        java: the result from Java, any shape.
        python: the result from Python, the reference for relative differences.
        tolerance: how far the two may be apart; the dtype's `default_tolerance` if not given.

    Returns:
        The largest absolute and relative differences, the largest distance in units in the last
        place, whether the bits are equal, and whether the tolerance is kept.

    Raises:
        DtypeError: the dtype is not one of `TOLERANCES`, such as bfloat16, objects or text.

    Example:
        >>> difference = compare_values("third", np.float32([1 / 3]), np.float32([0.33333337]))
        >>> difference.max_ulp, difference.bit_equal, difference.ok
        (1, False, True)
    """
    (shape, dtype, dtype_name), (its_shape, its_dtype, its_name) = _facts(java), _facts(python)
    facts = (name, shape, its_shape, dtype_name, its_name)
    mismatches = []
    if shape != its_shape:
        mismatches.append(f"shapes differ: java {shape}, python {its_shape}")
    if dtype != its_dtype:
        mismatches.append(f"dtypes differ: java {dtype}, python {its_dtype}")
    if mismatches:
        note = "; ".join(mismatches)
        return Difference(*facts, math.nan, math.nan, None, bit_equal=False, ok=False, note=note)
    a, b = _as_array(java), _as_array(python)
    default = default_tolerance(a.dtype)  # and a check of the dtype, whatever the tolerance
    tolerance = default if tolerance is None else tolerance
    total = _compare_blocks(a, b, tolerance)
    return Difference(
        *facts,
        total.max_abs,
        total.max_rel,
        total.max_ulp,
        bit_equal=total.bit_equal,
        ok=total.far == 0,
        note=_describe_far(a, b, total, tolerance) or _describe_nothing(a),
    )


class _Measure(NamedTuple):
    """What one block, or all of them, shows; ``far`` counts elements beyond the tolerance."""

    max_abs: float = 0.0
    max_rel: float = 0.0
    max_ulp: int | None = 0
    bit_equal: bool = True
    far: int = 0
    first_far: int = 0

    def join(self, other: _Measure, offset: int) -> _Measure:
        """Adds the measure of the block that begins at ``offset``."""
        ulps = (self.max_ulp, other.max_ulp)
        return _Measure(
            # np.maximum, unlike max, lets a NaN through.
            float(np.maximum(self.max_abs, other.max_abs)),
            float(np.maximum(self.max_rel, other.max_rel)),
            None if None in ulps else max(ulp for ulp in ulps if ulp is not None),
            self.bit_equal and other.bit_equal,
            self.far + other.far,
            self.first_far if self.far else offset + other.first_far,
        )


def _compare_blocks(
    java: npt.NDArray[Any], python: npt.NDArray[Any], tolerance: Tolerance
) -> _Measure:
    java, python = java.reshape(-1), python.reshape(-1)
    total = _Measure()
    for start in range(0, java.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        total = total.join(_compare_block(java[block], python[block], tolerance), start)
    return total


def _compare_block(
    java: npt.NDArray[Any], python: npt.NDArray[Any], tolerance: Tolerance
) -> _Measure:
    """Measures one contiguous block; complex numbers count as pairs of their parts."""
    is_complex = java.dtype.kind == "c"
    part = java.real.dtype
    a, b = java.view(part), python.view(part)
    bits = np.dtype(f"u{part.itemsize}")
    same_bits = a.view(bits) == b.view(bits)
    if same_bits.all():
        return _Measure()

    nan_a, nan_b = np.isnan(a), np.isnan(b)
    both_nan = nan_a & nan_b
    equal = (a == b) | both_nan
    ulp = ulp_distance(a, b)
    ulp[both_nan] = 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if part.kind == "f":
            gap = np.abs(a.astype(np.float64) - b)
            gap[equal] = 0  # where both are infinite, too
        else:
            gap = ulp.astype(np.float64)
        size = np.abs(b.astype(np.float64))
        if is_complex:
            gap, size = np.hypot(gap[0::2], gap[1::2]), np.hypot(size[0::2], size[1::2])
            equal = equal[0::2] & equal[1::2]
        relative = gap.copy()  # stays so where it is 0, infinite or NaN
        np.divide(gap, size, out=relative, where=(gap > 0) & np.isfinite(gap))
        allowed = tolerance.atol + tolerance.rtol * size
    far = ~(equal | ((gap <= allowed) & np.isfinite(size)))
    return _Measure(
        float(gap.max()),
        float(relative.max()),
        None if (nan_a != nan_b).any() else int(ulp.max()),
        bool((same_bits | both_nan).all()),
        int(np.count_nonzero(far)),
        int(far.argmax()),
    )


def _describe_far(
    java: npt.NDArray[Any], python: npt.NDArray[Any], total: _Measure, tolerance: Tolerance
) -> str:
    if not total.far:
        return ""
    index = tuple(int(i) for i in np.unravel_index(total.first_far, java.shape))
    return (
        f"{total.far} of {java.size} values differ by more than rtol={tolerance.rtol:g}, "
        f"atol={tolerance.atol:g}; the first at {index}: java {java[index]}, "
        f"python {python[index]}"
    )


def _describe_nothing(java: npt.NDArray[Any]) -> str:
    """Of values that agree: whether they would do so whatever computes them."""
    if not java.size:
        return "there are no values to compare"
    flat = java.reshape(-1)
    blocks = (flat[start : start + _BLOCK] for start in range(0, flat.size, _BLOCK))
    if any(np.isfinite(block).any() for block in blocks):
        return ""
    return "neither side has a finite value"


def _facts(value: Result) -> tuple[tuple[int, ...], str, str]:
    """Shape, dtype and the dtype's name; also of a tensor that NumPy cannot hold."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        dtype = str(value.dtype).removeprefix("torch.")
        return tuple(value.shape), dtype, dtype
    array = _as_array(value)
    return array.shape, str(array.dtype), array.dtype.name


def _as_array(value: Result) -> npt.NDArray[Any]:
    """Reads a result as a NumPy array in native byte order."""
    # Whoever holds a tensor has imported torch; comparing anything else does not need it.
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        try:
            array = value.numpy(force=True)
        except TypeError as error:
            raise DtypeError(
                f"NumPy cannot hold a tensor of dtype {value.dtype} and layout {value.layout}; "
                "convert both results first, such as with .to(torch.float32)."
            ) from error
    else:
        array = np.asarray(value)
    return np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(array.shape)
