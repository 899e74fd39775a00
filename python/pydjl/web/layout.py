"""Where the kernel lies: the frame of zeros, the output's size, and what is refused as too much."""

from __future__ import annotations

from typing import NamedTuple

from pydjl import conv_arithmetic
from pydjl.errors import ShapeError
from pydjl.web.refusals import TooLargeError
from pydjl.web.schema import Movement

MOST_OUTPUTS = 65_536
"""Output cells of all channels together: four channels of 128×128."""


class Axis(NamedTuple):
    """Rows or columns.

    Attributes:
        size: of the input.
        kernel: of the kernel.
        stride: the step of the kernel.
        dilation: the distance of the kernel's cells.
        before: the zeros before the input.
        after: those after it.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def extent(self) -> int:
        """How many cells of the input the kernel spans."""
        return conv_arithmetic.kernel_extent(self.kernel, self.dilation)

    @property
    def padded(self) -> int:
        """The size of the input with its zeros."""
        return self.size + self.before + self.after

    @property
    def output(self) -> int:
        """The size of the output."""
        return conv_arithmetic.output_size(
            self.padded, self.kernel, self.stride, dilation=self.dilation
        )

    @property
    def unused(self) -> int:
        """How many cells at the end of the padded input no window reaches."""
        return conv_arithmetic.unused_size(
            self.padded, self.kernel, self.stride, dilation=self.dilation
        )

    @property
    def formula(self) -> str:
        """How the size of the output comes about, in numbers."""
        same = self.before == self.after
        zeros = f"2·{self.before}" if same else f"{self.before} + {self.after}"
        room = f"{self.size} + {zeros} − {self.dilation}·({self.kernel} − 1) − 1"
        return f"⌊({room}) / {self.stride}⌋ + 1 = {self.output}"

    def reached_from(self, cell: int) -> list[int]:
        """The outputs whose windows hold a cell of the input, counted without its zeros."""
        place = cell + self.before
        reached = []
        for position in range(self.output):
            step, rest = divmod(place - position * self.stride, self.dilation)
            if rest == 0 and 0 <= step < self.kernel:
                reached.append(position)
        return reached


class Layout(NamedTuple):
    """Rows and columns of a convolution."""

    rows: Axis
    columns: Axis

    @property
    def output(self) -> tuple[int, int]:
        """The sizes of an output channel."""
        return self.rows.output, self.columns.output

    @property
    def is_padded(self) -> bool:
        """Whether there is any zero around the input."""
        return any((self.rows.before, self.rows.after, self.columns.before, self.columns.after))


def lay_out(
    movement: Movement, input: tuple[int, int], kernel: tuple[int, int], channels: int = 1
) -> Layout:
    """Where a kernel takes its positions; nothing is computed yet but sizes.

    Args:
        movement: mode, stride, padding and dilation.
        input: height and width.
        kernel: likewise.
        channels: of the output.

    Raises:
        ShapeError: the kernel, spread out by the dilation, is larger than the padded input.
        TooLargeError: the output would have more than `MOST_OUTPUTS` cells.

    Example:
        >>> layout = lay_out(Movement(mode="same", stride=(2, 1)), (5, 8), (2, 3))
        >>> layout.output, layout.rows.before, layout.rows.after
        ((3, 8), 0, 1)
        >>> layout.rows.formula
        '⌊(5 + 0 + 1 − 1·(2 − 1) − 1) / 2⌋ + 1 = 3'
    """
    axes = []
    for number, name in enumerate(("high", "wide")):
        size, cells = input[number], kernel[number]
        dilation = movement.dilation[number]
        before, after = _zeros(movement, number, cells)
        axis = Axis(size, cells, movement.stride[number], dilation, before, after)
        if axis.extent > axis.padded:
            raise ShapeError(
                f"the kernel is {axis.extent} {name} with its dilation, but the input is only "
                f"{axis.padded} {name} with its padding: take a smaller kernel or dilation, or "
                "more padding.",
                input,
                kernel,
            )
        axes.append(axis)
    layout = Layout(*axes)
    height, width = layout.output
    if channels * height * width > MOST_OUTPUTS:
        raise TooLargeError(
            f"the output would have {channels}×{height}×{width} = {channels * height * width:,} "
            f"cells, but at most {MOST_OUTPUTS:,} are computed: take a larger stride, or less "
            "padding or dilation."
        )
    return layout


def _zeros(movement: Movement, number: int, cells: int) -> tuple[int, int]:
    """The zeros before and after the input along one dimension."""
    dilation = movement.dilation[number]
    if movement.mode == "valid":
        return 0, 0
    if movement.mode == "full":
        zeros = conv_arithmetic.full_padding(cells, dilation)
        return zeros, zeros
    if movement.mode == "numbers":
        return movement.padding[number], movement.padding[number]
    before, after = conv_arithmetic.same_padding(cells, dilation)
    # A kernel that is turned has the odd zero on the other side, as SciPy's convolve2d has it.
    return (after, before) if movement.operation == "convolution" else (before, after)
