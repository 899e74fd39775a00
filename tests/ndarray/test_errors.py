"""A failure is a `PydjlError` and a standard exception, tells the shapes, and leaves no trace."""

from __future__ import annotations

import traceback

import jpype
import numpy as np
import pytest
import torch

import pydjl
from pydjl import errors
from pydjl.ndarray.calls import call_java

ONES = torch.ones(2, 3)
LEAF = torch.ones(2, 3, requires_grad=True)


def nd(tensor: torch.Tensor) -> pydjl.NDArray:
    return pydjl.from_torch(tensor)


# What is done, the kinds of the error, what its message holds, whether Java threw it.
FAILURES = {
    "shapes": (
        lambda: nd(ONES) + nd(torch.ones(4)),
        (errors.ShapeError, ValueError),
        ["NDArray.add", "(2, 3) float32", "(4,) float32"],
        True,
    ),
    "shapes in place": (
        lambda: nd(ONES.clone()).__iadd__(nd(torch.ones(5, 2, 3))),
        (errors.ShapeError, ValueError),
        ["NDArray.add in place", "(2, 3) float32", "(5, 2, 3) float32"],
        True,
    ),
    "matrix product": (
        lambda: nd(ONES) @ nd(ONES),
        (errors.ShapeError, ValueError),
        ["NDArray.matmul", "(2, 3) float32 and (2, 3) float32"],
        True,
    ),
    "matrix product of a number": (
        lambda: nd(ONES) @ nd(torch.tensor(1.0)),
        (errors.ArgumentError, ValueError),
        ["(2, 3) float32", "() float32", "scalar is not allowed"],
        True,
    ),
    "reshape": (
        lambda: nd(ONES).reshape(5),
        (errors.ShapeError, ValueError),
        ["NDArray.reshape to (5,) of (2, 3) float32"],
        True,
    ),
    "concat": (
        lambda: pydjl.concat([nd(ONES), nd(torch.ones(2))]),
        (errors.ShapeError, ValueError),
        ["concat of (2, 3) float32 and (2,) float32"],
        True,
    ),
    "types in place": (
        lambda: nd(torch.ones(2, dtype=torch.int64)).__iadd__(nd(torch.ones(2))),
        (errors.DtypeError, TypeError),
        ["(2,) int64 and (2,) float32"],
        True,
    ),
    "types of matrices": (
        lambda: nd(ONES) @ nd(torch.ones(3, 2, dtype=torch.float64)),
        (errors.DtypeError, TypeError),
        ["(2, 3) float32 and (3, 2) float64"],
        True,
    ),
    "a function that a type lacks": (
        lambda: nd(torch.ones(2, dtype=torch.bool)).abs(),
        (errors.DtypeError, TypeError),
        ["NDArray.abs of (2,) bool"],
        True,
    ),
    "mean of integers": (
        lambda: nd(torch.ones(2, dtype=torch.int32)).mean(),
        (errors.DtypeError, TypeError),
        ["NDArray.mean of (2,) int32"],
        True,
    ),
    "the greatest of nothing": (
        lambda: nd(torch.ones(0, 2)).argmax(),
        (errors.ArgumentError, ValueError),
        ["NDArray.argmax of (0, 2) float32"],
        True,
    ),
    "division of integers by zero": (
        lambda: nd(torch.ones(2, dtype=torch.int32)) % 0,
        (errors.DivisionByZeroError, ZeroDivisionError),
        ["NDArray.mod of (2,) int32", "cannot be divided by 0"],
        True,
    ),
    "a leaf in place": (
        lambda: nd(LEAF).__iadd__(1),
        (errors.JavaError, RuntimeError),
        ["(2, 3) float32", "a leaf Variable that requires grad"],
        True,
    ),
    "more memory than there is": (
        lambda: nd(torch.ones(1)).broadcast_to(2**45).copy(),
        (errors.OutOfMemoryError, MemoryError),
        ["(35184372088832,) float32"],
        True,
    ),
    "an index that is too great": (
        lambda: nd(ONES)[2],
        (errors.ArrayIndexError, IndexError),
        ["index 2 is out of range for axis 0 of size 2"],
        False,
    ),
    "indices that do not fit together": (
        lambda: nd(ONES)[[0, 1], [0, 1, 2]],
        (errors.ShapeError, ValueError),
        ["(2, 3) float32 and (2,) int64 and (3,) int64"],
        True,
    ),
    "an axis that is not there": (
        lambda: nd(ONES).sum(axis=2),
        (errors.ArrayIndexError, IndexError),
        ["axis 2"],
        False,
    ),
    "an unknown type": (
        lambda: nd(torch.ones(2, dtype=torch.bfloat16)),
        (errors.DtypeError, TypeError),
        ["torch.bfloat16", ".to(torch.float32)"],
        False,
    ),
    "bits": (
        lambda: nd(torch.ones(2, dtype=torch.int32)) & 1,
        (errors.NotSupportedError, NotImplementedError),
        ["torch.int32", "nd.torch()"],
        False,
    ),
    "a closed Java array": (
        lambda: pydjl.from_java(closed_java_array()),
        (errors.ClosedError, ValueError),
        ["from_java", "released already"],
        True,
    ),
    "an argument that Java cannot take": (
        lambda: nd(ONES).reshape(2**70),
        (errors.ArgumentTypeError, TypeError),
        ["NDArray.reshape", "cannot be passed to Java"],
        False,
    ),
    "ragged data": (
        lambda: pydjl.array([[1], [2, 3]]),
        (errors.ArgumentError, ValueError),
        ["made of this list"],
        False,
    ),
}


