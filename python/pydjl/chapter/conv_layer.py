"""The chapter from top to bottom: every result by DJL in Java, and the same by PyTorch.

Source: "Dive into Deep Learning", DJL edition, 6.2 Convolutions for Images.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pydjl import reference
from pydjl.comparison import Difference, compare_values
from pydjl.errors import ArgumentError, ShapeError
from pydjl.ndarray import NDArray, array, call_java_for, from_torch
from pydjl.nn.functional import corr2d
from pydjl.runtime import engine_name, parse_device
from pydjl.training import LearnedKernel, chapter_schedule, learn_kernel

_SAME_LOOP = "the same loop in PyTorch"


@dataclass(frozen=True)
class Shown:
    """One result as the chapter shows it: DJL's array and PyTorch's tensor."""

    text: str
    java: NDArray
    python: Tensor


@dataclass(frozen=True)
class Section:
    """A section of the chapter: its number and title, what it says, what it shows."""

    number: str
    title: str
    text: str
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Compared:
    """A row of the closing table.

    Attributes:
        difference: how far DJL's result is from the other one.
        against: what computed the other one.
        why: why the two are not bit-equal; empty where they are.
    """

    difference: Difference
    against: str
    why: str = ""


@dataclass(frozen=True)
class ChapterRun:
    """A run of the chapter.

    Attributes:
        engine: DJL's and PyTorch's versions.
        device: in DJL's words, ``cpu`` or ``gpu(0)``.
        sections: what the chapter shows, in its order.
        learning: DJL's learned kernel.
        learning_rate: of the learning, from the Java class ``ConvLayer``.
        as_printed: whether gradients were added up, as in the printed code.
        comparison: every result against another computation of it.
    """

    engine: str
    device: str
    sections: tuple[Section, ...]
    learning: LearnedKernel
    learning_rate: float
    as_printed: bool
    comparison: tuple[Compared, ...] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether every comparison is within its tolerance."""
        return all(row.difference.ok for row in self.comparison)

    def to_json(self) -> dict[str, Any]:
        """The run as one object of plain Python values."""
        arrays = {shown.text: shown.java for section in self.sections for shown in section.shown}
        rows = []
        for row in self.comparison:
            facts = row.difference
            rows.append(
                {
                    "name": facts.name,
                    "against": row.against,
                    "max_abs_diff": _json_number(facts.max_abs_diff),
                    "max_ulp": facts.max_ulp,
                    "bit_equal": facts.bit_equal,
                    "ok": facts.ok,
                    "why": facts.note or row.why,
                }
            )
        return {
            "engine": self.engine,
            "device": self.device,
            "corr2d": arrays["corr2d(X, K)"].tolist(),
            "edge_map": arrays["Y = corr2d(X, K)"].tolist(),
            "transposed_edge_map": arrays["corr2d(X transposed, K)"].tolist(),
            "learning": {
                "initial": self.learning.initial.flatten().tolist(),
                "losses": [_json_number(loss) for loss in self.learning.losses],
                "weight": [_json_number(w) for w in self.learning.weight.flatten().tolist()],
            },
            "comparison": rows,
            "ok": self.ok,
        }


def _json_number(number: float) -> float | None:
    """JSON has neither infinity nor NaN: null stands for them, as in the comparison."""
    return number if math.isfinite(number) else None


def run(
    device: str | torch.device | None = None,
    *,
    seed: int | None = None,
    initial: Sequence[float] | None = None,
    as_printed: bool = False,
) -> ChapterRun:
    """Run the chapter in Java and in PyTorch.

    Args:
        device: ``cpu`` or ``gpu(0)``; by default the GPU if there is one, as in the chapter.
        seed: draws the kernel from which the learning starts, if `initial` does not name it, and
            other random arrays. Without it the learning starts where the book's did.
        initial: the two weights of that kernel.
        as_printed: add up the gradients of all steps, as the printed code does on DJL's PyTorch
            engine.

    Returns:
        Everything that the chapter shows, and how it compares.

    Raises:
        ShapeError: `initial` does not have two weights.
        DeviceError: there is no such device here.

    Example:
        >>> chapter = run("cpu")
        >>> chapter.ok, round(chapter.learning.losses[1], 8)
        (True, 0.12571818)
    """
    place = parse_device(device)
    with torch.random.fork_rng([place] if place.type == "cuda" else []):
        return _run(place, seed, _start(seed, initial, place), as_printed)


