"""Ratios against native PyTorch, all in one run: ``make bench``."""
