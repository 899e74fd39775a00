"""Layers and their functions, computed by DJL.

The room may import `pydjl.ndarray`, `pydjl.runtime` and `pydjl.errors`. Start reading at
`functional.py`.
"""

from __future__ import annotations

from pydjl.nn import functional as functional
