"""How well found change points agree with those people marked: covering and F1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

MARGIN = 5


def covering(marked: Mapping[str, Iterable[int]], found: Iterable[int], n: int) -> float:
    r"""Mean over annotators of how well their stretches are covered by the found ones, 0 to 1.

    .. math:: C(G', G) = \\frac1n \\sum_{A \\in G} |A| \\max_{A' \\in G'} \\frac{|A \\cap A'|}{|A \\cup A'|}

    Parameters
    ----------
    marked : mapping of annotator to change points
        First index of each new stretch, counted from 0; an annotator may have marked none.
    found : iterable of int
        The change points to judge.
    n : int
        Length of the series.

    Examples
    --------
    >>> covering({"a": [50], "b": []}, [50], 100)
    0.75

    References
    ----------
    van den Burg and Williams (2020), "An Evaluation of Change Point Detection Algorithms", eq. 8; Arbelaez et
    al. (2011).
    """
    ours = _stretches(found, n)
    scores = []
    for theirs in marked.values():
        whole = 0.0
        for a, b in _stretches(theirs, n):
            shared = ((max(0, min(b, d) - max(a, c)), max(b, d) - min(a, c)) for c, d in ours)
            whole += (b - a) * max(both / union for both, union in shared if both > 0)
        scores.append(whole / n)
    return sum(scores) / len(scores)


def f_one(marked: Mapping[str, Iterable[int]], found: Iterable[int], margin: int = MARGIN) -> float:
    """Harmonic mean of precision and recall with a margin; the start of the series counts as marked and found.

    A found point is right when it is within the margin of a point of any annotator, and each marked point can be
    claimed once; recall is the mean over annotators of the share of their points that were found.

    Examples
    --------
    >>> f_one({"a": [50], "b": []}, [52])
    1.0
    >>> f_one({"a": [], "b": []}, [52])
    0.6666666666666666

    References
    ----------
    van den Burg and Williams (2020), eq. 6-7; Killick et al. (2012); Martin et al. (2004).
    """
    ours = {0, *found}
    theirs = {name: {0, *points} for name, points in marked.items()}
    union = set().union(*theirs.values())
    precision = _claimed(union, ours, margin) / len(ours)
    recall = sum(_claimed(points, ours, margin) / len(points) for points in theirs.values()) / len(theirs)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _claimed(marked: set[int], found: set[int], margin: int) -> int:
    """How many marked points are found, nearest first, no found point used twice."""
    left, hits = set(found), 0
    for point in sorted(marked):
        near = [(abs(point - x), x) for x in left if abs(point - x) <= margin]
        if near:
            left.remove(min(near)[1])
            hits += 1
    return hits


def _stretches(points: Iterable[int], n: int) -> list[tuple[int, int]]:
    """The stretches between change points as (first, one past the last)."""
    edges = sorted({0, n, *(p for p in points if 0 < p < n)})
    return list(pairwise(edges))
