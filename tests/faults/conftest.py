"""Wrong values of every kind, and every public function to give them to."""

from __future__ import annotations

import importlib
import inspect
import resource
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import pydjl
from pydjl.runtime import java_class

SURFACE = Path(__file__).resolve().parents[1] / "meta/api_surface.txt"
ROOMS = ("pydjl.NDArray.", "pydjl.nn.functional.", "pydjl.")
# They start Java, run whole programs, or run as long as they are told to.
LEFT_OUT = {"pydjl.start", "pydjl.compare"}

GIGABYTE = 2**30
DTYPES = [
    *(torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64),
    *(torch.complex128, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32),
    torch.int64,
]


def functions() -> list[str]:
    """The public functions and methods whose room is one of `ROOMS`."""
    found = []
    for line in SURFACE.read_text().splitlines():
        name, called, _ = line.partition("(")
        inside = name.removeprefix(next((r for r in ROOMS if name.startswith(r)), name))
        if called and inside and "." not in inside and inside[0].islower():
            found.append(name)
    return sorted(set(found) - LEFT_OUT)


def resolve(name: str) -> Callable[..., Any]:
    """The function of a public name; a method as a function of its object."""
    parts = name.split(".")
    for count in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            found = getattr(found, part)
        return found
    raise LookupError(name)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Any tensor that Python can hold: also those that DJL cannot."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.lists(st.integers(0, 4), max_size=5))
    tensor = torch.arange(int(np.prod(shape))).reshape(shape).to(dtype)
    if dtype.is_floating_point and tensor.numel() and draw(st.booleans()):
        tensor.view(-1)[0] = draw(st.sampled_from([np.inf, -np.inf, np.nan, 1e-45, -0.0]))
    kind = draw(st.sampled_from(KINDS))
    try:
        return kind(tensor)
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError):
        return tensor  # this dtype or shape has no such tensor


KINDS: list[Callable[[torch.Tensor], torch.Tensor]] = [
    *[lambda tensor: tensor] * 6,
    lambda tensor: tensor.clone().requires_grad_(),
    lambda tensor: tensor.mT,
    lambda tensor: tensor[..., ::2],
    lambda tensor: tensor.conj(),
    lambda tensor: tensor.to_sparse(),
    lambda tensor: tensor.to_sparse_csr(),
    lambda tensor: tensor.to("meta"),
    lambda tensor: torch.quantize_per_tensor(tensor, 0.1, 0, torch.quint8),
    lambda tensor: torch.nested.nested_tensor([tensor]),
    torch.nn.Parameter,
    lambda tensor: torch.empty(0).set_(tensor.untyped_storage(), 0, (2, 2), (0, 0)),
]


def closed(tensor: torch.Tensor) -> pydjl.NDArray:
    array = pydjl.from_torch(tensor)
    array.close()
    return array


def wrapped(tensor: torch.Tensor) -> Any:
    """An NDArray where there can be one."""
    try:
        return pydjl.from_torch(tensor)
    except pydjl.PydjlError:
        return tensor


# Not between 4 and 2**33: so many elements would be there, and take long.
integers = st.sampled_from([-(2**40), -2, -1, 0, 1, 2, 3, 4, 2**33, 2**40, 2**63 - 1, 2**63, 2**70])
numbers = st.one_of(
    integers,
    st.booleans(),
    st.sampled_from([0.0, -0.5, 1.5, np.inf, -np.inf, np.nan, 1e300, 1j]),
    st.sampled_from([np.int8(2), np.float64(0.5), np.bool_(True), np.array(3)]),
)
foreign = st.sampled_from(
    [None, "cpu", "same", "float32", "", b"x", object(), {}, {1: 2}, [], (), ..., slice(None), int]
)
arrays = st.one_of(
    *[tensors()] * 2,
    *[tensors().map(wrapped)] * 3,
    st.builds(lambda: closed(torch.ones(2))),
    st.sampled_from(
        [
            np.eye(3)[::-1],
            np.array([["a"]]),
            np.array([1, None]),
            np.ones((2, 3), dtype=">f4"),
            np.broadcast_to(np.float32(1), (2, 2)),
            np.zeros(2, dtype="M8[s]"),
        ]
    ),
    st.builds(lambda: java_class("java.util.HashMap")(2)),
    st.builds(lambda: java_class("java.lang.String")("text")),
)
values: SearchStrategy[Any] = st.one_of(
    *[arrays] * 4,
    *[numbers] * 2,
    foreign,
    st.lists(integers, max_size=4),
    st.lists(st.one_of(numbers, arrays), max_size=3).map(tuple),
)
by_name: dict[str, SearchStrategy[Any]] = {
    "stride": st.one_of(integers, st.lists(integers, max_size=4), values),
    "padding": st.one_of(integers, st.lists(integers, max_size=4), values),
    "dtype": st.one_of(st.sampled_from([*DTYPES, "float32", np.int16, int, "x"]), values),
    "device": st.one_of(st.sampled_from(["cpu", "meta", "gpu(7)", "x"]), values),
}
for name in ("kernel_size", "dilation", "groups", "output_size", "axis", "dim", "shape", "layers"):
    by_name[name] = by_name["stride"]
