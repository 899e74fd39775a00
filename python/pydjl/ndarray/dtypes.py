"""The one table of element types: PyTorch's dtype and DJL's DataType for each."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import torch

from pydjl.errors import DtypeError
from pydjl.runtime import java_class

#: DJL's name for every dtype that its PyTorch engine knows.
DATA_TYPES: dict[torch.dtype, str] = {
    torch.float32: "FLOAT32",
    torch.float64: "FLOAT64",
    torch.float16: "FLOAT16",
    torch.uint8: "UINT8",
    torch.int32: "INT32",
    torch.int8: "INT8",
    torch.int64: "INT64",
    torch.bool: "BOOLEAN",
    torch.complex64: "COMPLEX64",
}

_WAYS_OUT = {
    torch.bfloat16: "torch.float32",
    torch.int16: "torch.int32",
    torch.uint16: "torch.int32",
    torch.uint32: "torch.int64",
    torch.uint64: "torch.int64",
    torch.complex32: "torch.complex64",
    torch.complex128: "torch.complex64",
}


def check_dtype(dtype: torch.dtype) -> None:
    """Refuse a dtype that DJL does not know.

    Raises:
        DtypeError: with the dtypes that are known and one to convert to.
    """
    if dtype in DATA_TYPES:
        return
    known = ", ".join(str(each).removeprefix("torch.") for each in DATA_TYPES)
    raise DtypeError(
        f"DJL's PyTorch engine does not know {dtype}: it knows {known}. "
        f"Convert first, for example by .to({_WAYS_OUT.get(dtype, torch.float32)})."
    )


def parse_dtype(dtype: Any) -> torch.dtype:
    """Turn any way of naming an element type into PyTorch's.

    Args:
        dtype: a `torch.dtype`, a NumPy dtype or scalar type, a Python type, or a name.

    Raises:
        DtypeError: it names no element type that DJL knows.

    Example:
        >>> parse_dtype("float32"), parse_dtype(int), parse_dtype(np.dtype("u1"))
        (torch.float32, torch.int64, torch.uint8)
    """
    found = dtype if isinstance(dtype, torch.dtype) else _named(dtype)
    if found is None:
        raise DtypeError(f"{dtype!r} names no element type of arrays.")
    check_dtype(found)
    return found


def _named(dtype: Any) -> torch.dtype | None:
    """PyTorch's dtype by a name or by NumPy's; None if there is none."""
    if dtype is None:  # float64 to NumPy
        return None
    name = dtype.lower() if isinstance(dtype, str) else dtype
    if isinstance(name, str) and name.startswith("torch."):
        # Not by way of NumPy, whose float is float64.
        name = name.removeprefix("torch.")
    else:
        with suppress(TypeError, ValueError):  # such as bfloat16, which NumPy does not have
            name = np.dtype(name).name
    found = getattr(torch, str(name), None)
    return found if isinstance(found, torch.dtype) else None


@cache
def data_type(dtype: torch.dtype) -> Any:
    """DJL's DataType constant for a dtype."""
    check_dtype(dtype)
    return java_class("ai.djl.ndarray.types.DataType").valueOf(DATA_TYPES[dtype])
