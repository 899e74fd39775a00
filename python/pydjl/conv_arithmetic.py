"""Sizes and counts of convolutional layers: whole numbers, no arrays.

Wrong numbers raise `ValueError`, what is no whole number `TypeError`; a boolean is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import repeat
from math import prod
from operator import index
from typing import Any, NamedTuple


class ReceptiveField(NamedTuple):
    """What one output element of a stack of layers sees of the input, along one dimension.

    Attributes:
        size: how many neighbouring input elements it spans.
        jump: how many input elements lie between those of neighbouring outputs: the product of
            the strides.
    """

    size: int
    jump: int


def kernel_extent(kernel_size: int, dilation: int = 1) -> int:
    """How many input elements a dilated kernel spans, ``d(k - 1) + 1``.

    Raises:
        ValueError: a number is smaller than 1.
        TypeError: one is no whole number.

    Example:
        >>> kernel_extent(3, dilation=2)
        5
    """
    cells = _whole("kernel_size", kernel_size, 1)
    return _whole("dilation", dilation, 1) * (cells - 1) + 1


def output_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """The size of a layer's output along one dimension, ``(n + 2p - d(k - 1) - 1) // s + 1``.

    The division rounds down: `unused_size` says what the kernel does not reach then. Without
    stride and padding this is the ``n - k + 1`` of "Dive into Deep Learning", 6.2.1, with stride
    and padding the formula of the lecture on convolution layers.

    Args:
        size: of the input.
        kernel_size: of the kernel.
        stride: the step of the kernel.
        padding: the zeros on each of both sides.
        dilation: the distance of the kernel's cells.

    Raises:
        ValueError: a number is too small, or the kernel reaches over the padded input.
        TypeError: one is no whole number.

    Example:
        >>> output_size(6, 2), output_size(224, 7, stride=2, padding=3)
        (5, 112)
    """
    return _room(size, kernel_size, padding, dilation) // _whole("stride", stride, 1) + 1


def unused_size(
    size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """How many elements at the end of the padded input no window covers, because of the stride.

    The last `padding` of the padded input are zeros, so an input loses this number less the
    padding, if that is positive. Arguments and errors are those of `output_size`.

    Example:
        >>> output_size(6, 3, stride=2), unused_size(6, 3, stride=2)
        (2, 1)
    """
    return _room(size, kernel_size, padding, dilation) % _whole("stride", stride, 1)


def output_shape(
    shape: Sequence[int],
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
) -> tuple[int, ...]:
    """The sizes of a layer's output: `output_size` for each dimension.

    Arguments and errors are those of `output_size`, with one number for all dimensions or one for
    each; `shape` has the sizes of the input, without batch and channels.

    Example:
        >>> output_shape((8, 8), (3, 5), stride=(3, 4), padding=(0, 1))
        (2, 2)
    """
    sizes = _sequence("shape", shape)
    names = ("kernel_size", "stride", "padding", "dilation")
    values = (kernel_size, stride, padding, dilation)
    numbers = map(_per_dimension, names, values, repeat(len(sizes)))
    return tuple(output_size(*each) for each in zip(sizes, *numbers, strict=True))


def same_padding(kernel_size: int, dilation: int = 1) -> tuple[int, int]:
    """The zeros before and after an input that make the output as large as the input (stride 1).

    An even extent needs an odd number of zeros. The odd one comes after the input, as PyTorch and
    SciPy's ``correlate2d`` have it; a true convolution, whose kernel is turned, has it before.

    Raises:
        ValueError: a number is smaller than 1.
        TypeError: one is no whole number.

    Example:
        >>> same_padding(3), same_padding(4), same_padding(3, dilation=2)
        ((1, 1), (1, 2), (2, 2))
    """
    zeros = kernel_extent(kernel_size, dilation) - 1
    return zeros // 2, zeros - zeros // 2


def full_padding(kernel_size: int, dilation: int = 1) -> int:
    """The zeros on each of both sides with which every overlap of kernel and input is computed.

    Raises:
        ValueError: a number is smaller than 1.
        TypeError: one is no whole number.

    Example:
        >>> full_padding(3), output_size(5, 3, padding=full_padding(3))
        (2, 7)
    """
    return kernel_extent(kernel_size, dilation) - 1


def receptive_field(layers: Iterable[int | Sequence[int]]) -> ReceptiveField:
    """What one output element of a stack of layers sees of the input, along one dimension.

    A layer with kernel size k and dilation d adds ``d(k - 1)`` times the product of the strides
    below it.

    Args:
        layers: from the input on, for each layer ``kernel_size``, or ``(kernel_size, stride)``, or
            ``(kernel_size, stride, dilation)``. Pooling layers count as layers.

    Raises:
        ValueError: a number is smaller than 1, or a layer has none or more than three.
        TypeError: one is no whole number.

    Example:
        >>> receptive_field([2, 2])
        ReceptiveField(size=3, jump=1)
        >>> receptive_field([(7, 2), (3, 2), (3, 1, 2)])  # a dilated layer on ResNet's first two
        ReceptiveField(size=27, jump=4)
    """
    size, jump = 1, 1
    for number, layer in enumerate(_sequence("layers", layers)):
        values = _numbers(layer)
        if not 1 <= len(values) <= 3:
            raise ValueError(
                f"layer {number} is {layer!r}, but (kernel_size, stride, dilation) is needed."
            )
        names = ("kernel_size", "stride", "dilation")
        kernel_size, stride, dilation = (
            _whole(f"layer {number}: {name}", value, 1)
            for name, value in zip(names, (*values, 1, 1), strict=False)
        )
        size += (kernel_extent(kernel_size, dilation) - 1) * jump
        jump *= stride
    return ReceptiveField(size, jump)


def parameter_count(
    in_channels: int,
    out_channels: int,
    kernel_size: int | Sequence[int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """The parameters of a convolutional layer, ``c_out * c_in / g * h * w + c_out``.

    Args:
        in_channels: of the layer.
        out_channels: of the layer.
        kernel_size: one number for a square kernel of two dimensions, or one for each dimension.
        groups: into how many groups the channels are divided.
        bias: whether each output channel has one.

    Raises:
        ValueError: a number is smaller than 1, or `groups` does not divide the channels.
        TypeError: one is no whole number, or `bias` is neither True nor False.

    Example:
        >>> parameter_count(3, 64, 3), parameter_count(64, 128, 3)
        (1792, 73856)
        >>> parameter_count(3, 64, 7, bias=False)  # the first layer of ResNet-18
        9408
    """
    weights = _weights(in_channels, out_channels, kernel_size, groups)
    return weights + (index(out_channels) if _flag("bias", bias) else 0)


def multiplication_count(
    in_channels: int,
    out_channels: int,
    kernel_size: int | Sequence[int],
    output_shape: Sequence[int],
    groups: int = 1,
) -> int:
    """The multiplications of a convolutional layer for one example: each weight at each position.

    Arguments and errors are those of `parameter_count`, and `output_shape` has the sizes of the
    output, without batch and channels: as many as the kernel has dimensions.

    Example:
        >>> multiplication_count(3, 64, 7, (112, 112))
        118013952
    """
    weights = _weights(in_channels, out_channels, kernel_size, groups)
    sizes = _sequence("output_shape", output_shape)
    dimensions = len(_numbers(kernel_size, 2))
    if len(sizes) != dimensions:
        raise ValueError(
            f"output_shape is {output_shape!r}, but kernel_size {kernel_size!r} needs {dimensions} "
            "sizes, without batch and channels."
        )
    return weights * prod(_whole("output_shape", each, 1) for each in sizes)


def dense_parameter_count(
    input_shape: int | Sequence[int], output_shape: int | Sequence[int] = 1, bias: bool = True
) -> int:
    """The parameters of a layer that connects every input with every output.

    Args:
        input_shape: all sizes of the input, channels included.
        output_shape: all sizes of the output.
        bias: whether each output has one.

    Raises:
        ValueError: a number is smaller than 1.
        TypeError: one is no whole number, or `bias` is neither True nor False.

    Example:
        >>> dense_parameter_count((3, 1000, 1000), bias=False)  # one unit, 1-megapixel RGB
        3000000
    """
    inputs = prod(_sizes("input_shape", input_shape))
    outputs = prod(_sizes("output_shape", output_shape))
    return inputs * outputs + (outputs if _flag("bias", bias) else 0)


def _room(size: int, kernel_size: int, padding: int, dilation: int) -> int:
    """How many further positions the kernel has in the padded input."""
    padded = _whole("size", size, 1) + 2 * _whole("padding", padding, 0)
    extent = kernel_extent(kernel_size, dilation)
    if extent > padded:
        raise ValueError(
            f"kernel_size {kernel_size} with dilation {dilation} spans {extent} elements, but size "
            f"{size} with padding {padding} has {padded}: take a smaller kernel, or more padding."
        )
    return padded - extent


def _weights(
    in_channels: int, out_channels: int, kernel_size: int | Sequence[int], groups: int
) -> int:
    inputs = _whole("in_channels", in_channels, 1)
    outputs = _whole("out_channels", out_channels, 1)
    parts = _whole("groups", groups, 1)
    if inputs % parts or outputs % parts:
        raise ValueError(
            f"groups is {parts}, but it must divide in_channels ({inputs}) and out_channels "
            f"({outputs})."
        )
    return outputs * (inputs // parts) * prod(_sizes("kernel_size", kernel_size, 2))


def _sizes(name: str, value: int | Sequence[int], dimensions: int = 1) -> tuple[int, ...]:
    values = _numbers(value, dimensions)
    if not values:
        raise ValueError(f"{name} is {value!r}, but at least one number is needed.")
    return tuple(_whole(name, each, 1) for each in values)


def _per_dimension(name: str, value: int | Sequence[int], dimensions: int) -> tuple[int, ...]:
    values = _numbers(value, dimensions)
    if len(values) != dimensions:
        raise ValueError(f"{name} is {value!r}, but one number, or {dimensions}, is needed.")
    return values


def _numbers(value: Any, dimensions: int = 1) -> tuple[Any, ...]:
    """Those of a sequence, or one for each dimension; what they are is looked at later."""
    elements = _elements(value)
    return (value,) * dimensions if elements is None else elements


def _sequence(name: str, value: Any) -> tuple[Any, ...]:
    elements = _elements(value)
    if elements is None:
        raise TypeError(f"{name} is {value!r}, but a sequence is needed.")
    return elements


def _elements(value: Any) -> tuple[Any, ...] | None:
    """Of a sequence of numbers; a text is none, nor is a set or a mapping."""
    if isinstance(value, (str, bytes, bytearray, Set, Mapping)):
        return None
    try:
        return tuple(value)
    except TypeError:  # one number; an array without dimensions is that too
        return None


def _flag(name: str, value: bool) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, but True or False is needed.")
    return value


def _whole(name: str, value: int, least: int) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{name} is {value}, a boolean, but a whole number is needed.")
    try:
        number = index(value)
    except (TypeError, RuntimeError) as exc:  # RuntimeError: some kinds of tensors
        raise TypeError(f"{name} is {value!r}, but a whole number is needed.") from exc
    if number < least:
        raise ValueError(f"{name} is {number}, but at least {least} is needed.")
    return number
