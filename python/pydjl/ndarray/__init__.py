"""Arrays: `torch.Tensor` and DJL's NDArray, the same memory seen from both languages.

The only room that holds native handles and element types. Python owns every tensor; Java borrows
it for the length of one call (`exchange.py`). It may import `pydjl.runtime` and `pydjl.errors`.
Start reading at `array.py`, and at `calls.py` for the way of one operation to Java and back.
"""

from __future__ import annotations

from pydjl.ndarray.array import NDArray as NDArray
from pydjl.ndarray.calls import call_java as call_java
from pydjl.ndarray.calls import call_java_for as call_java_for
from pydjl.ndarray.calls import call_java_with_list as call_java_with_list
from pydjl.ndarray.calls import lend_to_java as lend_to_java
from pydjl.ndarray.creation import array as array
from pydjl.ndarray.creation import as_tensor as as_tensor
from pydjl.ndarray.creation import from_dlpack as from_dlpack
from pydjl.ndarray.creation import from_java as from_java
from pydjl.ndarray.creation import from_numpy as from_numpy
from pydjl.ndarray.creation import from_torch as from_torch
from pydjl.ndarray.creation import like as like
from pydjl.ndarray.joining import concat as concat
from pydjl.ndarray.joining import stack as stack
from pydjl.ndarray.joining import where as where
