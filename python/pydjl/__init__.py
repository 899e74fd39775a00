"""Deep Java Library layers from Python, on PyTorch's own tensors and in its autograd graph.

Importing starts no Java: the virtual machine starts when something needs it, or at `start`. Rooms
that not every program uses are imported when they are first asked for, as `pydjl.nn` is.
"""

from __future__ import annotations

import typing as _typing

from pydjl import _interpreter

_interpreter.check_main_interpreter()  # nothing below imports in another one

from pydjl._version import __version__ as __version__
from pydjl.errors import PydjlError as PydjlError
from pydjl.ndarray import NDArray as NDArray
from pydjl.ndarray import array as array
from pydjl.ndarray import concat as concat
from pydjl.ndarray import from_dlpack as from_dlpack
from pydjl.ndarray import from_java as from_java
from pydjl.ndarray import from_numpy as from_numpy
from pydjl.ndarray import from_torch as from_torch
from pydjl.ndarray import stack as stack
from pydjl.ndarray import where as where
from pydjl.runtime import start as start

if _typing.TYPE_CHECKING:
    from pydjl import chapter as chapter
    from pydjl import comparison as comparison
    from pydjl import conv_arithmetic as conv_arithmetic
    from pydjl import lab as lab
    from pydjl import nn as nn
    from pydjl import reference as reference
    from pydjl import testing as testing
    from pydjl import training as training
    from pydjl.nn.functional import corr2d as corr2d
    from pydjl.twins import compare as compare
else:
    from importlib import import_module as _import_module

    _ROOMS = (
        *("chapter", "comparison", "conv_arithmetic", "lab"),
        *("nn", "reference", "testing", "training"),
    )
    _HOMES = {"compare": "pydjl.twins", "corr2d": "pydjl.nn.functional"}

    def __getattr__(name: str) -> object:
        """Import what is first asked for now (PEP 562)."""
        if name in _ROOMS:
            return _import_module(f"pydjl.{name}")
        if name in _HOMES:
            value = globals()[name] = getattr(_import_module(_HOMES[name]), name)
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *_ROOMS, *_HOMES})
