"""What each target of the Makefile calls, and what it does a second time.

Every tool is a stub that writes its command line into a log, so nothing is installed or built.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIP = "python -m pip install --disable-pip-version-check --editable .[test,lint]"
INSTALL = [PIP, "pydjl prepare"]


def test_plain_make_builds_the_jars_then_a_venv_then_installs(machine) -> None:
    done = machine.make()
    assert done.returncode == 0
    assert machine.calls == ["gradle -q jars", "python3 -m venv .venv", *INSTALL]
    assert "3 GB" in done.stdout


def test_parallel_make_installs_when_the_jars_are_there(machine) -> None:
    made = "mkdir -p python/pydjl/jars && touch python/pydjl/jars/THIRD_PARTY.txt"
    machine.stub("gradle", f'sleep 0.3; {made}; echo "jars are there" >>"$LOG"')
    assert machine.make("--jobs=4").returncode == 0
    assert machine.calls[-3:] == ["jars are there", *INSTALL]


def test_what_gradle_writes_to_its_error_stream_is_kept_back_while_all_is_well(
    machine,
) -> None:
    assert machine.make().stderr == ""


def test_a_failing_gradle_shows_what_it_wrote_and_stops(machine) -> None:
    done = machine.make(FAILING="gradle")
    assert done.returncode != 0
    assert "gradle says why" in done.stderr
    assert machine.calls == ["gradle -q jars"]


def test_a_second_run_does_nothing(installed) -> None:
    assert installed.make().returncode == 0
    assert installed.calls == []
    assert installed.make("--question").returncode == 0


def test_chapter_hands_arguments_on_and_its_exit_status_back(installed) -> None:
    assert installed.make("chapter", "ARGS=--seed 3").returncode == 0
    assert installed.calls == ["pydjl chapter --seed 3"]
    assert installed.make("chapter", FAILING="pydjl").returncode != 0


def test_bench_archives_the_classes_of_today_first(installed) -> None:
    assert installed.make("bench", "ARGS=--quick").returncode == 0
    assert installed.calls == ["pydjl prepare", "python -m benchmarks --quick"]


def test_an_interrupted_install_is_taken_up_again(machine) -> None:
    assert machine.make(FAILING="python").returncode != 0
    assert machine.make().returncode == 0
    assert machine.calls == INSTALL


def test_an_install_that_cannot_be_prepared_serves(machine) -> None:
    done = machine.make(FAILING="pydjl")
    assert done.returncode == 0
    assert "goes without" in done.stderr
    assert machine.make("--question").returncode == 0


def test_an_interrupted_venv_is_taken_up_again(machine) -> None:
    machine.write(".venv/pyvenv.cfg")
    assert machine.make().returncode == 0
    assert machine.calls == ["gradle -q jars", "python3 -m venv .venv", *INSTALL]


def test_a_changed_java_file_runs_gradle_alone(installed) -> None:
    installed.java.touch()
    installed.make()
    assert installed.calls == ["gradle -q jars"]


def test_a_deleted_java_file_runs_gradle_alone(installed) -> None:
    installed.java.unlink()
    installed.make()
    assert installed.calls == ["gradle -q jars"]


def test_a_changed_pyproject_runs_pip_alone(installed) -> None:
    (installed.root / "pyproject.toml").touch()
    installed.make()
    assert installed.calls == INSTALL


def test_a_changed_version_runs_both(installed) -> None:
    installed.version.touch()
    installed.make()
    assert installed.calls == ["gradle -q jars", *INSTALL]


CHECKS = [
    "gradle check",
    "ruff check",
    "ruff format --check",
    "mypy ",
    "lint-imports ",
    "python -m pytest -n logical --maxprocesses=4 --dist=loadfile",
]


def test_test_runs_every_tool_and_pytest_last(installed) -> None:
    assert installed.make("test").returncode == 0
    assert installed.calls == CHECKS


@pytest.mark.parametrize("failing", ["gradle", "ruff", "mypy", "lint-imports", "python"])
def test_test_stops_at_the_first_failure_and_names_it(installed, failing: str) -> None:
    done = installed.make("test", FAILING=failing)
    assert done.returncode != 0
    last = next(index for index, call in enumerate(CHECKS) if call.startswith(failing))
    assert installed.calls == CHECKS[: last + 1]
    assert f"{failing} says why" in done.stderr
    named = re.search(r"make test stopped: (.*) failed", done.stderr)
    assert named is not None
    assert named[1].removeprefix(".venv/bin/") == CHECKS[last].strip()


def test_lint_runs_no_tests(installed) -> None:
    assert installed.make("lint").returncode == 0
    assert installed.calls == [*CHECKS[1:5], "gradle -q checkstyleMain checkstyleTest"]


def test_help_says_what_every_target_does(machine) -> None:
    done = machine.make("help")
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets is not None
    said = re.findall(r"^make (\w+) +\S", done.stdout, re.MULTILINE)
    assert said == targets[1].split()


def test_clean_leaves_the_venv_and_the_sources(installed) -> None:
    before = {path for path in installed.root.rglob("*") if path.is_file()}
    installed.write("dist/a.whl")
    assert installed.make("clean").returncode == 0
    left = {path for path in installed.root.rglob("*") if path.is_file()}
    gone = {path.relative_to(installed.root).as_posix() for path in before - left}
    assert gone == {"build/gradle.err", "python/pydjl/jars/THIRD_PARTY.txt"}
    assert left < before


@pytest.mark.parametrize("status", [0, 2])
def test_ci_runs_make_test_at_the_root_from_wherever_it_is_called(machine, status: int) -> None:
    machine.remove("make")
    machine.stub("make", f'echo "in $PWD" >>"$LOG"; exit {status}')
    done = machine.run("sh", "-c", "cd java && ../.ci/run")
    assert done.returncode == status
    assert machine.calls == ["make test", f"in {machine.root}"]