def closed_java_array():
    array = pydjl.array([1.0])
    java = array.java
    array.close()
    return java


every_failure = pytest.mark.parametrize("name", FAILURES)


@every_failure
def test_the_error_is_ours_and_python_s(name):
    fail, kinds, words, _ = FAILURES[name]
    with pytest.raises(errors.PydjlError) as caught:
        fail()
    assert type(caught.value) is kinds[0]
    assert isinstance(caught.value, kinds)
    for word in words:
        assert word in str(caught.value)


@every_failure
def test_the_message_is_one_sentence(name):
    """Without libtorch's stack of C++ frames, which Java's message carries."""
    with pytest.raises(errors.PydjlError) as caught:
        FAILURES[name][0]()
    message = str(caught.value)
    assert "\n" not in message
    assert "frame #" not in message
    assert len(message) < 450


@every_failure
def test_java_s_exception_is_chained(name):
    with pytest.raises(errors.PydjlError) as caught:
        FAILURES[name][0]()
    from_java = isinstance(caught.value.__cause__, jpype.JException)
    assert from_java == FAILURES[name][3]
    if from_java:
        assert "Caused by" not in str(caught.value)
        shown = "".join(traceback.format_exception(caught.value))
        assert "The above exception was the direct cause" in shown


@every_failure
def test_everything_works_afterwards(name, managed_arrays):
    before = managed_arrays()
    for _ in range(3):
        with pytest.raises(errors.PydjlError):
            FAILURES[name][0]()
        assert (nd(ONES) * 2).sum().item() == 12.0
    assert managed_arrays() == before


def test_the_failure_of_one_thread_is_not_told_to_another(in_thread):
    """Each call takes its own failure: the last one of its thread."""

    def fail():
        with pytest.raises(errors.ShapeError) as caught:
            nd(torch.ones(7)) + nd(torch.ones(8))
        return str(caught.value)

    for _ in range(5):
        with pytest.raises(errors.DtypeError, match="bool"):
            nd(torch.ones(2, dtype=torch.bool)).abs()
        assert "(7,) float32 and (8,) float32" in in_thread(fail)


def test_no_failure_is_left_behind():
    from pydjl.runtime import java_class

    with pytest.raises(errors.ShapeError):
        nd(ONES) + nd(torch.ones(4))
    assert java_class("org.pydjl.bridge.Call").takeFailure() is None


def test_every_class_is_a_standard_exception_too():
    for name in errors.__all__:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.PydjlError)
        if kind is not errors.PydjlError:
            standard = [each for each in kind.__mro__ if each.__module__ == "builtins"]
            assert standard[0] is not Exception


def test_unpassed_arguments_name_the_operation():
    with pytest.raises(errors.ArgumentTypeError, match="what was done: an argument cannot be"):
        call_java("what was done", "Arrays.repeat", [ONES], "x", object())


def test_numpy_errors_are_ours():
    with pytest.raises(errors.DtypeError):
        nd(ONES) + np.array(["a"])
