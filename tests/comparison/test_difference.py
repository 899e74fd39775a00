from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch.testing._comparison import default_tolerances

from pydjl.comparison import TOLERANCES, Tolerance, compare_values
from pydjl.errors import DtypeError

SEVERAL_BLOCKS = 3 * 2**16 + 5
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@st.composite
def pairs(draw, dtype, **options):
    """Two arrays of one shape that are equal in some places and not in others."""
    elements = hnp.from_dtype(np.dtype(dtype), **options)
    a = draw(hnp.arrays(dtype, SHAPES, elements=elements))
    b = draw(hnp.arrays(dtype, a.shape, elements=elements))
    return a, np.where(draw(hnp.arrays(bool, a.shape)), a, b)


# --- equal results --------------------------------------------------------------------------


@pytest.mark.parametrize("name", TOLERANCES)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (4, 5)])
def test_equal_values_are_bit_equal(name, shape):
    a = np.random.default_rng(0).integers(0, 100, shape).astype(name)
    difference = compare_values("copy", a, a.copy())
    assert difference.max_abs_diff == difference.max_rel_diff == difference.max_ulp == 0
    assert difference.bit_equal
    assert difference.ok
    assert difference.note == ("" if a.size else "there are no values to compare")
    assert difference.name == "copy"
    assert difference.java_shape == difference.python_shape == shape
    assert difference.java_dtype == difference.python_dtype == name


@given(pairs(np.float32, allow_nan=True))
def test_bit_equal_means_equal_bytes(pair):
    a, b = pair
    # One bit pattern for NaN, so that the bytes decide.
    a, b = (np.where(np.isnan(x), np.float32(np.nan), x) for x in pair)
    assert compare_values("bits", a, b).bit_equal == (a.tobytes() == b.tobytes())


@given(pairs(np.float64, allow_nan=True))
def test_bit_equal_implies_zero_ulp_and_ok(pair):
    difference = compare_values("bits", *pair)
    if difference.bit_equal:
        assert difference.max_ulp == 0
        assert difference.ok


# --- the measures ---------------------------------------------------------------------------


@given(pairs(np.float32, allow_nan=False, allow_infinity=False))
def test_the_largest_differences_are_those_of_exact_arithmetic(pair):
    difference = compare_values("exact", *pair)
    exact = [
        (abs(Fraction(a) - Fraction(b)), abs(Fraction(b)))
        for a, b in zip(pair[0].ravel().tolist(), pair[1].ravel().tolist(), strict=True)
    ]
    largest = max((gap for gap, _ in exact), default=Fraction(0))
    assert difference.max_abs_diff == pytest.approx(float(largest), rel=1e-15)
    if any(gap and not size for gap, size in exact):
        assert difference.max_rel_diff == math.inf
    else:
        relative = max((float(gap / size) for gap, size in exact if gap), default=0.0)
        assert difference.max_rel_diff == pytest.approx(relative, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.int64])
@given(data=st.data())
def test_the_order_of_the_two_does_not_matter_but_for_the_relative_difference(dtype, data):
    a, b = data.draw(pairs(dtype))
    one, other = compare_values("a", a, b), compare_values("b", b, a)
    assert one.max_abs_diff == pytest.approx(other.max_abs_diff, nan_ok=True)
    assert one.max_ulp == other.max_ulp
    assert one.bit_equal == other.bit_equal


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@given(value=st.floats(-1000, 1000), steps=st.integers(1, 10))
def test_max_ulp_counts_steps_of_nextafter(dtype, value, steps):
    java = np.full((2, 3), value, dtype)
    python = java.copy()
    for _ in range(steps):
        python[1, 0] = np.nextafter(python[1, 0], dtype(np.inf))
    difference = compare_values("steps", java, python)
    assert difference.max_ulp == steps
    assert not difference.bit_equal


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("int64", -(2**63), 2**63 - 1),
        ("uint64", 0, 2**64 - 1),
        ("int8", -128, 127),
        ("uint8", 0, 255),
        ("bool", False, True),
    ],
)
def test_integers_at_their_extremes_do_not_overflow(name, low, high):
    difference = compare_values("extremes", np.array([low], name), np.array([high], name))
    assert difference.max_ulp == high - low
    assert difference.max_abs_diff == float(high - low)
    assert not difference.ok


