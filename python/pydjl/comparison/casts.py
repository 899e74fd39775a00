"""The copies of weights that `torch.autocast` keeps in a lower precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def fresh_casts() -> Iterator[None]:
    """Let autocast cast weights anew, and forget the copies afterwards.

    Autocast keeps a copy until its context ends, also of a weight that has been written into, and
    without a gradient if it was made without one.
    """
    torch.clear_autocast_cache()
    try:
        yield
    finally:
        torch.clear_autocast_cache()
