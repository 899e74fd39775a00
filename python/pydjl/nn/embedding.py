"""Rows of a table by their numbers, as a function and as a layer."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.ndarray import as_tensor, call_java_for, like
from pydjl.ndarray.numbers import flag
from pydjl.nn.arguments import Array, ArrayT, refuse, whole
from pydjl.nn.initialization import Init, Initialized
from pydjl.nn.layer_arguments import check_place, torch_makes


def embedding(
    input: ArrayT,
    weight: Array,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> ArrayT:
    """Look rows of a table up: `torch.nn.functional.embedding`, computed by DJL.

    Args:
        input: which rows, int64 or int32 of any shape.
        weight: the table, shape ``(rows, columns)``.
        padding_idx: a row whose gradient is zero; negative numbers count from the last.
        max_norm: none; DJL cannot rescale rows.
        norm_type: of no effect without `max_norm`.
        scale_grad_by_freq: false; DJL cannot divide gradients by the number of uses.
        sparse: whether the gradient of `weight` is a sparse tensor.

    Returns:
        Shape ``(*input.shape, columns)``, of the kind that `input` is.

    Raises:
        ArrayIndexError: a number is no row.
        ShapeError: `weight` has not two dimensions.
        ArgumentError: `padding_idx` is no row.
        DtypeError: `input` holds no integers of 32 or 64 bits.
        NotSupportedError: something was asked for that DJL cannot.

    Example:
        >>> import torch
        >>> embedding(torch.tensor([2, 0]), torch.tensor([[0.0, 1], [2, 3], [4, 5]]))
        tensor([[4., 5.],
                [0., 1.]])
    """
    _check_options("embedding", max_norm, scale_grad_by_freq)
    x, w = as_tensor(input, "input"), as_tensor(weight, "weight")
    if w.dim() != 2:
        raise ShapeError(
            f"embedding: weight has shape {tuple(w.shape)}, but (rows, columns) is needed.",
            tuple(w.shape),
        )
    if x.dtype not in (torch.int64, torch.int32):
        raise DtypeError(f"embedding: input holds {x.dtype}, but int64 or int32 is needed.")
    padding = -1 if padding_idx is None else _padding_row("embedding", padding_idx, w.shape[0])
    thin = flag("embedding: sparse", sparse)
    y = call_java_for("embedding", "Layers.embedding", [x, w], padding, thin)
    return cast("ArrayT", like(input, y))


class Embedding(Initialized, nn.Embedding):
    """A table of learned rows: `torch.nn.Embedding`, computed by DJL.

    Args:
        num_embeddings: the number of rows.
        embedding_dim: the number of columns.
        padding_idx: a row that starts as zeros and gets no gradient.
        max_norm: none; DJL cannot rescale rows.
        norm_type: of no effect without `max_norm`.
        scale_grad_by_freq: false; DJL cannot divide gradients by the number of uses.
        sparse: whether the gradient of the table is a sparse tensor.
        device: where the table lies.
        dtype: its element type.
        init: the rule of the first values: ``"torch"``; or ``"djl"`` for N(0, 2 / columns).

    Raises:
        NotSupportedError: something was asked for that DJL cannot.
        ArgumentError: a number cannot be used, or `init` is neither of the two.
        ArgumentTypeError: an argument is of the wrong type.
        OutOfMemoryError: the table does not fit into memory.

    Example:
        >>> Embedding(10, 3, padding_idx=0)(torch.tensor([[1, 0], [9, 1]])).shape
        torch.Size([2, 2, 3])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: torch.dtype | None = None,
        *,
        init: Init = "torch",
    ) -> None:
        _check_options("Embedding", max_norm, scale_grad_by_freq)
        rows = whole("Embedding: num_embeddings", num_embeddings, least=0)
        columns = whole("Embedding: embedding_dim", embedding_dim, least=0)
        if padding_idx is not None:
            _padding_row("Embedding", padding_idx, rows)
        flag("Embedding: sparse", sparse)
        if _weight is not None and as_tensor(_weight, "_weight").shape != (rows, columns):
            raise ShapeError(
                f"Embedding: _weight has shape {tuple(_weight.shape)}, but {(rows, columns)} is "
                "needed.",
                tuple(_weight.shape),
            )
        check_place("Embedding", device, dtype)
        self._choose_init(init)
        with torch_makes("Embedding"):
            super().__init__(
                num_embeddings,
                embedding_dim,
                padding_idx,
                max_norm,
                norm_type,
                scale_grad_by_freq,
                sparse,
                _weight,
                _freeze,
                device,
                dtype,
            )

    def reset_parameters(self) -> None:
        """Draw the first values again; those of the padding row are zeros."""
        super().reset_parameters()
        self._fill_padding_idx_with_zero()

    def forward(self, input: Tensor) -> Tensor:
        """Look up the rows whose numbers `input` holds."""
        return embedding(input, self.weight, self.padding_idx, sparse=self.sparse)


def _padding_row(operation: str, padding_idx: int, rows: int) -> int:
    """The row without a gradient, counted from the first."""
    row = whole(f"{operation}: padding_idx", padding_idx)
    if not -rows <= row < rows:
        raise ArgumentError(
            f"{operation}: padding_idx is {row}, but there are {rows} rows: it must be from "
            f"{-rows} to {rows - 1}."
        )
    return row % rows


def _check_options(operation: str, max_norm: float | None, scale_grad_by_freq: bool) -> None:
    if max_norm is not None:
        raise refuse(
            operation, f"max_norm={max_norm!r}", "rescale with torch.renorm before each step"
        )
    if flag(f"{operation}: scale_grad_by_freq", scale_grad_by_freq):
        raise refuse(operation, "scale_grad_by_freq=True", "scale the gradient in a hook")
