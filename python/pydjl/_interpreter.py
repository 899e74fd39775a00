"""Which Python interpreters can run this package, asked before PyTorch is imported.

This imports nothing but `pydjl.errors`, since PyTorch does not come back from being imported in a
sub-interpreter (seen with torch 2.7.1 on Python 3.11).
"""

from __future__ import annotations

import ctypes
import sys

from pydjl.errors import StartError


def check_main_interpreter() -> None:
    """Refuse a sub-interpreter: PyTorch and Java both belong to the main one of a process.

    Raises:
        StartError: this is a sub-interpreter.
    """
    api = ctypes.pythonapi
    api.PyInterpreterState_Get.restype = ctypes.c_void_p
    api.PyInterpreterState_GetID.restype = ctypes.c_int64
    api.PyInterpreterState_GetID.argtypes = [ctypes.c_void_p]
    number = api.PyInterpreterState_GetID(api.PyInterpreterState_Get())
    if number != 0:
        raise StartError(
            f"pydjl was imported in sub-interpreter {number}, but PyTorch and Java run only in the "
            "main interpreter of a process: use threads, or the multiprocessing module with "
            "'spawn'."
        )


def check_gil() -> None:
    """Refuse a free-threaded Python whose global lock is off, which JPype needs.

    Raises:
        StartError: the lock is off.
    """
    is_on = getattr(sys, "_is_gil_enabled", None)  # Python 3.13 and newer
    if is_on is not None and not is_on():
        raise StartError(
            "this Python runs without its global interpreter lock (a free-threaded build), for "
            "which JPype is not made: unset PYTHON_GIL and leave out -X gil=0, or use an ordinary "
            "build."
        )
