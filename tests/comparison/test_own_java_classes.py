"""A network that a user has compiled, its layers inside of its own classes, with planted faults."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pydjl.runtime.libraries import find_jars

HERE = Path(__file__).parent

# Of each fault, which ends with the number of its layer, the cause.
FAULTS = {
    "turned 0": "flipped kernel",
    "turned 4": "flipped kernel",
    "bias 0": "missing bias",
    "bias 4": "missing bias",
    "bias 9": "missing bias",
    "bias 12": "missing bias",
    "padding 0": "another padding",
    "padding 4": "another padding",
    "stride 0": "another stride",
    "dilation 0": "another dilation",
    "epsilon 1": "another epsilon",
    "epsilon 10": "another epsilon",
    "mode 1": "another mode",
    "mode 7": "another mode",
    "usual slope 2": "another activation",
    "odd slope 2": "another activation",
    "relu 2": "another activation",
    "relu 5": "another activation",
    "sigmoid 11": "another activation",
    "nothing 11": "another activation",
    "logarithm 13": "another activation",
    "mean 3": "another pooling",
    "maximum 6": "another pooling",
    "overlap 3": "another stride",
    "ceil 3": "another rounding",
    "channels last 8": "channels last",
    "half 11": "another scale",
    "transposed 12": "transposed weights",
    "axis 13": "another axis",
    "dtype 13": "another dtype",
}


@pytest.fixture(scope="module")
def jar(tmp_path_factory):
    if shutil.which("javac") is None:
        pytest.skip("no javac here")
    folder = tmp_path_factory.mktemp("own")
    path = ":".join(map(str, find_jars()))
    sources = sorted(HERE.glob("*.java"))
    subprocess.run(
        ["javac", "--release", "11", "-cp", path, "-d", folder / "classes", *sources], check=True
    )
    subprocess.run(["jar", "cf", folder / "own.jar", "-C", folder / "classes", "."], check=True)
    return folder / "own.jar"


@pytest.fixture(scope="module")
def found(jar):
    done = subprocess.run(
        [sys.executable, HERE / "run_own_net.py", jar, *FAULTS],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_inside_of_a_class_of_ones_own_is_found_at_its_layer(found, fault):
    report = found[fault]
    assert not report["ok"]
    assert report["first"].split()[0] == fault.split()[-1], report["text"]
    assert report["causes"] == [FAULTS[fault]], report["text"]


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_a_right_class_of_ones_own_is_not_blamed(found, number):
    report = found[f"right {number}"]
    assert report["ok"], report["text"]
    assert not report["causes"]
    assert report["layers"] == 14  # each by itself


def test_a_class_by_its_name_on_the_command_line(jar):
    """Its weights differ in shape from where its fault is on; that fault is named all the same."""
    done = subprocess.run(
        [
            sys.executable, "-m", "pydjl", "compare", "--java", "org.example.PaddedNet",
            "--classpath", jar, "--python", "run_own_net:twin", "--input", "5x3x13x15",
        ],
        capture_output=True, text=True, check=False, timeout=300, cwd=HERE,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert "They part at layer '4 Conv2d'" in done.stdout
    assert "another padding" in done.stdout
    assert "no partner" in done.stdout
