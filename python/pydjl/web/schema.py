"""What the page asks: the models of the requests, and the limits that they keep."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MOST_CHANNELS = 3
MOST_KERNELS = 4
LARGEST_INPUT = 64
LARGEST_KERNEL = 15
LARGEST_STRIDE = 16
LARGEST_PADDING = 32
LARGEST_DILATION = 16
LARGEST_NUMBER = 1e6
MOST_STEPS = 500

T = TypeVar("T")


def _same_lengths(rows: list[list[T]]) -> list[list[T]]:
    """Rows of a table that are of one length; what has been checked may be nested in turn."""
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise ValueError(f"the rows are of {lengths[0]} and of {lengths[-1]} numbers, not of one")
    return rows


def _same_shapes(planes: list[list[list[T]]]) -> list[list[list[T]]]:
    shapes = sorted({(len(plane), len(plane[0])) for plane in planes})
    if len(shapes) > 1:
        small, large = (f"{height}×{width}" for height, width in (shapes[0], shapes[-1]))
        raise ValueError(f"the channels are of {small} and of {large}, not of one size")
    return planes


Number = Annotated[
    float, Field(strict=True, ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, allow_inf_nan=False)
]
_Row = Annotated[list[Number], Field(min_length=1, max_length=LARGEST_INPUT)]
_KernelRow = Annotated[list[Number], Field(min_length=1, max_length=LARGEST_KERNEL)]
Plane = Annotated[
    list[_Row], Field(min_length=1, max_length=LARGEST_INPUT), AfterValidator(_same_lengths)
]
"""``(H, W)``"""
Planes = Annotated[
    list[Plane], Field(min_length=1, max_length=MOST_CHANNELS), AfterValidator(_same_shapes)
]
"""``(C, H, W)``"""
KernelPlane = Annotated[
    list[_KernelRow], Field(min_length=1, max_length=LARGEST_KERNEL), AfterValidator(_same_lengths)
]
"""``(h, w)``"""
KernelPlanes = Annotated[
    list[KernelPlane], Field(min_length=1, max_length=MOST_CHANNELS), AfterValidator(_same_shapes)
]
"""``(C, h, w)``"""

Stride = Annotated[int, Field(strict=True, ge=1, le=LARGEST_STRIDE)]
Padding = Annotated[int, Field(strict=True, ge=0, le=LARGEST_PADDING)]
Dilation = Annotated[int, Field(strict=True, ge=1, le=LARGEST_DILATION)]
Position = Annotated[int, Field(strict=True, ge=0, le=10_000)]

Operation = Literal["cross-correlation", "convolution"]
Mode = Literal["valid", "same", "full", "numbers"]


class Question(BaseModel):
    """A request; a name that it does not know is refused, as a misspelt one would be."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Movement(Question):
    """How a kernel moves over an input.

    Attributes:
        operation: whether the kernel is turned by 180° first.
        mode: which positions it takes; with ``"numbers"`` those that `padding` allows.
        stride: the step of the kernel, for rows and for columns.
        padding: rows of zeros above and below, columns left and right; for ``"numbers"`` alone.
        dilation: the distance of the kernel's cells.
    """

    operation: Operation = "cross-correlation"
    mode: Mode = "valid"
    stride: tuple[Stride, Stride] = (1, 1)
    padding: tuple[Padding, Padding] = (0, 0)
    dilation: tuple[Dilation, Dilation] = (1, 1)


class Problem(Movement):
    """A convolution with all its numbers.

    Attributes:
        input: ``(C, H, W)``.
        kernels: ``(O, C, h, w)``, not turned.
        bias: ``(O,)``.
    """

    input: Planes
    kernels: Annotated[list[KernelPlanes], Field(min_length=1, max_length=MOST_KERNELS)]
    bias: Annotated[list[Number], Field(min_length=1, max_length=MOST_KERNELS)]

    @model_validator(mode="after")
    def _fits(self) -> Problem:
        sizes = {(len(kernel), len(kernel[0]), len(kernel[0][0])) for kernel in self.kernels}
        if len(sizes) > 1:
            raise ValueError("the kernels are of several sizes, but all must be of one")
        ((channels, _height, _width),) = sizes
        if channels != len(self.input):
            raise ValueError(
                f"the input has {len(self.input)} channel(s) and each kernel {channels}, but a "
                "kernel needs a plane for each channel of the input"
            )
        if len(self.bias) != len(self.kernels):
            raise ValueError(
                f"there are {len(self.kernels)} kernel(s) and {len(self.bias)} bias(es), but one "
                "for each kernel is needed"
            )
        return self


class ProblemQuestion(Question):
    """Asks for what takes a problem alone."""

    problem: Problem


class StepQuestion(ProblemQuestion):
    """Asks how one output cell is made."""

    channel: Position = 0
    row: Position
    column: Position


class ReachQuestion(ProblemQuestion):
    """Asks which outputs an input cell reaches; its row and column are those without padding."""

    row: Position
    column: Position


class MatrixQuestion(ProblemQuestion):
    """Asks for a convolution as a matrix product."""

    kind: Literal["im2col", "toeplitz"]


class GalleryQuestion(Movement):
    """Asks what every kernel of the gallery makes of an input, whose channels are added up."""

    input: Planes


class LearnQuestion(Question):
    """Asks to learn a kernel from what it makes of an input.

    Attributes:
        input: ``(H, W)``.
        kernel: ``(h, w)``, the truth.
        learning_rate: of every step.
        steps: how many there are.
        accumulate: whether gradients add up over the steps.
    """

    input: Plane
    kernel: KernelPlane
    learning_rate: Annotated[float, Field(strict=True, gt=0, le=1e6, allow_inf_nan=False)]
    steps: Annotated[int, Field(strict=True, ge=1, le=MOST_STEPS)]
    accumulate: Annotated[bool, Field(strict=True)] = False


Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
_Word = Annotated[str, Field(strict=True, max_length=100)]


class Answers(Question):
    """The answers to a quiz, by the names of its questions."""

    seed: Annotated[Seed, Field(strict=True)]
    answers: Annotated[dict[_Word, Number | _Word], Field(max_length=20)]


def limits() -> dict[str, Any]:
    """The limits, for the page.

    Example:
        >>> limits()["input"]
        64
    """
    return {
        "channels": MOST_CHANNELS,
        "kernels": MOST_KERNELS,
        "input": LARGEST_INPUT,
        "kernel": LARGEST_KERNEL,
        "stride": LARGEST_STRIDE,
        "padding": LARGEST_PADDING,
        "dilation": LARGEST_DILATION,
        "number": LARGEST_NUMBER,
        "steps": MOST_STEPS,
    }
