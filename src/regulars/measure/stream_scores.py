"""How well alarms on streams agree with labelled windows: the standard profile of the Numenta benchmark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from regulars.measure.residuals import Array

TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = 1.0, 0.11, 1.0


def sigmoid(position: Array | float) -> Array:
    r"""Weight of an alarm: :math:`2 / (1 + e^{5 y}) - 1`, and -1 far behind a window (y > 3).

    >>> sigmoid(np.array([-1.0, 0.0, 4.0])).round(4).tolist()
    [0.9866, 0.0, -1.0]
    """
    place = np.asarray(position, dtype=np.float64)
    return np.where(place > 3, -1.0, 2 / (1 + np.exp(5 * np.minimum(place, 3))) - 1)


def probation(n: int) -> int:
    """Values at the start that are not judged: 15 %, at most 750."""
    return int(min(0.15 * n, 0.15 * 5000))


def stream_score(alarms: Sequence[int], windows: Sequence[tuple[int, int]], n: int) -> float:
    """Raw score of one stream: the earliest alarm counts in each window, every one outside is a false one.

    Parameters
    ----------
    alarms : sequence of int
        Rows that rang.
    windows : sequence of (first row, last row)
        Where something happened, both ends included.
    n : int
        Length of the stream; alarms in its probation are not judged.

    Examples
    --------
    >>> round(stream_score([400], [(400, 420)], 1000), 4), stream_score([], [(400, 420)], 1000)
    (1.0, -1.0)

    References
    ----------
    Lavin and Ahmad (2015), "Evaluating Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark".
    """
    score, best = 0.0, [-FALSE_NEGATIVE] * len(windows)
    first = probation(n)
    top = float(sigmoid(-1.0))
    for row in sorted(a for a in alarms if a >= first):
        inside = next((k for k, (a, b) in enumerate(windows) if a <= row <= b), None)
        if inside is not None:
            a, b = windows[inside]
            reach = float(sigmoid(-(b - row + 1) / (b - a + 1))) * TRUE_POSITIVE / top
            best[inside] = max(best[inside], reach)
            continue
        before = [(a, b) for a, b in windows if b < row]
        if not before:
            score -= FALSE_POSITIVE
            continue
        a, b = before[-1]
        score += float(sigmoid((row - b) / (b - a))) * FALSE_POSITIVE if b > a else -FALSE_POSITIVE
    return score + sum(best)


def normalised(raw: float, windows: int) -> float:
    """100 for every window caught at once, 0 for never ringing.

    >>> normalised(10.0, 10), normalised(-10.0, 10)
    (100.0, 0.0)
    """
    return 100 * (raw + FALSE_NEGATIVE * windows) / ((TRUE_POSITIVE + FALSE_NEGATIVE) * windows)
