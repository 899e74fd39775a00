"""Device names, in DJL's words and in PyTorch's."""

from __future__ import annotations

import re

import torch

from pydjl.errors import ArgumentError, DeviceError

_NAME = re.compile(r"cpu(?:\(\))?|(?:gpu|cuda)(?:\((\d+)\)|:(\d+))?")


def parse_device(device: str | torch.device | None) -> torch.device:
    """Turn a device's name into a device that exists here.

    Args:
        device: ``cpu``, ``gpu``, ``gpu(0)``, ``cuda:0``, a `torch.device`, or None for
            `default_device`.

    Returns:
        The device, with its number if it is a GPU.

    Raises:
        ArgumentError: the name is of no known form.
        DeviceError: there is no such GPU here.

    Example:
        >>> parse_device("cpu")
        device(type='cpu')
    """
    if device is None:
        return default_device()
    match = _NAME.fullmatch(str(device))
    if match is None:
        raise ArgumentError(f"device {str(device)!r} is none of cpu, gpu(0), cuda:0")
    if str(device).startswith("cpu"):
        return torch.device("cpu")
    index = int(match.group(1) or match.group(2) or 0)
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if index >= count:
        found = "no CUDA GPU" if count == 0 else f"{count} CUDA GPU(s), counted from 0,"
        raise DeviceError(
            f"device {str(device)!r} was asked for, but torch {torch.__version__} finds {found} "
            "here: use device 'cpu', or check the driver with nvidia-smi."
        )
    return torch.device("cuda", index)


def default_device() -> torch.device:
    """The first GPU if there is one, else the CPU, as in the chapter."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
