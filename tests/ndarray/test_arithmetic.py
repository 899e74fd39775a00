"""Operators give PyTorch's results to the last bit: DJL runs the same kernels on the same types."""

from __future__ import annotations

import operator
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pydjl
from pydjl.errors import ArgumentError, DtypeError, JavaError, NotSupportedError, ShapeError

INTEGERS = [torch.uint8, torch.int8, torch.int32, torch.int64]
DTYPES = [
    torch.float16,
    torch.float32,
    torch.float64,
    *INTEGERS,
    torch.bool,
    torch.complex64,
]

ARITHMETIC = ["add", "sub", "mul", "truediv", "mod", "pow"]
COMPARISON = ["eq", "ne", "lt", "le", "gt", "ge"]
LOGIC = ["and_", "or_", "xor"]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 1e-3, 7.0, float("inf"), -float("inf"), float("nan")]

dtypes = st.sampled_from(DTYPES)
seeds = st.integers(0, 2**32 - 1)
pairs_of_shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=5)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)


def tensor(shape, dtype: torch.dtype, seed: int) -> torch.Tensor:
    """Numbers of both signs where the type has them, specials, and strides of any kind."""
    source = torch.Generator().manual_seed(seed)
    numbers = torch.randint(-6, 7, shape, generator=source)
    if dtype is torch.bool:
        made = numbers > 0
    elif dtype is torch.uint8:
        made = numbers.abs().to(dtype)
    elif dtype.is_floating_point or dtype.is_complex:
        made = torch.randn(shape, generator=source, dtype=torch.float64) * 3
        special = torch.tensor(SPECIAL, dtype=torch.float64)
        which = torch.randint(len(SPECIAL), shape, generator=source)
        made = torch.where(numbers > 3, special[which], made).to(dtype)
    else:
        made = numbers.to(dtype)
    if made.dim() > 1 and seed % 2:
        made = made.mT.contiguous().mT
    return made


def attempt(function, *operands):
    """The result, or the kind of failure."""
    try:
        return function(*operands)
    except (RuntimeError, TypeError, ValueError, ZeroDivisionError) as exc:
        return exc


def check_alike(same, found, expected) -> None:
    if isinstance(expected, Exception):
        assert isinstance(found, pydjl.PydjlError), (found, expected)
    elif expected.dtype not in DTYPES:  # such as int16 from uint8 and int8
        assert isinstance(found, DtypeError)
    else:
        assert not isinstance(found, Exception), found
        same(found, expected)


@pytest.mark.parametrize("name", ARITHMETIC + COMPARISON)
@given(shapes=pairs_of_shapes, a=dtypes, b=dtypes, seed=seeds)
def test_two_arrays(same, name, shapes, a, b, seed):
    function = getattr(operator, name)
    left = tensor(shapes.input_shapes[0], a, seed)
    right = tensor(shapes.input_shapes[1], b, seed + 1)
    found = attempt(function, pydjl.from_torch(left), pydjl.from_torch(right))
    check_alike(same, found, attempt(function, left, right))


@pytest.mark.parametrize("name", ARITHMETIC + COMPARISON)
@pytest.mark.parametrize("a", DTYPES, ids=str)
@pytest.mark.parametrize("b", DTYPES, ids=str)
def test_every_pair_of_types(same, name, a, b):
    function = getattr(operator, name)
    for shape in ((), (7,)):
        left, right = tensor((7,), a, 1), tensor(shape, b, 2)
        for x, y in ((left, right), (right, left)):
            found = attempt(function, pydjl.from_torch(x), pydjl.from_torch(y))
            check_alike(same, found, attempt(function, x, y))


numbers = st.one_of(
    st.booleans(),
    st.integers(-6, 6),
    st.integers(-(2**40), 2**40),
    st.sampled_from(SPECIAL),
    st.floats(-100, 100),
    st.complex_numbers(max_magnitude=9),
)


def comparable(name, array: torch.Tensor, number) -> bool:
    """Whether DJL is to give PyTorch's result; the other cases have tests of their own."""
    if isinstance(number, bool) and name == "sub":
        return False
    if isinstance(number, complex):
        return torch.result_type(array, number) in DTYPES
    return array.dim() > 0 or array.dtype in (torch.float32, torch.float64, torch.int64)


