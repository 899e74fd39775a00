"""The programs that the calculator writes run as they are, and print the page's output."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pydjl.runtime import jvm

PROBLEMS = {
    "plain": {"input": [[[0, 1, 2], [3, 4, 5], [6, 7, 8]]], "kernels": [[[[0, 1], [2, 3]]]],
              "bias": [0.5]},
    "one cell": {"input": [[[2]]], "kernels": [[[[-3]]]], "bias": [0]},
    "turned, the odd zero before": {
        "input": [[[1, 2, 3, 4], [5, 6, 7, 9]]], "kernels": [[[[1, -1, 2, 0], [3, 1, 0, 1]]]],
        "bias": [-1], "operation": "convolution", "mode": "same",
    },
    "the odd zero after, steps": {
        "input": [[[1, 2, 3, 4, 5], [5, 6, 7, 9, 2]]] * 2, "kernels": [[[[1, -1]]] * 2] * 3,
        "bias": [-1, 0, 1], "mode": "same", "stride": [1, 3], "dilation": [1, 3],
    },
    "full": {"input": [[[1, 0.25], [-0.5, 1e-6]]], "kernels": [[[[1, 2, 3], [4, 5, 6]]]],
             "bias": [0], "mode": "full", "operation": "convolution"},
    "large": {
        "input": (np.arange(3 * 64 * 64).reshape(3, 64, 64) % 2003 - 999.25).tolist(),
        "kernels": (np.arange(4 * 3 * 15 * 15).reshape(4, 3, 15, 15) % 5 - 2).tolist(),
        "bias": [1, 2, 3, 4], "mode": "numbers", "padding": [2, 1], "stride": [5, 7],
    },
}  # fmt: skip
JAVA = ["plain", "turned, the odd zero before", "the odd zero after, steps", "large"]


def printed(text):
    """The nested lists that a program printed, with nothing before or after them."""
    assert text.endswith("\n")
    assert text.count("\n") == 1
    return np.array(json.loads(text), dtype=np.float32)


def java_of_a_jdk():
    """A Java that runs a program in one file, which one without a compiler cannot."""
    home = os.environ.get("JAVA_HOME")
    javac = shutil.which("javac", path=f"{home}/bin" if home else None)
    if javac is None:
        pytest.skip("a program in one file needs a JDK, of which there is none on the PATH")
    return Path(javac).resolve().with_name("java")


def programs(client, name):
    problem = PROBLEMS[name]
    output = client.ask("/api/compute", {"problem": problem})["output"]
    return client.ask("/api/code", {"problem": problem}), np.array(output, dtype=np.float32)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("language", ["torch", "numpy"])
def test_a_program_in_python_prints_the_pages_output(client, name, language):
    code, output = programs(client, name)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code[language], language, "exec"), {"__name__": "__main__"})
    np.testing.assert_array_equal(printed(out.getvalue()), output)
    others = {"torch": "numpy", "numpy": "torch"}
    assert "pydjl" not in code[language]
    assert others[language] not in code[language].lower().replace("np.float64", "")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["torch", "numpy"])
def test_a_program_in_python_runs_as_a_process(client, tmp_path, language):
    code, output = programs(client, "the odd zero after, steps")
    file = tmp_path / "program.py"
    file.write_text(code[language], encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    np.testing.assert_array_equal(printed(done.stdout), output)


@pytest.mark.slow
@pytest.mark.parametrize("name", JAVA)
def test_a_program_in_java_runs_with_djl_alone_and_prints_the_pages_output(client, tmp_path, name):
    """As one file, on DJL's jars without ours, on the libtorch that is here."""
    java = java_of_a_jdk()
    code, output = programs(client, name)
    file = tmp_path / "Main.java"
    file.write_text(code["java"], encoding="utf-8")
    jars = [jar for jar in jvm.facts().jars if not Path(jar).name.startswith("pydjl-")]
    assert len(jars) == len(jvm.facts().jars) - 1
    settings = {
        "ai.djl.offline": "true",
        "PYTORCH_LIBRARY_PATH": str(Path(torch.__file__).parent / "lib"),
        "PYTORCH_VERSION": jvm.facts().libtorch.version,
        "PYTORCH_FLAVOR": "cpu",
        "ENGINE_CACHE_DIR": str(jvm.facts().cache),
        "ai.djl.pytorch.num_threads": "1",
    }
    options = [f"-D{key}={value}" for key, value in settings.items()]
    path = ":".join(str(jar) for jar in jars)
    command = [str(java), *options, "-cp", path, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    np.testing.assert_array_equal(printed(done.stdout), output)


def test_the_programs_say_what_they_need_and_what_they_do(client):
    code, _ = programs(client, "turned, the odd zero before")
    assert "/** True convolution of 1 channel(s) of 2×4 with 1 kernel(s) of 2×4." in code["java"]
    assert "ai.djl.pytorch:pytorch-engine" in code["java"]
    assert "kernels.flip(2, 3)" in code["java"]
    assert code["torch"].startswith('"""True convolution of 1 channel(s)')
    assert "Needs NumPy." in code["numpy"]
    plain, _ = programs(client, "plain")
    for program in plain.values():
        assert not re.search(r"flip|pad|::-1", program)
        assert "\n\n\n" not in program
