"""The names that PyTorch's modules have, and each once."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from pydjl.nn import from_block
from pydjl.nn.parameter_names import block_names, child_names, parameter_names


def names_of(module):
    return [name for name, _ in module.named_parameters()]


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_recurrent_layers_have_torchs_names(djl, kind):
    block = djl.built(
        f"recurrent.{kind}", setStateSize=4, setNumLayers=2, optBidirectional=True,
        optHasBiases=False,
    )  # fmt: skip
    twin = getattr(nn, kind)(3, 4, 2, bias=False, bidirectional=True)
    assert names_of(from_block(block)) == names_of(twin)


def test_names_that_a_module_uses_itself_get_a_stroke(djl):
    free = ["weight", "conv"]
    names = child_names("org.Net", [("01block", 0), ("02forward", 0), ("03conv", 0)], taken)
    assert names == ["block_", "forward_", "conv"]
    assert parameter_names([("training", "OTHER"), ("weight", "WEIGHT")], taken) == [
        "training_",
        "weight",
    ]
    assert not any(map(taken, free))


def taken(name):
    return hasattr(nn.Module(), name) or name == "block"


PARAMETER_TYPES = ("WEIGHT", "BIAS", "GAMMA", "BETA", "RUNNING_MEAN", "RUNNING_VAR", "OTHER")
NAMES = st.text("abAB_.01", min_size=1, max_size=4)


@given(st.lists(st.tuples(NAMES, st.sampled_from(PARAMETER_TYPES)), max_size=6))
def test_every_parameter_has_a_name_of_its_own(parameters):
    names = parameter_names(parameters, taken)
    register(names, lambda module, name: module.register_buffer(name, torch.zeros(1)))


@given(st.lists(NAMES, max_size=6))
def test_every_child_has_a_name_of_its_own(children):
    numbered = [(f"{i + 1:02d}{name}", None) for i, name in enumerate(children)]
    names = child_names("org.example.Net", numbered, taken)
    register(names, lambda module, name: module.add_module(name, nn.Identity()))


@given(st.lists(st.text("a_.", min_size=1, max_size=4), unique=True, max_size=6))
def test_every_tensor_has_a_name_of_its_own_in_djl(names):
    given_names = block_names(names)
    assert len(set(given_names)) == len(names)
    assert not any("." in name for name in given_names)


def register(names, add):
    module = nn.Module()
    for name in names:
        add(module, name)
    assert len(set(names)) == len(names)
