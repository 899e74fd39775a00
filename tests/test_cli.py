"""The command: exit status, one JSON object, one sentence for an error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import pydjl as package


def pydjl(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from pydjl.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_chapter_prints_the_books_lines_and_nothing_on_stderr():
    done = pydjl("chapter", "--device", "cpu", "--initial", ".002919,-.007190")
    assert done.returncode == 0
    assert done.stderr == ""
    for line in (
        "[[19., 25.],",
        "batch 2 loss: 0.12571818",
        "batch 10 loss: 0.04903732",
        "[[ 0.4475, -0.4477],",
        "DJL and PyTorch agree.",
    ):
        assert line in done.stdout


def test_chapter_json_is_one_object():
    done = pydjl("chapter", "--device", "cpu", "--seed", "7", "--json")
    assert done.returncode == 0
    facts = json.loads(done.stdout)
    assert set(facts) == {
        "engine", "device", "corr2d", "edge_map", "transposed_edge_map", "learning",
        "comparison", "ok",
    }  # fmt: skip
    assert set(facts["learning"]) == {"initial", "losses", "weight"}
    assert {"name", "max_abs_diff", "max_ulp", "bit_equal", "ok"} <= set(facts["comparison"][0])


def test_json_holds_only_what_json_has():
    done = pydjl("chapter", "--device", "cpu", "--initial", "1e38,0", "--json")
    facts = json.loads(done.stdout, parse_constant=pytest.fail)
    assert facts["learning"]["losses"][0] is None


def test_a_disagreement_is_exit_status_1():
    script = (
        "import dataclasses, pydjl.cli as cli\n"
        "real = cli._chapter.run\n"
        "def wrong(*a, **k):\n"
        "    run = real(*a, **k)\n"
        "    row = run.comparison[0]\n"
        "    bad = dataclasses.replace(row.difference, ok=False, note='planted')\n"
        "    rows = (dataclasses.replace(row, difference=bad), *run.comparison[1:])\n"
        "    return dataclasses.replace(run, comparison=rows)\n"
        "cli._chapter.run = wrong\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "chapter", "--device", "cpu"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "They differ: corr2d against the same loop in PyTorch." in done.stdout
    assert "planted" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chapter", "--device", "gpu(99)"], "gpu(99)"),
        (["chapter", "--device", "tpu"], "tpu"),
        (["chapter", "--initial", "1"], "two numbers"),
        (["chapter", "--initial", "a,b"], "two numbers"),
        (["chapter", "--initial", "nan,0"], "finite"),
        (["chapter", "--seed", "99999999999999999999"], "seed"),
        (["chapter", "--frobnicate"], "--frobnicate"),
    ],
)
def test_what_cannot_be_run_is_exit_status_2_and_a_sentence_on_stderr(arguments, words):
    done = pydjl(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_ticks_every_fact():
    done = pydjl("doctor")
    assert done.returncode == 0, done.stdout
    for fact in ("Java", "DJL", "0.35.1", "one libtorch", "grad mode", "kept"):
        assert fact in done.stdout
    assert "✗" not in done.stdout


def test_doctor_says_the_way_out_of_a_broken_java(tmp_path):
    done = pydjl("doctor", PYDJL_JAVA_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "✗" in done.stdout
    assert "PYDJL_JAVA_HOME" in done.stdout


def test_version():
    assert pydjl("--version").stdout.startswith("pydjl 0.")


def test_the_table_of_comparisons_is_whole_on_80_columns():
    import io

    from rich.console import Console

    from pydjl.chapter import print_run, run

    console = Console(file=io.StringIO(), width=80, highlight=False)
    finished = run("cpu")
    print_run(finished, console)
    text = console.file.getvalue()
    for row in finished.comparison:
        line = next(
            line for line in text.splitlines()
            if row.difference.name in line and row.against in line and "✓" in line
        )  # fmt: skip
        assert f" {row.difference.max_abs_diff:.3g} " in line
        assert line.rstrip().endswith(("yes", "no"))
    assert "…" not in text
    assert "Not bit-equal, random 13×17 ⋆ 3×5 against F.conv2d" in " ".join(text.split())


def test_a_learning_that_diverges_is_told():
    done = pydjl("chapter", "--device", "cpu", "--initial", "1e38,-1e38")
    assert done.returncode == 0
    assert "agree, but the learning diverges in both." in done.stdout


def test_python_m_pydjl_is_pydjl():
    done = subprocess.run(
        [sys.executable, "-m", "pydjl", "--version"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("pydjl ")
    assert done.returncode == 0


def pydjl_into(stdout, *arguments, **environment):
    """Into a file or a pipe, as Python buffers them where nothing forbids it."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, "-m", "pydjl", *arguments],
        stdout=stdout, stderr=subprocess.PIPE, text=True, check=False, timeout=120,
        env={**inherited, **environment},
    )  # fmt: skip


