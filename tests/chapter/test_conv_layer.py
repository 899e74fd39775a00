"""The chapter from Python: its numbers, its comparison, its switches."""

from __future__ import annotations

import pytest
import torch

from pydjl.chapter import run
from pydjl.errors import ShapeError


def test_every_number_of_the_chapter():
    facts = run("cpu", initial=(0.002919, -0.007190)).to_json()
    assert facts["engine"] == "DJL 0.35.1, PyTorch 2.7.1"
    assert facts["device"] == "cpu"
    assert facts["corr2d"] == [[19, 25], [37, 43]]
    assert facts["edge_map"] == [[0, 1, 0, 0, 0, -1, 0]] * 6
    assert facts["transposed_edge_map"] == [[0] * 5] * 8
    assert facts["learning"]["losses"][1::2] == pytest.approx(
        [0.12571818, 0.09935227, 0.07851635, 0.06205021, 0.04903732], abs=5e-9
    )
    assert len(facts["learning"]["losses"]) == 10
    assert facts["learning"]["weight"] == pytest.approx([0.4475203, -0.4476680], abs=5e-8)
    assert facts["ok"] is True


def test_bit_equal_where_the_kernels_are_the_same_and_a_reason_where_not():
    for row in run("cpu").to_json()["comparison"]:
        assert row["ok"]
        same_kernel = row["against"] in ("the same loop in PyTorch", "PyTorch's learning")
        assert row["bit_equal"] or (not same_kernel and row["why"])


def test_the_sections_come_in_the_books_order():
    numbers = [section.number for section in run("cpu").sections]
    assert numbers == ["6.2.1", "6.2.2", "6.2.3", "6.2.4", "6.2.5"]


def test_the_seed_decides_the_start_and_the_generator_is_left_alone():
    before = torch.random.get_rng_state()
    first, again, other = run("cpu", seed=3), run("cpu", seed=3), run("cpu", seed=4)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert first.learning.losses == again.learning.losses
    assert first.learning.losses != other.learning.losses


def test_as_printed_swings_and_still_agrees_with_torch():
    chapter = run("cpu", initial=(0.0, 0.0), as_printed=True)
    assert chapter.ok
    assert chapter.learning.losses[6] == pytest.approx(0.0000255, abs=5e-8)
    assert chapter.learning.losses[9] == pytest.approx(0.060945, abs=6e-7)


def test_a_start_of_another_size_is_refused():
    with pytest.raises(ShapeError, match="3 were given"):
        run("cpu", initial=(1.0, 2.0, 3.0))


@pytest.mark.gpu
def test_the_chapter_on_a_gpu():
    facts = run("gpu(0)", initial=(0.002919, -0.007190)).to_json()
    assert facts["device"] == "gpu(0)"
    assert facts["ok"]