def test_large_integers_that_double_precision_cannot_tell_apart():
    difference = compare_values("long", np.int64([2**62]), np.int64([2**62 + 1]))
    assert difference.max_ulp == 1
    assert not difference.bit_equal
    assert not difference.ok


def test_complex_numbers_differ_by_modulus_and_by_the_ulp_of_their_parts():
    java = np.array([1 + 1j, 3 + 4j], np.complex64)
    python = java.copy()
    python.imag[1] = np.nextafter(np.float32(4), np.float32(5))
    difference = compare_values("complex", java, python)
    assert difference.max_ulp == 1
    assert difference.max_abs_diff == float(np.spacing(np.float32(4)))
    assert difference.max_rel_diff == pytest.approx(difference.max_abs_diff / 5)
    difference = compare_values("complex", np.complex128([3 + 4j]), np.complex128([0]))
    assert difference.max_abs_diff == 5


@given(
    position=st.integers(0, SEVERAL_BLOCKS - 1),
    other=st.integers(0, SEVERAL_BLOCKS - 1),
)
def test_a_planted_fault_is_found_wherever_it_is(position, other):
    java = np.ones(SEVERAL_BLOCKS, np.float32)
    python = java.copy()
    python[position] = 2
    python[other] = 4
    difference = compare_values("fault", java, python)
    assert difference.max_abs_diff == 3
    assert difference.max_rel_diff == 0.75
    assert difference.max_ulp == 2**24
    first = min(position, other)
    count = len({position, other})
    assert difference.note == (
        f"{count} of {SEVERAL_BLOCKS} values differ by more than rtol=1.3e-06, atol=1e-05; "
        f"the first at ({first},): java 1.0, python {python[first]}"
    )


def test_the_note_names_the_index_in_the_arrays_shape():
    java = np.zeros((2, 3, 4), np.float32)
    python = java.copy()
    python[1, 2, 3] = 1
    assert "the first at (1, 2, 3): java 0.0, python 1.0" in compare_values("x", java, python).note


# --- zeros, infinities, NaN -----------------------------------------------------------------


def test_zeros_of_either_sign_are_0_ulp_apart_and_not_bit_equal():
    difference = compare_values("zero", np.float32([0.0, 1.0]), np.float32([-0.0, 1.0]))
    assert (difference.max_abs_diff, difference.max_rel_diff, difference.max_ulp) == (0, 0, 0)
    assert not difference.bit_equal
    assert difference.ok


def test_nan_agrees_with_nan_of_any_payload():
    java = np.array([0x7FC00000, 0x3F800000], np.uint32).view(np.float32)
    python = np.array([0xFFC00001, 0x3F800000], np.uint32).view(np.float32)
    difference = compare_values("nan", java, python)
    assert (difference.max_abs_diff, difference.max_rel_diff, difference.max_ulp) == (0, 0, 0)
    assert difference.bit_equal
    assert difference.ok


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "complex64"])
def test_values_of_which_none_is_finite_agree_with_a_note(name):
    values = np.full(SEVERAL_BLOCKS, np.nan, name)
    values[3] = np.inf
    difference = compare_values("nan", values, values.copy())
    assert difference.ok
    assert difference.note == "neither side has a finite value"
    values[-1] = 0
    assert compare_values("nan", values, values.copy()).note == ""


def test_nan_in_the_real_part_is_not_nan_in_the_imaginary_part():
    real, imaginary = np.complex64([complex(math.nan, 1)]), np.complex64([complex(1, math.nan)])
    assert compare_values("nan", real, real.copy()).bit_equal
    difference = compare_values("nan", real, imaginary)
    assert difference.max_ulp is None
    assert not difference.ok


