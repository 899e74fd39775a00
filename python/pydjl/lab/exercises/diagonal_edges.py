"""Exercise 1: diagonal edges, and what transposing the image or the kernel does."""

from __future__ import annotations

import torch

from pydjl import reference
from pydjl.lab.exercises.solution import Part, Shown, Solution, proof
from pydjl.ndarray import NDArray, from_torch
from pydjl.nn.functional import corr2d

TITLE = "Diagonal edges"


def solve() -> Solution:
    """Solves the exercise.

    Example:
        >>> solve().shown("corr2d(X, K)").shape
        (6, 5)
    """
    X = from_torch(torch.eye(6))
    K = from_torch(reference.edge_kernel())
    return Solution(1, TITLE, (_kernel(X, K), _transposed_image(X, K), _transposed_kernel(X, K)))


def _kernel(X: NDArray, K: NDArray) -> Part:
    Y = corr2d(X, K)
    return Part(
        "X is an image of 6×6 pixels with a white diagonal. What does K = [[1, −1]] make of it?",
        "Two diagonals. K takes each pixel's right neighbour off it, so a row gives +1 where it "
        "leaves the white pixel (j = i) and −1 where it comes to it (j = i − 1). The kernel for "
        "vertical edges finds diagonal ones too: along a row they are edges as well.",
        (Shown("X", X), Shown("corr2d(X, K)", Y)),
        (proof("the output is +1 at j = i, −1 at j = i − 1, else 0", Y, _diagonals(6, 5, -1)),),
    )


def _transposed_image(X: NDArray, K: NDArray) -> Part:
    Y = corr2d(X.T, K)
    stairs = from_torch(torch.ones(6, 6).triu())
    above, below = corr2d(stairs, K), corr2d(stairs.T, K)
    return Part(
        "What happens if X is transposed?",
        "Nothing: X is symmetric. It is not so for every diagonal. Where the white half lies above "
        "the diagonal, each row comes to white once (−1 at j = i − 1); transposed, the white half "
        "lies below, and each row leaves it once (+1 at j = i).",
        (
            Shown("corr2d(X transposed, K)", Y),
            Shown("white above the diagonal", above),
            Shown("white below the diagonal", below),
        ),
        (
            proof("X transposed gives what X gives", Y, corr2d(X, K)),
            proof("above: −1 at j = i − 1", above, -_diagonal(6, 5, -1)),
            proof("below: +1 at j = i", below, _diagonal(6, 5, 0)),
        ),
    )


def _transposed_kernel(X: NDArray, K: NDArray) -> Part:
    Y = corr2d(X, K.T)
    generator = torch.Generator().manual_seed(1)
    image = from_torch(torch.randn(5, 8, generator=generator))
    kernel = from_torch(torch.randn(2, 3, generator=generator))
    return Part(
        "What happens if K is transposed?",
        "It takes the pixel below off each pixel: the output has one row less instead of one "
        "column, with +1 at j = i and −1 at j = i + 1. In general the transposed kernel does to an "
        "image what the kernel does to the transposed image: X⋆Kᵀ = (Xᵀ⋆K)ᵀ.",
        (Shown("corr2d(X, K transposed)", Y),),
        (
            proof("the output is +1 at j = i, −1 at j = i + 1, else 0", Y, _diagonals(5, 6, 1)),
            proof(
                "X⋆Kᵀ = (Xᵀ⋆K)ᵀ for a random 5×8 image and a random 2×3 kernel",
                corr2d(image, kernel.T),
                corr2d(image.T, kernel).T,
            ),
        ),
    )


def _diagonals(rows: int, columns: int, negative: int) -> torch.Tensor:
    return _diagonal(rows, columns, 0) - _diagonal(rows, columns, negative)


def _diagonal(rows: int, columns: int, offset: int) -> torch.Tensor:
    """1 where j - i is the offset, else 0."""
    return torch.tensor([[float(j - i == offset) for j in range(columns)] for i in range(rows)])
