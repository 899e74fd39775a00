"""Compile benchmarks/java/Rival.java and start it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from py4j.java_gateway import find_jar_path

from pydjl.runtime import jvm

SOURCE = Path(__file__).parents[1] / "java" / "Rival.java"


def compile_rival(folder: Path) -> None:
    """Compile the class into a folder.

    Raises:
        FileNotFoundError: there is no JDK.
        subprocess.CalledProcessError: it does not compile; javac has said why.
    """
    home = os.environ.get("JAVA_HOME")
    javac = shutil.which("javac", path=f"{home}/bin" if home else None)
    if javac is None:
        raise FileNotFoundError(
            "The benchmarks compile a Java class, but there is no javac: install a JDK 11 or newer."
        )
    subprocess.run(
        [javac, "--release", "11", "-cp", _class_path(), "-d", str(folder), str(SOURCE)], check=True
    )


def command(folder: Path, *arguments: str) -> list[str]:
    """The command that starts the class, with the Java, the jars and the libtorch of pydjl."""
    facts = jvm.facts()
    options = [each for each in facts.options if each.startswith(("-D", "--enable"))]
    class_path = f"{folder}{os.pathsep}{_class_path()}"
    java = str(facts.java.home / "bin" / "java")
    return [java, *options, "-Xlog:disable", "-cp", class_path, "Rival", *arguments]


def start_rival(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the class; it ends when its standard input is closed."""
    return subprocess.Popen(
        command(folder, *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # DJL's log
        text=True,
        bufsize=1,
    )


def end(process: subprocess.Popen[str]) -> None:
    """Close its standard input and wait."""
    process.communicate()


def _class_path() -> str:
    return os.pathsep.join([*map(str, jvm.facts().jars), find_jar_path()])
