"""Whose turn it is to train, and what a turn leaves as it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

# DJL has one gradient collector at a time in a process, so steps take turns.
_turn = threading.RLock()


@contextmanager
def turn_of(module: nn.Module) -> Iterator[None]:
    """Work on a module while no other trainer works, and put its modes back afterwards.

    Under autocast its weights are cast anew: autocast keeps the casts that it has made, sees no
    update of DJL's, and takes those that were made without a graph for training as well.
    """
    with _turn:
        modes = [(each, each.training) for each in module.modules()]
        torch.clear_autocast_cache()
        try:
            yield
        finally:
            torch.clear_autocast_cache()
            for each, training in modes:
                each.training = training