for name in ("input", "weight", "bias", "tensor", "X", "K", "other", "a", "b"):
    by_name[name] = st.one_of(arrays, arrays, arrays, values)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, list[Any], dict[str, Any]]:
    """A public function and arguments by its signature: often wrong ones, sometimes right."""
    name = draw(st.sampled_from(FUNCTIONS))
    parameters = list(inspect.signature(resolve(name)).parameters.values())
    positional, named = [], {}
    if parameters and parameters[0].name == "self":
        positional.append(draw(st.one_of(tensors().map(wrapped).filter(is_array), closed_arrays)))
        parameters = parameters[1:]
    for each in parameters:
        strategy = by_name.get(each.name, values)
        if each.kind is each.VAR_POSITIONAL:
            positional.extend(draw(st.lists(strategy, max_size=3)))
        elif each.default is each.empty:
            positional.append(draw(strategy))
        elif draw(st.booleans()):
            named[each.name] = draw(strategy)
    return name, positional, named


FUNCTIONS = functions()
closed_arrays = st.builds(lambda: closed(torch.ones(2, 3)))


def is_array(value: object) -> bool:
    return isinstance(value, pydjl.NDArray)


@pytest.fixture(scope="session")
def any_call() -> SearchStrategy[tuple[str, list[Any], dict[str, Any]]]:
    """A public function with any arguments."""
    return calls()


@pytest.fixture(scope="session")
def call() -> Callable[..., Any]:
    """Call a public function by its name."""
    return lambda name, positional, named: resolve(name)(*positional, **named)


# What nearly no argument can be; where one can, the call computes.
WRONG: list[Any] = [
    *("1", "", b"x", None, True, 1.5, np.nan, np.inf, 1j, -1, 0, 2**70, 10**400),
    *([], (), {}, [None], ["1"], (1,) * 7, (True, True), (2**70, 1), object(), ..., int),
    *(np.array(["a"]), np.array([0.5, 2]), torch.tensor([2, 2]), torch.tensor(2.5)),
]


def complaint_about(work: Callable[..., Any], name: str, wrong: Any) -> str | None:
    """What is wrong with an answer to a wrong argument: nothing if it is a result or our error."""
    try:
        work(**{name: wrong})
    except pydjl.PydjlError as exc:
        raw = ("\tat ", "frame #", "No matching overloads", "Cannot convert value")
        is_a_sentence = str(exc) and not any(words in str(exc) for words in raw)
        return None if is_a_sentence else f"the message is {exc}"
    except Exception as exc:
        return f"{type(exc).__name__} is none of ours: {exc}"
    return None


def call_with_one_wrong(
    function: Callable[..., Any],
    valid: Callable[[], dict[str, Any]],
    left_out: Container[str] = (),
    values: Sequence[Any] = WRONG,
) -> None:
    """Call with one argument after the other wrong: each call computes, or the error is ours.

    Args:
        function: what is called, and what shows a difference between a good and a bad state.
        valid: makes the arguments of a call that works: all that there are.
        left_out: those that are not varied.
        values: the wrong ones.
    """

    def work(**changed: Any) -> Any:
        torch.manual_seed(0)
        return function(**{**valid(), **changed})

    expected = work()
    for name in valid():
        for wrong in () if name in left_out else values:
            complaint = complaint_about(work, name, wrong)
            assert not complaint, f"{name}={wrong!r}: {complaint}"
    torch.testing.assert_close(work(), expected, rtol=0, atol=0, equal_nan=True)


@pytest.fixture(scope="session")
def one_wrong() -> Callable[..., None]:
    """Call with one argument after the other wrong."""
    return call_with_one_wrong


@pytest.fixture(scope="session")
def wrong_values() -> list[Any]:
    """What nearly no argument can be."""
    return WRONG


@pytest.fixture(scope="session")
def public_names() -> Callable[[str], set[str]]:
    """The functions and classes right inside of a room, such as ``pydjl.nn.``."""

    def names(room: str) -> set[str]:
        lines = [line for line in SURFACE.read_text().splitlines() if line.startswith(room)]
        called = [line.removeprefix(room).partition("(") for line in lines]
        return {name for name, bracket, _ in called if bracket and "." not in name}

    return names


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Let no array be larger than some gigabytes, whatever the machine has."""
    pydjl.start()
    words = Path("/proc/self/statm").read_text().split()
    size = int(words[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size + 4 * GIGABYTE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
