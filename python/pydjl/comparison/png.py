"""Small pictures of numbers, as PNG files in memory."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

import numpy as np
import numpy.typing as npt

# From no error to the largest one: light to dark, so that it can be read in grey and in print.
_ANCHORS: Final = np.array(
    [(255, 255, 255), (254, 217, 118), (253, 141, 60), (227, 26, 28), (128, 0, 38)], np.float64
)
# A cell where only one of the two is a number.
_INFINITE: Final = (90, 40, 200)


def colours(errors: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Colour errors by their part of the largest finite one.

    Args:
        errors: (rows, columns), at least 0; infinite ones have a colour of their own.

    Returns:
        (rows, columns, 3).

    Example:
        >>> colours(np.float32([[0, 1]])).tolist()
        [[[255, 255, 255], [128, 0, 38]]]
    """
    finite = np.isfinite(errors)
    largest = errors[finite].max(initial=0.0)
    part = np.where(finite, errors, 0) / (largest or 1.0)
    places = np.linspace(0, 1, len(_ANCHORS))
    pixels = np.stack([np.interp(part, places, _ANCHORS[:, i]) for i in range(3)], axis=-1)
    pixels[~finite] = _INFINITE
    return pixels.round().astype(np.uint8)


def data_url(pixels: npt.NDArray[np.uint8]) -> str:
    """A picture as the address of itself, for the ``src`` of an ``img``.

    Args:
        pixels: (rows, columns, 3).

    Returns:
        ``data:image/png;base64,...``.

    Example:
        >>> data_url(np.zeros((2, 3, 3), np.uint8))[:22]
        'data:image/png;base64,'
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each begins with 0: it is not filtered
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits of red, green, blue
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
