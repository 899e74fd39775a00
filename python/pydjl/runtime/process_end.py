"""Let a process end while daemon threads of it still compute in Java.

When Java ends, it stops every thread that comes back to it, for good. JPype 1.7.1 comes back once
more at the end of a call, with Python's interpreter lock held: a daemon thread that does so at that
moment stops the whole process. So before Java ends, threads are kept from entering it, and those
that are inside are waited for.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable
from types import FrameType
from typing import NoReturn

_PATIENCE_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.001


def park() -> NoReturn:
    """Sleep until the process is gone, without the interpreter lock."""
    while True:
        time.sleep(3600)


def wait_until_outside(threads: Iterable[threading.Thread]) -> None:
    """Wait until no other thread is inside of this package, but for one second at most.

    A call that takes longer is still in Java when Java ends, and stays there.

    Args:
        threads: those that may be.
    """
    others = [each for each in threads if each is not threading.current_thread()]
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        frames = sys._current_frames()
        if not any(_is_inside(frames.get(each.ident or 0)) for each in others):
            return
        time.sleep(_LOOK_AGAIN_SECONDS)


def _is_inside(frame: FrameType | None) -> bool:
    package = __name__.partition(".")[0]
    while frame is not None:
        if frame.f_code is park.__code__:
            return False
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == package:
            return True
        frame = frame.f_back
    return False
