"""What a request is refused with beyond `pydjl.errors`: a status, and one sentence."""

from __future__ import annotations

from pydjl.errors import ArgumentError


class TooLargeError(ArgumentError):
    """What is asked for is more than is computed; answered with the status 413."""


class UnreadablePictureError(ArgumentError):
    """What was sent is no picture that can be read; answered with the status 415."""
