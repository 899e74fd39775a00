"""What an exercise's solution is made of: parts, each with its question, answer and proofs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from pydjl.comparison import compare_values


@dataclass(frozen=True, eq=False)
class Shown:
    """A result of DJL's that an answer shows: what it is, and the array or text."""

    text: str
    value: Any


@dataclass(frozen=True)
class Proof:
    """A statement of an answer, and whether the computation bears it out."""

    claim: str
    holds: bool


@dataclass(frozen=True, eq=False)
class Part:
    """One question of an exercise.

    Attributes:
        question: in our words.
        answer: in words.
        shown: what DJL computed for it.
        proofs: what was checked.
    """

    question: str
    answer: str
    shown: tuple[Shown, ...]
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, eq=False)
class Solution:
    """An exercise, solved by computation; ``rich.print`` shows it.

    Attributes:
        number: the exercise's number in the chapter.
        title: what it is about.
        parts: its questions.
    """

    number: int
    title: str
    parts: tuple[Part, ...]

    @property
    def ok(self) -> bool:
        """Whether every proof holds."""
        return all(proof.holds for part in self.parts for proof in part.proofs)

    def shown(self, text: str) -> Any:
        """The value that is shown under a text.

        Raises:
            KeyError: nothing is.
        """
        return {each.text: each.value for part in self.parts for each in part.shown}[text]

    def __rich__(self) -> Group:
        """The solution for the terminal."""
        lines: list[Any] = [Text(f"Exercise {self.number}. {self.title}", style="bold")]
        for part in self.parts:
            lines += [Text(), Text(part.question, style="italic"), Text(part.answer)]
            for each in part.shown:
                lines.append(Padding(Text(each.text, style="dim"), (1, 0, 0, 2)))
                lines.append(Padding(Text(str(each.value)), (0, 0, 0, 4)))
            for proof in part.proofs:
                mark = Text("✓ ", style="green") if proof.holds else Text("✗ ", style="red")
                lines.append(Padding(mark + Text(proof.claim), (0, 0, 0, 2)))
        return Group(*lines)


def proof(claim: str, computed: Any, expected: Any) -> Proof:
    """Compares what DJL computed with what is claimed, within the dtype's tolerance.

    Args:
        claim: the statement.
        computed: an array of any kind.
        expected: an array of the same shape and dtype.

    Returns:
        The statement and whether the two agree.

    Example:
        >>> import numpy as np
        >>> proof("1 + 1 = 2", np.float32(1) + np.float32(1), np.float32(2)).holds
        True
    """
    return Proof(claim, compare_values(claim, computed, expected).ok)
