"""Which weight is which: by name, by order and shape, by a mapping, and never by a guess."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from pydjl.comparison.weights import copy_values, named_values, pair
from pydjl.errors import ArgumentError


def of(**shapes):
    return {name: torch.randn(shape) for name, shape in shapes.items()}


def test_equal_names_are_paired_whatever_their_order():
    found = pair(of(a=(2, 2), b=(2, 2)), of(b=(2, 2), a=(2, 2)))
    assert set(found.pairs) == {("a", "a"), ("b", "b")}


def test_order_and_shape_pair_what_has_other_names():
    found = pair(of(a=(2, 3), b=(2,), c=(4, 2)), of(x=(2, 3), y=(2,), z=(4, 2)))
    assert found.pairs == (("a", "x"), ("b", "y"), ("c", "z"))
    assert not found.only_java
    assert not found.only_python


def test_what_one_side_lacks_is_named_and_the_rest_still_paired():
    found = pair(of(a=(2, 3), c=(4, 2), d=(4,)), of(x=(2, 3), y=(2,), z=(4, 2), u=(4,)))
    assert found.pairs == (("a", "x"), ("c", "z"), ("d", "u"))
    assert found.only_python == ("y",)


def test_unequal_shapes_under_one_name_are_not_paired():
    found = pair(of(w=(2, 3)), of(w=(3, 2)))
    assert not found.pairs
    assert (found.only_java, found.only_python) == (("w",), ("w",))


def test_a_mapping_is_obeyed_and_checked():
    java, python = of(a=(2,), b=(2,)), of(x=(2,), y=(2,), z=(3,))
    found = pair(java, python, {"a": "y", "b": "x"})
    assert found.pairs == (("a", "y"), ("b", "x"))
    assert found.only_python == ("z",)
    for mapping, words in (
        ({"q": "x"}, "'q'.*Java.*a, b"),
        ({"a": "q"}, "'q'.*Python.*x, y, z"),
        ({"a": "z"}, r"\(2,\).*\(3,\)"),
    ):
        with pytest.raises(ArgumentError, match=words):
            pair(java, python, mapping)


def test_values_are_copied_into_java_with_its_dtype():
    java = nn.Linear(3, 2, dtype=torch.float64)
    python = nn.Linear(3, 2)
    ours, theirs = named_values(java), named_values(python)
    copy_values(pair(ours, theirs), ours, theirs)
    assert java.weight.dtype is torch.float64
    assert torch.equal(java.weight.float(), python.weight)
    assert java.weight.requires_grad


def test_statistics_are_values_and_the_count_of_batches_is_not():
    names = list(named_values(nn.Sequential(nn.BatchNorm2d(2))))
    assert names == ["0.weight", "0.bias", "0.running_mean", "0.running_var"]
