"""Pictures as tensors: a user's file, and the astronaut; `presets` has small ones of numbers."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from typing import IO

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from skimage import data
from torch import Tensor

from pydjl.errors import ArgumentError, ShapeError

# What each of Pillow's modes becomes: transparency is laid on white, a palette looked up.
_MODES = {
    "1": "L",
    "L": "L",
    "LA": "LA",
    "La": "LA",
    "RGB": "RGB",
    "RGBA": "RGBA",
    "RGBa": "RGBA",
    "CMYK": "RGB",
    "YCbCr": "RGB",
    "P": "RGB",
    "PA": "RGBA",
}
_MOST_16_BIT = 65535

# Threads that change how warnings are treated must do it in turn.
_warnings_belong_to_all = threading.Lock()


def read_picture(path: str | PathLike[str]) -> Tensor:
    """Read a PNG or JPEG picture.

    Grey pictures of 16 bit keep them all; 16-bit colour comes as 8-bit, which is what Pillow
    reads. Transparent pictures are laid on white. A photograph that its camera marked as turned is
    turned upright.

    Args:
        path: the file.

    Returns:
        A float32 tensor from 0 (black) to 1 (white): ``(H, W)`` of a grey picture, else
        ``(3, H, W)`` with red, green, blue.

    Raises:
        OSError: the file cannot be opened, as `open` says it.
        ArgumentError: it is no PNG or JPEG picture, it is damaged or cut off, or it has more pixels
            than ``PIL.Image.MAX_IMAGE_PIXELS``.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.NamedTemporaryFile(suffix=".png") as file:
        ...     Image.new("RGB", (3, 2), (255, 0, 51)).save(file.name)
        ...     read_picture(file.name)[:, 0, 0]
        tensor([1.0000, 0.0000, 0.2000])
    """
    name = fspath(path)
    with open(name, "rb") as file, opened_picture(file, name) as picture:
        return picture_tensor(picture)


@contextmanager
def opened_picture(file: IO[bytes], name: str) -> Iterator[Image.Image]:
    """Open a PNG or JPEG picture, and tell in one sentence what goes wrong in the block.

    Args:
        file: what is read.
        name: for the messages.

    Returns:
        A context that gives the picture, whose pixels are not decoded yet.

    Raises:
        ArgumentError: as `read_picture`.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> Image.new("L", (3, 2)).save(file, "PNG")
        >>> with opened_picture(file, "the file") as picture:
        ...     picture.size
        (3, 2)
    """
    try:
        # Pillow warns of what has too many pixels, and raises an error only at twice as many.
        with _warnings_belong_to_all, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(file, formats=("PNG", "JPEG"))
        with picture:
            yield picture
    except ArgumentError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as exc:
        raise ArgumentError(
            f"{name} has more than {Image.MAX_IMAGE_PIXELS:,} pixels, as a file may that is "
            "made to fill the memory; if it is yours, set PIL.Image.MAX_IMAGE_PIXELS higher."
        ) from exc
    except UnidentifiedImageError as exc:
        raise ArgumentError(
            f"{name} is not a picture of the formats PNG and JPEG: save it as one of these."
        ) from exc
    except (OSError, SyntaxError, ValueError, EOFError) as exc:
        raise ArgumentError(
            f"{name} is damaged or not complete ({exc}): get it again from where it came from."
        ) from exc


def astronaut() -> Tensor:
    """The photograph of Eileen Collins that scikit-image ships, ``(3, 512, 512)`` in 0..1.

    Example:
        >>> astronaut().shape
        torch.Size([3, 512, 512])
    """
    photograph = data.astronaut()  # type: ignore[no-untyped-call]
    return _scaled(np.asarray(photograph)).permute(2, 0, 1).contiguous()


def to_grey(picture: Tensor) -> Tensor:
    """The brightness of a picture: 0.2125 red + 0.7154 green + 0.0721 blue.

    Args:
        picture: ``(3, H, W)``, or ``(H, W)``, which is grey already.

    Returns:
        ``(H, W)``, of the same dtype.

    Raises:
        ShapeError: it has another shape.

    Source: ITU-R Recommendation BT.709, as scikit-image has it.

    Example:
        >>> to_grey(torch.tensor([[[1.0]], [[0.0]], [[0.0]]]))
        tensor([[0.2125]])
    """
    if picture.dim() == 2:
        return picture
    if picture.dim() != 3 or picture.shape[0] != 3:
        raise ShapeError(
            f"to_grey: the picture has shape {tuple(picture.shape)}, but (3, H, W) or (H, W) is "
            "needed.",
            tuple(picture.shape),
        )
    shares = torch.tensor([0.2125, 0.7154, 0.0721], dtype=picture.dtype, device=picture.device)
    return torch.einsum("c,chw->hw", shares, picture)


def picture_tensor(picture: Image.Image, longest: int | None = None) -> Tensor:
    """The pixels of a picture from 0 to 1; `read_picture` describes them.

    Args:
        picture: of the formats PNG or JPEG.
        longest: how large it has to be. What is several times as large in both directions is made
            smaller by a whole factor, before its numbers take four times the memory of its pixels.

    Example:
        >>> picture_tensor(Image.new("L", (400, 300), 255), longest=100).shape
        torch.Size([100, 134])
    """
    if picture.mode.startswith("I"):  # grey of 16 bit
        values = np.asarray(ImageOps.exif_transpose(picture)).astype(np.float32)
        return torch.from_numpy(values / np.float32(_MOST_16_BIT))
    mode = _MODES[picture.mode]
    if "transparency" in picture.info and not mode.endswith("A"):
        mode += "A"
    upright = ImageOps.exif_transpose(picture).convert(mode)
    factor = 1 if longest is None else min(upright.size) // longest
    whole = _scaled(np.asarray(upright.reduce(factor) if factor > 1 else upright))
    if mode == "L":
        return whole
    channels = whole.permute(2, 0, 1)
    if mode == "RGB":
        return channels.contiguous()
    colours, opacity = channels[:-1], channels[-1]
    on_white: Tensor = opacity * colours + (1 - opacity)
    return on_white[0] if mode == "LA" else on_white.contiguous()


def _scaled(values: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Tensor:
    return torch.from_numpy(values.astype(np.float32) / np.float32(255))
