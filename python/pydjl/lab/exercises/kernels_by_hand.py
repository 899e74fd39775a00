"""Exercise 4: kernels designed by hand, for derivatives, the Laplace operator and an integral."""

from __future__ import annotations

import math

import numpy as np
import torch

from pydjl import reference
from pydjl.lab.correlation import convolve2d
from pydjl.lab.exercises.solution import Part, Proof, Shown, Solution, proof
from pydjl.lab.kernels import LAPLACIAN, derivative, moving_integral
from pydjl.ndarray import NDArray, array, from_torch
from pydjl.nn.functional import corr2d

TITLE = "Kernels by hand"

# x**6 on 0..15 is exact in float64.
_DEGREES = range(1, 7)
_LENGTH = 16


def solve() -> Solution:
    """Solves the exercise.

    Example:
        >>> solve().shown("the kernel of degree 3")
        ND: (1, 4) cpu() float32
        [[-1.,  3., -3.,  1.],
        ]
    """
    parts = (_second_derivative(), _laplace(), _integral(), _smallest())
    return Solution(4, TITLE, parts)


def _second_derivative() -> Part:
    K = from_torch(reference.edge_kernel())
    twice = convolve2d(K, K, "full")
    kernel = derivative(2).array()
    generator = torch.Generator().manual_seed(5)
    image = from_torch(torch.randn(4, 9, generator=generator))
    x = torch.arange(8.0)
    squares, line = (corr2d(from_torch(row[None]), kernel) for row in (x**2, 3 * x + 1))
    return Part(
        "What is the form of a kernel for the second derivative?",
        "[[1, −2, 1]]: the difference of neighbouring differences, that is K = [[1, −1]] applied "
        "twice. It gives 2 everywhere on x² and nothing on a straight line. Its transpose "
        "differentiates along the columns.",
        (Shown("K convolved with itself", twice), Shown("on x²", squares)),
        (
            proof("K twice is [[1, −2, 1]]", twice, torch.tensor([[1.0, -2, 1]])),
            proof(
                "on a random image it is K after K",
                corr2d(image, kernel),
                corr2d(corr2d(image, K), K),
            ),
            proof("x² gives 2 everywhere", squares, torch.full((1, 6), 2.0)),
            proof("3x + 1 gives 0 everywhere", line, torch.zeros(1, 6)),
        ),
    )


def _laplace() -> Part:
    kernel = LAPLACIAN.array()
    i, j = torch.meshgrid(torch.arange(6.0), torch.arange(7.0), indexing="ij")
    bowl, saddle = (corr2d(from_torch(each), kernel) for each in (i**2 + j**2, i**2 - j**2))
    second = torch.zeros(3, 3)
    second[1] += torch.tensor([1.0, -2, 1])
    second[:, 1] += torch.tensor([1.0, -2, 1])
    return Part(
        "What is the kernel of the Laplace operator?",
        "The second derivatives along both axes, added up: [[0, 1, 0], [1, −4, 1], [0, 1, 0]]. It "
        "gives 4 everywhere on i² + j² and nothing on i² − j², whose two curvatures cancel.",
        (Shown("the kernel", kernel), Shown("on i² + j²", bowl)),
        (
            proof("it is the sum of the second derivatives along both axes", kernel, second),
            proof("i² + j² gives 4 everywhere", bowl, torch.full((4, 5), 4.0)),
            proof("i² − j² gives 0 everywhere", saddle, torch.zeros(4, 5)),
        ),
    )


def _integral() -> Part:
    row = torch.tensor([[3.0, 1, 4, 1, 5, 9, 2, 6]])
    moving = corr2d(from_torch(row), moving_integral(3).array())
    padded = torch.nn.functional.pad(row, (7, 0))
    sums = corr2d(from_torch(padded), moving_integral(8).array())
    return Part(
        "What is the kernel of an integral?",
        "Ones. A kernel of n ones integrates over a window that moves along. A kernel as long as "
        "the row, with W − 1 zeros before the row, sums up everything from the beginning: the "
        "integral up to each place. The kernel of the derivative, [[−1, 1]], takes it back.",
        (Shown("the moving integral over 3", moving), Shown("the integral so far", sums)),
        (
            proof(
                "over 3 it is the sums of three neighbours",
                moving,
                torch.tensor([[8.0, 6, 10, 15, 16, 17]]),
            ),
            proof(
                "the integral so far is (3, 4, 8, 9, 14, 23, 25, 31)",
                sums,
                torch.tensor([[3.0, 4, 8, 9, 14, 23, 25, 31]]),
            ),
            proof(
                "its derivative is the row again",
                corr2d(sums, derivative(1).array()),
                row[:, 1:].contiguous(),
            ),
        ),
    )


def _smallest() -> Part:
    proofs = []
    for degree in _DEGREES:
        kernel = array(derivative(degree).weights, "float64")
        results = [corr2d(_power(m), kernel).numpy() for m in range(degree + 1)]
        right = all(not result.any() for result in results[:-1])
        right &= bool((results[-1] == math.factorial(degree)).all())
        powers = np.vander(np.arange(degree), increasing=True)
        proofs.append(
            Proof(
                f"degree {degree}: {degree + 1} taps give {degree}! on x^{degree} and 0 on every "
                f"lower power; of {degree} taps only zeros give 0 on these",
                bool(
                    right
                    and kernel.shape == (1, degree + 1)
                    and np.linalg.matrix_rank(powers) == degree
                ),
            )
        )
    return Part(
        "How small can a kernel for the derivative of degree d be?",
        "d + 1 taps. Such a kernel has to give 0 on the d powers 1, x, …, x^(d−1). For d taps "
        "these are d independent equations, which only the zero kernel fulfils. With one tap more "
        "there is one solution, up to a factor: (−1)^(d−i)·C(d, i), Pascal's triangle with "
        "alternating signs.",
        tuple(
            Shown(f"the kernel of degree {degree}", derivative(degree).array())
            for degree in (1, 2, 3, 4)
        ),
        tuple(proofs),
    )


def _power(exponent: int) -> NDArray:
    return array([[float(x**exponent) for x in range(_LENGTH)]], "float64")
