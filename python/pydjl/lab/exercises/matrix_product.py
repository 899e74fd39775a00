"""Exercise 3: a cross-correlation as a matrix product, in two ways."""

from __future__ import annotations

import torch

from pydjl import reference
from pydjl.lab.exercises.solution import Part, Proof, Shown, Solution, proof
from pydjl.lab.im2col import im2col
from pydjl.lab.toeplitz import toeplitz
from pydjl.ndarray import array, from_torch
from pydjl.nn.functional import corr2d

TITLE = "A cross-correlation as a matrix product"


def solve() -> Solution:
    """Solves the exercise.

    Example:
        >>> solve().shown("rows times K").tolist()
        [19.0, 25.0, 37.0, 43.0]
    """
    return Solution(3, TITLE, (_windows_as_rows(), _kernel_as_matrix()))


def _windows_as_rows() -> Part:
    X = array([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]], "float32")
    K = array([[0.0, 1], [2, 3]], "float32")
    rows = im2col(X, (2, 2)).T
    product = rows @ K.flatten()
    generator = torch.Generator().manual_seed(3)
    image = from_torch(torch.randn(6, 9, generator=generator))
    kernel = from_torch(torch.randn(3, 2, generator=generator))
    random_product = (im2col(image, (3, 2)).T @ kernel.flatten()).reshape(4, 8)
    return Part(
        "How does the input become a matrix?",
        "Write each window as a row, and the kernel as a column (im2col): an output cell is the "
        "product of the two. The matrix repeats each pixel once for every window that covers it. "
        "With several kernels as columns it is one product of two matrices, which is how "
        "convolutions are computed fast.",
        (Shown("one row for each window", rows), Shown("rows times K", product)),
        (
            proof(
                "the rows are the four windows",
                rows,
                torch.tensor(
                    [[0.0, 1, 3, 4], [1, 2, 4, 5], [3, 4, 6, 7], [4, 5, 7, 8]],
                ),
            ),
            proof("rows · K = (19, 25, 37, 43)", product, torch.tensor([19.0, 25, 37, 43])),
            proof(
                "on a random 6×9 image with a random 3×2 kernel it equals corr2d",
                random_product,
                corr2d(image, kernel),
            ),
        ),
    )


def _kernel_as_matrix() -> Part:
    A = toeplitz(array([[1.0, 2], [3, 4]], "float32"), (3, 3))
    edges = toeplitz(from_torch(reference.edge_kernel()), (6, 8))
    X = from_torch(reference.edge_image())
    generator = torch.Generator().manual_seed(4)
    image = from_torch(torch.randn(5, 7, generator=generator))
    kernel = from_torch(torch.randn(2, 4, generator=generator))
    matrix = toeplitz(kernel, (5, 7))
    return Part(
        "And how does the kernel?",
        "Each row of a matrix A holds the kernel where one window meets the input, and zeros "
        "elsewhere: vec(Y) = A·vec(X). The rows are shifted copies of one another: a block "
        "Toeplitz matrix of Toeplitz blocks. Nearly all of it is zeros, so it is stored sparsely. "
        "Its transpose is the transposed convolution, which carries gradients back to the input.",
        (Shown("A of K = [[1, 2], [3, 4]] on 3×3", A.dense()),),
        (
            proof(
                "A is the matrix of the lecture",
                A.dense(),
                torch.tensor(
                    [
                        [1.0, 2, 0, 3, 4, 0, 0, 0, 0],
                        [0, 1, 2, 0, 3, 4, 0, 0, 0],
                        [0, 0, 0, 1, 2, 0, 3, 4, 0],
                        [0, 0, 0, 0, 1, 2, 0, 3, 4],
                    ]
                ),
            ),
            Proof(
                "the edge kernel's matrix is 42×48 and has 84 elements that are not zero",
                edges.shape == (42, 48) and edges.values.shape == (84,),
            ),
            proof(
                "it finds the edges of the 6×8 image",
                edges @ X,
                reference.corr2d(reference.edge_image(), reference.edge_kernel()),
            ),
            proof(
                "on a random 5×7 image with a random 2×4 kernel it equals corr2d",
                matrix @ image,
                corr2d(image, kernel),
            ),
        ),
    )