def _run(place: torch.device, seed: int | None, start: Tensor, as_printed: bool) -> ChapterRun:
    compared: list[Compared] = []

    def show(name: str, text: str, java: NDArray, python: Tensor) -> Shown:
        compared.append(Compared(compare_values(name, java.torch(), python), _SAME_LOOP))
        return Shown(text, java, python)

    X = torch.arange(9.0, device=place).reshape(3, 3)
    K = torch.arange(4.0, device=place).reshape(2, 2)
    operator = _operator_section(X, K, show)
    layer = _layer_section(X, K, show)
    edges = _edge_section(place, show)
    learning, learned, rate = _learning_section(place, start, as_printed, compared)
    convolution = _convolution_section(X, K, show)
    _compare_random(place, seed, compared)
    return ChapterRun(
        engine=engine_name(),
        device="cpu" if place.type == "cpu" else f"gpu({place.index})",
        sections=(operator, layer, edges, learning, convolution),
        learning=learned,
        learning_rate=rate,
        as_printed=as_printed,
        comparison=tuple(compared),
    )


def _start(seed: int | None, initial: Sequence[float] | None, device: torch.device) -> Tensor:
    if initial is None and seed is None:
        initial = chapter_schedule().start
    if initial is not None:
        if len(initial) != 2:
            raise ShapeError(
                f"the kernel to learn has 2 weights, but {len(initial)} were given to start from.",
                (len(initial),),
            )
        start = array([list(initial)], "float32").torch()
        if not start.isfinite().all():
            raise ArgumentError(
                f"learning cannot start from {tuple(initial)}: give finite weights."
            )
    else:
        # A generator of its own: PyTorch's stays as it is, and a GPU starts where the CPU does.
        generator = _generator(seed)
        start = torch.normal(0.0, 0.01, (1, 2), generator=generator)
    return start.to(device)


def _generator(seed: int | None) -> torch.Generator:
    seed = seed or 0
    if not 0 <= seed < 2**63:
        raise ArgumentError(f"seed is {seed}, but it must be from 0 to 2**63 - 1.")
    return torch.Generator().manual_seed(seed)


def _operator_section(X: Tensor, K: Tensor, show: Any) -> Section:
    return Section(
        "6.2.1",
        "The cross-correlation operator",
        "The kernel K slides over the input X. At each place the products of the kernel and of "
        "the window under it are added up; the first one is 0×0 + 1×1 + 3×2 + 4×3 = 19. A 3×3 "
        "input and a 2×2 kernel leave (3−2+1)×(3−2+1) places.",
        (show("corr2d", "corr2d(X, K)", corr2d(from_torch(X), K), reference.corr2d(X, K)),),
    )


def _layer_section(X: Tensor, K: Tensor, show: Any) -> Section:
    bias = torch.tensor([0.5], device=X.device)
    python = reference.ConvolutionalLayer((2, 2)).to(X.device)
    with torch.no_grad():
        python.weight.copy_(K)
        python.bias.copy_(bias)
        expected = python(X)
        # The Java layer makes the parameters its own, so it gets copies.
        parameters = [K.clone(), bias.clone()]
        java = call_java_for("ConvolutionalLayer", "Convolutions.layer", [X, *parameters])
    return Section(
        "6.2.2",
        "A convolutional layer",
        "The layer owns a kernel and a scalar bias, and adds the bias to the cross-correlation. "
        "Here with K as its weight and 0.5 as its bias.",
        (show("layer", "layer(X)", from_torch(java), expected),),
    )


