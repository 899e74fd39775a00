from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.testing._comparison import default_tolerances

from pydjl.comparison import TOLERANCES, Tolerance, default_tolerance
from pydjl.errors import ArgumentError, DtypeError


@pytest.mark.parametrize("name", TOLERANCES)
def test_the_table_is_that_of_torch_testing(name):
    rtol, atol = default_tolerances(getattr(torch, name))
    assert default_tolerance(name) == Tolerance(rtol=rtol, atol=atol)
    assert default_tolerance(np.dtype(name)) == TOLERANCES[name]


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        TOLERANCES["float32"] = Tolerance(1.0, 1.0)


@pytest.mark.parametrize("dtype", ["O", "U3", "M8[s]", "V4"])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(DtypeError, match=f"dtype {np.dtype(dtype).name.replace('[', '.')}"):
        default_tolerance(dtype)


@pytest.mark.parametrize("value", [-1e-9, math.inf, math.nan])
@pytest.mark.parametrize("field", ["rtol", "atol"])
def test_impossible_tolerances(field, value):
    with pytest.raises(ArgumentError, match=f"{field} is {value}"):
        Tolerance(**({"rtol": 0.0, "atol": 0.0} | {field: value}))