@pytest.mark.parametrize("name", [*COMPARISON, *ARITHMETIC[:-1]])
@given(shape=shapes, dtype=dtypes, number=numbers, seed=seeds)
def test_a_number_on_the_right(same, name, shape, dtype, number, seed):
    function = getattr(operator, name)
    left = tensor(shape, dtype, seed)
    if not comparable(name, left, number):
        return
    found = attempt(function, pydjl.from_torch(left), number)
    check_alike(same, found, attempt(function, left, number))


@pytest.mark.parametrize("name", [*COMPARISON, "add", "sub", "mul", "mod"])
@given(shape=shapes, dtype=dtypes, number=numbers, seed=seeds)
def test_a_number_on_the_left(same, name, shape, dtype, number, seed):
    function = getattr(operator, name)
    right = tensor(shape, dtype, seed)
    if not comparable(name, right, number):
        return
    found = attempt(function, number, pydjl.from_torch(right))
    check_alike(same, found, attempt(function, number, right))


def test_a_number_beside_an_array_of_one_number(same):
    """A number is an array of 0 dimensions to DJL, so beside one it has that one's type."""
    single = torch.tensor(3.0, dtype=torch.float16)
    same(pydjl.from_torch(single) * 0.1, single * torch.tensor(0.1, dtype=torch.float16))
    integer = torch.tensor(3, dtype=torch.int8)
    same(pydjl.from_torch(integer) - 7, integer - 7)
    with pytest.raises(ArgumentError, match=r"300 is no number for an array of torch\.int8"):
        pydjl.from_torch(integer) + 300


def test_a_truth_value_is_subtracted_as_a_number():
    """PyTorch refuses it."""
    assert (pydjl.array([3, 5]) - True).tolist() == [2, 4]
    assert (True - pydjl.array([3, 5])).tolist() == [-2, -4]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16], ids=str)
@pytest.mark.parametrize("name", [*COMPARISON, *ARITHMETIC])
def test_complex_numbers_beside_types_without_a_complex_one_of_djl(name, dtype):
    array = pydjl.from_torch(torch.ones(2, dtype=dtype))
    with pytest.raises(DtypeError, match=r"does not know torch\.complex"):
        getattr(operator, name)(array, 1j)


@given(shape=shapes, dtype=dtypes, number=numbers, seed=seeds)
def test_a_number_divided_by_an_array(same, shape, dtype, number, seed):
    """One division; PyTorch's own operator multiplies by the reciprocal, which rounds twice."""
    right = tensor(shape, dtype, seed)
    if not comparable("truediv", right, number):
        return
    precise = torch.float32 if dtype is torch.float16 else torch.result_type(right, number)
    dividend = torch.tensor(number, dtype=None if type(number) is int else precise)
    same(number / pydjl.from_torch(right), dividend / right)


@given(
    shape=shapes,
    dtype=st.sampled_from([torch.float32, torch.float64]),
    exponent=st.one_of(st.integers(-3, 4), st.floats(-3, 4, width=32)),
    seed=seeds,
)
def test_a_number_as_exponent(same, shape, dtype, exponent, seed):
    """DJL has exponents in arrays only; PyTorch has shortcuts for 2, 0.5 and others."""
    base = tensor(shape, dtype, seed)
    found = pydjl.from_torch(base) ** exponent
    same(found, base ** torch.tensor(exponent, dtype=dtype))
    torch.testing.assert_close(found.torch(), base**exponent, equal_nan=True)


@given(
    shape=shapes,
    dtype=st.sampled_from([torch.float32, torch.float64, torch.int32, torch.int64]),
    base=st.one_of(st.integers(0, 4), st.floats(0, 4, width=32)),
    seed=seeds,
)
def test_a_number_as_base(same, shape, dtype, base, seed):
    """PyTorch has a shortcut for the base 2."""
    exponent = tensor(shape, dtype, seed)
    found = base ** pydjl.from_torch(exponent)
    same(found, torch.tensor(base, dtype=torch.result_type(exponent, base)) ** exponent)
    torch.testing.assert_close(found.torch(), base**exponent, equal_nan=True)


@pytest.mark.parametrize(
    "number",
    [np.float32(2.5), np.float64(0.1), np.int64(3), np.int8(-2), np.bool_(True), np.complex64(1j)],
    ids=lambda each: type(each).__name__,
)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "eq", "ne"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.int32, torch.uint8], ids=str)
def test_a_number_of_numpy(same, number, name, dtype):
    function = getattr(operator, name)
    array = tensor((2, 3), dtype, 5)
    if not comparable(name, array, number.item()):
        return
    same(function(pydjl.from_torch(array), number), function(array, number.item()))
    same(function(number, pydjl.from_torch(array)), function(number.item(), array))


