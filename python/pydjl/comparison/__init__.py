"""Measures how far two results are apart, one from Java and one from Python.

This room knows neither of the two sides: it sees objects that NumPy can read (``__array__``), or
torch tensors, and may import NumPy and `pydjl.errors` only. It can therefore be tested against
planted faults without Java.

Start reading in `difference.py`; `ulp.py` says what a unit in the last place is, `tolerance.py`
holds the one table of tolerances.
"""

from __future__ import annotations

from pydjl.comparison.difference import Difference as Difference
from pydjl.comparison.difference import compare_values as compare_values
from pydjl.comparison.tolerance import TOLERANCES as TOLERANCES
from pydjl.comparison.tolerance import Tolerance as Tolerance
from pydjl.comparison.tolerance import default_tolerance as default_tolerance
from pydjl.comparison.ulp import ulp_distance as ulp_distance
