"""Make arrays: `array` copies its data, the ``from_`` functions share it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray as NumpyArray
from torch import Tensor

from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError
from pydjl.ndarray.array import NDArray
from pydjl.ndarray.calls import call_java
from pydjl.ndarray.data import copy_data, share_or_copy
from pydjl.ndarray.dtypes import parse_dtype
from pydjl.ndarray.exchange import check_tensor, look_at, may_vanish
from pydjl.runtime import java_class, parse_device

# What DJL calls the handle of an array of strings, which has no tensor.
_HANDLE_OF_STRINGS = -1


def array(data: Any, dtype: Any = None, device: str | torch.device | None = None) -> NDArray:
    """Make an array from a copy of some data.

    Args:
        data: numbers in nested lists, a NumPy array, a tensor, an `NDArray`, a number.
        dtype: the element type; by default the data's own, float32 for Python's floats and
            int64 for its integers, as in PyTorch.
        device: ``cpu``, ``gpu(0)``, a `torch.device`; by default the data's own, else the CPU.

    Returns:
        An array in new memory, without a history of operations.

    Raises:
        DtypeError: DJL does not know the element type.
        ArgumentError: the data is ragged or cannot be read as numbers.
        DeviceError: there is no such device here.

    Example:
        >>> import pydjl
        >>> pydjl.array([[19, 25], [37, 43]], dtype="float32")
        ND: (2, 2) cpu() float32
        [[19., 25.],
         [37., 43.],
        ]
    """
    wanted = None if dtype is None else parse_dtype(dtype)
    place = None if device is None else parse_device(device)
    if isinstance(data, NDArray):
        data = data.torch()
    if isinstance(data, Tensor):
        copy = data.detach().to(place or data.device, wanted or data.dtype, copy=True)
        return NDArray(copy)
    if isinstance(data, (list, tuple)) and any(isinstance(each, NDArray) for each in data):
        raise ArgumentTypeError("NDArrays in a list are joined by pydjl.stack or pydjl.concat.")
    return NDArray(copy_data(data, wanted, place))


def from_torch(tensor: Tensor) -> NDArray:
    """Wrap a tensor: the same memory, strides, device and autograd history.

    Raises:
        ArgumentTypeError: it is no dense tensor, or (`DtypeError`) of a type unknown to DJL.

    Example:
        >>> import pydjl, torch
        >>> t = torch.zeros(2)
        >>> pydjl.from_torch(t)[0] = 5
        >>> t
        tensor([5., 0.])
    """
    if not isinstance(tensor, Tensor):
        raise ArgumentTypeError(f"from_torch takes a torch.Tensor, not {type(tensor).__name__}.")
    return NDArray(tensor)


def from_numpy(data: NumpyArray[Any]) -> NDArray:
    """Wrap a NumPy array: the same memory.

    Raises:
        ArgumentTypeError: it is no NumPy array, or (`DtypeError`) of a type unknown to DJL.
        ArgumentError: its memory cannot be shared: read-only, negative strides, foreign byte
            order; `array` copies it.
    """
    if not isinstance(data, np.ndarray):
        raise ArgumentTypeError(f"from_numpy takes a numpy.ndarray, not {type(data).__name__}.")
    parse_dtype(data.dtype)
    if not data.flags.writeable:
        raise ArgumentError("a read-only NumPy array cannot be shared: copy it by pydjl.array.")
    try:
        return NDArray(torch.from_numpy(data))
    except (TypeError, ValueError, RuntimeError) as exc:
        raise ArgumentError(
            f"this NumPy array cannot be shared ({exc}): copy it by pydjl.array."
        ) from exc


def from_dlpack(data: Any) -> NDArray:
    """Wrap anything that speaks DLPack: the same memory.

    Raises:
        ArgumentTypeError: it does not, or (`DtypeError`) its type is unknown to DJL.
        ArgumentError: its memory cannot be shared, such as a read-only NumPy array's.

    Example:
        >>> import numpy, pydjl
        >>> pydjl.from_dlpack(numpy.arange(3.0)).sum().item()
        3.0
    """
    if not hasattr(data, "__dlpack__"):
        raise ArgumentTypeError(f"a {type(data).__name__} does not speak DLPack (__dlpack__).")
    if isinstance(data, np.ndarray):  # PyTorch aborts the process over a negative stride
        return from_numpy(data)
    try:
        tensor = torch.utils.dlpack.from_dlpack(data)
    except (BufferError, RuntimeError, TypeError) as exc:
        raise ArgumentError(f"this {type(data).__name__} cannot be shared: {exc}") from exc
    return NDArray(tensor)


def from_java(java: Any) -> NDArray:
    """Wrap a DJL NDArray: the same memory. The Java array stays as it is, for Java to close.

    An array that was made of Java data (``NDManager.create(float[])``) and its views lie in Java's
    own memory, which ends with the Java array, whoever else still uses it: they are copied.

    Raises:
        ArgumentTypeError: it is no NDArray of DJL's PyTorch engine.
        ClosedError: it is closed.

    Example:
        >>> import pydjl
        >>> x = pydjl.array([1.0, 4.0, 9.0])
        >>> pydjl.from_java(x.java.sqrt()).tolist()
        [1.0, 2.0, 3.0]
    """
    if not isinstance(java, java_class("ai.djl.pytorch.engine.PtNDArray")):
        raise ArgumentTypeError(
            f"from_java takes an NDArray of DJL's PyTorch engine, not a {type(java).__name__}."
        )
    handle = call_java("from_java", "Arrays.handleOf", [], java)
    if handle == _HANDLE_OF_STRINGS:
        raise DtypeError("from_java takes an array of numbers; this one holds strings.")
    tensor = look_at(handle)
    check_tensor(tensor)
    return NDArray(tensor.clone() if may_vanish(tensor) else tensor)


def as_tensor(value: Any, name: str) -> Tensor:
    """The tensor of an argument that may be an `NDArray`, a tensor or a NumPy array; shared.

    Raises:
        ArgumentTypeError: it is something else, or (`DtypeError`) of a type unknown to DJL.
    """
    if isinstance(value, Tensor):
        if value.is_nested:  # has not even a shape
            check_tensor(value)
        return value
    if isinstance(value, NDArray):
        return value.torch()
    if isinstance(value, np.ndarray):
        return share_or_copy(value)
    raise ArgumentTypeError(
        f"{name} must be a pydjl.NDArray, a torch.Tensor or a numpy.ndarray, "
        f"not {type(value).__name__}."
    )


def like(model: Any, tensor: Tensor) -> Any:
    """A result as the kind of array that an argument was."""
    if isinstance(model, Tensor):
        return tensor
    if isinstance(model, NDArray):
        return NDArray(tensor)
    return tensor.detach().cpu().numpy()
