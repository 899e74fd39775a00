"""What models draw at random, made the same for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

SEED = 0


@contextmanager
def same_draws(seed: int = SEED) -> Iterator[None]:
    """Let dropout and all else that PyTorch's generators give be the same whenever this is used.

    The generators are afterwards as they were.

    Args:
        seed: decides what is drawn.
    """
    used = torch.cuda.is_available() and torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if used else []):
        # Not torch.manual_seed, which would leave a seed for a GPU that is not in use yet.
        torch.default_generator.manual_seed(seed)
        if used:
            torch.cuda.manual_seed_all(seed)
        yield
