"""Measures how far two results, or two models, are apart: one from Java and one from Python.

This room knows neither of the two sides: it sees objects that NumPy can read (``__array__``),
torch tensors and torch modules, and may import NumPy, torch, rich, jinja2 and `pydjl.errors` only.
It can therefore be tested against planted faults without Java.

Start reading in `difference.py` (two results) and `models.py` (two models, whose layers
`streams.py` compares as they run). `ulp.py` says what a unit in the last place is, `tolerance.py`
holds the one table of tolerances, `html.py` writes the page.
"""

from __future__ import annotations

from pydjl.comparison.causes import Cause as Cause
from pydjl.comparison.difference import Difference as Difference
from pydjl.comparison.difference import compare_values as compare_values
from pydjl.comparison.error_map import ErrorMap as ErrorMap
from pydjl.comparison.models import compare_models as compare_models
from pydjl.comparison.report import Report as Report
from pydjl.comparison.report import Row as Row
from pydjl.comparison.steps import Step as Step
from pydjl.comparison.steps import train as train
from pydjl.comparison.tolerance import TOLERANCES as TOLERANCES
from pydjl.comparison.tolerance import Tolerance as Tolerance
from pydjl.comparison.tolerance import default_tolerance as default_tolerance
from pydjl.comparison.trainings import compare_steps as compare_steps
from pydjl.comparison.ulp import ulp_distance as ulp_distance
from pydjl.comparison.weights import parameter_mapping as parameter_mapping
