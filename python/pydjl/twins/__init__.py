"""A Java model and its Python twin, whatever they are given as, brought to a comparison.

`pydjl.comparison` knows neither side; this room loads both and hands them to it as torch modules.
It may import every room below it. Start reading at `compare_twins.py`; `crosscheck.py` compares
what this package itself computes.
"""

from __future__ import annotations

from pydjl.twins.compare_twins import compare as compare
