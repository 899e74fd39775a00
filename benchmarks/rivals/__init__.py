"""Other ways from Python to DJL: what is written where there is no pydjl.

JPype   in this process: numbers cross as lists or as ``float[]``, and are copied.
Py4J    a Java process behind a socket: numbers cross as bytes, which Py4J writes as base64.
files   a Java process that reads what Python wrote to a file, and writes a file.

Each does the four things of `Rival`, on DJL's own operations. Java processes use the Java, the
jars and the libtorch of pydjl; they start when they are first needed and end with the run.
"""

from __future__ import annotations

from benchmarks.rivals.all import Rivals as Rivals
from benchmarks.rivals.base import Rival as Rival
from benchmarks.rivals.convolution import rival_conv2d as rival_conv2d
