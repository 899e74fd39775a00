"""Deep Java Library layers from Python, on PyTorch's own tensors and in its autograd graph.

Importing starts no Java: the virtual machine starts when something needs it, or at `start`.
"""

from __future__ import annotations

from pydjl import _interpreter

_interpreter.check_main_interpreter()  # nothing below imports in another one

from pydjl import comparison as comparison
from pydjl import nn as nn
from pydjl import reference as reference
from pydjl import training as training
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
from pydjl.nn.functional import corr2d as corr2d
from pydjl.runtime import start as start
from pydjl.twins import compare as compare
