"""The virtual machine's options: ours, the user's, and a trial of both where it is needed."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence

from pydjl.errors import ArgumentError, ArgumentTypeError, StartError
from pydjl.runtime.java_home import JavaHome

# Where the virtual machine itself reads more options.
_VARIABLES = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")
# What a virtual machine inside another program takes; the java command knows more.
_TAKEN = re.compile(
    r"-X.+|-D.+|--[a-z-]+=.+|-(ea|da|esa|dsa)(:.*)?|-(javaagent|agentlib|agentpath):.+|-verbose(:.*)?"
)
_COLLECTOR = re.compile(r"-XX:[+-]Use\w+GC")
_HEAP = re.compile(r"-Xm[sxn]|-XX:(Min|Max|Initial)?(Heap|RAM|New|Old)")
_TRIAL_SECONDS = 30

_COMMON = (
    "-Dai.djl.offline=true",
    "-DOPT_OUT_TRACKING=true",
    "-XX:-UsePerfData",
    "-Xlog:disable",
    "-Xlog:all=warning:stderr",  # by default warnings go where a program's results go
    # Signals stay Python's. Without this JPype 1.7.1 answers SIGTERM from a Java thread that does
    # not hold the interpreter's lock, and the process crashes.
    "-Xrs",
    "--enable-native-access=ALL-UNNAMED",
)


def all_options(properties: Sequence[str], options: Sequence[str]) -> tuple[str, ...]:
    """Every option in its order: the user's come last and win.

    Args:
        properties: this start's own, such as system properties.
        options: the user's.

    Raises:
        ArgumentTypeError: the user's are not a sequence of texts.
        ArgumentError: one is not of a form that a virtual machine in a process takes.
    """
    for option in options:
        if not isinstance(option, str):
            raise ArgumentTypeError(f"a JVM option is a text, not {option!r}.")
        if not _TAKEN.fullmatch(option):
            raise ArgumentError(
                f"{option!r} is an option of the java command, not of a virtual machine inside "
                "of Python: give options like -Xmx2g, -Dname=value, -XX:..., --add-opens=..."
            )
        if option.startswith("-Djava.class.path"):
            raise ArgumentError(f"{option!r} would replace pydjl's jars: use classpath=[...].")
    given = " ".join([*options, *(os.environ.get(name, "") for name in _VARIABLES)])
    # Arrays live outside of Java's heap, so a small one is enough; it starts quickest.
    collector = () if _COLLECTOR.search(given) else ("-XX:+UseSerialGC",)
    heap = () if _HEAP.search(given) else ("-Xms16m", "-Xmn8m")
    return (*_COMMON, *properties, *collector, *heap, *options)


def try_options(java: JavaHome, every: Sequence[str], options: Sequence[str]) -> None:
    """Try options in a process of their own: one that is wrong would end this one.

    Args:
        java: the Java that is to take them.
        every: all of them.
        options: the user's; nothing is tried where neither they nor the environment have any,
            since ours are known to work.

    Raises:
        StartError: Java does not start with them; its own words are in the message.
    """
    named = [name for name in _VARIABLES if os.environ.get(name)]
    if not options and not named:
        return
    # The launcher reads one more variable, which does not count for a machine in a process.
    environment = {k: v for k, v in os.environ.items() if k != "JDK_JAVA_OPTIONS"}
    try:
        tried = subprocess.run(
            [str(java.home / "bin" / "java"), *every, "-version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TRIAL_SECONDS,
            env=environment,
        )
    except OSError:  # a Java without its launcher: there is no way to try
        return
    except subprocess.TimeoutExpired as exc:
        raise StartError(
            f"Java {java.version} did not start within {_TRIAL_SECONDS} s with the options "
            f"{' '.join(options)}."
        ) from exc
    if tried.returncode != 0:
        reason = " ".join((tried.stdout + tried.stderr).split())
        raise StartError(
            f"Java {java.version} does not start with the options "
            f"{' '.join([*options, *named])}: {reason}"
        )
