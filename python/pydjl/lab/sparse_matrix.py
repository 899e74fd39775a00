"""A matrix that stores only the places that can differ from 0, and multiplies by DJL."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Generic, cast

import torch
from torch import Tensor

from pydjl.errors import NotSupportedError, ShapeError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.nn.arguments import ArrayT, check_same_dtype


@dataclass(frozen=True, eq=False)
class SparseMatrix(Generic[ArrayT]):
    """A matrix of which only the places are stored that can differ from 0.

    It maps arrays of one shape to arrays of another, both read row by row: ``matrix @ X`` is
    ``vec(Y) = A vec(X)``, and ``matrix.T @ G`` goes back. DJL multiplies without ever writing out
    the zeros.

    Attributes:
        indices: the rows and the columns, ``(2, count)``, int64; sorted by row, those of a
            transpose by column.
        values: the elements, ``(count,)``; gradients flow from them to what they were made of.
        input_shape: of the arrays that it maps.
        output_shape: of the arrays that it gives.

    Example:
        >>> import torch
        >>> from pydjl.lab.toeplitz import toeplitz
        >>> A = toeplitz(torch.tensor([[1.0, -1]]), (6, 8))
        >>> A.shape, A.values.shape
        ((42, 48), torch.Size([84]))
        >>> (A @ torch.ones(6, 8)).shape
        torch.Size([6, 7])
    """

    indices: ArrayT
    values: ArrayT
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns."""
        return prod(self.output_shape), prod(self.input_shape)

    @property
    def T(self) -> SparseMatrix[ArrayT]:  # noqa: N802  as NumPy and torch name it
        """The transpose: of a cross-correlation's matrix, the transposed convolution."""
        rows_and_columns = as_tensor(self.indices, "indices")
        flipped = call_java_for("transpose", "Arrays.flip", [rows_and_columns], [0])
        return SparseMatrix(
            like(self.indices, flipped), self.values, self.output_shape, self.input_shape
        )

    def __matmul__(self, array: ArrayT) -> ArrayT:
        """Multiply with an array of the shape that the matrix maps, or with such a vector.

        Gradients flow to the array and to `values`.

        Raises:
            ShapeError: the array has another shape.
            DtypeError: its dtype is not that of the values.
        """
        x, values = as_tensor(array, "array"), as_tensor(self.values, "values")
        vector = (self.shape[1],)
        if tuple(x.shape) not in (self.input_shape, vector):
            raise ShapeError(
                f"this matrix maps arrays of shape {self.input_shape}, or {vector} read row by "
                f"row, not {tuple(x.shape)}.",
                self.input_shape,
                tuple(x.shape),
            )
        check_same_dtype("matrix @ array", matrix=values, array=x)
        places = as_tensor(self.indices, "indices")
        y = call_java_for("matrix @ array", "Laboratory.multiply", [places, values, x], *self.shape)
        whole = tuple(x.shape) == self.input_shape
        return cast("ArrayT", like(array, y.reshape(self.output_shape) if whole else y))

    def dense(self) -> ArrayT:
        """The matrix with all its zeros, of shape `shape`."""
        operands = [as_tensor(self.indices, "indices"), as_tensor(self.values, "values")]
        y = call_java_for("dense", "Laboratory.dense", operands, *self.shape)
        return cast("ArrayT", like(self.values, y))

    def torch(self) -> Tensor:
        """The matrix as PyTorch's sparse COO tensor, on the same values."""
        places, values = as_tensor(self.indices, "indices"), as_tensor(self.values, "values")
        return torch.sparse_coo_tensor(places, values, self.shape)

    def scipy(self) -> Any:
        """The matrix as SciPy's `scipy.sparse.coo_array`, outside of any graph.

        Raises:
            NotSupportedError: SciPy is not installed.
        """
        try:
            # An extra, which nothing else here needs.
            from scipy.sparse import coo_array  # noqa: PLC0415
        except ImportError as exc:
            raise NotSupportedError(
                "a matrix of SciPy needs SciPy: install it by pip install scipy."
            ) from exc
        places = as_tensor(self.indices, "indices").cpu().numpy()
        values = as_tensor(self.values, "values").detach().cpu().numpy()
        return coo_array((values, (places[0], places[1])), shape=self.shape)
