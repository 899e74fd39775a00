"""Feature maps: of any layer, to the bit those of torch; weights from files, and bad files."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from skimage import data
from torch import nn

import pydjl
from pydjl.errors import ArgumentError, NotSupportedError, ShapeError
from pydjl.lab.feature_maps import feature_maps
from pydjl.lab.pictures import astronaut
from pydjl.lab.resnet import NAMES, java_stem, network_input, torch_stem
from pydjl.lab.weights import load_weights


@pytest.fixture(scope="module")
def picture():
    return network_input(astronaut())


def trained_stem():
    """A stem whose normalisation has statistics as after a training."""
    stem = torch_stem()
    with torch.no_grad():
        for tensor in (stem.bn1.weight, stem.bn1.bias, stem.bn1.running_mean):
            tensor.normal_()
        stem.bn1.running_var.uniform_(0.5, 2)
    return stem


def test_lecture_first_layer_has_64_maps_of_112_by_112_and_9408_weights(picture):
    found = feature_maps(torch_stem(), picture, "conv1")
    assert picture.shape == (3, 224, 224)
    assert found.maps.shape == (64, 112, 112)
    assert found.parameters == 9408


def test_java_twin_of_the_first_layer_is_equal_to_the_last_bit(picture):
    native = trained_stem()
    ours = feature_maps(java_stem(native), picture, "0")
    theirs = F.conv2d(picture[None], native.conv1.weight, stride=2, padding=3)[0]
    assert ours.parameters == 9408
    assert torch.equal(ours.maps, theirs)


@pytest.mark.parametrize(("ours", "theirs"), [*NAMES.items(), ("", "")])
def test_java_twin_of_every_layer_is_equal_to_the_last_bit(picture, ours, theirs):
    native = trained_stem()
    java = java_stem(native)
    found = feature_maps(java, picture, ours).maps
    assert torch.equal(found, feature_maps(native, picture, theirs).maps)


def test_random_java_stems_differ(picture):
    first, second = (feature_maps(java_stem(), picture).maps for _ in range(2))
    assert first.std() > 0
    assert not torch.equal(first, second)


def test_maps_of_a_layer_of_pydjl_inside_of_torchs_modules():
    conv = pydjl.nn.Conv2d(2, 3, (2, 4))
    network = nn.Sequential(nn.Identity(), nn.Sequential(conv, nn.ReLU()), nn.Flatten())
    X = torch.rand(2, 6, 9)
    found = feature_maps(network, X, "1.0", weights="mine")
    torch.testing.assert_close(found.maps, F.conv2d(X[None], conv.weight, conv.bias)[0])
    assert (found.layer, found.weights, found.parameters) == ("1.0", "mine", 3 * 2 * 8 + 3)


def test_layers_behind_the_layer_do_not_run():
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(12345, 1))
    assert feature_maps(network, torch.rand(5, 6), "0").maps.shape == (2, 3, 4)


def test_the_network_stays_as_it_was():
    network = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 2, 1)).train()
    network[1].eval()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    feature_maps(network, torch.rand(4, 4), "0")
    feature_maps(network, torch.rand(4, 4))
    assert [each.training for each in network.modules()] == [True, True, False]
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert not any(each._forward_hooks for each in network.modules())
    with pytest.raises(RuntimeError):
        feature_maps(network, torch.rand(3, 4, 4))
    assert [each.training for each in network.modules()] == [True, True, False]
    assert not any(each._forward_hooks for each in network.modules())


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.unused = nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1)

    def forward(self, x):
        return self.used(x)


@pytest.mark.parametrize(
    ("network", "shape", "layer", "error", "words"),
    [
        (nn.Sequential(nn.ReLU()), (4, 4), "conv1", ArgumentError, "there are: 0"),
        (Branching(), (4, 4), "unused", ArgumentError, "does not run its layer 'unused'"),
        (nn.Flatten(), (4, 4), "", ShapeError, r"\(1, 16\)"),
        (nn.ReLU(), (1, 1, 4, 4), "", ShapeError, r"\(1, 1, 4, 4\)"),
    ],
)
def test_what_has_no_maps_is_refused(network, shape, layer, error, words):
    with pytest.raises(error, match=words):
        feature_maps(network, torch.ones(shape), layer)


def test_the_figure_shows_16_maps_and_says_that_weights_are_random(picture, tmp_path):
    found = feature_maps(torch_stem(), picture, "conv1")
    figure = found.figure()
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == [f"Channel {n}" for n in range(16)]
    assert found.weights == "random weights"
    assert figure.get_suptitle() == (
        "Layer conv1: 16 of 64 feature maps of 112×112, random weights"
    )
    shown = figure.axes[5].images[0].get_array()
    assert np.array_equal(shown, found.maps[5].numpy())
    assert len({axes.images[0].get_clim() for axes in figure.axes[:16]}) == 1
    figure.savefig(tmp_path / "maps.png")
    with pytest.raises(ArgumentError, match="count is 0"):
        found.figure(0)


@pytest.mark.parametrize("suffix", ["pt", "safetensors"])
def test_weights_of_a_whole_network_from_a_file(tmp_path, picture, suffix):
    other = trained_stem()
    state = {key: value.clone() for key, value in other.state_dict().items()}
    state["fc.weight"] = torch.ones(1000, 512)
    del state["bn1.num_batches_tracked"]
    path = tmp_path / f"resnet18.{suffix}"
    save_file(state, path) if suffix == "safetensors" else torch.save(state, path)
    expected = other.eval()(picture[None])[0]
    for module, names in ((torch_stem(), None), (java_stem(), NAMES)):
        source = load_weights(module, path, names)
        found = feature_maps(module, picture, weights=source)
        assert torch.equal(found.maps, expected)
        assert f"weights from resnet18.{suffix}" in found.figure(1).get_suptitle()


def files(tmp_path):
    class Code:
        def __reduce__(self):
            return print, ("code ran",)

    state = torch_stem().state_dict()
    torch.save({**state, "conv1.weight": torch.ones(64, 1, 7, 7)}, tmp_path / "shape.pt")
    torch.save({key: value for key, value in state.items() if "bn1" in key}, tmp_path / "key.pt")
    torch.save([1, 2], tmp_path / "list.pt")
    torch.save({"conv1.weight": 5}, tmp_path / "numbers.pt")
    torch.save(Code(), tmp_path / "code.pt")
    torch.save(state, tmp_path / "whole.pt")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "whole.pt").read_bytes()[:5000])
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "text.pt").write_bytes(b"no weights")
    (tmp_path / "text.safetensors").write_bytes(b"no weights at all")
    (tmp_path / "empty.safetensors").write_bytes(b"")


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("shape.pt", ShapeError, r"conv1\.weight has the shape \(64, 1, 7, 7\), not \(64, 3, 7, 7"),
        ("key.pt", ArgumentError, r"key\.pt lacks conv1\.weight: it holds bn1"),
        ("list.pt", ArgumentError, "does not hold a state dict"),
        ("numbers.pt", ArgumentError, "does not hold a state dict"),
        ("code.pt", ArgumentError, r"tensors alone"),
        ("cut.pt", ArgumentError, "damaged"),
        ("empty.pt", ArgumentError, "damaged"),
        ("text.pt", ArgumentError, "damaged"),
        ("text.safetensors", ArgumentError, "no safetensors file"),
        ("empty.safetensors", ArgumentError, "no safetensors file"),
        ("none.pt", FileNotFoundError, "none.pt"),
        ("none.safetensors", FileNotFoundError, "none.safetensors"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_nothing_is_loaded(
    tmp_path, capsys, name, error, words
):
    files(tmp_path)
    stem = torch_stem()
    before = {key: value.clone() for key, value in stem.state_dict().items()}
    with pytest.raises(error, match=words):
        load_weights(stem, tmp_path / name)
    assert all(torch.equal(before[key], value) for key, value in stem.state_dict().items())
    assert "code ran" not in capsys.readouterr().out


def test_safetensors_that_is_not_installed(tmp_path, monkeypatch):
    (tmp_path / "w.safetensors").write_bytes(b"x")
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    with pytest.raises(NotSupportedError, match="pip install safetensors"):
        load_weights(torch_stem(), tmp_path / "w.safetensors")


def test_network_input_is_resized_and_normalised():
    photograph = Image.fromarray(data.astronaut()).resize((224, 224), Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.asarray(photograph) / 255.0).permute(2, 0, 1).float()
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    expected = (values - mean[:, None, None]) / deviation[:, None, None]
    # Pillow rounds to whole numbers of 255.
    assert (network_input(astronaut()) - expected).abs().max() < 1.01 / 255 / 0.224


def test_grey_pictures_of_any_size_become_network_input():
    grey = network_input(torch.full((30, 50), 0.5))
    assert grey.shape == (3, 224, 224)
    assert torch.allclose(grey[2], torch.tensor((0.5 - 0.406) / 0.225))
    for shape in ((4, 9, 9), (9,), (3, 0, 9)):
        with pytest.raises(ShapeError, match="network_input"):
            network_input(torch.ones(shape))
