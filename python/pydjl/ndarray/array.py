"""`NDArray`: DJL's array in Python, on memory that PyTorch sees as well."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike
from numpy.typing import NDArray as NumpyArray
from torch import Tensor
from torch.utils._pytree import tree_map
from typing_extensions import Self

from pydjl.errors import ArgumentError, ArgumentTypeError, PydjlError
from pydjl.ndarray import operators
from pydjl.ndarray.arithmetic import Arithmetic
from pydjl.ndarray.data import copy_data
from pydjl.ndarray.dtypes import parse_dtype
from pydjl.ndarray.elementwise import Elementwise, Reductions
from pydjl.ndarray.indexing import parse_index
from pydjl.ndarray.shaping import Shaping
from pydjl.runtime import parse_device

# Inside the class, `torch` is a method.
Device = torch.device


class NDArray(Arithmetic, Elementwise, Reductions, Shaping):
    """An array whose operations DJL executes.

    It holds one tensor, which DJL and PyTorch see alike: `torch` gives it without a copy, `java`
    gives DJL's object on it. Each operation passes it to Java by handle and takes the result
    back; gradients flow through, in whatever mode (`torch.no_grad`) the caller is. In an
    expression of several libraries the left operand computes: ``nd + tensor`` is DJL's and an
    NDArray, ``tensor + nd`` is PyTorch's and a tensor. Memory goes when the object goes, or at
    `close`.

    Make one by `pydjl.array`, `pydjl.from_torch`, `pydjl.from_numpy`, `pydjl.from_dlpack`.

    Example:
        >>> import pydjl
        >>> x = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
        >>> (x @ x)[0]
        ND: (2) cpu() float32
        [ 7., 10.]
    """

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return tuple(self._live.shape)

    @property
    def dtype(self) -> torch.dtype:
        """The element type."""
        return self._live.dtype

    @property
    def device(self) -> torch.device:
        """Where the memory lies."""
        return self._live.device

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._live.dim()

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._live.numel()

    @property
    def requires_grad(self) -> bool:
        """Whether operations on this array are recorded for gradients."""
        return self._live.requires_grad

    def torch(self) -> Tensor:
        """The tensor: the same memory and autograd history, not a copy."""
        return self._live

    def numpy(self) -> NumpyArray[Any]:
        """The same memory as a NumPy array.

        Raises:
            ArgumentError: it lies on a GPU, its operations are recorded for gradients, or it is
                a conjugated view, whose memory holds other numbers.
        """
        x = self._live
        if x.device.type != "cpu":
            raise ArgumentError(
                f"NumPy cannot share memory on {x.device}: use nd.to_device('cpu').numpy()."
            )
        if x.requires_grad:
            raise ArgumentError("NumPy would lose this array's gradients: use nd.detach().numpy().")
        if x.is_conj() or x.is_neg():
            raise ArgumentError(
                "NumPy cannot share a conjugated or negated view: use nd.copy().numpy()."
            )
        return x.numpy()

    def detach(self) -> Self:
        """The same memory without the history of operations."""
        return self._wrap(operators.unary("STOP_GRADIENT", self._live))

    def copy(self) -> Self:
        """A copy in new memory."""
        return self._wrap(operators.copy(self._live))

    def astype(self, dtype: Any) -> Self:
        """Convert the elements; the same memory if they have that type already.

        Example:
            >>> import pydjl
            >>> pydjl.array([1.7, -1.7]).astype("int32").tolist()
            [1, -1]
        """
        return self._wrap(operators.convert(self._live, parse_dtype(dtype)))

    def to_device(self, device: str | Device) -> Self:
        """Move to a device; the same memory if it is there already."""
        return self._wrap(operators.to_device(self._live, parse_device(device)))

    def item(self) -> bool | int | float | complex:
        """The one element as a Python number.

        Raises:
            ArgumentError: there is not exactly one.
        """
        if self.size != 1:
            raise ArgumentError(
                f"only an array of one element is a number; this one has shape {self.shape}."
            )
        return self._live.item()

    def tolist(self) -> Any:
        """The elements as Python numbers in nested lists."""
        return self._live.tolist()

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ArgumentError(
                f"the truth of an array of shape {self.shape} is ambiguous: use any() or all()."
            )
        return bool(self._live.item())

    def __int__(self) -> int:
        return int(self._real("int"))

    def __float__(self) -> float:
        return float(self._real("float"))

    def __complex__(self) -> complex:
        return complex(self.item())

    def __index__(self) -> int:
        if self.dtype.is_floating_point or self.dtype.is_complex or self.dtype is torch.bool:
            raise ArgumentTypeError(f"an array of {self.dtype} cannot be an index.")
        return int(self._real("index"))

    def _real(self, use: str) -> float:
        value = self.item()
        if isinstance(value, complex):
            raise ArgumentTypeError(f"a complex number cannot be used as {use}.")
        return value

    def __len__(self) -> int:
        if not self.ndim:
            raise ArgumentTypeError("an array of 0 dimensions has no length.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        length = len(self)
        return (self[index] for index in range(length))

    def __contains__(self, value: object) -> bool:
        if self._operand(value) is None:
            raise ArgumentTypeError(
                f"an array contains numbers; a {type(value).__name__} cannot be looked for."
            )
        return bool((self == value).any())

    def __getitem__(self, key: Any) -> Self:
        x = self._live
        return self._wrap(operators.get(x, *parse_index(key, x.shape, x.device)))

    def __setitem__(self, key: Any, value: Any) -> None:
        x = self._live
        operand: Tensor | None
        if isinstance(value, (bool, int, float, complex, list, tuple, np.generic)):
            operand = copy_data(value, x.dtype, x.device)
        else:
            operand = self._operand(value)
        if operand is None:
            raise ArgumentTypeError(
                f"an array or a number can be written into an array, not {type(value).__name__}."
            )
        operators.put(x, *parse_index(key, x.shape, x.device), operand)

    def __repr__(self) -> str:
        if self.closed:
            return "<closed NDArray>"
        try:
            return operators.text(self._live).rstrip("\n")
        except PydjlError as exc:  # a repr is what one looks at while something is wrong
            return f"<NDArray {self.shape} {self.dtype} {self.device}, not readable: {exc}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NumpyArray[Any]:
        x = self._live
        if (x.is_conj() or x.is_neg()) and copy is not False:
            return self.copy().__array__(dtype, copy=None)
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[Any, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """Share the memory, or a copy of it, by the DLPack protocol of 2023.12.

        Raises:
            BufferError: it is asked for on another device.
        """
        # A consumer that knows version 1 must take version 0, too: all that torch 2.7 gives.
        del max_version
        if dl_device not in (None, self.__dlpack_device__()):
            raise BufferError(
                f"this array is on {self.device}, and DLPack was asked to move it: use to_device."
            )
        tensor = self._live.clone() if copy else self._live
        return tensor.__dlpack__(stream)  # type: ignore[no-untyped-call]

    def __dlpack_device__(self) -> tuple[Any, int]:
        return self._live.__dlpack_device__()

    @classmethod
    def __torch_function__(
        cls,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Let PyTorch's functions take NDArrays; PyTorch computes, so it returns tensors."""
        args, kwargs = tree_map(_unwrap, (tuple(args), dict(kwargs or {})))
        return function(*args, **kwargs)

    def __reduce__(self) -> tuple[Callable[[Tensor], NDArray], tuple[Tensor]]:
        return type(self), (self._live,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # PyTorch's own rule: leaves keep requires_grad, and tensors with a history are refused.
        return self._wrap(deepcopy(self._live, memo))


def _unwrap(value: Any) -> Any:
    return value._live if isinstance(value, NDArray) else value
