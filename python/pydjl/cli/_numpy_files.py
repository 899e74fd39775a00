"""Arrays that are given as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pydjl.errors import ArgumentError


def read_npy(option: str, path: Path) -> Tensor:
    """The numbers of a .npy file, in this machine's byte order.

    Args:
        option: for the message, such as ``--input``.
        path: the file.

    Raises:
        ArgumentError: it cannot be read, or holds something else than numbers.
    """
    try:
        with path.open("rb") as file:
            found = np.lib.format.read_array(file, allow_pickle=False)
        return torch.from_numpy(found.astype(found.dtype.newbyteorder("="), copy=False))
    except Exception as exc:  # of a damaged file, NumPy raises nearly anything
        text = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
        reason = " ".join(text.split()) or type(exc).__name__
        raise ArgumentError(
            f"{option} {str(path)!r} cannot be read as an array of numbers: {reason.rstrip('.')}."
        ) from exc
