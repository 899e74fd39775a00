"""Weights of a network from a user's file."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path

import torch
from torch import Tensor, nn

from pydjl.errors import ArgumentError, NotSupportedError, ShapeError

# More faults than this are the wrong file.
_MOST_FAULTS = 5


def load_weights(
    module: nn.Module, path: str | PathLike[str], names: Mapping[str, str] | None = None
) -> str:
    """Load a module's parameters and running statistics from a file.

    What else the file holds, such as the other layers of a network, is ignored. The file runs no
    code: of pickled files only tensors are read.

    Args:
        module: takes the values; if any is missing or does not fit, it stays as it was.
        path: a ``.safetensors`` file, or a state dict that `torch.save` wrote.
        names: what the file calls a submodule, by the submodule's name; by default as the module.

    Returns:
        Where the weights are from, in words, for titles.

    Raises:
        OSError: the file cannot be opened.
        ArgumentError: it is no such file, or a tensor is missing.
        ShapeError: a tensor has another shape than the module's.
        NotSupportedError: it is a safetensors file and the package safetensors is not installed.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile(suffix=".pt") as file:
        ...     torch.save({"conv1.weight": torch.ones(2, 3), "fc.bias": torch.ones(5)}, file.name)
        ...     layer = nn.Sequential(nn.Linear(3, 2, bias=False))
        ...     text = load_weights(layer, file.name, {"0": "conv1"})
        >>> layer[0].weight.sum().item()
        6.0
    """
    name = Path(path).name
    held = _read(fspath(path))
    wanted: dict[str, Tensor] = module.state_dict()
    chosen, missing, misshapen = {}, [], []
    for key, own in wanted.items():
        owner, _, last = key.rpartition(".")
        owner_there = (names or {}).get(owner, owner)
        there = f"{owner_there}.{last}" if owner_there else last
        if there in held:
            chosen[key] = held[there]
            if held[there].shape != own.shape:
                misshapen.append(
                    f"{there} has the shape {tuple(held[there].shape)}, not {tuple(own.shape)}"
                )
        elif last != "num_batches_tracked":  # older files lack it, and only training uses it
            missing.append(there)
    if missing:
        raise ArgumentError(
            f"{name} lacks {_first(missing)}: it holds {_first(list(held)) or 'nothing'}."
        )
    if misshapen:
        raise ShapeError(f"{name} does not fit: {_first(misshapen)}.")
    module.load_state_dict(chosen, strict=False)
    return f"weights from {name}"


def _read(path: str) -> dict[str, Tensor]:
    with open(path, "rb"):  # what the system says of a file that cannot be opened is clear
        pass
    held = _read_safetensors(path) if path.endswith(".safetensors") else _read_pickled(path)
    if not isinstance(held, Mapping) or not all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in held.items()
    ):
        raise ArgumentError(
            f"{path} does not hold a state dict, tensors by their names: save one by "
            "torch.save(module.state_dict(), path)."
        )
    return dict(held)


def _read_safetensors(path: str) -> dict[str, Tensor]:
    try:
        from safetensors import SafetensorError  # noqa: PLC0415 - an extra
        from safetensors.torch import load_file  # noqa: PLC0415
    except ModuleNotFoundError as exc:
        raise NotSupportedError(
            f"{path} cannot be read, because the package safetensors is not installed: "
            "pip install safetensors."
        ) from exc
    try:
        return load_file(path)
    except SafetensorError as exc:
        raise ArgumentError(f"{path} is no safetensors file, or is damaged: {exc}.") from exc


def _read_pickled(path: str) -> object:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, OSError, RuntimeError, EOFError, ValueError, KeyError) as exc:
        raise ArgumentError(
            f"{path} is no file of torch.save with tensors alone, or is damaged: save the "
            "weights by torch.save(module.state_dict(), path)."
        ) from exc


def _first(texts: list[str]) -> str:
    more = len(texts) - _MOST_FAULTS
    return ", ".join(texts[:_MOST_FAULTS]) + (f" and {more} more" if more > 0 else "")
