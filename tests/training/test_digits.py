"""The example: one network learned by PyTorch, through Java and by DJL's Trainer."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def digits():
    path = Path(__file__).parents[2] / "examples" / "digits.py"
    specification = importlib.util.spec_from_file_location("digits", path)
    module = importlib.util.module_from_spec(specification)
    sys.modules["digits"] = module  # dataclasses look for their module there
    specification.loader.exec_module(module)
    yield module
    del sys.modules["digits"]


@pytest.mark.slow
def test_three_ways_learn_the_same_and_read_97_percent(digits):
    data = digits.Digits.load()
    native, mixed = digits.start()
    trained = digits.start()[1]
    by_torch = digits.train_by_torch(native, data)
    through_java = digits.train_by_torch(mixed, data)
    by_djl = digits.train_by_djl(trained, data)

    # The same kernels in the same order: every loss and every weight is equal to the last bit.
    assert through_java == by_torch
    for name, tensor in native.state_dict().items():
        assert torch.equal(mixed.state_dict()[name], tensor)

    # DJL multiplies by the rate before it adds to the velocity: another rounding, which grows.
    assert by_djl.losses[:100] == pytest.approx(by_torch.losses[:100], rel=1e-4)
    epoch = len(data.batches())
    ours, theirs = (sum(run.losses[-epoch:]) / epoch for run in (by_djl, by_torch))
    assert ours == pytest.approx(theirs, abs=0.01)

    assert min(run.accuracy for run in (by_torch, through_java, by_djl)) >= 0.97


def test_the_test_pictures_are_not_learned_from(digits):
    data = digits.Digits.load()
    assert (len(data.training), len(data.test)) == (1397, 400)
    learned = {bytes(picture.numpy()) for picture in data.training.tensors[0]}
    assert not learned & {bytes(picture.numpy()) for picture in data.test.tensors[0]}
