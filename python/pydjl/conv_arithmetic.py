"""Sizes and counts of convolutional layers: whole numbers, no arrays."""

from __future__ import annotations