# By Python, by typer and by rich.
PRINTED_BY_EACH_MEANS = [("--version",), ("--help",), ("trace", "--count", "1")]


@pytest.mark.parametrize("environment", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "not"])
@pytest.mark.parametrize("arguments", PRINTED_BY_EACH_MEANS, ids=lambda words: words[0])
def test_what_cannot_be_written_is_status_2(arguments, environment):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w") as full:
        done = pydjl_into(full, *arguments, **environment)
    assert done.returncode == 2
    assert done.stderr.startswith("pydjl: ")
    assert "No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("environment", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "not"])
@pytest.mark.parametrize("arguments", PRINTED_BY_EACH_MEANS, ids=lambda words: words[0])
def test_what_nobody_reads_ends_quietly_with_the_status_of_other_programs(arguments, environment):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = pydjl_into(writer, *arguments, **environment)
    finally:
        os.close(writer)
    assert done.returncode == 128 + signal.SIGPIPE
    assert done.stderr == ""


def test_an_error_that_cannot_be_told_keeps_its_status():
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pydjl", "trace", "--start", "99"],
            stdout=full, stderr=full, check=False, timeout=120,
        )  # fmt: skip
    assert done.returncode == 2


@pytest.mark.parametrize("kind", ["KeyError", "EOFError"])
def test_a_defect_is_status_2_and_can_be_reported(kind):
    script = (
        "import pydjl.cli as cli\n"
        "def broken(*a, **k):\n"
        f"    raise {kind}('planted')\n"
        "cli._chapter.run = broken\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "chapter"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert "in broken" in done.stderr
    assert f"{kind}: " in done.stderr
    assert "planted" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("pydjl: this is a defect of pydjl")


def test_a_stream_that_knows_no_signs_of_multiplication_gets_question_marks():
    done = pydjl("chapter", "--device", "cpu", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "0?0 + 1?1" in done.stdout


# A jar that is no jar of blocks.
GSON = str(next((Path(package.__file__).parent / "jars").glob("gson-*.jar")))

NETS = """
import torch
from torch import nn

def twin():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 2))

def deeper():
    return nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 2))

def wider():
    return nn.Sequential(nn.Linear(3, 5))

def double(x):
    return 2 * x

nothing = 3

def none():
    return None

def broken():
    raise RuntimeError("out of order")
"""


@pytest.fixture
def nets(tmp_path, monkeypatch):
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "unfinished.py").write_text("def twin(")
    monkeypatch.chdir(tmp_path)
    namespace = {}
    exec(NETS, namespace)
    torch.jit.trace(namespace["twin"](), torch.ones(4, 3)).save("twin.pt")
    np.save("words.npy", np.array(["a", "b"]))
    np.save("x.npy", np.ones((4, 3), dtype=np.float32))
    return tmp_path


def test_compare_alone_checks_everything_in_the_package():
    done = pydjl("compare")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "All agree." in done.stdout
    for kind in ("corr2d float32", "layer", "learning", "conv3d float64 gradient"):
        assert kind in done.stdout


def test_compare_a_java_model_with_a_python_one(nets):
    arguments = ("compare", "--java", "twin.pt", "--python", "nets:twin", "--own-weights")
    for given in ("5x3", "x.npy"):
        done = pydjl(*arguments, "--input", given)
        assert done.returncode == 0, done.stderr
        assert "Both agree." in done.stdout
    done = pydjl(
        "compare", "--java", "ai.djl.nn.SequentialBlock", "--python", "nets:double",
        "--input", "5x3", "--json", "report.json",
    )  # fmt: skip
    assert done.returncode == 1
    assert "They part at output" in done.stdout
    assert not json.loads((nets / "report.json").read_text())["ok"]


def test_compare_trains_and_writes_a_page(nets):
    np.save("classes.npy", np.array([0, 1, 0, 1]))
    for targets in ((), ("--targets", "classes.npy")):
        done = pydjl(
            "compare", "--java", "twin.pt", "--python", "nets:twin", "--input", "x.npy",
            "--steps", "2", "--lr", "0.5", "--html", "report.html", *targets,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "step 2 weight" in done.stdout
        page = (nets / "report.html").read_text()
        assert page.startswith("<!DOCTYPE html>")
        assert "<polyline" in page


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--classpath", "missing.jar"), "missing.jar"),
        (("--classpath", GSON), "no Java class"),
        (("--saved", "net.params"), "no Java class"),
        (("--steps", "2", "--targets", "words.npy"), "--targets"),
        (("--seed", "99999999999999999999999"), "--seed is 99999999999999999999999, but"),
        (("--seed", "-1"), "--seed is -1, but it must be from 0 to 2**63 - 1"),
    ],
    ids=str,
)
def test_options_that_cannot_be_used_are_status_2_and_one_sentence(nets, options, words):
    (nets / "net.params").write_bytes(b"DJL@")
    done = pydjl(
        "compare", "--java", "no.such.Block", "--python", "nets:twin", "--input", "x.npy", *options
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_model_with_more_layers_differs_by_these(nets):
    done = pydjl("compare", "--java", "twin.pt", "--python", "nets:deeper", "--input", "4x3")
    assert (done.returncode, done.stderr) == (1, "")
    assert "missing layer" in done.stdout


def test_models_with_other_sizes_of_weights_cannot_be_compared(nets):
    done = pydjl("compare", "--java", "twin.pt", "--python", "nets:wider", "--input", "4x3")
    assert done.returncode == 2
    assert "They part" in done.stdout or "differs" in done.stdout
    assert "no partner" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("java", "python", "given", "words"),
    [
        ("no.such.Block", "nets:twin", "4x3", "no Java class"),
        ("java.util.ArrayList", "nets:twin", "4x3", "ArrayList"),
        ("nets.py", "nets:twin", "4x3", "TorchScript"),
        ("twin.pt", "nets", "4x3", "MODULE:NAME"),
        ("twin.pt", "nets:missing", "4x3", "missing"),
        ("twin.pt", "nets:nothing", "4x3", "no model"),
        ("twin.pt", "nets:none", "4x3", "NoneType"),
        ("twin.pt", "nets:broken", "4x3", "out of order"),
        ("twin.pt", "torch:relu", "4x5", "mat1 and mat2"),
        ("missing.pt", "nets:twin", "4x3", "no file"),
        ("twin.pt", "missing:twin", "4x3", "missing"),
        ("twin.pt", "unfinished:twin", "4x3", "never closed"),
        ("twin.pt", "nets:twin", "4x", "shape like"),
        ("twin.pt", "nets:twin", "0x3", "shape like"),
        ("twin.pt", "nets:twin", "nets.npy", "cannot be read"),
        ("twin.pt", "nets:twin", "words.npy", "array of numbers"),
        ("twin.pt", "nets:twin", "99999999999x99999999999", "cannot be made: Storage size"),
        ("twin.pt", "nets:twin", f"{2**70}x3", "cannot be made"),
        ("ai.djl.nn.core.Linear", "nets:twin", "4x3", "without arguments"),
        ("net.params", "nets:twin", "4x3", "no layers"),
        ("twin.pt", "nets:twin", "nets.safetensors", "cannot be read"),
    ],
)
def test_what_cannot_be_compared_is_status_2_and_one_sentence(nets, java, python, given, words):
    done = pydjl("compare", "--java", java, "--python", python, "--input", given)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_a_comparison_needs_both_models_and_an_input():
    done = pydjl("compare", "--java", "ai.djl.nn.SequentialBlock")
    assert done.returncode == 2
    assert "--python" in done.stderr
