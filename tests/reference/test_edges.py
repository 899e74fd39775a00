from __future__ import annotations

import torch

from pydjl.reference import edge_image, edge_kernel


def test_the_image_is_white_with_four_black_columns():
    image = edge_image()
    assert image.dtype == torch.float32
    assert image.tolist() == [[1, 1, 0, 0, 0, 0, 1, 1]] * 6


def test_the_kernel_is_a_horizontal_difference():
    kernel = edge_kernel()
    assert kernel.dtype == torch.float32
    assert kernel.tolist() == [[1, -1]]


def test_each_call_makes_its_own_image():
    edge_image().zero_()
    assert edge_image().sum() == 24
