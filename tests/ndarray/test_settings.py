"""No call changes a setting of torch, whether it fails or not, and each follows the settings."""

from __future__ import annotations

import threading

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

import pydjl
from pydjl.errors import DtypeError, PydjlError


def use_everything() -> None:
    x = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    y = (x @ x).softmax(1)[0, ::2] + x.sum(axis=(0, 1))
    y[0] = 5.0
    pydjl.concat([y, y]).reshape(2, -1).T.java.getShape()
    pydjl.where(x > 1, x, 0).astype("int64") // 2
    repr(y)
    y.copy().detach()


def fail_everywhere() -> None:
    x = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    for attempt in (
        lambda: x + pydjl.array([1.0, 2.0, 3.0]),
        lambda: x.reshape(3),
        lambda: x.reshape(2**70),
        lambda: x[5],
        lambda: x.astype("bfloat16"),
        lambda: pydjl.array([True]).abs(),
        lambda: pydjl.concat([x, x.reshape(4)]),
    ):
        with pytest.raises(PydjlError):
            attempt()


def settings() -> dict[str, object]:
    return {
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "generator": torch.get_rng_state().tolist(),
        "threads": torch.get_num_threads(),
        "interop threads": torch.get_num_interop_threads(),
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "autocast dtype": torch.get_autocast_dtype("cpu"),
        "anomaly": torch.is_anomaly_enabled(),
        "precision": torch.get_float32_matmul_precision(),
        "denormals": (torch.tensor(1e-40) * 1).item(),
        "mkldnn": torch.backends.mkldnn.enabled,
        "cudnn": torch.backends.cudnn.deterministic,
    }


both = pytest.mark.parametrize("use", [use_everything, fail_everywhere])


@both
def test_nothing_changes(use):
    before = settings()
    use()
    assert settings() == before


@both
@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad, torch.inference_mode])
def test_modes_are_kept(use, mode):
    with mode():
        before = settings()
        use()
        assert settings() == before
    assert torch.is_grad_enabled()


@both
def test_settings_of_one_s_own_are_kept(use):
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    try:
        torch.set_num_threads(1)
        torch.set_default_dtype(torch.float64)
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.manual_seed(5)
        before = settings()
        assert before["dtype"] is torch.float64
        use()
        assert settings() == before
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)
        torch.use_deterministic_algorithms(False)


@both
def test_modes_are_kept_in_threads(use, in_thread):
    def look():
        torch.set_grad_enabled(False)
        use()
        return torch.is_grad_enabled()

    assert in_thread(look) is False
    assert in_thread(lambda: (use(), torch.is_grad_enabled())[1]) is True
    assert torch.is_grad_enabled()


def test_a_thread_that_ends_takes_its_mode_along():
    def work():
        with torch.no_grad():
            use_everything()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert (pydjl.from_torch(torch.ones(1, requires_grad=True)) * 2).requires_grad


def test_the_generator_is_not_drawn_from():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    use_everything()
    assert torch.equal(torch.rand(3), expected)


def test_the_default_dtype_is_followed():
    try:
        torch.set_default_dtype(torch.float64)
        assert pydjl.array([1.5]).dtype is torch.float64
        assert (pydjl.array([1, 2]) * 0.5).dtype is torch.float64
        assert (pydjl.array([1, 2]) / 2).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_without_gradients_nothing_is_recorded():
    leaf = torch.ones(2, requires_grad=True)
    array = pydjl.from_torch(leaf)
    with torch.no_grad():
        for result in (array * 2, array[[0]], array.copy(), array.astype("f8"), array.sum()):
            assert not result.requires_grad
        assert array[0].torch().grad_fn is leaf[0].grad_fn is None
        assert array[0].requires_grad == leaf[0].requires_grad  # a view of a leaf is special
        array += 1
    assert leaf.tolist() == [2.0, 2.0]
    assert (array * 2).requires_grad


def test_inference_mode():
    leaf = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        result = pydjl.from_torch(leaf) * 2
        assert result.torch().is_inference()
        result += 1
        result[0] = 7.0
        assert result.tolist() == [7.0, 3.0]
        assert result.java.getFloat(0) == 7.0
    assert (result * 2).tolist() == [14.0, 6.0]
    with pytest.raises(PydjlError, match=r"[Ii]nference"):
        result += 1


def test_gradients_can_be_enabled_within():
    leaf = torch.ones(2, requires_grad=True)
    with torch.no_grad(), torch.enable_grad():
        assert (pydjl.from_torch(leaf) * 2).requires_grad


def test_autocast_is_followed_as_far_as_djl_knows_the_type():
    x = pydjl.array([[1.0, 2.0], [3.0, 4.0]])
    with torch.autocast("cpu", dtype=torch.float16):
        assert (x @ x).dtype is torch.float16
        assert (x + x).dtype is torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16), pytest.raises(DtypeError, match="bfloat16"):
        x @ x
    assert (x @ x).dtype is torch.float32


def test_modes_that_see_every_operation_of_torch():
    """DJL's kernels go through PyTorch's dispatcher, so its modes see them."""
    seen = []

    class Dispatch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            seen.append(str(func))
            return func(*args, **(kwargs or {}))

    class Function(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    x = pydjl.array([1.0, 2.0])
    x.exp()
    with Dispatch():
        assert x.exp().shape == (2,)
    assert seen == ["aten.exp.default"]
    with Function():
        assert (x + x).tolist() == [2.0, 4.0]


@pytest.mark.filterwarnings("ignore:Dynamo does not know")
def test_a_compiled_function_leaves_java_alone():
    """`torch.compile` breaks its graph where Java is called and computes that part as it stands."""
    compiled = torch.compile(lambda x: (pydjl.from_torch(x * 2) + 1).torch() * 3, backend="eager")
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = compiled(x)
    assert y.tolist() == [9.0, 15.0]
    y.sum().backward()
    assert x.grad.tolist() == [6.0, 6.0]
