"""Which slices explain a change: parts that add up to it exactly, for sums and for ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ENOUGH: Final = 0.67


@dataclass(frozen=True)
class Cause:
    """One slice's part of a change: ``change`` in the figure's unit, ``share`` of the whole change (may exceed 1).

    For ratios ``rate`` is what came from the slice's own ratio and ``mix`` from its weight; they add up to ``change``.
    """

    by: str
    name: str
    value: float
    expected: float
    change: float
    share: float
    rate: float | None = None
    mix: float | None = None


def fitted(expected: Sequence[float], scale: Sequence[float], total: int) -> NDArray[np.int64]:
    """Whole expectations of the slices that add up to ``total`` exactly.

    Medians of parts do not add up to the median of the whole; what is left over goes to the slices in
    proportion to their scatter, and rounding by largest remainder.

    >>> fitted([70.2, 20.1, 5.0], [2.0, 1.0, 1.0], 100).tolist()
    [73, 21, 6]
    """
    usual, weight = np.asarray(expected, dtype=np.float64), np.asarray(scale, dtype=np.float64)
    weight = weight / weight.sum() if weight.sum() > 0 else np.full(len(usual), 1 / max(len(usual), 1))
    exact = usual + weight * (total - usual.sum())
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    left = int(total - whole.sum())
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[:left]] += 1
    return whole


def causes(
    by: str, names: Sequence[str], values: Sequence[int], expected: Sequence[float], scale: Sequence[float],
    total_expected: int,
) -> tuple[Cause, ...]:  # fmt: skip
    """Parts of a change of a sum, largest in its direction first; their changes add up to the minor unit.

    Parameters
    ----------
    by : str
        What the slices are: channel, market, product.
    names, values, expected, scale : sequences of one length
        The slices (all of them, so that the values add up to the total), what they were expected to be and their
        scatter.
    total_expected : int
        What the total was expected to be.

    Examples
    --------
    >>> parts = causes("channel", ["ads", "shop"], [10, 50], [40.0, 50.0], [1.0, 1.0], 91)
    >>> [(c.name, c.change, round(c.share, 2)) for c in parts], sum(c.change for c in parts)
    ([('ads', -31, 1.0), ('shop', 0, -0.0)], -31)
    """
    if not names:
        return ()
    usual = fitted(expected, scale, total_expected)
    changes = np.asarray(values, dtype=np.int64) - usual
    change = int(changes.sum())
    found = [Cause(by, n, int(v), int(e), int(d), float(d / change) if change else 0.0)
             for n, v, e, d in zip(names, values, usual, changes, strict=True)]  # fmt: skip
    return tuple(sorted(found, key=lambda c: -c.share))


def ratio_causes(
    by: str, names: Sequence[str], before: tuple[Array, Array], after: tuple[Array, Array]
) -> tuple[Cause, ...]:
    r"""Parts of the change of a ratio of sums, by slice, split into own rate and mix; they add up exactly.

    With :math:`R = \sum_i a_i / \sum_i b_i`, weights :math:`w_i = b_i / \sum b`, :math:`r_i = a_i / b_i` and bars for
    the mean of before and after,

    .. math:: \Delta R = \sum_i \bar w_i \Delta r_i + \sum_i (\bar r_i - \bar R) \Delta w_i

    the Shapley value of the two factors, taken around the whole so that a slice with the company's own ratio has
    no mix effect. A slice without a bottom on one side has no rate of its own: all of it is mix,
    :math:`\Delta(a_i / B) - \bar R \Delta w_i`.

    Parameters
    ----------
    before, after : (tops, bottoms)
        Arrays of shape (number of names,), e.g. revenue and orders.

    Raises ``ValueError`` when a total bottom is zero: then there is no ratio to explain.

    Examples
    --------
    >>> import numpy as np
    >>> parts = ratio_causes("channel", ["a", "b"], (np.array([100.0, 300]), np.array([10.0, 10])),
    ...     (np.array([100.0, 100]), np.array([10.0, 5])))
    >>> round(sum(c.change for c in parts), 10) == round(200 / 15 - 400 / 20, 10)
    True

    References
    ----------
    Shapley (1953); Ang (2005), "The LMDI approach to decomposition analysis", for the alternatives.
    """
    (a0, b0), (a1, b1) = before, after
    if b0.sum() == 0 or b1.sum() == 0:
        raise ValueError("bottoms: they add up to zero, so there is no ratio to explain; choose longer periods")
    w0, w1 = b0 / b0.sum(), b1 / b1.sum()
    whole0, whole1 = a0.sum() / b0.sum(), a1.sum() / b1.sum()
    part = (a1 / b1.sum() - a0 / b0.sum()) - (whole0 + whole1) / 2 * (w1 - w0)
    both = (b0 != 0) & (b1 != 0)
    r0, r1 = (np.divide(a, b, out=np.zeros(len(a)), where=both) for a, b in ((a0, b0), (a1, b1)))
    rate = np.where(both, (w0 + w1) / 2 * (r1 - r0), 0.0)
    change = float(whole1 - whole0)
    found = [
        Cause(by, n, float(a1[i] / b1[i]) if b1[i] else 0.0, float(a0[i] / b0[i]) if b0[i] else 0.0, float(part[i]),
              float(part[i] / change) if change else 0.0, float(rate[i]), float(part[i] - rate[i]))
        for i, n in enumerate(names)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda c: -c.share))


def two_factors(before: tuple[float, float], after: tuple[float, float]) -> tuple[float, float]:
    r"""What of the change of a product came from each factor, exactly: :math:`\bar y \Delta x, \bar x \Delta y`.

    >>> two_factors((10, 5.0), (8, 6.0))  # 10 orders of 5 became 8 of 6
    (-11.0, 9.0)
    """
    (x0, y0), (x1, y1) = before, after
    return (y0 + y1) / 2 * (x1 - x0), (x0 + x1) / 2 * (y1 - y0)


def clearest(found: Mapping[str, tuple[Cause, ...]]) -> tuple[str, tuple[Cause, ...]]:
    """The dimension that explains most by fewest slices, and those slices.

    Each is judged by how surprising its shares are: the Jensen-Shannon divergence between expected and actual
    shares of the whole, per slice needed to explain two thirds of the change.

    References
    ----------
    Bhagwan et al. (2014), "Adtributor: Revenue Debugging in Advertising Systems".
    """
    best: tuple[float, str, tuple[Cause, ...]] = (-1.0, "", ())
    for by, parts in found.items():
        if len(parts) < 2:
            continue
        taken: list[Cause] = []
        for cause in parts:
            if taken and sum(c.share for c in taken) >= ENOUGH:
                break
            taken.append(cause)
        surprise = _divergence(np.array([c.expected for c in parts]), np.array([c.value for c in parts]))
        score = surprise / len(taken)
        if score > best[0]:
            best = (score, by, tuple(taken))
    return best[1], best[2]


def _divergence(expected: Array, actual: Array) -> float:
    p, q = np.maximum(expected, 0.0), np.maximum(actual, 0.0)
    if p.sum() == 0 or q.sum() == 0:
        return 1.0
    p, q = p / p.sum(), q / q.sum()
    m = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(p > 0, p * np.log(p / m), 0.0) + np.where(q > 0, q * np.log(q / m), 0.0)
    return float(parts.sum() / 2)
