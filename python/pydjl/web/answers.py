"""What the server answers: the models of the responses.

Nested lists are arrays row by row; the comments have their shapes. A number that is not finite,
which only a learning that diverges makes, is ``null`` in JSON.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from pydjl.web.schema import Problem

Vector = list[float]
Matrix = list[Vector]
Cube = list[Matrix]
Stack = list[Cube]
Pair = tuple[int, int]


class Answer(BaseModel):
    """A response."""


class Frame(Answer):
    """The rows and columns of zeros around an input."""

    top: int
    bottom: int
    left: int
    right: int


class Unused(Answer):
    """The rows and columns of the padded input that no window reaches, at its end."""

    rows: int
    columns: int


class Sizes(Answer):
    """Sizes and counts, for rows and columns where there are two."""

    output: Pair
    kernel_extent: Pair
    receptive_field: Pair
    parameters: int
    multiplications: int
    dense_parameters: int


class Formula(Answer):
    """How the output's size comes about, in numbers."""

    rows: str
    columns: str


class Range(Answer):
    """The smallest and the largest output."""

    minimum: float
    maximum: float


class Check(Answer):
    """How far another computation of the same output is from DJL's."""

    maximum_difference: float
    is_bit_equal: bool


class Proof(Answer):
    """The same output by PyTorch and by NumPy."""

    torch: Check
    numpy: Check
    engine: str


class Result(Answer):
    """A convolution: what it gives, how large everything is, and the proof."""

    output: Cube  # (O, H', W')
    partial: Stack  # (O, C, H', W')
    applied_kernels: Stack  # (O, C, h, w)
    padding: Frame
    unused: Unused
    sizes: Sizes
    formula: Formula
    range: Range
    proof: Proof


class Term(Answer):
    """One product of a sum, and where its cell stands in the padded input."""

    value: float
    weight: float
    product: float
    row: int
    column: int
    channel: int


class StepAnswer(Answer):
    """How one output cell is made."""

    rows: list[int]  # of the padded input
    columns: list[int]
    window: Cube  # (C, h, w), as the two that follow
    kernel: Cube
    products: Cube
    channel_sums: Vector
    bias: float
    sum: float
    output: float
    torch: float  # the same cell by PyTorch and by NumPy
    numpy: float
    agrees: bool
    text: str
    terms: list[Term]


class Reach(Answer):
    """The outputs that an input cell reaches, as rows and columns."""

    cells: list[Pair]


class MatrixAnswer(Answer):
    """A convolution as a matrix product, without the bias.

    For ``im2col`` it is ``operand @ values`` with the kernels as the rows of the operand, for
    ``toeplitz`` it is ``values @ operand`` with the input as its one column.
    """

    kind: Literal["im2col", "toeplitz"]
    shape: Pair
    values: Matrix
    row_labels: list[str]
    column_labels: list[str]
    operand: Matrix
    product: Matrix


class GalleryItem(Answer):
    """What a kernel of the gallery makes of an input; no output where it does not fit."""

    name: str
    output: Matrix | None
    is_signed: bool
    reason: str | None


class Learning(Answer):
    """A kernel that was learned by DJL, by PyTorch and on paper.

    `closed_form` is the kernel with the least loss, `closed_form_losses` are the losses that
    gradient descent must have, without iterating; both from the input's windows by NumPy.
    """

    losses: list[float | None]
    torch_losses: list[float | None]
    closed_form_losses: list[float | None]
    kernel: Matrix | None
    kernels: list[Matrix | None]  # after each step
    closed_form: Matrix
    closed_form_loss: float
    stable_rate: float | None
    bit_equal: bool
    diverged: int | None


class CatalogInput(Answer):
    """An input to start from."""

    name: str
    title: str
    values: Cube


class CatalogKernel(Answer):
    """A kernel of the gallery, with what there is to say about it."""

    name: str
    weights: Matrix
    formula: str
    use: str
    effect: str
    is_signed: bool


class Catalog(Answer):
    """What there is to choose from."""

    inputs: list[CatalogInput]
    kernels: list[CatalogKernel]
    limits: dict[str, Any]
    versions: dict[str, str]


class QuizQuestion(Answer):
    """A question of the quiz; what it does not show is absent."""

    id: str
    kind: str
    text: str
    problem: Problem | None = None
    input: Cube | None = None
    kernel: Matrix | None = None
    output: Matrix | None = None
    choices: list[str] | None = None


class Quiz(Answer):
    """The questions of a seed."""

    seed: int
    questions: list[QuizQuestion]


class Graded(Answer):
    """Whether an answer is right, and why."""

    id: str
    is_right: bool
    right: str | float
    why: str


class Grades(Answer):
    """The answers of a quiz, graded."""

    score: int
    of: int
    results: list[Graded]


class Code(Answer):
    """Programs that compute the same, each runnable as it is."""

    java: str
    torch: str
    numpy: str


class Picture(Answer):
    """A picture as an input, from 0 to 1."""

    input: Cube


class Refused(Answer):
    """Why a request was not answered."""

    error: str