def _edge_section(device: torch.device, show: Any) -> Section:
    X = reference.edge_image().to(device)
    K = reference.edge_kernel().to(device)
    image = from_torch(X)
    return Section(
        "6.2.3",
        "Edges in an image",
        "X is an image of 6×8 pixels, white (1) with four black (0) columns in the middle. "
        "K = [[1, −1]] takes each pixel's right neighbour off it: 1 where white turns black, −1 "
        "where black turns white, 0 elsewhere. It finds vertical edges only: the transposed "
        "image has none.",
        (
            show("edge_map", "Y = corr2d(X, K)", corr2d(image, K), reference.corr2d(X, K)),
            show(
                "transposed_edge_map",
                "corr2d(X transposed, K)",
                corr2d(image.T, K),
                reference.corr2d(X.T, K),
            ),
        ),
    )


def _learning_section(
    device: torch.device, start: Tensor, as_printed: bool, compared: list[Compared]
) -> tuple[Section, LearnedKernel, float]:
    X = reference.edge_image().to(device)
    Y = reference.corr2d(X, reference.edge_kernel().to(device))
    rate, steps, _ = chapter_schedule()
    java = learn_kernel(X, Y, (1, 2), rate, steps, start, accumulate=as_printed)
    python = reference.learn_kernel(X, Y, (1, 2), rate, steps, start, accumulate=as_printed)
    why = "" if device.type == "cpu" else "cuDNN may choose another algorithm in each process"
    for name, ours, theirs in (
        ("losses", torch.tensor(java.losses), torch.tensor(python.losses)),
        ("weight", java.weight.torch(), python.weight),
    ):
        difference = compare_values(name, ours, theirs)
        compared.append(
            Compared(difference, "PyTorch's learning", "" if difference.bit_equal else why)
        )
    text = (
        "DJL's Conv2d, with a (1, 2) kernel and no bias, learns the kernel from X and Y: the L2 "
        "loss is the mean of half the squared differences, and each of the "
        f"{steps} steps takes {rate} times the gradient off the kernel. "
    )
    text += (
        "As printed, nothing zeroes the gradients, and DJL's PyTorch engine adds them up: the "
        "kernel swings around the solution instead of coming to rest."
        if as_printed
        else "The kernel is on its way to [[1, −1]]."
    )
    shown = Shown("the learned kernel", java.weight, python.weight)
    return Section("6.2.4", "Learning a kernel", text, (shown,)), java, rate


def _convolution_section(X: Tensor, K: Tensor, show: Any) -> Section:
    return Section(
        "6.2.5",
        "Cross-correlation and convolution",
        "Convolution in the mathematical sense turns the kernel by 180° (flips both axes) before "
        "it slides. A kernel that is learned comes out turned, and nothing else changes.",
        (
            show(
                "convolution",
                "corr2d(X, K turned by 180°)",
                corr2d(from_torch(X), from_torch(K).flip()),
                reference.corr2d(X, K.flip(0, 1)),
            ),
        ),
    )


def _compare_random(device: torch.device, seed: int | None, compared: list[Compared]) -> None:
    """Add what whole numbers cannot show: how results differ where rounding has a say."""
    generator = _generator(seed)
    X = torch.randn(13, 17, generator=generator).to(device)
    K = torch.randn(3, 5, generator=generator).to(device)
    java = corr2d(X, K)
    for against, python in (
        (_SAME_LOOP, reference.corr2d(X, K)),
        ("F.conv2d", F.conv2d(X[None, None], K[None, None])[0, 0]),
        ("NumPy", reference.corr2d_numpy(X.cpu().numpy(), K.cpu().numpy())),
    ):
        difference = compare_values("random 13×17 ⋆ 3×5", java.cpu(), torch.as_tensor(python).cpu())
        why = "" if difference.bit_equal else "the sums run in another order"
        compared.append(Compared(difference, against, why))
