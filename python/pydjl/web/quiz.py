"""Eight questions about convolutions, drawn by a seed; the answers are computed by DJL."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from pydjl.web import quiz_questions as questions
from pydjl.web.answers import Graded, Grades, Quiz, QuizQuestion
from pydjl.web.quiz_questions import Asked
from pydjl.web.schema import Answers

_QUESTIONS: dict[str, Callable[[random.Random], Asked]] = {
    "output-value": questions.output_value,
    "output-size": questions.output_size,
    "which-kernel": questions.which_kernel,
    "receptive-field": questions.receptive_field,
    "parameters": questions.parameters,
    "operation": questions.operation,
    "same-padding": questions.same_padding,
    "edges": questions.edges,
}


def ask(seed: int) -> Quiz:
    """The questions of a seed, without their answers.

    Args:
        seed: the same one gives the same questions.

    Example:
        >>> [question.kind for question in ask(1).questions][:2]
        ['output-value', 'output-size']
    """
    asked = _asked(seed)
    return Quiz(seed=seed, questions=[_shown(name, each) for name, each in asked.items()])


def grade(given: Answers) -> Grades:
    """Grade answers; a question that was not answered is not right.

    Args:
        given: the seed, and an answer to each question by its id: one of the choices, or a number.

    Example:
        >>> grade(Answers(seed=1, answers={"parameters": "no idea"})).score
        0
    """
    results = []
    for name, asked in _asked(given.seed).items():
        answer = given.answers.get(name)
        is_right = answer is not None and _is_right(asked.right, answer)
        results.append(Graded(id=name, is_right=is_right, right=asked.right, why=asked.why))
    return Grades(score=sum(each.is_right for each in results), of=len(results), results=results)


def _asked(seed: int) -> dict[str, Asked]:
    # A generator of its own for each: a question that draws more changes no other.
    return {name: make(random.Random(f"{seed} {name}")) for name, make in _QUESTIONS.items()}


def _shown(name: str, asked: Asked) -> QuizQuestion:
    return QuizQuestion(
        id=name,
        kind=name,
        text=asked.text,
        problem=asked.problem,
        input=asked.input,
        kernel=asked.kernel,
        output=asked.output,
        choices=asked.choices,
    )


def _is_right(right: str | float, answer: str | float) -> bool:
    if isinstance(right, str):
        return isinstance(answer, str) and answer.strip() == right
    text = answer.replace("−", "-").replace(",", ".") if isinstance(answer, str) else answer
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isclose(number, right, rel_tol=0, abs_tol=1e-6)
