"""The one place where the version stands; the Java build reads it from here as well."""

from __future__ import annotations

__version__ = "0.1.0"