# --- rounding down --------------------------------------------------------------------------------


def check_quotient(found: torch.Tensor, expected: torch.Tensor) -> None:
    """Equal numbers; only the sign of a zero may differ, since the quotient is composed."""
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    agree = (found == expected) | (found.isnan() & expected.isnan())
    assert agree.all(), (found[~agree], expected[~agree])


@given(
    shapes=pairs_of_shapes,
    a=st.sampled_from([torch.float32, torch.float64, *INTEGERS]),
    b=st.sampled_from([torch.float32, torch.float64, *INTEGERS]),
    seed=seeds,
)
def test_floor_division(shapes, a, b, seed):
    left = tensor(shapes.input_shapes[0], a, seed)
    right = tensor(shapes.input_shapes[1], b, seed + 1)
    found = attempt(operator.floordiv, pydjl.from_torch(left), pydjl.from_torch(right))
    expected = attempt(operator.floordiv, left, right)
    if isinstance(expected, Exception):  # an integer divided by zero
        assert isinstance(found, ZeroDivisionError | DtypeError)
    elif expected.dtype not in DTYPES:
        assert isinstance(found, DtypeError)
    else:
        check_quotient(found.torch(), expected)


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64, torch.uint8], ids=str)
@pytest.mark.parametrize("name", ["floordiv", "mod"])
def test_integers_divided_by_zero(name, dtype):
    array = pydjl.array([1, 2], dtype=dtype)
    with pytest.raises(ZeroDivisionError, match="cannot be divided by 0"):
        getattr(operator, name)(array, 0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_floor_division_of_every_special_value(dtype):
    a, b = torch.meshgrid(torch.tensor(SPECIAL), torch.tensor(SPECIAL), indexing="ij")
    a, b = a.to(dtype), b.to(dtype)
    check_quotient((pydjl.from_torch(a) // pydjl.from_torch(b)).torch(), a // b)


@given(shape=shapes, seed=seeds)
def test_floor_division_of_float16_is_exact(shape, seed):
    """PyTorch rounds to float16 on the way, and is off by one for some quotients."""
    a, b = tensor(shape, torch.float16, seed), tensor(shape, torch.float16, seed + 1)
    expected = (a.double() // b.double()).half()
    check_quotient((pydjl.from_torch(a) // pydjl.from_torch(b)).torch(), expected)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1).filter(bool))
def test_floor_division_of_large_integers_is_exact(a, b):
    if (a, b) == (-(2**63), -1):
        return  # the quotient does not exist, and PyTorch's remainder ends the process
    assert (pydjl.array([a]) // pydjl.array([b])).item() == a // b
    assert (pydjl.array([a]) % pydjl.array([b])).item() == a % b


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.integers(-20, 20).filter(bool))
def test_floor_division_of_large_integers_by_small_ones_is_exact(a, b):
    assert (pydjl.array([a]) // b).item() == a // b


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64], ids=str)
def test_floor_division_by_a_number(dtype):
    array = torch.arange(-50, 50).to(dtype) / 8
    for number in (0.1, -0.3, 2, 3.5, float("inf")):
        check_quotient((pydjl.from_torch(array) // number).torch(), array // number)
        check_quotient((number // pydjl.from_torch(array)).torch(), number // array)


def test_one_is_nine_tenths_and_a_bit():
    assert (pydjl.array(1.0, dtype="float64") // 0.1).item() == 1.0 // 0.1 == 9.0


# --- in place -------------------------------------------------------------------------------------

IN_PLACE = ["iadd", "isub", "imul", "itruediv", "imod", "ipow"]


@pytest.mark.parametrize("name", IN_PLACE)
@given(shapes=pairs_of_shapes, a=dtypes, b=dtypes, seed=seeds)
def test_in_place(same, name, shapes, a, b, seed):
    function = getattr(operator, name)
    left = tensor(shapes.input_shapes[0], a, seed)
    right = tensor(shapes.input_shapes[1], b, seed + 1)
    changed = left.clone()
    array = pydjl.from_torch(changed)
    found = attempt(function, array, pydjl.from_torch(right))
    expected = attempt(function, left, right)
    if isinstance(expected, Exception):
        check_alike(same, found, expected)
    else:
        assert found is array
        assert array.torch() is changed
    same(array, left)


@pytest.mark.parametrize("name", IN_PLACE[:-1])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("number", [True, 3, 300, -2, 0.1, 1j])
def test_in_place_with_a_number(same, name, dtype, number):
    function = getattr(operator, name)
    left = tensor((2, 3), dtype, 3)
    array = pydjl.from_torch(left.clone())
    if not comparable(name[1:], left, number):
        return
    found, expected = attempt(function, array, number), attempt(function, left, number)
    check_alike(same, found, expected)
    if found is array:
        same(array, left)


def test_in_place_through_a_view():
    base = torch.arange(12.0).reshape(3, 4)
    view = pydjl.from_torch(base)[1:, ::2]
    view *= 10
    assert base.tolist() == [[0, 1, 2, 3], [40, 5, 60, 7], [80, 9, 100, 11]]


@pytest.mark.parametrize(
    ("name", "left", "right", "expected"),
    [
        ("ifloordiv", [7.0, -7.0], 2, [3.0, -4.0]),
        ("ifloordiv", [7, -7], 2, [3, -4]),
        ("iand", [True, False], [True, True], [True, False]),
        ("ior", [True, False], [False, False], [True, False]),
        ("ixor", [True, False], [True, True], [False, True]),
    ],
)
def test_composed_operators_in_place(name, left, right, expected):
    memory = torch.tensor(left)
    array = pydjl.from_torch(memory)
    operand = pydjl.array(right) if isinstance(right, list) else right
    assert getattr(operator, name)(array, operand) is array
    assert memory.tolist() == expected


def test_composed_operators_in_place_keep_the_type():
    array = pydjl.array([7, 8])
    with pytest.raises(DtypeError, match=r"//= would write torch.float32 .*torch.int64"):
        array //= 2.5
    assert array.tolist() == [7, 8]


def test_a_result_that_does_not_fit_changes_nothing():
    array = pydjl.array([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"\(2,\) float32 and \(3, 2\) float32"):
        array += pydjl.from_torch(torch.ones(3, 2))
    assert array.tolist() == [1.0, 2.0]


def test_a_leaf_is_not_changed_in_place():
    leaf = torch.ones(2, requires_grad=True)
    array = pydjl.from_torch(leaf)
    with pytest.raises(JavaError, match="a leaf Variable that requires grad"):
        array += 1
    with torch.no_grad():
        array += 1
    assert leaf.tolist() == [2.0, 2.0]


# --- one operand, logic ---------------------------------------------------------------------------


@pytest.mark.parametrize("function", [operator.neg, operator.abs, operator.invert])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_one_operand(same, function, dtype):
    x = tensor((3, 4), dtype, 9)
    found, expected = attempt(function, pydjl.from_torch(x)), attempt(function, x)
    if function is operator.invert and dtype is not torch.bool:
        assert isinstance(found, NotSupportedError)
    else:
        check_alike(same, found, expected)


def test_plus_is_the_array_itself():
    array = pydjl.array([1.0])
    assert +array is array


@pytest.mark.parametrize("name", LOGIC)
@given(shapes=pairs_of_shapes, seed=seeds)
def test_logic(same, name, shapes, seed):
    function = getattr(operator, name)
    left = tensor(shapes.input_shapes[0], torch.bool, seed)
    right = tensor(shapes.input_shapes[1], torch.bool, seed + 1)
    same(function(pydjl.from_torch(left), pydjl.from_torch(right)), function(left, right))
    for truth in (True, False):
        same(function(pydjl.from_torch(left), truth), function(left, truth))
        same(function(truth, pydjl.from_torch(left)), function(truth, left))


@pytest.mark.parametrize("name", LOGIC)
def test_bits_are_refused(name):
    for a, b in (([1, 2], [3, 4]), ([True], [1]), ([1], [True]), ([1.0], [True])):
        with pytest.raises(NotSupportedError, match="no operations on bits"):
            getattr(operator, name)(pydjl.array(a), pydjl.array(b))


# --- product of matrices --------------------------------------------------------------------------


@given(
    batches=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3),
    sizes=st.tuples(*[st.integers(0, 6)] * 3),
    flat=st.sampled_from(["", "left", "right", "both"]),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.int64, torch.complex64]),
    seed=seeds,
)
def test_matrix_product(same, batches, sizes, flat, dtype, seed):
    m, k, n = sizes
    left = (k,) if flat in ("left", "both") else (*batches.input_shapes[0], m, k)
    right = (k,) if flat in ("right", "both") else (*batches.input_shapes[1], k, n)
    a, b = tensor(left, dtype, seed), tensor(right, dtype, seed + 1)
    same(pydjl.from_torch(a) @ pydjl.from_torch(b), a @ b)
    same(pydjl.from_torch(a) @ b, a @ b)


@pytest.mark.parametrize(
    ("left", "right", "error"),
    [((2, 3), (4, 5), ShapeError), ((), (2,), ArgumentError), ((2,), (), ArgumentError)],
)
def test_matrices_that_do_not_fit(left, right, error):
    a, b = torch.ones(left), torch.ones(right)
    with pytest.raises(error) as caught:
        pydjl.from_torch(a) @ pydjl.from_torch(b)
    assert str(left) in str(caught.value)
    assert str(right) in str(caught.value)


def test_matrices_of_two_types_are_refused_as_in_torch():
    with pytest.raises(DtypeError, match="same dtype"):
        pydjl.array([[1.0]]) @ pydjl.array([[1]])


# --- other libraries and foreign operands ---------------------------------------------------------


def test_the_left_operand_s_library_computes():
    array, other = pydjl.array([1.0, 2.0]), torch.tensor([10.0, 20.0])
    assert type(array + other) is pydjl.NDArray
    assert type(other + array) is torch.Tensor
    assert type(array + other.numpy()) is pydjl.NDArray
    assert type(other.numpy() + array) is np.ndarray
    for total in (array + other, other + array, array + other.numpy(), other.numpy() + array):
        assert total.tolist() == [11.0, 22.0]
    assert (other @ array).item() == (array @ other).item() == 50.0


def test_in_place_with_other_libraries():
    tensor, numbers = torch.tensor([1.0, 2.0]), np.array([1.0, 2.0])
    tensor += pydjl.array([1.0, 1.0])
    numbers += pydjl.array([1.0, 1.0])
    assert tensor.tolist() == numbers.tolist() == [2.0, 3.0]
    array = pydjl.array([1.0, 1.0])
    same_array = array
    array += tensor
    array += numbers.astype(np.float32)
    assert array is same_array
    assert array.tolist() == [5.0, 7.0]


@pytest.mark.parametrize(
    "numbers",
    [
        np.broadcast_to(np.array([1.0, 2.0]), (2, 2)),
        np.arange(4.0).reshape(2, 2)[::-1, ::-1],
        np.arange(4, dtype=">f8").reshape(2, 2),
        np.zeros(2, dtype=[("a", "f4"), ("b", "i1")])["a"],
        np.array(3.0),
    ],
    ids=["read-only", "negative strides", "byte order", "odd strides", "0 dimensions"],
)
def test_arrays_of_numpy_that_torch_does_not_share(numbers):
    array = pydjl.array([[1.0, 2.0], [3.0, 4.0]], dtype="float64")
    assert (array * numbers).tolist() == (array.numpy() * numbers).tolist()


FOREIGN = ["1", None, [1.0, 2.0], (1.0, 2.0), {}, object(), Fraction(1, 2), b"1", (1.0).hex]


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("name", [*ARITHMETIC, "floordiv", "matmul", *LOGIC, "lt", "ge", "iadd"])
def test_foreign_operands_are_a_type_error(foreign, name):
    function = getattr(operator, name)
    for array in (pydjl.array([True, False]), pydjl.array(3)):
        # A fraction hands itself to `**` as a float, a text formats with %, a list grows by +=.
        if name == "pow" and isinstance(foreign, Fraction):
            continue
        with pytest.raises(TypeError):
            function(array, foreign)
        if not ((name == "mod" and isinstance(foreign, (str, bytes))) or name == "iadd"):
            with pytest.raises(TypeError):
                function(foreign, array)


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda each: type(each).__name__)
def test_foreign_operands_are_unequal(foreign):
    array = pydjl.array([1.0, 2.0])
    assert (array == foreign) is False
    assert (array != foreign) is True


class Answering:
    """Computes with any array from the right."""

    def __radd__(self, other):
        return "mine"


def test_foreign_operands_may_answer():
    assert pydjl.array([1.0]) + Answering() == "mine"


@pytest.mark.parametrize("number", [2**63, 2**70, -(2**63) - 1])
def test_an_integer_that_no_array_holds_is_refused(number):
    with pytest.raises(ArgumentError, match=str(number)):
        pydjl.array([1]) + number


def test_an_integer_wraps_around_as_in_torch(same):
    small = torch.tensor([1, 250], dtype=torch.uint8)
    same(pydjl.from_torch(small) + 300, small + 300)
    same(pydjl.from_torch(small) - 3, small - 3)
