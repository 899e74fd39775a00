"""What layers with parameters ask of the arguments that they are made with.

Whatever could never be applied is refused here, before PyTorch's constructor draws first values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from pydjl.errors import (
    ArgumentError,
    ArgumentTypeError,
    DeviceError,
    DtypeError,
    OutOfMemoryError,
    PydjlError,
)
from pydjl.nn.arguments import Size, elements, per_dimension, refuse, whole

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def check_convolution(
    layer: str,
    dimensions: int,
    *,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size,
    padding: str | Size,
    dilation: Size,
    groups: int,
    padding_mode: str,
) -> None:
    """Refuse what no convolution can be made of.

    Raises:
        ArgumentError: a number cannot be used, or the groups do not divide the channels.
        ArgumentTypeError: an argument is of the wrong type.
        NotSupportedError: the padding mode is not ``"zeros"``.
    """
    _check_padding_mode(layer, padding_mode)
    parts = whole(f"{layer}: groups", groups, least=1)
    for name, given in (("in_channels", in_channels), ("out_channels", out_channels)):
        if whole(f"{layer}: {name}", given, least=0) % parts:
            raise ArgumentError(
                f"{layer}: {name} is {given}, but the number of groups, {parts}, must divide it."
            )
    per_dimension(f"{layer}: kernel_size", kernel_size, dimensions, least=1)
    sides = elements(kernel_size)
    if len(sides) != dimensions and sides[0] is not kernel_size:
        raise ArgumentError(
            f"{layer}: kernel_size is {kernel_size!r}, but one number or {dimensions} are needed."
        )
    steps = per_dimension(f"{layer}: stride", stride, dimensions, least=1)
    per_dimension(f"{layer}: dilation", dilation, dimensions, least=1)
    if not isinstance(padding, str):
        per_dimension(f"{layer}: padding", padding, dimensions, least=0)
    elif padding not in ("valid", "same"):
        raise ArgumentError(
            f"{layer}: padding is {padding!r}, but a name must be 'valid' or 'same'."
        )
    elif padding == "same" and any(step != 1 for step in steps):
        raise ArgumentError(
            f"{layer}: padding='same' needs stride 1, not {stride!r}: give the padding in numbers."
        )


def check_place(layer: str, device: Any, dtype: Any) -> None:
    """Refuse where, or of what type, no parameters can be.

    Raises:
        DtypeError: it is no `torch.dtype`, or one whose numbers take no gradient.
        DeviceError: there is no such device here.
        ArgumentTypeError: it names no device.
    """
    if dtype is not None:
        try:
            model = torch.empty(0, dtype=dtype, device="cpu")
        except TypeError as exc:
            raise DtypeError(f"{layer}: dtype is {dtype!r}, but a torch.dtype is needed.") from exc
        if not model.is_floating_point() and not model.is_complex():
            raise DtypeError(
                f"{layer}: dtype is {dtype}, but parameters need floating-point numbers."
            )
    if device is not None:
        try:
            torch.empty(0, device=device)
        except TypeError as exc:
            raise ArgumentTypeError(
                f"{layer}: device is a {type(device).__name__}, but a name or a torch.device is "
                "needed."
            ) from exc
        except (RuntimeError, AssertionError) as exc:  # the latter by a torch without CUDA
            raise DeviceError(
                f"{layer}: device {str(device)!r} cannot be used: {_first_line(exc)}"
            ) from exc


@contextmanager
def torch_makes(layer: str) -> Iterator[None]:
    """Around PyTorch's constructor: what it raises is told by an error of ours.

    Raises:
        OutOfMemoryError: the parameters do not fit into memory.
        ArgumentTypeError: PyTorch refuses a type.
        ArgumentError: PyTorch refuses for another reason.
    """
    try:
        yield
    except PydjlError:
        raise
    except TypeError as exc:
        raise ArgumentTypeError(f"{layer}: PyTorch cannot make it: {_first_line(exc)}") from exc
    except (RuntimeError, ValueError, OverflowError) as exc:
        kind = OutOfMemoryError if re.search("memory|Storage size", str(exc)) else ArgumentError
        raise kind(f"{layer}: PyTorch cannot make it: {_first_line(exc)}") from exc


def _check_padding_mode(layer: str, padding_mode: str) -> None:
    if str(padding_mode) not in _PADDING_MODES:
        raise ArgumentError(
            f"{layer}: padding_mode is {padding_mode!r}, but it must be 'zeros'; PyTorch has "
            "'reflect', 'replicate' and 'circular' as well."
        )
    if padding_mode != "zeros":
        raise refuse(
            layer,
            f"padding_mode={padding_mode!r}",
            f"put torch.nn.functional.pad(..., mode={padding_mode!r}) before it",
        )


def _first_line(exc: BaseException) -> str:
    return str(exc).splitlines()[0]
