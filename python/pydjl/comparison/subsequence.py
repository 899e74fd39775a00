"""The best way to pair two sequences without changing the order of either."""

from __future__ import annotations

from collections.abc import Sequence


def best_pairs(score: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pair the elements of two sequences in order, so that the scores of the pairs add up highest.

    Args:
        score: of the pair of the i-th element of one and the j-th of the other; 0 for elements
            that do not belong together.

    Returns:
        The pairs (i, j), both growing.

    Example:
        >>> best_pairs([[1, 0, 0], [0, 0, 3], [0, 2, 0]])
        [(0, 0), (1, 2)]
    """
    rows = len(score)
    columns = len(score[0]) if rows else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], score[i][j] + best[i + 1][j + 1])
    pairs, i, j = [], 0, 0
    while i < rows and j < columns:
        if score[i][j] and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs
