"""A problem as arrays, and its convolution by DJL; every answer is made of one."""

from __future__ import annotations

from functools import cached_property

from pydjl.lab.correlation import turn
from pydjl.ndarray import NDArray, array, call_java_for
from pydjl.nn import functional
from pydjl.web.layout import lay_out
from pydjl.web.schema import Movement, Problem


class Convolution:
    """A convolution that DJL computes, each part when it is asked for; all numbers are float32.

    Args:
        movement: how the kernel moves; a problem is one.
        input: ``(C, H, W)``.
        kernels: ``(O, C, h, w)``, not turned.
        bias: ``(O,)``.

    Raises:
        ShapeError: the kernel is larger than the padded input.
        TooLargeError: the output would be too large.

    Example:
        >>> X, K = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], [[[[0, 1], [2, 3]]]]
        >>> Convolution.of(Problem(input=X, kernels=K, bias=[0])).output.tolist()
        [[[19.0, 25.0], [37.0, 43.0]]]
    """

    def __init__(self, movement: Movement, input: NDArray, kernels: NDArray, bias: NDArray) -> None:
        height, width = input.shape[1:]
        outputs, _, *kernel = kernels.shape
        self.movement = movement
        self.layout = lay_out(movement, (height, width), (kernel[0], kernel[1]), outputs)
        self.input = input
        self.bias = bias
        self._given = kernels

    @classmethod
    def of(cls, problem: Problem) -> Convolution:
        """The convolution of a problem; errors are those of the class."""
        arrays = (problem.input, problem.kernels, problem.bias)
        return cls(problem, *(array(each, dtype="float32") for each in arrays))

    @cached_property
    def padded(self) -> NDArray:
        """The input with its zeros."""
        if not self.layout.is_padded:
            return self.input
        rows, columns = self.layout
        frame = [columns.before, columns.after, rows.before, rows.after]
        return NDArray(call_java_for("the padding", "Arrays.pad", [self.input.torch()], frame))

    @cached_property
    def kernels(self) -> NDArray:
        """What slides over the input, ``(O, C, h, w)``: the kernels, turned for a convolution."""
        return turn(self._given) if self.movement.operation == "convolution" else self._given

    @cached_property
    def output(self) -> NDArray:
        """``(O, H', W')``."""
        return functional.conv2d(
            self.padded, self.kernels, self.bias, self.movement.stride, 0, self.movement.dilation
        )

    @cached_property
    def partial(self) -> NDArray:
        """What each input channel adds to each output channel, ``(O, C, H', W')``."""
        outputs, channels, height, width = self.kernels.shape
        # A group of its own for each input channel; groups come first in the order of channels.
        filters = self.kernels.transpose(1, 0, 2, 3).reshape(outputs * channels, 1, height, width)
        each = functional.conv2d(
            self.padded,
            filters,
            None,
            self.movement.stride,
            0,
            self.movement.dilation,
            groups=channels,
        )
        return each.reshape(channels, outputs, *self.layout.output).transpose(1, 0, 2, 3)
