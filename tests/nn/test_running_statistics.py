"""Running statistics that are NumPy arrays: updated in place, wherever they lie, or refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from pydjl.errors import ArgumentError
from pydjl.nn import functional


@pytest.mark.parametrize(
    "of",
    [
        lambda zeros: zeros,
        lambda zeros: zeros[::-1],
        lambda zeros: zeros.astype(">f4"),
        lambda zeros: np.repeat(zeros, 2)[::2],
        lambda zeros: np.frombuffer(bytearray(13), dtype="f4", offset=1),
    ],
    ids=["plain", "reversed", "of foreign byte order", "with gaps", "not aligned"],
)
def test_running_statistics_of_numpy_are_updated_wherever_they_lie(of):
    x = np.random.default_rng(5).normal(size=(4, 3)).astype("f4")
    mean, variance = of(np.zeros(3, "f4")), of(np.zeros(3, "f4"))
    means, variances = torch.zeros(3), torch.zeros(3)
    for _ in range(2):
        functional.batch_norm(x, mean, variance, training=True)
        F.batch_norm(torch.from_numpy(x), means, variances, training=True)
    assert mean.any()
    assert mean.tolist() == means.tolist()
    assert variance.tolist() == variances.tolist()
    before = mean.copy(), variance.copy()
    functional.batch_norm(x, mean, variance)
    assert np.array_equal(before, (mean, variance))


@pytest.mark.parametrize("name", ["running_mean", "running_var"])
def test_running_statistics_that_cannot_be_updated_are_refused(name):
    x = np.ones((4, 3), "f4")
    given = {"running_mean": np.zeros(3, "f4"), "running_var": np.ones(3, "f4")}
    given[name] = np.broadcast_to(np.float32(1), (3,))
    with pytest.raises(ArgumentError, match=f"{name} is a read-only NumPy array"):
        functional.batch_norm(x, **given, training=True)
    assert not given["running_mean"][0] or name == "running_mean"
    functional.batch_norm(x, **given)
