"""assert_same in a test: silent where all is well, the whole report where it is not."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import pydjl
from pydjl.testing import assert_same


def test_the_same_model_passes_and_gives_its_report():
    report = assert_same(pydjl.nn.Conv2d(2, 3, (2, 3)), nn.Conv2d(2, 3, (2, 3)),
                         torch.randn(1, 2, 5, 6))  # fmt: skip
    assert report.ok


def test_another_model_fails_with_the_layer_and_the_cause():
    java = nn.Sequential(pydjl.nn.Linear(3, 4), pydjl.nn.LeakyReLU(0.2))
    python = nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.1))
    with pytest.raises(AssertionError, match=r"They part at layer '1 LeakyReLU'") as caught:
        assert_same(java, python, torch.randn(5, 3))
    assert "another activation" in str(caught.value)
    assert_same(java, python, torch.randn(5, 3), tolerance=pydjl.comparison.Tolerance(1.0, 1.0))
