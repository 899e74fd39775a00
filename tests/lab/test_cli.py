"""The laboratory's commands: what they print and write, and their exit status."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from pydjl.cli import _laboratory as cli
from pydjl.cli._numpy_files import read_npy
from pydjl.errors import ArgumentError
from pydjl.lab import presets
from pydjl.lab.resnet import torch_stem


def run(*arguments):
    return CliRunner().invoke(cli.app, [str(each) for each in arguments])


def sums(text):
    """The last number of each row that starts with an output cell."""
    return [line.split()[-1] for line in text.splitlines() if line.strip().startswith("(")]


def test_trace_prints_the_courses_nine_positions():
    done = run("trace")
    assert done.exit_code == 0
    assert sums(done.stdout) == ["160"] * 3 + ["240"] * 3 + ["320"] * 3
    assert "9 sums are those of DJL's convolution." in done.stdout


def test_trace_of_the_chapters_edges_by_numbers():
    done = run("trace", "--input", "edges", "--kernel", "1,-1", "--count", "7")
    assert sums(done.stdout) == ["0", "1", "0", "0", "0", "-1", "0"]
    assert "7 of 42 steps" in done.stdout


def test_trace_of_one_step_and_of_a_narrow_kernel():
    done = run("trace", "--input", "counting", "--kernel", "5", "--count", 1)
    assert "1 sum is that of DJL's convolution." in done.stdout
    first = done.stdout.splitlines()[0].split()
    assert first == ["input", "kernel"]


def test_trace_with_stride_padding_and_bias():
    done = run("trace", "--input", "counting", "--kernel", "0,1;2,3", "--stride", "3,2",
               "--padding", "1", "--bias", "0.5")  # fmt: skip
    assert sums(done.stdout) == ["0.5", "8.5", "6.5", "8.5"]


@pytest.mark.parametrize("name", presets.PRESETS)
def test_trace_of_every_preset(name):
    done = run("trace", "--input", name, "--kernel", "1", "--count", 3)
    expected = getattr(presets, name)().flatten()[:3].tolist()
    assert [float(each) for each in sums(done.stdout)] == pytest.approx(expected)


def test_all_presets_are_listed():
    made = {name for name, each in vars(presets).items() if inspect.isfunction(each)}
    assert set(presets.PRESETS) == made


@pytest.mark.parametrize(
    ("number", "kernel", "bias", "expected"),
    [
        (16777217, "1", "0", "16777217"),
        (16777217, "1.0", "1", "16777218"),
        (16777217, "identity", "0", "16777217"),
        (2**40 + 1, "1", "0", f"{2**40 + 1}"),
        (-1, f"{2**53 + 1}", "0", f"{-(2**53) - 1}"),
        (16777217, "2", "0.0", f"{2 * 16777217}"),
    ],
)
def test_whole_numbers_stay_whole_and_are_shown_wholly(tmp_path, number, kernel, bias, expected):
    np.save(tmp_path / "x.npy", np.full((3, 4), number))
    done = run("trace", "--input", tmp_path / "x.npy", "--kernel", kernel, "--bias", bias,
               "--count", 1)  # fmt: skip
    assert sums(done.stdout) == [expected]


@pytest.mark.parametrize(
    ("dtype", "kernel", "bias", "expected"),
    [
        ("float64", ".1,.2", "0", 0.1 + 0.2),
        ("float64", "1,1", ".1", 2.1),
        ("int64", ".1,.2", "0", 0.1 + 0.2),
        ("int64", "1,1", ".1", 2.1),
        ("int64", "1e30,0", "0", 1e30),
        ("int64", "1,1", "1e30", 1e30),
        ("int64", "inf,1", "0", np.inf),
        ("float32", ".1,.2", "0", np.float32(0.1) + np.float32(0.2)),
        ("float16", "1e9,0", "0", 1e9),
    ],
)
def test_numbers_are_as_exact_as_the_input(tmp_path, monkeypatch, dtype, kernel, bias, expected):
    np.save(tmp_path / "x.npy", np.ones((2, 3), dtype))
    accounts = []
    real = cli.trace
    monkeypatch.setattr(cli, "trace", lambda *each: accounts.append(real(*each)) or accounts[0])
    assert run("trace", "--input", tmp_path / "x.npy", "--kernel", kernel, "--bias", bias
               ).exit_code == 0  # fmt: skip
    assert accounts[0][0].sum.item() == expected


def test_trace_of_files_and_into_files(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(12).reshape(3, 4))
    out = ["--figure", tmp_path / "s.svg", "--gif", tmp_path / "s.gif"]
    done = run("trace", "--input", tmp_path / "x.npy", "--kernel", "1,1", "--start", 2,
               "--count", 3, *out)  # fmt: skip
    assert sums(done.stdout) == ["5", "9", "11"]
    assert (tmp_path / "s.svg").stat().st_size > 1000
    with Image.open(tmp_path / "s.gif") as gif:
        assert gif.n_frames == 3
    Image.new("RGB", (6, 5), (51, 51, 0)).save(tmp_path / "x.png")
    done = run("trace", "--input", tmp_path / "x.png", "--kernel", "1;1;1", "--count", 1)
    assert sums(done.stdout) == ["1.2"]


def test_a_sum_that_does_not_agree_is_exit_status_1(monkeypatch):
    monkeypatch.setattr("pydjl.lab.trace_step.Step.agrees", False)
    done = run("trace")
    assert done.exit_code == 1
    assert "differ" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trace", "--input", "nothing"], "ramp, edges, counting, shapes, diagonal, gradient"),
        (["trace", "--kernel", f"1{'0' * 400}"], "an array cannot be made"),
        (
            ["trace", "--input", "none.npy"],
            "none.npy' cannot be read as an array of numbers: No such file",
        ),
        (["trace", "--input", "none.png"], "none.png cannot be read: No such file"),
        (["trace", "--kernel", "Soble"], "no kernel 'Soble'"),
        (["trace", "--kernel", "1,2;3"], "--kernel is '1,2;3', but rows of one length"),
        (["trace", "--kernel", "1,1,1,1,1,1"], "kernel_size 6"),
        (["trace", "--stride", "0"], "stride"),
        (["trace", "--stride", "x"], "'x' is not one or two whole numbers"),
        (["trace", "--padding", "-1"], "padding"),
        (["trace", "--start", "9"], "there are 9 steps"),
        (["trace", "--count", "1", "--gif", "s.png"], "s.png does not end in .gif"),
        (["trace", "--figure", "/no/such/folder/s.png"], "cannot be written"),
        (["gallery", "--out", "x.nothing"], "x.nothing cannot be written"),
        (["gallery", "none.png"], "none.png cannot be read"),
        (["features", "--weights", "none.pt"], "none.pt cannot be read"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(arguments, words):
    done = run(*arguments)
    assert isinstance(done.exception, ArgumentError)
    assert words in str(done.exception)
    assert "\n" not in str(done.exception)


def npy(header, numbers=b""):
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + numbers


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "reading magic string"),
        (b"import torch", "magic string is not correct"),
        (npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3"), "EOF"),
        (npy(b"{'descr': '<f8', [1]: False, 'shape': (3, 3), }\n"), "unhashable type: 'list'"),
        (npy(b"[" * 3000), ""),
        (npy(b"{'descr': 7, 'fortran_order': False, 'shape': (3, 3), }\n"), "descr"),
        (npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3), }\n"), "read all data"),
        (npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 3), }\n" % 2**70), "large"),
        (npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 3), }\n" % 2**50), "24."),
        (npy(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"), "Object arrays"),
        (npy(b"{'descr': '<U1', 'fortran_order': False, 'shape': (0,), }\n"), "numpy.str_"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_file_that_is_no_array_of_numbers_is_one_sentence(tmp_path, content, words):
    (tmp_path / "x.npy").write_bytes(content)
    for option in ("--input", "--targets"):
        with pytest.raises(ArgumentError) as raised:
            read_npy(option, tmp_path / "x.npy")
        text = str(raised.value)
        assert text.startswith(f"{option} '{tmp_path / 'x.npy'}' cannot be read as an array of num")
        assert words in text
        assert "\n" not in text
    done = run("trace", "--input", tmp_path / "x.npy")
    assert isinstance(done.exception, ArgumentError)


def test_files_of_any_byte_order_and_order_of_memory_are_read(tmp_path):
    numbers = np.arange(6.0).reshape(2, 3)
    for saved in (numbers, numbers.astype(">f8"), np.asfortranarray(numbers), numbers[::-1]):
        np.save(tmp_path / "x.npy", saved)
        found = read_npy("--input", tmp_path / "x.npy")
        assert found.dtype == torch.float64
        assert np.array_equal(found.numpy(), saved)


def test_gallery_tells_of_every_kernel_and_draws_them(tmp_path):
    Image.effect_noise((40, 30), 50).save(tmp_path / "x.jpg")
    done = run("gallery", tmp_path / "x.jpg", "--out", tmp_path / "all.png")
    assert done.exit_code == 0
    assert "30×40" in done.stdout
    assert all(kernel.name in done.stdout for kernel in cli.GALLERY)
    with Image.open(tmp_path / "all.png") as drawn:
        assert drawn.width > 800


def test_features_are_equal_and_their_weights_are_named(tmp_path):
    done = run("features", "--out", tmp_path / "maps.png")
    assert done.exit_code == 0
    text = " ".join(done.stdout.split())
    assert "random weights: 9,408 weights, 64 feature maps of 112×112" in text
    assert "equal to the last bit" in text
    assert (tmp_path / "maps.png").stat().st_size > 10_000
    state = torch_stem().state_dict()
    torch.save(state, tmp_path / "mine.pt")
    torch.save({"conv1.weight": state["conv1.weight"]}, tmp_path / "one.pt")
    for name in ("mine.pt", "one.pt"):
        assert f"weights from {name}" in run("features", "--weights", tmp_path / name).stdout
    torch.save({"conv1.weight": torch.full((64, 3, 7, 7), torch.nan)}, tmp_path / "nan.pt")
    done = run("features", "--weights", tmp_path / "nan.pt", "--out", tmp_path / "nan.png")
    assert done.exit_code == 0
    torch.save({"bn1.weight": state["bn1.weight"]}, tmp_path / "other.pt")
    done = run("features", "--weights", tmp_path / "other.pt")
    assert "other.pt lacks conv1.weight: it holds bn1.weight" in str(done.exception)


def test_importing_the_commands_imports_no_pictures():
    script = (
        "import sys, pydjl.cli; "
        "print([m for m in ('matplotlib', 'PIL', 'skimage', 'safetensors') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydjl.lab.pictures", None)
    done = run("gallery")
    assert "pip install 'pydjl[lab]'" in str(done.exception)
