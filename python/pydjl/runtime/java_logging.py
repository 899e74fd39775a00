"""DJL's log in Python's `logging`: the loggers are named ``pydjl.java.<Java class>``."""

from __future__ import annotations

import logging
from typing import Any

import jpype

ROOT_NAME = "pydjl.java"

# java.util.logging's numbers for the levels that slf4j writes.
_JAVA_LEVELS = {logging.DEBUG: 500, logging.INFO: 800, logging.WARNING: 900, logging.ERROR: 1000}


def install() -> None:
    """Send every record of Java's log to Python from now on, and print nothing elsewhere.

    Records below INFO are sent only if the logger ``pydjl.java`` lets them through at this time:
    the engine writes thousands of them.
    """
    logger = logging.getLogger(ROOT_NAME)
    # Without a handler of the user's, nothing is to reach the standard error stream.
    logging.getLogger("pydjl").addHandler(logging.NullHandler())
    level = 500 if logger.isEnabledFor(logging.DEBUG) else 800
    sink: Any = jpype.JProxy("org.pydjl.bridge.LogSink", dict={"log": _log})
    jpype.JClass("org.pydjl.bridge.LogForwarder").install(sink, level)


def _log(name: object, java_level: object, message: object) -> None:
    number = int(java_level)  # type: ignore[call-overload] # a Java int, which has __int__
    level = max(
        (python for python, java in _JAVA_LEVELS.items() if java <= number), default=logging.DEBUG
    )
    logging.getLogger(f"{ROOT_NAME}.{name}").log(level, "%s", str(message))
