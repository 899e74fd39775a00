"""The runtime: one Java virtual machine, started once, on PyTorch's own libtorch.

Everything that finds, starts and describes the virtual machine is in this room, and nothing else
is: it knows no arrays. It may import `pydjl.errors` only. Start reading at `jvm.py`.
"""

from __future__ import annotations

from pydjl.runtime.device import default_device as default_device
from pydjl.runtime.device import parse_device as parse_device
from pydjl.runtime.java_errors import describe_cause as describe_cause
from pydjl.runtime.java_errors import report_callback_failure as report_callback_failure
from pydjl.runtime.java_errors import take_callback_failure as take_callback_failure
from pydjl.runtime.java_errors import translate as translate
from pydjl.runtime.jvm import engine_name as engine_name
from pydjl.runtime.jvm import ensure_started as ensure_started
from pydjl.runtime.jvm import is_usable as is_usable
from pydjl.runtime.jvm import java_class as java_class
from pydjl.runtime.jvm import start as start
