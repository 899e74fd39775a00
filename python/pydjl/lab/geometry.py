"""How a kernel moves, checked before Java is asked: what the laboratory's operators share."""

from __future__ import annotations

from operator import index
from typing import Any, NamedTuple, TypeGuard

import torch
from torch import Tensor

from pydjl import conv_arithmetic
from pydjl.errors import ArgumentError, ArgumentTypeError, DtypeError, ShapeError
from pydjl.ndarray import as_tensor, call_java_for
from pydjl.ndarray.dtypes import data_type
from pydjl.nn.arguments import Size, per_dimension


class Geometry(NamedTuple):
    """Stride, padding and dilation, one number for each dimension of the kernel."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    @classmethod
    def read(cls, dimensions: int, stride: Size, padding: Size, dilation: Size) -> Geometry:
        """Read the arguments of an operator.

        Raises:
            ArgumentError: a number is too small, or there are too many or too few.
            ArgumentTypeError: one is no whole number.

        Example:
            >>> Geometry.read(2, 1, (0, 1), 1)
            Geometry(stride=(1, 1), padding=(0, 1), dilation=(1, 1))
        """
        return cls(
            per_dimension("stride", stride, dimensions, least=1),
            per_dimension("padding", padding, dimensions, least=0),
            per_dimension("dilation", dilation, dimensions, least=1),
        )

    def output_shape(self, input: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[int, ...]:
        """The sizes of the output, without batch and channels.

        Raises:
            ShapeError: a size is 0, or the kernel reaches over the padded input.

        Example:
            >>> Geometry.read(2, (3, 2), 1, 1).output_shape((3, 3), (2, 2))
            (2, 2)
        """
        try:
            return conv_arithmetic.output_shape(input, kernel, *self)
        except ValueError as exc:
            raise ShapeError(
                f"an input of sizes {input} and a kernel of sizes {kernel}: {exc}", input, kernel
            ) from exc


def real_pair(operation: str, X: Any, K: Any) -> tuple[Tensor, Tensor]:
    """The tensors of an input and a kernel, converted to the dtype that both are promoted to.

    Raises:
        ArgumentTypeError: one is no array.
        DtypeError: they are of booleans, complex numbers or a type unknown to DJL.
    """
    x, k = as_tensor(X, "X"), as_tensor(K, "K")
    dtype = torch.promote_types(x.dtype, k.dtype)
    if dtype is torch.bool or dtype.is_complex:
        raise DtypeError(
            f"{operation}: X is {x.dtype} and K {k.dtype}, but real numbers are needed: convert "
            "them."
        )
    return _converted(operation, x, dtype), _converted(operation, k, dtype)


def check_dimensions(dimensions: int, x: Tensor, k: Tensor) -> None:
    """Refuse an input and a kernel that are not lines, or not planes.

    Raises:
        ShapeError: one has another number of dimensions, or no element.
    """
    for name, tensor in (("X", x), ("K", k)):
        if tensor.dim() != dimensions or tensor.numel() == 0:
            needed = "(length,)" if dimensions == 1 else "(height, width)"
            raise ShapeError(
                f"{name} has shape {tuple(tensor.shape)}, but {needed} of at least 1 is needed.",
                tuple(x.shape),
                tuple(k.shape),
            )


def check_mode(mode: str) -> str:
    """Java's name of a mode.

    Raises:
        ArgumentError: there is no such mode.

    Example:
        >>> check_mode("same")
        'SAME'
    """
    if mode not in ("valid", "same", "full"):
        raise ArgumentError(f"mode is {mode!r}, but it must be 'valid', 'same' or 'full'.")
    return mode.upper()


def read_sizes(name: str, sizes: Any) -> tuple[int, ...]:
    """Whole numbers of at least 1, as many as an array of this room has dimensions.

    Raises:
        ArgumentError: there are others.
        ArgumentTypeError: they are no sequence of whole numbers.

    Example:
        >>> read_sizes("kernel_size", [2, 3])
        (2, 3)
    """
    if not _is_sequence_of_numbers(sizes):
        raise ArgumentTypeError(
            f"{name} is {sizes!r}, but a sequence of whole numbers is needed, one for each "
            "dimension."
        )
    numbers = tuple(map(index, sizes))
    if not 1 <= len(numbers) <= 4 or min(numbers) < 1:
        raise ArgumentError(f"{name} is {sizes!r}, but numbers of at least 1 are needed.")
    return numbers


def _is_sequence_of_numbers(value: Any) -> TypeGuard[tuple[int, ...]]:
    return isinstance(value, (tuple, list)) and all(hasattr(each, "__index__") for each in value)


def _converted(operation: str, tensor: Tensor, dtype: torch.dtype) -> Tensor:
    wanted = data_type(dtype)
    if tensor.dtype is dtype:
        return tensor
    return call_java_for(operation, "Arrays.toType", [tensor], wanted)
