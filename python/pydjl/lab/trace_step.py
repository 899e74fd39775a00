"""One step of a cross-correlation: what makes one output cell."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from pydjl.ndarray import NDArray


@dataclass(frozen=True)
class Step:
    """One output cell: what is multiplied, what is added up, and where it comes from.

    Windows and products have the dimensions of a kernel: ``(h, w)``, or ``(C_in, h, w)``.

    Attributes:
        number: which step it is, from 0.
        channel: the output channel.
        position: the row and column of the output cell.
        rows: the rows of the padded input under the kernel.
        columns: its columns.
        window: the cells under the kernel.
        kernel: the weights of this output channel.
        products: window times kernel, cell by cell.
        channel_sums: the sum of the products of each input channel, ``(C_in,)``.
        bias: what is added.
        sum: the sum of the channels' sums and the bias, by DJL, ``()``.
        output: the same cell as DJL's convolution computes it for the whole input, ``()``.
    """

    number: int
    channel: int
    position: tuple[int, int]
    rows: range
    columns: range
    window: NDArray
    kernel: NDArray
    products: NDArray
    channel_sums: NDArray
    bias: NDArray
    sum: NDArray
    output: NDArray

    @property
    def agrees(self) -> bool:
        """Whether `sum` is `output`, but for the rounding of another order of summation."""
        ours, whole = self.sum.torch(), self.output.torch()
        if not ours.is_floating_point():
            return bool(ours == whole)
        terms = torch.cat((self.products.torch().flatten(), self.bias.torch()[None])).double()
        if not terms.isfinite().all():
            return bool(torch.isclose(ours, whole, equal_nan=True))
        bound = 2 * len(terms) * torch.finfo(ours.dtype).eps * terms.abs().sum()
        # What float32 calls tiny is flushed to zero by some kernels of libtorch.
        tiny = len(terms) * torch.finfo(ours.dtype).tiny
        return bool((ours.double() - whole.double()).abs() <= bound + tiny)
