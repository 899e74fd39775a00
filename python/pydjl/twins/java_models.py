"""A Java model, whatever it is given as, as a torch module."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from torch import nn

from pydjl.errors import ArgumentError, ArgumentTypeError
from pydjl.nn import from_block
from pydjl.nn.block_copies import make_block
from pydjl.runtime import java_class, start

# What a file of weights begins with.
_MAGIC = b"DJL@"

StrPath = str | os.PathLike[str]


def java_module(java: Any, saved: StrPath | None = None, *, training: bool = True) -> nn.Module:
    """Load or make the Java model.

    Args:
        java: as for `pydjl.compare`.
        saved: a ``.params`` file that DJL wrote, or a folder that has some.
        training: the mode of a TorchScript file, which has none of its own in DJL.

    Returns:
        The module.

    Raises:
        ArgumentError: a file is none of DJL's, or does not fit the block.
        ArgumentTypeError: it is no model.
    """
    if saved is not None:
        return _with_parameters(java, Path(saved))
    if isinstance(java, nn.Module):
        return java
    if isinstance(java, os.PathLike) or (isinstance(java, str) and _is_path(java)):
        return _of_file(Path(java), training)
    return from_block(java)


def _is_path(name: str) -> bool:
    path = Path(name)
    return path.exists() or path.suffix in (".pt", ".pth", ".params") or path.name != name


def _of_file(path: Path, training: bool) -> nn.Module:
    if path.is_dir():
        found = sorted(path.glob("*.pt"))
        if len(found) != 1:
            raise ArgumentError(
                f"the folder {str(path)!r} has {len(found)} files *.pt, and one is needed: name "
                "the file; or, if DJL saved the weights of a block there (*.params), give the "
                "block as the Java model and the folder as saved."
            )
        return _torchscript(found[0], training)
    if path.suffix == ".params":
        raise ArgumentError(
            f"{str(path)!r} has weights and no layers: give the block or its class as the Java "
            "model, and the file as saved."
        )
    return _torchscript(path, training)


def _torchscript(path: Path, training: bool) -> nn.Module:
    """A TorchScript file, loaded by DJL."""
    if not path.is_file():
        raise ArgumentError(f"{str(path)!r} is no file: a TorchScript model is needed.")
    start()
    model = java_class("ai.djl.Model").newInstance(path.stem, "PyTorch")
    try:
        # Without this option the parameters are made for inference, and have no gradients.
        options = java_class("java.util.Map").of("trainParam", "true")
        model.load(_java_path(path.parent), path.name, options)
    except java_class("java.lang.Exception") as exc:
        raise ArgumentError(
            f"DJL cannot load {str(path)!r} as TorchScript ({_reason(exc)}): save the model by "
            "torch.jit.script or torch.jit.trace and its save()."
        ) from exc
    # DJL loads it in evaluation mode, but runs it as in training, which leaves it gradients. To
    # put the block into evaluation mode would take them away.
    if training:
        java_class("ai.djl.pytorch.jni.JniUtils").enableTrainingMode(model.getBlock())
    module: Any = _module_of(model, model.getBlock())
    module.hides_buffers = True  # DJL gives the parameters only
    return module  # type: ignore[no-any-return]


def _with_parameters(java: Any, path: Path) -> nn.Module:
    """A block with the weights of a file that DJL's ``Model.save`` wrote."""
    file = _newest_parameters(path) if path.is_dir() else path
    if not file.is_file():
        raise ArgumentError(f"{str(path)!r} is no file: a .params file of DJL's is needed.")
    with file.open("rb") as opened:
        if opened.read(len(_MAGIC)) != _MAGIC:  # DJL would load nothing and say nothing
            raise ArgumentError(f"{str(file)!r} is no file of weights that DJL's Model.save wrote.")
    start()
    block = java
    if isinstance(java, nn.Module):
        block = getattr(java, "block", None)
        if block is None:
            raise ArgumentError(
                "saved weights are loaded into a DJL block, and the Java model is a torch module: "
                "give the block, its class or a function that makes it."
            )
    elif not isinstance(java, java_class("ai.djl.nn.Block")) and (
        isinstance(java, str) or callable(java)
    ):
        block = make_block(java)
    if not isinstance(block, java_class("ai.djl.nn.Block")):
        raise ArgumentTypeError(f"weights are loaded into a DJL Block, and {java!r} is none.")
    model = java_class("ai.djl.Model").newInstance(file.stem, "PyTorch")
    model.setBlock(block)
    try:
        model.load(
            java_class("java.io.FileInputStream")(str(file.resolve())),
            java_class("java.util.Map").of(),
        )
    except java_class("java.lang.Exception") as exc:
        raise ArgumentError(
            f"DJL cannot load {str(file)!r} into {block.getClass().getName()} ({_reason(exc)}): "
            "it must be what Model.save wrote of the same block."
        ) from exc
    if not file.read_bytes().endswith(_written(block)):  # DJL leaves what it does not need
        raise ArgumentError(
            f"{str(file)!r} has more weights than {block.getClass().getName()} takes: it must be "
            "what Model.save wrote of the same block."
        )
    return _module_of(model, block)


def _written(block: Any) -> bytes:
    """The weights of a block as DJL writes them, at the end of a file."""
    stream = java_class("java.io.ByteArrayOutputStream")()
    block.saveParameters(java_class("java.io.DataOutputStream")(stream))
    return bytes(stream.toByteArray())


def _newest_parameters(folder: Path) -> Path:
    """Of ``name-0000.params``, ``name-0001.params``, ... the last."""
    found = sorted(folder.glob("*.params"))
    if not found:
        raise ArgumentError(f"the folder {str(folder)!r} has no file *.params of DJL's.")
    names = {re.sub(r"-\d+$", "", file.stem) for file in found}
    if len(names) > 1:
        raise ArgumentError(
            f"the folder {str(folder)!r} has the weights of several models, "
            f"{', '.join(sorted(names))}: name the file."
        )
    return found[-1]


def _module_of(model: Any, block: Any) -> nn.Module:
    module: Any = from_block(block)
    module.java_model = model  # which frees its block when Java collects it
    return module  # type: ignore[no-any-return]


def _java_path(path: Path) -> Any:
    return java_class("java.nio.file.Paths").get(str(path.resolve()))


def _reason(exc: Any) -> str:
    lines = str(exc.getMessage() or exc.getClass().getSimpleName()).splitlines()
    return lines[0].rstrip(".") if lines else "no reason given"
