"""from_block: copies and pickles are new blocks with the old state."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
import textwrap

import pytest
import torch
from torch import nn

from pydjl.nn import from_block


def assert_same_state(module, other):
    ours, others = module.state_dict(), other.state_dict()
    assert list(ours) == list(others)
    for name, tensor in ours.items():
        assert torch.equal(tensor, others[name]), name


def test_deepcopy_has_its_own_block_and_all_of_the_state(small_net):
    module = from_block(small_net.block)
    x = torch.randn(small_net.input_shape)
    module(x)
    module.get_submodule("0").requires_grad_(False)
    module.note = [1, 2]
    module.register_forward_hook(lambda m, args, output: -output)
    module.eval()
    twin = copy.deepcopy(module)
    assert type(twin) is type(module)
    assert_same_state(twin, module)
    assert torch.equal(twin(x), module(x))
    assert not twin.training
    assert twin.note == [1, 2]
    assert twin.note is not module.note
    assert [p.requires_grad for p in twin.parameters()] == [False] * 2 + [True] * 4
    with torch.no_grad():
        twin.get_submodule("3").weight.zero_()
        twin.get_submodule("3").bias.zero_()
    assert not twin(x).any()
    assert module(x).any()
    pair = copy.deepcopy(nn.ModuleList([module, module]))
    assert pair[0] is pair[1]


def test_deepcopy_of_an_uninitialized_module(djl):
    twin = copy.deepcopy(from_block(lambda: djl.linear(2)))
    assert not twin.is_initialized
    assert twin(torch.ones(1, 3)).shape == (1, 2)


def test_without_a_recipe_there_is_no_copy(djl):
    module = from_block(djl.linear(2))
    for copier, word in ((copy.deepcopy, "copied"), (pickle.dumps, "pickled")):
        with pytest.raises(TypeError, match=f"{word}.*function"):
            copier(module)


def test_pickling_goes_to_a_fresh_process(djl, tmp_path):
    (tmp_path / "recipes.py").write_text(
        textwrap.dedent("""
        from pydjl.runtime import java_class
        def net():
            block = java_class("ai.djl.nn.SequentialBlock")()
            block.add(java_class("ai.djl.nn.core.Linear").builder().setUnits(4).build())
            block.add(java_class("ai.djl.nn.norm.BatchNorm").builder().build())
            return block
        """)
    )
    sys.path.insert(0, str(tmp_path))
    try:
        import recipes
    finally:
        sys.path.remove(str(tmp_path))
    try:
        module = from_block(recipes.net)
        x = torch.randn(5, 3)
        module(x)
        module.eval().get_submodule("0").requires_grad_(False)
        copied = pickle.loads(pickle.dumps(module))
        assert torch.equal(copied(x), module(x))
        torch.save({"module": module, "x": x, "y": module(x)}, tmp_path / "all.pt")
    finally:
        del sys.modules["recipes"]
    script = """
        import torch
        saved = torch.load("all.pt", weights_only=False)
        module = saved["module"]
        print(torch.equal(module(saved["x"]), saved["y"]), module.training,
              [p.requires_grad for p in module.parameters()])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stdout == "True False [False, False, True, True]\n", done.stderr


def test_a_module_by_its_class_name_is_pickled_by_it():
    module = from_block("ai.djl.nn.SequentialBlock")
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    assert repr(torch.load(buffer, weights_only=False)) == repr(module)
