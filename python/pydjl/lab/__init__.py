"""The convolution laboratory: what is taught about convolutions, computed by DJL.

Each operator and picture is a module of its own; import what you need, for example
``from pydjl.lab import correlation``. Pictures and figures need the extra ``pydjl[lab]``. The room
may import every room below it, `pydjl.reference` and `pydjl.conv_arithmetic`; only `pydjl.cli` may
import it. Start reading at `correlation.py`.
"""

from __future__ import annotations
