"""Turn Python's and NumPy's data into tensors: shared where the memory allows it, else copied."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray as NumpyArray
from torch import Tensor

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.ndarray.dtypes import parse_dtype


def copy_data(data: Any, dtype: torch.dtype | None, device: torch.device | None) -> Tensor:
    """Copy numbers, nested lists of numbers or a NumPy array into a new tensor.

    Raises:
        ArgumentTypeError: an element is no number.
        ArgumentError: the data is ragged, or a number does not fit the dtype.
    """
    name = type(data).__name__
    try:
        if isinstance(data, (list, tuple)) and any(isinstance(row, np.ndarray) for row in data):
            data = np.array(data)
        if isinstance(data, (np.ndarray, np.generic)):
            data = _plain(np.asarray(data))
        return torch.tensor(data, dtype=dtype, device=device)
    except (TypeError, RuntimeError, ValueError, OverflowError) as exc:
        kind = ArgumentTypeError if isinstance(exc, TypeError) else ArgumentError
        raise kind(f"an array cannot be made of this {name}: {exc}") from exc


def share_or_copy(data: NumpyArray[Any], device: torch.device | None = None) -> Tensor:
    """Make a tensor of a NumPy array: on the same memory unless PyTorch cannot share it.

    Raises:
        DtypeError: DJL does not know the element type.
    """
    parse_dtype(data.dtype)
    sharable = (
        data.flags.writeable
        and data.dtype.isnative
        and all(stride >= 0 and stride % data.itemsize == 0 for stride in data.strides)
    )
    return torch.from_numpy(data if sharable else _plain(data)).to(device)


def _plain(data: NumpyArray[Any]) -> NumpyArray[Any]:
    """A copy without what PyTorch does not have: byte order, negative strides."""
    return np.array(data, dtype=data.dtype.newbyteorder("="), order="C")
