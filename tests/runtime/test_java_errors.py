"""What Java throws becomes the Python exception that fits."""

from __future__ import annotations

import jpype
import pytest

import pydjl
from pydjl import errors
from pydjl.runtime import java_class, translate


@pytest.mark.parametrize(
    ("java", "message", "kind", "standard"),
    [
        ("java.lang.IllegalArgumentException", "no", errors.ArgumentError, ValueError),
        ("java.lang.NumberFormatException", "no", errors.ArgumentError, ValueError),
        ("java.lang.UnsupportedOperationException", "x", errors.NotSupportedError,
         NotImplementedError),
        ("java.lang.OutOfMemoryError", "Java heap space", errors.OutOfMemoryError, MemoryError),
        ("java.lang.IllegalStateException", "Native resource has been released already.",
         errors.ClosedError, ValueError),
        ("ai.djl.engine.EngineException", "The size of tensor a (2) must match", errors.ShapeError,
         ValueError),
        ("ai.djl.engine.EngineException", "index 5 is out of bounds for dimension 0 with size 2",
         errors.ArrayIndexError, IndexError),
        ("ai.djl.engine.EngineException", "expected scalar type Float but found Double",
         errors.DtypeError, TypeError),
        ("ai.djl.engine.EngineException", "Expected all tensors to be on the same device",
         errors.DeviceError, RuntimeError),
        ("ai.djl.engine.EngineException", "CUDA out of memory", errors.OutOfMemoryError,
         MemoryError),
        (
            "ai.djl.engine.EngineException",
            "Negation, the `-` operator, on a bool tensor is not supported.",
            errors.DtypeError,
            TypeError,
        ),
        ("java.lang.RuntimeException", "anything else", errors.JavaError, RuntimeError),
    ],
)  # fmt: skip
def test_kinds(java, message, kind, standard):
    exception = java_class(java)(message)
    translated = translate(exception, "doing", ["(2, 3) float32"])
    assert type(translated) is kind
    assert isinstance(translated, standard)
    assert isinstance(translated, errors.PydjlError)
    assert str(translated) == f"doing of (2, 3) float32: {message}"


def test_an_index_error_of_java():
    with pytest.raises(IndexError) as caught:
        java_class("java.util.ArrayList")().get(3)
    assert type(translate(caught.value, "get")) is errors.ArrayIndexError


def test_a_message_is_one_line_without_libtorchs_stack():
    text = "sizes\n differ\nException raised from f at x.cpp:1 (most recent call first):\nframe #0"
    exception = java_class("ai.djl.engine.EngineException")(text)
    assert str(translate(exception, "op")) == "op: sizes differ"


def test_a_failure_in_torchscript_is_told_without_the_places_in_its_code():
    text = (
        "The following operation failed in the TorchScript interpreter.\n"
        'Traceback of TorchScript, serialized code (most recent call last):\n  File "code"\n'
        "Traceback of TorchScript, original code (most recent call last):\n/here.py(3): forward\n"
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied\n"
    )
    exception = java_class("ai.djl.engine.EngineException")(text)
    assert str(translate(exception, "op")) == (
        "op: The following operation failed in the TorchScript interpreter. "
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied"
    )


def test_a_division_by_zero_is_said_in_a_sentence():
    exception = java_class("ai.djl.engine.EngineException")("ZeroDivisionError")
    translated = translate(exception, "op")
    assert type(translated) is errors.DivisionByZeroError
    assert isinstance(translated, ZeroDivisionError)
    assert str(translated) == "op: integers cannot be divided by 0."


def test_an_exception_without_a_message_is_named():
    assert "java.lang.RuntimeException" in str(
        translate(java_class("java.lang.RuntimeException")(), "op")
    )


def test_the_java_exception_is_the_cause_and_holds_its_stack():
    with pytest.raises(errors.ShapeError) as caught:
        pydjl.array([1.0, 2.0]) + pydjl.array([1.0, 2.0, 3.0])
    cause = caught.value.__cause__
    assert isinstance(cause, jpype.JException)
    assert "(2,) float32 and (3,) float32" in str(caught.value)
    assert cause.getStackTrace()[0] is not None
