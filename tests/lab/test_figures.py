"""Every figure of the sources: files that can be read, with labels, the same bytes each time."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
import torch
from PIL import Image

from pydjl.lab import operator_figures
from pydjl.lab.figures import FIGURES, save_figure, write_figures

# What stands in each figure: titles, axes with their units, numbers of the inventory.
TEXTS = {
    "cross-correlation": ["4×0 + 5×1 + 7×2 + 8×3 = 43", "input X", "output Y[1, 1]"],
    "edges": ["X ⋆ [[1, −1]], (6, 7)", "column j (pixels)", "row i (pixels)", "−1"],
    "convolution": ["K turned by 180°", "29"],
    "receptive-field": ["input: 3×3 pixels", "first layer: 2×2 cells"],
    "trace": ["Y[0, 0] = 160", "Y[1, 2] = 240", "Y[2, 2] = 320", "250"],
    "trace-step": ["Y[0, 0] = 160", "products"],
    "kernel-gallery": ["Sobel X", "Emboss", "Diagonal up"],
    "kernel-gallery-shapes": ["Sobel X", "result of the kernels that add up to zero,"],
    "astronaut-edges": ["column (pixels)", "difference of brightness (black 0, white 1)"],
    "feature-maps": [
        "Layer conv1 of ResNet-18, by DJL: 16 of 64 feature maps of 112×112, random weights",
        "Channel 15",
    ],
    "toeplitz": [
        "K = [[1, −1]] on 6×8: (42, 48), 84 of 2016 not zero (white 1, black −1)",
        "output cell (row by row)",
    ],
    "learning-djl-edition": ["loss (mean of half squared errors)", "step", "closed form"],
    "learning-jax-edition": ["loss (sum of squared errors)", "DJL", "PyTorch"],
    "learning-path": ["weight w₁", "weight w₂", "solution [1, −1]"],
    "learning-rates": ["Past the stable rate, 2.8", "rate 2.8 (100% of the limit)"],
    "learning-bias": ["sum, rate 0.03, with bias", "size of the bias |b|"],
    "learning-added-gradients": ["gradients added up", "number of updates"],
}
QUICK = ["cross-correlation", "convolution", "receptive-field", "trace-step", "toeplitz"]


def svg_texts(path):
    root = ET.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return {"".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")}


def check_files(name, files):
    png, svg = files
    assert (png.name, svg.name) == (f"{name}.png", f"{name}.svg")
    with Image.open(png) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert min(picture.size) > 200
        grey = np.asarray(picture.convert("L"))
    # In black and white it still has ink, light and dark.
    assert grey.std() > 5
    assert grey.min() < 60
    assert grey.max() > 200
    texts = svg_texts(svg)
    for words in TEXTS[name]:
        assert words in texts, (words, texts)


@pytest.mark.parametrize("name", QUICK)
def test_a_figure_is_a_readable_png_and_svg_the_same_each_time(name, tmp_path):
    first = save_figure(FIGURES[name](), tmp_path / name)
    check_files(name, first)
    (tmp_path / "again").mkdir()
    second = save_figure(FIGURES[name](), tmp_path / "again" / name)
    assert [each.read_bytes() for each in first] == [each.read_bytes() for each in second]


@pytest.mark.slow
def test_all_figures_of_the_sources_are_written_the_same_each_time(tmp_path):
    before = torch.get_rng_state()
    files = write_figures(tmp_path / "a" / "b")
    assert torch.equal(before, torch.get_rng_state())
    assert [each.stem for each in files[::2]] == list(TEXTS)
    for number, name in enumerate(TEXTS):
        check_files(name, files[2 * number : 2 * number + 2])
    assert sorted(files) == sorted((tmp_path / "a" / "b").iterdir())
    # Another seed and other settings of the user's must not matter.
    torch.manual_seed(99)
    with mpl.rc_context({"svg.hashsalt": None}):
        again = write_figures(tmp_path / "c")
    for one, other in zip(files, again, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_writing_changes_no_setting_of_matplotlib(tmp_path):
    before = dict(mpl.rcParams)
    save_figure(FIGURES["convolution"](), tmp_path / "convolution")
    assert dict(mpl.rcParams) == before
    assert (
        "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    )


def test_the_numbers_drawn_are_those_that_djl_computed(monkeypatch, tmp_path):
    """Whoever changes the operator changes the figure."""
    real = operator_figures.convolve2d
    monkeypatch.setattr(operator_figures, "convolve2d", lambda X, K: real(X, K) + 1000)
    _, svg = save_figure(operator_figures.convolution_figure(), tmp_path / "convolution")
    assert {"1005", "1011", "1023", "1029"} <= svg_texts(svg)


def test_the_receptive_field_is_framed_around_the_ways_that_gradients_found():
    figure = operator_figures.receptive_field_figure()
    shown = -figure.axes[0].images[0].get_array()
    assert np.array(shown)[1:4, 2:5].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    assert np.count_nonzero(shown) == 9
    frames = [(patch.get_xy(), patch.get_width()) for patch in figure.axes[0].patches]
    assert frames == [((1.5, 0.5), 3)]


def test_importing_pydjl_and_its_command_imports_no_matplotlib():
    program = "import sys, pydjl, pydjl.cli; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
