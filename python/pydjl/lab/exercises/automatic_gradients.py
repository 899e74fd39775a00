"""Exercise 2: automatic gradients of the chapter's own layer, and the engine's error messages."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pydjl import reference
from pydjl.errors import DtypeError, ShapeError
from pydjl.lab.exercises.solution import Part, Proof, Shown, Solution, proof
from pydjl.ndarray import call_java
from pydjl.ndarray.exchange import adopt_all
from pydjl.nn.cross_correlation import check_corr2d

TITLE = "Automatic gradients of the layer that we wrote"


@dataclass(frozen=True, eq=False)
class LayerGradients:
    """The loss of the chapter's printed layer, and what DJL gives as its gradients.

    Attributes:
        loss: the mean of half the squared differences.
        X: with respect to the input, ``(H, W)``.
        w: with respect to the kernel, ``(h, w)``.
        b: with respect to the bias, ``(1,)``.
    """

    loss: Tensor
    X: Tensor
    w: Tensor
    b: Tensor


@dataclass(frozen=True)
class Mistake:
    """A mistake with gradients: what is done, and the words by which the engine refuses it."""

    name: str
    description: str
    message: str


MISTAKES = (
    Mistake(
        "NOTHING_REQUIRES_A_GRADIENT",
        "no array of the computation requires a gradient",
        "element 0 of tensors does not require grad and does not have a grad_fn",
    ),
    Mistake(
        "NO_GRADIENT_WAS_ATTACHED",
        "the gradient of an array is asked for that requires none",
        "No gradient attached to this NDArray",
    ),
    Mistake(
        "UPDATE_WHILE_RECORDING",
        "the kernel is updated in place while the collector is open",
        "a leaf Variable that requires grad is being used in an in-place operation",
    ),
    Mistake(
        "SECOND_COLLECTOR",
        "a second collector is opened while one is open",
        "A PtGradientCollector is already collecting",
    ),
)


def printed_layer_gradients(
    X: Tensor, Y: Tensor, w: Tensor, b: Tensor, *, collecting: bool = True
) -> LayerGradients:
    """Differentiates the chapter's layer as it is printed, by DJL.

    The layer is a cross-correlation, written as a loop that writes each output cell in place, plus
    a bias; the loss is the mean of half the squared differences. Copies of all three arguments
    require gradients.

    Args:
        X: the input, shape ``(H, W)``, float32 or float64.
        Y: the output to reach, shape ``(H - h + 1, W - w + 1)``, of the same dtype.
        w: the kernel, shape ``(h, w)``.
        b: the bias, shape ``(1,)``.
        collecting: whether a gradient collector is open while the layer computes; if not, DJL gives
            zeros and no error.

    Returns:
        The loss and the gradients.

    Raises:
        ShapeError: the shapes do not fit together.
        DtypeError: they are not all float32 or all float64.

    Source: "Dive into Deep Learning", DJL edition, 6.2.7, exercise 2.

    Example:
        >>> X, K = torch.ones(1, 2), torch.tensor([[2.0, 1.0]])
        >>> printed_layer_gradients(X, torch.tensor([[1.0]]), K, torch.zeros(1)).w
        tensor([[2., 2.]])
    """
    check_corr2d("X", tuple(X.shape), "w", tuple(w.shape))
    expected = tuple(s - k + 1 for s, k in zip(X.shape, w.shape, strict=True))
    if tuple(Y.shape) != expected or tuple(b.shape) != (1,):
        raise ShapeError(
            f"Y has shape {tuple(Y.shape)} and b {tuple(b.shape)}, but X of shape "
            f"{tuple(X.shape)} and w of shape {tuple(w.shape)} need {expected} and (1,).",
            tuple(X.shape),
            tuple(Y.shape),
            tuple(w.shape),
            tuple(b.shape),
        )
    dtypes = {each.dtype for each in (X, Y, w, b)}
    if len(dtypes) > 1 or X.dtype not in (torch.float32, torch.float64):
        raise DtypeError(
            f"X is {X.dtype}, Y {Y.dtype}, w {w.dtype} and b {b.dtype}, but all must be "
            "torch.float32 or all torch.float64: convert them."
        )
    handles = call_java(
        "printed_layer_gradients", "Learning.printedLayerGradients", [X, Y, w, b], collecting
    )
    return LayerGradients(*adopt_all(handles))


def engine_message(mistake: Mistake) -> str:
    """Makes a mistake with gradients in DJL and returns the engine's message, its first line.

    Example:
        >>> engine_message(MISTAKES[3]).startswith("A PtGradientCollector is already collecting")
        True
    """
    message = call_java("engine_message", "Learning.mistakeMessage", [], mistake.name)
    return str(message).splitlines()[0]


def solve() -> Solution:
    """Solves the exercise.

    Example:
        >>> solve().ok
        True
    """
    return Solution(2, TITLE, (_inside(), _outside(), _messages()))


def _inside() -> Part:
    X = reference.edge_image()
    Y = reference.corr2d(X, reference.edge_kernel())
    w, b = torch.tensor([[0.01, -0.02]]), torch.zeros(1)
    found = printed_layer_gradients(X, Y, w, b)
    generator = torch.Generator().manual_seed(2)
    shapes = ((5, 7), (4, 5), (2, 3), (1,))
    case = [torch.randn(shape, generator=generator) for shape in shapes]
    ours, theirs = printed_layer_gradients(*case), _gradients_on_paper(*case)
    return Part(
        "What error does one get who asks for the gradients of the printed layer?",
        "On the MXNet engine, for which the chapter was written, one about writing in place while "
        "gradients are recorded. On the PyTorch engine none: libtorch records the writes in place, "
        "and the gradients with respect to the kernel, the bias and the input are right.",
        (
            Shown("loss at w = (0.01, −0.02), b = 0", f"{found.loss.item():.7f}"),
            Shown("gradient with respect to w", found.w),
            Shown("gradient with respect to b", found.b),
        ),
        (
            proof(
                "on the edge image they are (1/7)·[[3, 2], [2, 3]]·(w − K) and −0.03/7",
                torch.cat([found.w.flatten(), found.b]),
                torch.tensor([-1.01 / 7, 0.96 / 7, -0.03 / 7]),
            ),
            *(
                proof(f"the gradient with respect to {name} is right for a random layer", *pair)
                for name, pair in {
                    "the input": (ours.X, theirs.X),
                    "the kernel": (ours.w, theirs.w),
                    "the bias": (ours.b, theirs.b),
                }.items()
            ),
        ),
    )


def _outside() -> Part:
    X = reference.edge_image()
    Y = reference.corr2d(X, reference.edge_kernel())
    w, b = torch.tensor([[0.01, -0.02]]), torch.zeros(1)
    found = printed_layer_gradients(X, Y, w, b, collecting=False)
    return Part(
        "And outside of a gradient collector?",
        "No error either, and that is the worst: nothing is recorded, and DJL answers with zeros. "
        "A kernel that is updated with them never changes.",
        (Shown("gradient with respect to w, without a collector", found.w),),
        (
            proof("the loss is computed", found.loss, torch.tensor(0.1386214)),
            proof("the gradient of the kernel is zero", found.w, torch.zeros(1, 2)),
            proof("the gradient of the bias is zero", found.b, torch.zeros(1)),
            proof("the gradient of the input is zero", found.X, torch.zeros(6, 8)),
        ),
    )


def _messages() -> Part:
    said = [engine_message(mistake) for mistake in MISTAKES]
    return Part(
        "Which mistakes does the PyTorch engine refuse, and in which words?",
        "Four. Require a gradient of each parameter; compute inside of the collector's block; "
        "update after it; have one collector at a time.",
        tuple(
            Shown(mistake.description, message)
            for mistake, message in zip(MISTAKES, said, strict=True)
        ),
        tuple(
            Proof(f"“{mistake.message}”", mistake.message in message)
            for mistake, message in zip(MISTAKES, said, strict=True)
        ),
    )


def _gradients_on_paper(X: Tensor, Y: Tensor, w: Tensor, b: Tensor) -> LayerGradients:
    """The same from the definition: residuals times windows, times weights, and summed up."""
    errors = reference.corr2d(X, w) + b - Y
    residuals = errors / errors.numel()
    by_x = torch.zeros_like(X)
    rows, columns = residuals.shape
    for p in range(w.shape[0]):
        for q in range(w.shape[1]):
            by_x[p : p + rows, q : q + columns] += residuals * w[p, q]
    loss = errors.square().mean() / 2
    return LayerGradients(loss, by_x, reference.corr2d(X, residuals), residuals.sum().reshape(1))
