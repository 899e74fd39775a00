"""One way in which a layer may be wrong, and ways that several kinds of layers have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Variant:
    """A way in which the Java layer may differ from the Python layer.

    Attributes:
        cause: the kind of difference.
        description: it, in words.
        compute: what the Python layer gives with it; raises if there is no such layer.
    """

    cause: str
    description: str
    compute: Callable[[], Tensor]


def without_bias(bias: Tensor | None, compute: Callable[[], Tensor]) -> Iterator[Variant]:
    """A layer that has a bias, without it."""
    if bias is not None:
        yield Variant("missing bias", "its bias is not added", compute)


def with_transposed_weights(w: Tensor, run: Callable[[Tensor], Tensor]) -> Iterator[Variant]:
    """A layer with its weight transposed, where its shape is the same then."""
    if w.shape[0] == w.shape[1]:
        yield _transposed("inputs for outputs", lambda: run(w.transpose(0, 1)))
    if w.dim() > 3 and w.shape[-1] == w.shape[-2]:
        yield _transposed("height for width", lambda: run(w.transpose(-1, -2)))


def _transposed(words: str, compute: Callable[[], Tensor]) -> Variant:
    return Variant("transposed weights", f"its weight is transposed ({words})", compute)