@pytest.mark.parametrize("number", [0.0, 1.0, math.inf])
@pytest.mark.parametrize("position", [0, SEVERAL_BLOCKS - 1])
def test_nan_against_a_number_is_not_ok(number, position):
    java = np.full(SEVERAL_BLOCKS, number)
    python = java.copy()
    python[position] = np.nan
    for a, b in ((java, python), (python, java)):
        difference = compare_values("nan", a, b, tolerance=Tolerance(1e300, 1e300))
        assert math.isnan(difference.max_abs_diff)
        assert math.isnan(difference.max_rel_diff)
        assert difference.max_ulp is None
        assert not difference.bit_equal
        assert not difference.ok
        assert f"the first at ({position},)" in difference.note


def test_a_nan_in_the_first_block_does_not_hide_behind_a_later_difference():
    java = np.zeros(SEVERAL_BLOCKS, np.float32)
    python = java.copy()
    python[0], python[-1] = np.nan, 5
    difference = compare_values("nan", java, python)
    assert math.isnan(difference.max_abs_diff)
    assert difference.max_ulp is None


def test_equal_infinities_agree():
    java = np.array([np.inf, -np.inf, 1.0])
    difference = compare_values("inf", java, np.array([np.inf, -np.inf, 1.0 + 2**-52]))
    assert difference.max_ulp == 1
    assert difference.max_abs_diff == 2**-52
    assert difference.ok


@pytest.mark.parametrize(("java", "python"), [(np.inf, -np.inf), (np.inf, 1.0), (1.0, np.inf)])
def test_an_infinity_agrees_with_nothing_else(java, python):
    tolerance = Tolerance(1e300, 1e300)
    difference = compare_values(
        "inf", np.float64([java]), np.float64([python]), tolerance=tolerance
    )
    assert difference.max_abs_diff == difference.max_rel_diff == math.inf
    assert not difference.ok


# --- tolerance ------------------------------------------------------------------------------


def assert_close_accepts(java, python):
    """What torch says of the values in double precision: it rounds its bounds to the dtype."""
    rtol, atol = default_tolerances(torch.from_numpy(java))
    wide = np.result_type(java.dtype, np.float64) if java.dtype.kind in "fc" else java.dtype
    java, python = (torch.from_numpy(values.astype(wide)) for values in (java, python))
    try:
        torch.testing.assert_close(java, python, rtol=rtol, atol=atol, equal_nan=True)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "complex64", "complex128"])
@given(
    seed=st.integers(0, 2**31),
    scale=st.sampled_from([0.0, 1e-3, 1.0, 1e3]),
    excess=st.sampled_from([0.0, 0.5, 0.8, 1.25, 2.0]),
)
def test_ok_is_what_torch_testing_accepts(name, seed, scale, excess):
    random = np.random.default_rng(seed)
    python = (scale * random.standard_normal((3, 2))).astype(name)
    if np.dtype(name).kind == "c":
        python += python.dtype.type(1j) * random.standard_normal((3, 2)).astype(name)
    tolerance = TOLERANCES[name]
    gap = excess * (tolerance.atol + tolerance.rtol * np.abs(python).astype(np.float64))
    java = (python + gap).astype(name)
    assert compare_values("close", java, python).ok == assert_close_accepts(java, python)


@pytest.mark.parametrize("name", ["float32", "float64", "complex64", "int32", "uint8", "bool"])
@given(data=st.data())
def test_ok_of_wild_values_is_what_torch_testing_accepts(name, data):
    # torch takes a NaN in either part for one in the other; here a part agrees with its own.
    nan = {"allow_nan": False} if np.dtype(name).kind == "c" else {}
    java, python = data.draw(pairs(name, **nan))
    assert compare_values("wild", java, python).ok == assert_close_accepts(java, python)


def test_a_tolerance_of_ones_own():
    java, python = np.float32([1.0, 110.0]), np.float32([1.0, 100.0])
    assert compare_values("wide", java, python, tolerance=Tolerance(0.11, 0)).ok
    assert not compare_values("wide", java, python, tolerance=Tolerance(0.09, 0)).ok
    assert compare_values("wide", np.uint8([3]), np.uint8([4]), tolerance=Tolerance(0, 1)).ok


# --- what can be compared -------------------------------------------------------------------


class FromJava:
    """Stands for an array of the other side: all that is known of it is ``__array__``."""

    def __init__(self, values):
        self._values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self._values, dtype=dtype)


