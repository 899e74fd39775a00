"""Every kernel of the gallery on one input."""

from __future__ import annotations

from pydjl.errors import ShapeError
from pydjl.lab.kernels import GALLERY, Kernel
from pydjl.ndarray import NDArray, array
from pydjl.web.answers import GalleryItem
from pydjl.web.convolution import Convolution
from pydjl.web.schema import GalleryQuestion, Movement


def apply_gallery(question: GalleryQuestion) -> list[GalleryItem]:
    """Apply every kernel of the gallery to the sum of an input's channels, by DJL.

    Args:
        question: the input, and how the kernels move over it.

    Raises:
        TooLargeError: an output would be too large.

    Example:
        >>> items = apply_gallery(GalleryQuestion(input=[[[1, 2, 4]]]))
        >>> [(item.name, item.output) for item in items if item.output is not None]
        [('Second derivative', [[1.0]])]
    """
    planes = array(question.input, dtype="float32").sum(axis=0, keepdims=True)
    return [_apply(kernel, planes, question) for kernel in GALLERY]


def _apply(kernel: Kernel, planes: NDArray, movement: Movement) -> GalleryItem:
    weights = kernel.array().reshape(1, 1, *kernel.shape)
    output, reason = None, None
    try:
        output = Convolution(movement, planes, weights, array([0.0])).output[0].tolist()
    except ShapeError as exc:
        reason = str(exc)
    return GalleryItem(name=kernel.name, output=output, is_signed=kernel.is_signed, reason=reason)
