from __future__ import annotations

import pytest
import torch
from hypothesis import settings

# A library's first call loads code, and machines are busy: how long an example takes proves
# nothing here. `--hypothesis-profile=thorough` looks longer.
settings.register_profile("pydjl", deadline=None, max_examples=40, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("pydjl")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU, visibly, where there is none."""
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker("gpu"):
            item.add_marker(pytest.mark.skip(reason="torch finds no CUDA GPU here"))


def _torch_settings() -> dict[str, object]:
    return {
        "gradients": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "threads": torch.get_num_threads(),
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
    }


@pytest.fixture(autouse=True)
def torch_is_left_alone():
    """Seed torch before every test, and see that its settings survive the test."""
    torch.manual_seed(20250)
    before = _torch_settings()
    yield
    assert _torch_settings() == before
