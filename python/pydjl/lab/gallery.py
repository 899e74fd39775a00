"""Every kernel of the gallery on one picture, in one call to Java, and side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pydjl.errors import ArgumentError, DtypeError, ShapeError
from pydjl.lab.kernels import GALLERY, Kernel
from pydjl.ndarray import as_tensor, like
from pydjl.nn import functional
from pydjl.nn.arguments import ArrayT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Size = tuple[int, int]

# More pixels than this on a side are not seen in a figure of many pictures.
_MOST_SHOWN = 600
_COLUMNS = 5


def apply_all(
    picture: ArrayT, kernels: Sequence[Kernel] = GALLERY, padding: str = "same"
) -> dict[str, ArrayT]:
    """Cross-correlate a picture with many kernels, by DJL, in one pass where their sizes allow it.

    Kernels of up to 3×3 become output channels of one convolution, which takes a tenth of the time
    of a convolution each; larger ones are put together by their sizes.

    Args:
        picture: ``(H, W)``, or ``(C, H, W)``, of which each channel is filtered by itself; floating
            point.
        kernels: the kernels, each name once; by default all of the gallery.
        padding: ``"same"`` for results as large as the picture, with zeros around it, or
            ``"valid"`` for the windows that lie inside.

    Returns:
        By the name of each kernel its result, of the kind that `picture` is: ``(H, W)``, or
        ``(H - h + 1, W - w + 1)`` for ``"valid"``; with the channels before, if there are any.
        Results may be views of common memory.

    Raises:
        ShapeError: the picture has other dimensions, or for ``"valid"`` a kernel is larger.
        DtypeError: it is not of floating point.
        ArgumentError: two kernels have one name, there are none, or the padding is another word.

    Source: "Convolution" in the course on cross-correlation, its gallery.

    Example:
        >>> from pydjl.lab.kernels import IDENTITY, SOBEL_X
        >>> results = apply_all(torch.tensor([[0.0, 1, 3], [0, 1, 3]]), [IDENTITY, SOBEL_X])
        >>> results["Identity"]
        tensor([[0., 1., 3.],
                [0., 1., 3.]])
        >>> results["Sobel X"]
        tensor([[ 3.,  9., -3.],
                [ 3.,  9., -3.]])
    """
    x = as_tensor(picture, "picture")
    _check(x, kernels, padding)
    planes = x[None, None] if x.dim() == 2 else x[:, None]
    found: dict[str, ArrayT] = {}
    for size, group in _by_size(kernels).items():
        weights = torch.stack([_centred(kernel, size) for kernel in group])[:, None]
        # The border of zeros is needed for "same" and cut off for "valid"; it makes things faster.
        outputs = functional.conv2d(planes, weights.to(x), padding=(size[0] // 2, size[1] // 2))
        for kernel, output in zip(group, outputs.unbind(1), strict=True):
            inside = _inside(output, kernel) if padding == "valid" else output
            found[kernel.name] = like(picture, inside[0] if x.dim() == 2 else inside)
    return {kernel.name: found[kernel.name] for kernel in kernels}


def compare_figure(picture: Tensor, kernels: Sequence[Kernel] = GALLERY) -> Figure:
    """Draw a picture and what every kernel makes of it.

    Results that lie around zero each have a scale of their own, whose ends are written under them:
    a Laplacian is so much weaker than a Sobel that on one scale nothing of it would be seen. Zero
    is mid-grey, negative numbers are dark and positive ones bright, in colour as well as in black
    and white. The others have the picture's own scale; what leaves it is black or white.

    Only windows inside the picture are shown, so that its border makes no edges; large pictures are
    shown at every second, third, ... pixel.

    Args:
        picture: ``(H, W)`` or ``(3, H, W)``, from 0 to 1 as `pydjl.lab.pictures` makes them, or in
            any other range; colours are turned to grey.
        kernels: the kernels.

    Returns:
        A figure, for ``savefig``.

    Raises:
        ShapeError: as for `apply_all`, and for other numbers of channels.

    Example:
        >>> from pydjl.lab.presets import shapes
        >>> [axes.get_title() for axes in compare_figure(shapes()).axes[:3]]
        ['Picture', 'Identity', 'Sobel X']
    """
    # The computation alone needs neither matplotlib nor Pillow.
    from pydjl.lab import panels  # noqa: PLC0415
    from pydjl.lab.pictures import to_grey  # noqa: PLC0415

    grey = to_grey(as_tensor(picture, "picture")).detach()
    step = ceil(max(grey.shape) / _MOST_SHOWN)
    shown = {
        name: result[::step, ::step].cpu().numpy().copy()
        for name, result in apply_all(grey, kernels, "valid").items()
    }
    signed = [kernel.name for kernel in kernels if kernel.is_signed]
    height, width = grey.shape
    figure, axes = panels.panels(len(kernels) + 1, _COLUMNS, (height, width))
    low, high = float(grey.min()), float(grey.max())
    axes[0].imshow(grey[::step, ::step].cpu().numpy(), cmap="gray", vmin=low, vmax=high)
    axes[0].set_title("Picture")
    for panel, (name, result) in zip(axes[1:], shown.items(), strict=False):
        if name in signed:
            most = panels.largest([result])
            panels.draw(panel, name, result, most)
            panel.text(
                0.5,
                -0.03,
                f"−{most:.2g} to {most:.2g}",
                ha="center",
                va="top",
                fontsize=8,
                transform=panel.transAxes,
            )
        else:
            panel.imshow(result, cmap="gray", vmin=low, vmax=high)
            panel.set_title(name)
    if signed:
        bar = panels.relative_scale(figure, axes)
        bar.set_label(
            "result of the kernels that add up to zero,\nin parts of the number below each"
        )
    return figure


def _check(x: Tensor, kernels: Sequence[Kernel], padding: str) -> None:
    if x.dim() not in (2, 3) or 0 in x.shape:
        raise ShapeError(
            f"apply_all: the picture has shape {tuple(x.shape)}, but (H, W) or (C, H, W) is "
            "needed.",
            tuple(x.shape),
        )
    if not x.is_floating_point():
        raise DtypeError(
            f"apply_all: the picture is of {x.dtype}, but a floating point type is needed: convert "
            "it, for example by .float()."
        )
    names = [kernel.name for kernel in kernels]
    if not names or len(set(names)) < len(names):
        raise ArgumentError(
            f"apply_all: the kernels are {names}, but at least one is needed, and each name once."
        )
    if padding not in ("same", "valid"):
        raise ArgumentError(f"apply_all: padding is {padding!r}, but 'same' or 'valid' is needed.")
    for kernel in kernels if padding == "valid" else ():
        if kernel.shape[0] > x.shape[-2] or kernel.shape[1] > x.shape[-1]:
            raise ShapeError(
                f"apply_all: the kernel {kernel.name} of shape {kernel.shape} is larger than the "
                f"picture of shape {tuple(x.shape)}: use padding='same' or a larger picture.",
                tuple(x.shape),
                kernel.shape,
            )


def _by_size(kernels: Sequence[Kernel]) -> dict[Size, list[Kernel]]:
    """The kernels by the odd size that holds them around its middle, which is at least 3×3."""
    groups: dict[Size, list[Kernel]] = {}
    for kernel in kernels:
        height, width = (max(3, side // 2 * 2 + 1) for side in kernel.shape)
        groups.setdefault((height, width), []).append(kernel)
    return groups


def _centred(kernel: Kernel, size: Size) -> Tensor:
    """The weights with zeros around them; the middle of an even kernel is left of its centre."""
    top, left = (
        whole // 2 - (side - 1) // 2 for whole, side in zip(size, kernel.shape, strict=True)
    )
    weights = torch.zeros(size, dtype=torch.float64)
    height, width = kernel.shape
    weights[top : top + height, left : left + width] = torch.tensor(
        kernel.weights, dtype=torch.float64
    )
    return weights


def _inside(output: Tensor, kernel: Kernel) -> Tensor:
    """Of a result as large as the picture the cells whose window lies inside of it."""
    height, width = kernel.shape
    top, left = (height - 1) // 2, (width - 1) // 2
    return output[..., top : output.shape[-2] - height // 2, left : output.shape[-1] - width // 2]
