from __future__ import annotations

import pytest

from pydjl.runtime import java_class


def digits_net():
    """A small network of DJL's blocks, without normalisation: each sample counts by itself."""
    shape = java_class("ai.djl.ndarray.types.Shape")
    block = java_class("ai.djl.nn.SequentialBlock")()
    convolution = java_class("ai.djl.nn.convolutional.Conv2d").builder()
    block.add(convolution.setFilters(4).setKernelShape(shape([3, 2])).build())
    block.add(java_class("ai.djl.nn.Activation").reluBlock())
    block.add(java_class("ai.djl.nn.Blocks").batchFlattenBlock())
    block.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(5).build())
    return block


@pytest.fixture
def make_block():
    return digits_net