def test_anything_with_the_array_protocol_is_read():
    difference = compare_values("protocol", FromJava(np.eye(2)), torch.eye(2, dtype=torch.float64))
    assert difference.bit_equal


def test_a_tensor_in_a_graph_is_read():
    tensor = torch.ones(2, 3, requires_grad=True) * 2
    assert compare_values("graph", tensor, np.full((2, 3), 2, np.float32)).bit_equal
    assert tensor.requires_grad


def test_a_conjugated_or_negated_view_is_read():
    tensor = torch.tensor([1 + 2j, 3 - 4j])
    assert compare_values("conj", tensor.conj(), np.complex64([1 - 2j, 3 + 4j])).bit_equal
    assert compare_values("neg", tensor.conj().imag, np.float32([-2, 4])).bit_equal


def test_memory_layout_and_byte_order_do_not_matter():
    values = np.arange(24, dtype=np.float32).reshape(4, 6)
    assert compare_values("order", np.asfortranarray(values), values).bit_equal
    assert compare_values("strides", np.repeat(values, 2, axis=1)[:, ::2], values).bit_equal
    difference = compare_values("bytes", values.astype(">f4"), values + np.float32(1))
    assert difference.max_abs_diff == 1
    assert difference.max_ulp == compare_values("native", values, values + np.float32(1)).max_ulp


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_tensor_on_another_device_is_read():
    tensor = torch.arange(6.0, device="cuda").reshape(2, 3)
    assert compare_values("device", tensor, tensor.cpu()).bit_equal


@pytest.mark.parametrize(
    ("java", "python", "note"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), "shapes differ: java (2, 3), python (3, 2)"),
        (np.zeros(1), np.zeros(()), "shapes differ: java (1,), python ()"),
        (np.zeros(2, "f4"), np.zeros(2), "dtypes differ: java float32, python float64"),
        (np.zeros(2, "i8"), np.array(["a", "b"]), "dtypes differ: java int64, python <U1"),
        (
            np.zeros(3, "f4"),
            np.zeros(2, "i4"),
            "shapes differ: java (3,), python (2,); dtypes differ: java float32, python int32",
        ),
    ],
)
def test_a_mismatch_is_a_difference_and_no_exception(java, python, note):
    difference = compare_values("mismatch", java, python)
    assert not difference.ok
    assert not difference.bit_equal
    assert difference.max_ulp is None
    assert math.isnan(difference.max_abs_diff)
    assert math.isnan(difference.max_rel_diff)
    assert difference.note == note
    assert (difference.java_shape, difference.python_shape) == (java.shape, python.shape)


def test_bfloat16_is_refused_with_the_way_out():
    tensor = torch.ones(2, dtype=torch.bfloat16)
    with pytest.raises(DtypeError, match=r"torch.bfloat16.*\.to\(torch\.float32\)") as caught:
        compare_values("bfloat16", tensor, tensor)
    assert isinstance(caught.value.__cause__, TypeError)


@pytest.mark.parametrize("tolerance", [None, Tolerance(1.0, 1.0)])
def test_values_that_are_not_numbers_are_refused(tolerance):
    with pytest.raises(DtypeError, match="dtype object"):
        compare_values("object", np.array([None]), np.array([None]), tolerance=tolerance)


# --- as JSON --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("java", "python", "measures"),
    [
        ([1.0, 2.0], [1.0, 2.5], (0.5, 0.2, 2**50)),
        ([np.nan], [1.0], (None, None, None)),
        ([np.inf], [1.0], (None, None, 0x7FF0000000000000 - 0x3FF0000000000000)),
        ([1.0], [1.0, 2.0], (None, None, None)),
    ],
)
def test_the_dictionary_is_strict_json(java, python, measures):
    fields = compare_values("json", java, python).to_dict()
    assert json.loads(json.dumps(fields, allow_nan=False)) == fields
    assert tuple(fields[k] for k in ("max_abs_diff", "max_rel_diff", "max_ulp")) == measures
    assert fields["name"] == "json"
    assert fields["java_shape"] == [len(java)]
    assert fields["ok"] is False
    assert fields["bit_equal"] is False
