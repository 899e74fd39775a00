"""Device names."""

from __future__ import annotations

import pytest
import torch

from pydjl.errors import ArgumentError, DeviceError
from pydjl.runtime import parse_device


@pytest.mark.parametrize("name", ["cpu", "cpu()", torch.device("cpu")])
def test_the_cpu(name):
    assert parse_device(name) == torch.device("cpu")


@pytest.mark.parametrize("name", ["tpu", "gpu(", "gpu()", "cuda:x", "cpu0", "", "gpu(-1)"])
def test_unknown_names_are_refused(name):
    with pytest.raises(ArgumentError, match="none of cpu"):
        parse_device(name)


@pytest.mark.parametrize("name", ["gpu(99)", "cuda:99", torch.device("cuda:99")])
def test_a_gpu_that_is_not_there(name):
    with pytest.raises(DeviceError, match=r"99.*use device 'cpu'"):
        parse_device(name)


@pytest.mark.parametrize(("name", "index"), [("gpu", 0), ("gpu(1)", 1), ("cuda", 0), ("cuda:1", 1)])
def test_names_of_gpus(monkeypatch, name, index):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert parse_device(name) == torch.device("cuda", index)
    assert parse_device(None) == torch.device("cuda", 0)
