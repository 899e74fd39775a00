"""What pydjl costs: times and memory against PyTorch and other bridges. ``make bench`` runs all.

A row is a `Case`; a module that has some yields them from its function ``rows(rivals)`` and is
named in `__main__.MODULES`. How it is measured, and what each row means: docs/performance.md.
"""
