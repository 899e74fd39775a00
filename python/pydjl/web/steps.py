"""How one output cell is made, and which output cells an input cell takes part in."""

from __future__ import annotations

from pydjl.errors import ArrayIndexError
from pydjl.lab.trace import trace
from pydjl.web.answers import Reach, StepAnswer, Term
from pydjl.web.convolution import Convolution
from pydjl.web.proof import by_numpy, by_torch
from pydjl.web.schema import ReachQuestion, StepQuestion
from pydjl.web.texts import exact_text


def explain_step(question: StepQuestion) -> StepAnswer:
    """Account for an output cell: window, products and sum, by DJL; PyTorch's and NumPy's too.

    Args:
        question: the problem, and the output cell.

    Raises:
        ArrayIndexError: there is no such cell.
        ShapeError: the kernel is larger than the padded input.
        TooLargeError: the output would be too large.

    Example:
        >>> X, K = [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], [[[[0, 1], [2, 3]]]]
        >>> problem = {"input": X, "kernels": K, "bias": [0.5]}
        >>> explain_step(StepQuestion(problem=problem, row=1, column=0)).text
        '3·0 + 4·1 + 6·2 + 7·3 + 0.5 = 37.5'
    """
    convolution = Convolution.of(question.problem)
    movement = question.problem
    account = trace(
        convolution.padded,
        convolution.kernels,
        movement.stride,
        0,
        movement.dilation,
        convolution.bias,
    )
    step = account.step(question.row, question.column, question.channel)
    cell = question.channel, question.row, question.column
    bias, total, output = (float(each.torch()) for each in (step.bias, step.sum, step.output))
    cells = (step.window.tolist(), step.kernel.tolist(), step.products.tolist())
    terms = [
        Term(value=x, weight=k, product=product, row=row, column=column, channel=channel)
        for channel, planes in enumerate(zip(*cells, strict=True))
        for row, lines in zip(step.rows, zip(*planes, strict=True), strict=True)
        for column, (x, k, product) in zip(step.columns, zip(*lines, strict=True), strict=True)
    ]
    return StepAnswer(
        rows=list(step.rows),
        columns=list(step.columns),
        window=cells[0],
        kernel=cells[1],
        products=cells[2],
        channel_sums=step.channel_sums.tolist(),
        bias=bias,
        sum=total,
        output=output,
        torch=float(by_torch(movement)[cell]),
        numpy=float(by_numpy(movement)[cell]),
        agrees=step.agrees,
        text=_sum_in_words(terms, bias, output),
        terms=terms,
    )


def reach(question: ReachQuestion) -> Reach:
    """Find the output cells whose windows hold an input cell.

    Args:
        question: the problem, and the cell of the input without its zeros.

    Raises:
        ArrayIndexError: there is no such cell.
        ShapeError: the kernel is larger than the padded input.
        TooLargeError: the output would be too large.

    Example:
        >>> problem = {"input": [[[1, 2, 3]]], "kernels": [[[[1, 1]]]], "bias": [0]}
        >>> reach(ReachQuestion(problem=problem, row=0, column=1)).cells
        [(0, 0), (0, 1)]
    """
    layout = Convolution.of(question.problem).layout
    if question.row >= layout.rows.size or question.column >= layout.columns.size:
        raise ArrayIndexError(
            f"there is no cell ({question.row}, {question.column}) in an input of "
            f"{layout.rows.size}×{layout.columns.size}."
        )
    columns = layout.columns.reached_from(question.column)
    return Reach(cells=[(i, j) for i in layout.rows.reached_from(question.row) for j in columns])


def _sum_in_words(terms: list[Term], bias: float, output: float) -> str:
    addends = [f"{exact_text(term.value)}·{_factor(term.weight)}" for term in terms]
    if bias:
        addends.append(_factor(bias))
    return f"{' + '.join(addends)} = {exact_text(output)}"


def _factor(number: float) -> str:
    """A number behind an operator: a negative one stands in brackets."""
    text = exact_text(number)
    return f"({text})" if number < 0 else text
