"""Weights of Java's blocks in safetensors files, and out of them."""

from __future__ import annotations

import torch
from safetensors.torch import load_file, load_model, save_file, save_model
from torch import nn

from pydjl.nn import from_block
from pydjl.runtime import java_class


def test_files_go_to_torchs_twin_and_come_back(make_block, tmp_path):
    module = from_block(make_block)
    x = torch.randn(3, 2, 7, 7)
    y = module(x)
    save_model(module, str(tmp_path / "java.safetensors"))
    twin = nn.Sequential(nn.Conv2d(2, 4, (3, 2)), nn.ReLU(), nn.Flatten(), nn.Linear(120, 5))
    load_model(twin, str(tmp_path / "java.safetensors"))
    assert torch.equal(twin(x), y)
    save_file(twin.state_dict(), str(tmp_path / "torch.safetensors"))
    other = from_block(make_block)
    other.load_state_dict(load_file(str(tmp_path / "torch.safetensors")))
    assert torch.equal(other(x), y)
    with torch.no_grad():
        other.get_submodule("0").weight.zero_()
    load_model(other, str(tmp_path / "torch.safetensors"))
    assert torch.equal(other(x), y)


def test_normalisation_statistics_go_with_it(tmp_path):
    def norm():
        return from_block(java_class("ai.djl.nn.norm.BatchNorm").builder().build())

    module, twin = norm(), nn.BatchNorm1d(3)
    module(torch.randn(8, 3) + 2)
    save_file(module.state_dict(), str(tmp_path / "norm.safetensors"))
    twin.load_state_dict(load_file(str(tmp_path / "norm.safetensors")), strict=False)
    x = torch.randn(4, 3)
    assert torch.equal(twin.eval()(x), module.eval()(x))
    save_file(twin.state_dict(), str(tmp_path / "twin.safetensors"))
    other = norm()
    other.load_state_dict(load_file(str(tmp_path / "twin.safetensors")))
    assert torch.equal(other.eval()(x), twin(x))
