"""An uploaded picture as an input."""

from __future__ import annotations

import io

from PIL import Image
from torch import Tensor

from pydjl.errors import ArgumentError
from pydjl.lab.pictures import opened_picture, picture_tensor, to_grey
from pydjl.nn.functional import adaptive_avg_pool2d
from pydjl.web.answers import Picture
from pydjl.web.refusals import TooLargeError, UnreadablePictureError

MOST_PIXELS = 25_000_000

# Twice the largest input: enough for averages over whole parts of pixels.
_NEEDED = 128


def read_input(body: bytes, height: int, width: int, channels: int) -> Picture:
    """Make an input of a PNG or JPEG picture.

    Args:
        body: the file.
        height: of the input.
        width: likewise.
        channels: 1 for grey, 3 for red, green, blue.

    Raises:
        TooLargeError: the picture has too many pixels.
        UnreadablePictureError: it is no PNG or JPEG, it is animated, damaged or cut off.

    Example:
        >>> import torch
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (30, 20), (255, 0, 51)).save(file, "PNG")
        >>> torch.tensor(read_input(file.getvalue(), 1, 2, 3).input)
        tensor([[[1.0000, 1.0000]],
                [[0.0000, 0.0000]],
                [[0.2000, 0.2000]]])
    """
    try:
        with opened_picture(io.BytesIO(body), "the picture") as picture:
            _check(picture)
            # JPEG alone can decode to a smaller size, which saves time and memory.
            picture.draft(None, (_NEEDED, _NEEDED))
            decoded = picture_tensor(picture, _NEEDED)
    except (TooLargeError, UnreadablePictureError):
        raise
    except ArgumentError as exc:
        raise UnreadablePictureError(str(exc)) from exc
    planes = decoded[None] if decoded.dim() == 2 else decoded
    if channels == 1:
        planes = to_grey(decoded)[None]
    elif planes.shape[0] == 1:
        planes = planes.expand(3, -1, -1)
    return Picture(input=shrink(planes, height, width).tolist())


def _check(picture: Image.Image) -> None:
    """Refuse what should not be decoded."""
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        raise TooLargeError(
            f"the picture has {pixels:,} pixels, but at most {MOST_PIXELS:,} are read: make it "
            "smaller."
        )
    # A JPEG may carry further pictures too, of another exposure; its first is the one to see.
    if picture.format == "PNG" and getattr(picture, "is_animated", False):
        raise UnreadablePictureError("the picture is animated: save one of its frames alone.")


def shrink(planes: Tensor, height: int, width: int) -> Tensor:
    """Planes in another size, each cell the mean of what it covers, by DJL.

    Args:
        planes: ``(C, H, W)``.
        height: wanted.
        width: wanted.

    Returns:
        ``(C, height, width)``.

    Example:
        >>> import torch
        >>> shrink(torch.tensor([[[1.0, 3, 5, 7]]]), 1, 2)
        tensor([[[2., 6.]]])
    """
    return adaptive_avg_pool2d(planes[None].contiguous(), (height, width))[0]
