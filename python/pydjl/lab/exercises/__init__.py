"""The chapter's exercises, each with its answer in words and its proof by computation on DJL.

`exercises` lists them, `solve` computes one; ``rich.print(solve(1))`` shows it on the terminal. A
module holds one exercise each. Source: "Dive into Deep Learning", DJL edition, 6.2.7.
"""

from __future__ import annotations

from collections.abc import Callable

from pydjl.errors import ArgumentError
from pydjl.lab.exercises import (
    automatic_gradients,
    diagonal_edges,
    kernels_by_hand,
    matrix_product,
)
from pydjl.lab.exercises.solution import Part as Part
from pydjl.lab.exercises.solution import Proof as Proof
from pydjl.lab.exercises.solution import Shown as Shown
from pydjl.lab.exercises.solution import Solution as Solution

_EXERCISES: dict[int, tuple[str, Callable[[], Solution]]] = {
    1: (diagonal_edges.TITLE, diagonal_edges.solve),
    2: (automatic_gradients.TITLE, automatic_gradients.solve),
    3: (matrix_product.TITLE, matrix_product.solve),
    4: (kernels_by_hand.TITLE, kernels_by_hand.solve),
}


def exercises() -> dict[int, str]:
    """The titles of the exercises by their numbers.

    Example:
        >>> exercises()[1]
        'Diagonal edges'
    """
    return {number: title for number, (title, _) in _EXERCISES.items()}


def solve(number: int) -> Solution:
    """Solves an exercise of the chapter by computation on DJL.

    Args:
        number: the exercise's number, from 1 to 4.

    Returns:
        Its parts: question, answer, what DJL computed, and what was checked.

    Raises:
        ArgumentError: there is no exercise of that number.

    Source: "Dive into Deep Learning", DJL edition, 6.2.7.

    Example:
        >>> solution = solve(3)
        >>> solution.ok, len(solution.parts)
        (True, 2)
    """
    if number not in _EXERCISES:
        numbers = ", ".join(map(str, _EXERCISES))
        raise ArgumentError(f"there is no exercise {number!r}, only {numbers}.")
    _, solution = _EXERCISES[number]
    return solution()
