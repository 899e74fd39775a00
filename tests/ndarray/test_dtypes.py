"""The one table of element types is DJL's and PyTorch's."""

from __future__ import annotations

import jpype
import numpy as np
import pytest
import torch

import pydjl
from pydjl.errors import DtypeError
from pydjl.ndarray.dtypes import data_type, parse_dtype
from pydjl.ndarray.exchange import make_handle
from pydjl.runtime import java_class

NAMES = {
    torch.float32: "float32",
    torch.float64: "float64",
    torch.float16: "float16",
    torch.uint8: "uint8",
    torch.int32: "int32",
    torch.int8: "int8",
    torch.int64: "int64",
    torch.bool: "boolean",
    torch.complex64: "complex64",
}


@pytest.mark.parametrize("dtype", NAMES, ids=str)
def test_java_sees_the_type(dtype):
    array = pydjl.from_torch(torch.zeros(2, 3, dtype=dtype))
    assert str(array.java.getDataType()) == NAMES[dtype]
    assert data_type(dtype) == array.java.getDataType()


# DJL makes float32 where it is asked for complex64.
@pytest.mark.parametrize("dtype", [each for each in NAMES if not each.is_complex], ids=str)
def test_java_makes_the_type(dtype):
    shape = java_class("ai.djl.ndarray.types.Shape")(jpype.JArray(jpype.JLong)([2]))
    with java_class("ai.djl.ndarray.NDManager").newBaseManager() as manager:
        assert pydjl.from_java(manager.zeros(shape, data_type(dtype))).dtype is dtype


@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_djl_knows_no_other_type_of_torch():
    """The table is complete: whatever it lacks is UNKNOWN to DJL itself."""
    attach = java_class("org.pydjl.bridge.Arrays").attach
    types = {each for each in vars(torch).values() if isinstance(each, torch.dtype)}
    others = {each for each in types - set(NAMES) if not str(each).startswith("torch.q")}
    assert torch.bfloat16 in others
    for dtype in others:
        with attach(make_handle(torch.empty(2, dtype=dtype))) as array:
            assert str(array.getDataType()) == "unknown"


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("float32", torch.float32),
        ("FLOAT32", torch.float32),
        ("f4", torch.float32),
        ("<f4", torch.float32),
        ("double", torch.float64),
        ("half", torch.float16),
        ("bool", torch.bool),
        ("int8", torch.int8),
        ("complex64", torch.complex64),
        ("torch.int32", torch.int32),
        ("torch.float", torch.float32),
        ("torch.int", torch.int32),
        ("torch.long", torch.int64),
        (bool, torch.bool),
        (int, torch.int64),
        (float, torch.float64),
        (np.float16, torch.float16),
        (np.dtype(">i4"), torch.int32),
        (torch.uint8, torch.uint8),
    ],
    ids=repr,
)
def test_names(name, dtype):
    assert parse_dtype(name) is dtype
    assert pydjl.array([1], dtype=name).dtype is dtype


@pytest.mark.parametrize(
    "name",
    [
        None,
        "nope",
        "",
        "torch.nope",
        "torch.nn",
        "nn",
        "str",
        "O",
        "datetime64[s]",
        "V8",
        3,
        [],
        str,
        object,
    ],
    ids=repr,
)
def test_what_names_no_type_is_refused(name):
    with pytest.raises(DtypeError, match="names no element type"):
        parse_dtype(name)


@pytest.mark.parametrize(
    "name", ["bfloat16", "int16", "uint16", "complex128", complex, torch.float8_e5m2], ids=repr
)
def test_types_that_djl_lacks_are_refused(name):
    with pytest.raises(
        DtypeError, match=r"does not know torch.*: it knows float32, .*Convert first"
    ):
        pydjl.array([1.0]).astype(name)


@pytest.mark.parametrize("source", NAMES, ids=str)
@pytest.mark.parametrize("target", NAMES, ids=str)
def test_conversion_is_torch_s(source, target, same):
    numbers = torch.tensor([[0.0, 1.0, -1.7], [2.5, 100.25, -128.0]])
    if not source.is_floating_point or not target.is_floating_point:
        numbers = numbers.abs()  # a negative number has no unsigned one
    tensor = (numbers > 0 if source is torch.bool else numbers).to(source)
    array = pydjl.from_torch(tensor)
    if source.is_complex and not (target.is_complex or target is torch.bool):
        with pytest.raises(DtypeError, match="no imaginary parts"):
            array.astype(target)
        return
    same(array.astype(target), tensor.to(target))
    assert (array.astype(target).torch() is tensor) == (source is target)
