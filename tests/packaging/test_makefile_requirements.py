"""What the Makefile says and does on a machine that lacks Gradle, a JDK or a fitting Python."""

from __future__ import annotations

import subprocess

import pytest


def refuses(done: subprocess.CompletedProcess[str], sentence: str) -> bool:
    """Whether make failed with this sentence, whole and on one line, and said nothing else."""
    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    return done.returncode != 0 and len(said) == 1 and sentence in said[0]


def test_without_gradle_and_rights_one_sentence_says_how_to_get_it(machine) -> None:
    machine.remove("gradle")
    machine.stub("apt-get")
    machine.stub("sudo", "exit 1")
    done = machine.make("chapter")
    assert refuses(done, "apt-get install gradle, elsewhere see https://gradle.org/install.")
    assert machine.calls == []


def test_without_gradle_and_apt_get_one_sentence_says_how_to_get_it(machine) -> None:
    machine.remove("gradle")
    machine.stub("id", "echo 0")
    assert refuses(machine.make("chapter"), "Gradle 4.4.1 or newer is needed")
    assert machine.calls == []


APT_UPDATE = "apt-get update -qq"
APT_INSTALL = "apt-get install -y -qq --no-install-recommends"


@pytest.mark.parametrize(
    ("tool", "package"), [("gradle", "gradle"), ("javac", "default-jdk-headless")]
)
@pytest.mark.parametrize("user", ["0", "1000"])
def test_with_the_rights_what_lacks_is_installed_without_a_question(
    machine, user: str, tool: str, package: str
) -> None:
    install = f"{APT_INSTALL} {package}"
    expected = [APT_UPDATE, install]
    if user != "0":
        as_root = "sudo -n env DEBIAN_FRONTEND=noninteractive"
        expected = [f"sudo -n {APT_UPDATE}", APT_UPDATE, f"{as_root} {install}", install]
    kept = (machine.bin / tool).rename(machine.bin.parent / tool)
    machine.stub("id", f"echo {user}")
    machine.stub("sudo", 'shift; exec "$@"')
    machine.stub(
        "apt-get",
        f"""
        [ "$1" = install ] || exit 0
        echo "frontend $DEBIAN_FRONTEND" >>"$LOG"
        cat {kept} >{machine.bin}/{tool} && chmod +x {machine.bin}/{tool}""",
    )
    done = machine.make()
    assert done.returncode == 0
    assert done.stderr == ""
    assert machine.calls[:-3] == [*expected, "frontend noninteractive", "gradle -q jars"]


def test_when_apt_get_fails_its_words_and_the_way_out_are_shown(machine) -> None:
    machine.remove("gradle")
    machine.stub("id", "echo 0")
    machine.stub("apt-get", "echo 'no network' >&2; exit 100")
    done = machine.make()
    assert done.returncode != 0
    assert "no network" in done.stderr
    assert "https://gradle.org/install" in done.stderr


def test_without_a_jdk_and_rights_one_sentence_says_how_to_get_it(machine) -> None:
    machine.remove("javac")
    machine.stub("apt-get")
    machine.stub("sudo", "exit 1")
    done = machine.make()
    assert refuses(done, "there is no javac on the PATH")
    assert "apt-get install default-jdk-headless" in done.stderr
    assert machine.calls == []


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_392"])
def test_an_old_jdk_is_named_with_its_version(machine, version: str) -> None:
    machine.javac(version)
    assert refuses(machine.make(), f"javac is of version {version.partition('_')[0]}:")


def test_java_home_decides_and_is_named_where_it_holds_no_jdk(machine) -> None:
    home = machine.root / "no-jdk"
    assert refuses(machine.make(JAVA_HOME=str(home)), f"JAVA_HOME names {home}, where none lies")
    machine.javac("21", home / "bin")
    machine.remove("javac")
    machine.stub("apt-get")
    machine.stub("id", "echo 0")
    assert machine.make(JAVA_HOME=str(home)).returncode == 0
    assert "apt-get" not in " ".join(machine.calls)


@pytest.mark.parametrize("unfit", ["3.9", "3.14"])
def test_another_python_is_taken_where_python3_does_not_fit(machine, unfit: str) -> None:
    machine.python("python3", unfit)
    machine.python("python3.10", "3.10")
    machine.python("python3.12", "3.12")
    assert machine.make().returncode == 0
    assert "python3.12 -m venv .venv" in machine.calls


def test_without_a_fitting_python_one_sentence_says_what_is_needed(machine) -> None:
    machine.python("python3", "3.9")
    assert refuses(
        machine.make(), "Python 3.10 to 3.13 is needed, but there is none (tried python3"
    )


def test_a_chosen_python_is_not_replaced_by_another(machine) -> None:
    machine.python("mine", "3.9")
    assert refuses(machine.make("PYTHON=mine"), "(tried mine)")
    machine.python("mine", "3.13")
    assert machine.make("PYTHON=mine").returncode == 0
    assert "mine -m venv .venv" in machine.calls


def test_a_python_without_venv_names_the_debian_package(machine) -> None:
    machine.python("python3", "3.11", ensurepip=False)
    assert refuses(machine.make(), "apt-get install python3.11-venv.")
    assert not (machine.root / ".venv").exists()
